import { z } from 'zod';
import { PipelineBuildFilter } from '../filters.js';
import { Page_PipelineBuildResponse_, PipelineBuildRequest, PipelineBuildResponse } from '../models/pipeline-build.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const builds = {
  create_build: operation({
    id: 'create_build_api_v1_pipeline_builds_post',
    tag: 'builds',
    method: 'post',
    path: '/api/v1/pipeline_builds',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: PipelineBuildRequest,
    response: PipelineBuildResponse,
    errors: [401, 403, 409, 422],
  }),
  list_builds: operation({
    id: 'list_builds_api_v1_pipeline_builds_get',
    tag: 'builds',
    method: 'get',
    path: '/api/v1/pipeline_builds',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
    }),
    filter: PipelineBuildFilter,
    response: Page_PipelineBuildResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_build: operation({
    id: 'get_build_api_v1_pipeline_builds__build_id__get',
    tag: 'builds',
    method: 'get',
    path: '/api/v1/pipeline_builds/{build_id}',
    pathParams: z.object({
      build_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: PipelineBuildResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  delete_build: operation({
    id: 'delete_build_api_v1_pipeline_builds__build_id__delete',
    tag: 'builds',
    method: 'delete',
    path: '/api/v1/pipeline_builds/{build_id}',
    pathParams: z.object({
      build_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
