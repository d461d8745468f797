import { z } from 'zod';
import { ModelVersionFilter } from '../filters.js';
import { ModelVersionRequest, ModelVersionResponse, ModelVersionUpdate, Page_ModelVersionResponse_ } from '../models/model-version.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const modelVersions = {
  create_model_version: operation({
    id: 'create_model_version_api_v1_model_versions_post',
    tag: 'model_versions',
    method: 'post',
    path: '/api/v1/model_versions',
    query: z.object({
      model_id: uuid().nullish(),
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: ModelVersionRequest,
    response: ModelVersionResponse,
    errors: [401, 403, 409, 422],
  }),
  list_model_versions: operation({
    id: 'list_model_versions_api_v1_model_versions_get',
    tag: 'model_versions',
    method: 'get',
    path: '/api/v1/model_versions',
    query: z.object({
      model_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
    }),
    filter: ModelVersionFilter,
    response: Page_ModelVersionResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_model_version: operation({
    id: 'get_model_version_api_v1_model_versions__model_version_id__get',
    tag: 'model_versions',
    method: 'get',
    path: '/api/v1/model_versions/{model_version_id}',
    pathParams: z.object({
      model_version_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ModelVersionResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  update_model_version: operation({
    id: 'update_model_version_api_v1_model_versions__model_version_id__put',
    tag: 'model_versions',
    method: 'put',
    path: '/api/v1/model_versions/{model_version_id}',
    pathParams: z.object({
      model_version_id: uuid(),
    }),
    body: ModelVersionUpdate,
    response: ModelVersionResponse,
    errors: [401, 403, 404, 412, 422],
    dedup: true,
  }),
  delete_model_version: operation({
    id: 'delete_model_version_api_v1_model_versions__model_version_id__delete',
    tag: 'model_versions',
    method: 'delete',
    path: '/api/v1/model_versions/{model_version_id}',
    pathParams: z.object({
      model_version_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  delete_model_version_artifact_link: operation({
    id: 'delete_model_version_artifact_link_api_v1_model_versions__model_version_id__artifacts__model_version_artifact_link_name_or_id__delete',
    tag: 'model_versions',
    method: 'delete',
    path: '/api/v1/model_versions/{model_version_id}/artifacts/{model_version_artifact_link_name_or_id}',
    pathParams: z.object({
      model_version_id: uuid(),
      model_version_artifact_link_name_or_id: either([str(), uuid()]),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  delete_all_model_version_artifact_links: operation({
    id: 'delete_all_model_version_artifact_links_api_v1_model_versions__model_version_id__artifacts_delete',
    tag: 'model_versions',
    method: 'delete',
    path: '/api/v1/model_versions/{model_version_id}/artifacts',
    pathParams: z.object({
      model_version_id: uuid(),
    }),
    query: z.object({
      only_links: bool().default(true),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  delete_model_version_pipeline_run_link: operation({
    id: 'delete_model_version_pipeline_run_link_api_v1_model_versions__model_version_id__runs__model_version_pipeline_run_link_name_or_id__delete',
    tag: 'model_versions',
    method: 'delete',
    path: '/api/v1/model_versions/{model_version_id}/runs/{model_version_pipeline_run_link_name_or_id}',
    pathParams: z.object({
      model_version_id: uuid(),
      model_version_pipeline_run_link_name_or_id: either([str(), uuid()]),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
