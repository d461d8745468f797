import { z } from 'zod';
import { PipelineSnapshotFilter } from '../filters.js';
import { PipelineSnapshotRequest } from '../models/pipeline-snapshot.js';
import { operation } from '../operation.js';
import { bool, either, json, list, nothing, str, uuid } from '../types.js';

export const pipelineDeployments = {
  create_deployment: operation({
    id: 'create_deployment_api_v1_pipeline_deployments_post',
    tag: 'deployments',
    method: 'post',
    path: '/api/v1/pipeline_deployments',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: PipelineSnapshotRequest,
    response: json(),
    errors: [401, 403, 409, 422],
    deprecated: true,
  }),
  list_deployments: operation({
    id: 'list_deployments_api_v1_pipeline_deployments_get',
    tag: 'deployments',
    method: 'get',
    path: '/api/v1/pipeline_deployments',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
    }),
    filter: PipelineSnapshotFilter,
    response: json(),
    errors: [401, 403, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  get_deployment: operation({
    id: 'get_deployment_api_v1_pipeline_deployments__deployment_id__get',
    tag: 'deployments',
    method: 'get',
    path: '/api/v1/pipeline_deployments/{deployment_id}',
    pathParams: z.object({
      deployment_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
      step_configuration_filter: list(str()).nullish(),
    }),
    response: json(),
    errors: [401, 403, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  delete_deployment: operation({
    id: 'delete_deployment_api_v1_pipeline_deployments__deployment_id__delete',
    tag: 'deployments',
    method: 'delete',
    path: '/api/v1/pipeline_deployments/{deployment_id}',
    pathParams: z.object({
      deployment_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
    deprecated: true,
  }),
};
