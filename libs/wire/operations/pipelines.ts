import { z } from 'zod';
import { PipelineFilter } from '../filters.js';
import { Page_PipelineResponse_, PipelineRequest, PipelineResponse, PipelineUpdate } from '../models/pipeline.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const pipelines = {
  create_pipeline: operation({
    id: 'create_pipeline_api_v1_pipelines_post',
    tag: 'pipelines',
    method: 'post',
    path: '/api/v1/pipelines',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: PipelineRequest,
    response: PipelineResponse,
    errors: [401, 403, 409, 422],
  }),
  list_pipelines: operation({
    id: 'list_pipelines_api_v1_pipelines_get',
    tag: 'pipelines',
    method: 'get',
    path: '/api/v1/pipelines',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
    }),
    filter: PipelineFilter,
    response: Page_PipelineResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_pipeline: operation({
    id: 'get_pipeline_api_v1_pipelines__pipeline_id__get',
    tag: 'pipelines',
    method: 'get',
    path: '/api/v1/pipelines/{pipeline_id}',
    pathParams: z.object({
      pipeline_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: PipelineResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  update_pipeline: operation({
    id: 'update_pipeline_api_v1_pipelines__pipeline_id__put',
    tag: 'pipelines',
    method: 'put',
    path: '/api/v1/pipelines/{pipeline_id}',
    pathParams: z.object({
      pipeline_id: uuid(),
    }),
    body: PipelineUpdate,
    response: PipelineResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  delete_pipeline: operation({
    id: 'delete_pipeline_api_v1_pipelines__pipeline_id__delete',
    tag: 'pipelines',
    method: 'delete',
    path: '/api/v1/pipelines/{pipeline_id}',
    pathParams: z.object({
      pipeline_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
