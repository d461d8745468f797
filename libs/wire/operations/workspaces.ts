import { z } from 'zod';
import {
  CodeRepositoryFilter,
  ComponentFilter,
  PipelineBuildFilter,
  PipelineFilter,
  PipelineRunFilter,
  PipelineSnapshotFilter,
  ProjectFilter,
  RunTemplateFilter,
  ScheduleFilter,
  ServiceConnectorFilter,
  StackFilter,
} from '../filters.js';
import { CodeRepositoryRequest, CodeRepositoryResponse, Page_CodeRepositoryResponse_ } from '../models/code-repository.js';
import { ComponentRequest, ComponentResponse, Page_ComponentResponse_ } from '../models/component.js';
import { ModelRequest, ModelResponse } from '../models/model.js';
import { ModelVersionRequest, ModelVersionResponse } from '../models/model-version.js';
import { Page_PipelineResponse_, PipelineRequest, PipelineResponse } from '../models/pipeline.js';
import { Page_PipelineBuildResponse_, PipelineBuildRequest, PipelineBuildResponse } from '../models/pipeline-build.js';
import { Page_PipelineRunResponse_, PipelineRunRequest, PipelineRunResponse } from '../models/pipeline-run.js';
import { PipelineSnapshotRequest } from '../models/pipeline-snapshot.js';
import { Page_ProjectResponse_, ProjectRequest, ProjectResponse, ProjectUpdate } from '../models/project.js';
import { RunMetadataRequest } from '../models/run-metadata.js';
import { Page_RunTemplateResponse_, RunTemplateRequest, RunTemplateResponse } from '../models/run-template.js';
import { Page_ScheduleResponse_, ScheduleRequest, ScheduleResponse } from '../models/schedule.js';
import { SecretRequest, SecretResponse } from '../models/secret.js';
import { ProjectStatistics } from '../models/server.js';
import { ServiceRequest, ServiceResponse } from '../models/service.js';
import { Page_ServiceConnectorResponse_, ServiceConnectorRequest, ServiceConnectorResponse } from '../models/service-connector.js';
import { ServiceConnectorResourcesModel } from '../models/service-connector-type.js';
import { Page_StackResponse_, StackRequest, StackResponse } from '../models/stack.js';
import { operation } from '../operation.js';
import { bool, dict, either, json, list, nothing, str, uuid } from '../types.js';

export const workspaces = {
  list_projects: operation({
    id: 'list_projects_api_v1_workspaces_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ProjectFilter,
    response: Page_ProjectResponse_,
    errors: [401, 404, 422],
    deprecated: true,
  }),
  create_project: operation({
    id: 'create_project_api_v1_workspaces_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces',
    body: ProjectRequest,
    response: ProjectResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  get_project: operation({
    id: 'get_project_api_v1_workspaces__project_name_or_id__get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ProjectResponse,
    errors: [401, 404, 422],
    deprecated: true,
  }),
  update_project: operation({
    id: 'update_project_api_v1_workspaces__project_name_or_id__put',
    tag: 'workspaces',
    method: 'put',
    path: '/api/v1/workspaces/{project_name_or_id}',
    pathParams: z.object({
      project_name_or_id: uuid(),
    }),
    body: ProjectUpdate,
    response: ProjectResponse,
    errors: [401, 404, 422],
    deprecated: true,
  }),
  delete_project: operation({
    id: 'delete_project_api_v1_workspaces__project_name_or_id__delete',
    tag: 'workspaces',
    method: 'delete',
    path: '/api/v1/workspaces/{project_name_or_id}',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]),
    }),
    response: nothing(),
    errors: [401, 404, 422],
    deprecated: true,
  }),
  get_project_statistics: operation({
    id: 'get_project_statistics_api_v1_workspaces__project_name_or_id__statistics_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/statistics',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]),
    }),
    response: ProjectStatistics,
    errors: [401, 404, 422],
    deprecated: true,
  }),
  create_code_repository: operation({
    id: 'create_code_repository_api_v1_workspaces__project_name_or_id__code_repositories_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/code_repositories',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: CodeRepositoryRequest,
    response: CodeRepositoryResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  list_code_repositories: operation({
    id: 'list_code_repositories_api_v1_workspaces__project_name_or_id__code_repositories_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/code_repositories',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: CodeRepositoryFilter,
    response: Page_CodeRepositoryResponse_,
    errors: [401, 404, 422],
    deprecated: true,
  }),
  create_model: operation({
    id: 'create_model_api_v1_workspaces__project_name_or_id__models_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/models',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: ModelRequest,
    response: ModelResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  create_model_version: operation({
    id: 'create_model_version_api_v1_workspaces__project_name_or_id__models__model_id__model_versions_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/models/{model_id}/model_versions',
    pathParams: z.object({
      model_id: uuid().nullable(),
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: ModelVersionRequest,
    response: ModelVersionResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  create_build: operation({
    id: 'create_build_api_v1_workspaces__project_name_or_id__pipeline_builds_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/pipeline_builds',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: PipelineBuildRequest,
    response: PipelineBuildResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  list_builds: operation({
    id: 'list_builds_api_v1_workspaces__project_name_or_id__pipeline_builds_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/pipeline_builds',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: PipelineBuildFilter,
    response: Page_PipelineBuildResponse_,
    errors: [401, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  create_deployment: operation({
    id: 'create_deployment_api_v1_workspaces__project_name_or_id__pipeline_deployments_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/pipeline_deployments',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: PipelineSnapshotRequest,
    response: json(),
    errors: [401, 409, 422],
    deprecated: true,
  }),
  list_deployments: operation({
    id: 'list_deployments_api_v1_workspaces__project_name_or_id__pipeline_deployments_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/pipeline_deployments',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: PipelineSnapshotFilter,
    response: json(),
    errors: [401, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  create_pipeline: operation({
    id: 'create_pipeline_api_v1_workspaces__project_name_or_id__pipelines_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/pipelines',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: PipelineRequest,
    response: PipelineResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  list_pipelines: operation({
    id: 'list_pipelines_api_v1_workspaces__project_name_or_id__pipelines_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/pipelines',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: PipelineFilter,
    response: Page_PipelineResponse_,
    errors: [401, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  create_run_metadata: operation({
    id: 'create_run_metadata_api_v1_workspaces__project_name_or_id__run_metadata_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/run-metadata',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: RunMetadataRequest,
    response: nothing(),
    errors: [401, 409, 422],
    deprecated: true,
  }),
  create_run_template: operation({
    id: 'create_run_template_api_v1_workspaces__project_name_or_id__run_templates_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/run_templates',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: RunTemplateRequest,
    response: RunTemplateResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  list_run_templates: operation({
    id: 'list_run_templates_api_v1_workspaces__project_name_or_id__run_templates_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/run_templates',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: RunTemplateFilter,
    response: Page_RunTemplateResponse_,
    errors: [401, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  get_or_create_pipeline_run: operation({
    id: 'get_or_create_pipeline_run_api_v1_workspaces__project_name_or_id__runs_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/runs',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: PipelineRunRequest,
    response: z.tuple([PipelineRunResponse, bool()]),
    errors: [401, 409, 422],
    deprecated: true,
  }),
  list_runs: operation({
    id: 'list_runs_api_v1_workspaces__project_name_or_id__runs_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/runs',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      hydrate: bool().default(false),
      include_full_metadata: bool().default(false),
    }),
    filter: PipelineRunFilter,
    response: Page_PipelineRunResponse_,
    errors: [401, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  create_schedule: operation({
    id: 'create_schedule_api_v1_workspaces__project_name_or_id__schedules_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/schedules',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: ScheduleRequest,
    response: ScheduleResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  list_schedules: operation({
    id: 'list_schedules_api_v1_workspaces__project_name_or_id__schedules_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/schedules',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ScheduleFilter,
    response: Page_ScheduleResponse_,
    errors: [401, 404, 422],
    deprecated: true,
  }),
  create_secret: operation({
    id: 'create_secret_api_v1_workspaces__workspace_name_or_id__secrets_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{workspace_name_or_id}/secrets',
    pathParams: z.object({
      workspace_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: SecretRequest,
    response: SecretResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  create_service_connector: operation({
    id: 'create_service_connector_api_v1_workspaces__project_name_or_id__service_connectors_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/service_connectors',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: ServiceConnectorRequest,
    response: ServiceConnectorResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  list_service_connectors: operation({
    id: 'list_service_connectors_api_v1_workspaces__project_name_or_id__service_connectors_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/service_connectors',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      expand_secrets: bool().default(true),
      hydrate: bool().default(false),
    }),
    filter: ServiceConnectorFilter,
    body: dict(str().nullable()).nullable(),
    bodyRequired: false,
    response: Page_ServiceConnectorResponse_,
    errors: [401, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  list_service_connector_resources: operation({
    id: 'list_service_connector_resources_api_v1_workspaces__project_name_or_id__resources_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/resources',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    filter: ServiceConnectorFilter,
    body: dict(str().nullable()).nullable(),
    bodyRequired: false,
    response: list(ServiceConnectorResourcesModel),
    errors: [401, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  create_service: operation({
    id: 'create_service_api_v1_workspaces__project_name_or_id__services_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/services',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: ServiceRequest,
    response: ServiceResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  create_stack_component: operation({
    id: 'create_stack_component_api_v1_workspaces__project_name_or_id__components_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/components',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: ComponentRequest,
    response: ComponentResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  list_stack_components: operation({
    id: 'list_stack_components_api_v1_workspaces__project_name_or_id__components_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/components',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ComponentFilter,
    response: Page_ComponentResponse_,
    errors: [401, 404, 422],
    deprecated: true,
  }),
  create_stack: operation({
    id: 'create_stack_api_v1_workspaces__project_name_or_id__stacks_post',
    tag: 'workspaces',
    method: 'post',
    path: '/api/v1/workspaces/{project_name_or_id}/stacks',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    body: StackRequest,
    response: StackResponse,
    errors: [401, 409, 422],
    deprecated: true,
  }),
  list_stacks: operation({
    id: 'list_stacks_api_v1_workspaces__project_name_or_id__stacks_get',
    tag: 'workspaces',
    method: 'get',
    path: '/api/v1/workspaces/{project_name_or_id}/stacks',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: StackFilter,
    response: Page_StackResponse_,
    errors: [401, 404, 422],
    deprecated: true,
  }),
};
