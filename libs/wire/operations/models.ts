import { z } from 'zod';
import { ModelFilter, ModelVersionFilter } from '../filters.js';
import { ModelRequest, ModelResponse, ModelUpdate, Page_ModelResponse_ } from '../models/model.js';
import { Page_ModelVersionResponse_ } from '../models/model-version.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const models = {
  create_model: operation({
    id: 'create_model_api_v1_models_post',
    tag: 'models',
    method: 'post',
    path: '/api/v1/models',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: ModelRequest,
    response: ModelResponse,
    errors: [401, 403, 409, 422],
  }),
  list_models: operation({
    id: 'list_models_api_v1_models_get',
    tag: 'models',
    method: 'get',
    path: '/api/v1/models',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ModelFilter,
    response: Page_ModelResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_model: operation({
    id: 'get_model_api_v1_models__model_id__get',
    tag: 'models',
    method: 'get',
    path: '/api/v1/models/{model_id}',
    pathParams: z.object({
      model_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ModelResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  update_model: operation({
    id: 'update_model_api_v1_models__model_id__put',
    tag: 'models',
    method: 'put',
    path: '/api/v1/models/{model_id}',
    pathParams: z.object({
      model_id: uuid(),
    }),
    body: ModelUpdate,
    response: ModelResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  delete_model: operation({
    id: 'delete_model_api_v1_models__model_id__delete',
    tag: 'models',
    method: 'delete',
    path: '/api/v1/models/{model_id}',
    pathParams: z.object({
      model_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  list_model_versions: operation({
    id: 'list_model_versions_api_v1_models__model_name_or_id__model_versions_get',
    tag: 'models',
    method: 'get',
    path: '/api/v1/models/{model_name_or_id}/model_versions',
    pathParams: z.object({
      model_name_or_id: either([str(), uuid()]).nullable(),
    }),
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ModelVersionFilter,
    response: Page_ModelVersionResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
};
