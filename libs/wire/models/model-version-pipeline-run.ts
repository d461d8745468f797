import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, orNull, uuid } from '../types.js';
import { BaseResponseMetadata } from './common.js';
import { PipelineRunResponse } from './pipeline-run.js';

export const ModelVersionPipelineRunRequest = model(
  'ModelVersionPipelineRunRequest',
  z.object({
    model_version: uuid(),
    pipeline_run: uuid(),
  }),
);
export type ModelVersionPipelineRunRequest = z.infer<typeof ModelVersionPipelineRunRequest>;

export const ModelVersionPipelineRunResponseBody = model(
  'ModelVersionPipelineRunResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    model_version: uuid(),
    pipeline_run: PipelineRunResponse,
  }),
);
export type ModelVersionPipelineRunResponseBody = z.infer<typeof ModelVersionPipelineRunResponseBody>;

export const ModelVersionPipelineRunResponseResources = model('ModelVersionPipelineRunResponseResources', z.looseObject({}));
export type ModelVersionPipelineRunResponseResources = z.infer<typeof ModelVersionPipelineRunResponseResources>;

export const ModelVersionPipelineRunResponse = model(
  'ModelVersionPipelineRunResponse',
  z.object({
    body: orNull(ModelVersionPipelineRunResponseBody),
    metadata: orNull(BaseResponseMetadata),
    resources: orNull(ModelVersionPipelineRunResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type ModelVersionPipelineRunResponse = z.infer<typeof ModelVersionPipelineRunResponse>;

export const Page_ModelVersionPipelineRunResponse_ = model('Page_ModelVersionPipelineRunResponse_', page(ModelVersionPipelineRunResponse));
export type Page_ModelVersionPipelineRunResponse_ = z.infer<typeof Page_ModelVersionPipelineRunResponse_>;
