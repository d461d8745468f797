import { z } from 'zod';
import { ModelVersionPipelineRunFilter } from '../filters.js';
import {
  ModelVersionPipelineRunRequest,
  ModelVersionPipelineRunResponse,
  Page_ModelVersionPipelineRunResponse_,
} from '../models/model-version-pipeline-run.js';
import { operation } from '../operation.js';
import { bool } from '../types.js';

export const modelVersionPipelineRuns = {
  create_model_version_pipeline_run_link: operation({
    id: 'create_model_version_pipeline_run_link_api_v1_model_version_pipeline_runs_post',
    tag: 'model_version_pipeline_runs',
    method: 'post',
    path: '/api/v1/model_version_pipeline_runs',
    body: ModelVersionPipelineRunRequest,
    response: ModelVersionPipelineRunResponse,
    errors: [401, 409, 422],
  }),
  list_model_version_pipeline_run_links: operation({
    id: 'list_model_version_pipeline_run_links_api_v1_model_version_pipeline_runs_get',
    tag: 'model_version_pipeline_runs',
    method: 'get',
    path: '/api/v1/model_version_pipeline_runs',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ModelVersionPipelineRunFilter,
    response: Page_ModelVersionPipelineRunResponse_,
    errors: [401, 404, 422],
  }),
};
