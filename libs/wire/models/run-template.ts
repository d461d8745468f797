import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, list, orNull, str, uuid } from '../types.js';
import { CodeReferenceResponse } from './code-reference.js';
import { PipelineSpecOutput } from './configuration.js';
import { ExecutionStatus } from './enums.js';
import { PipelineResponse } from './pipeline.js';
import { PipelineBuildResponse } from './pipeline-build.js';
import { PipelineSnapshotResponse } from './pipeline-snapshot.js';
import { TagResponse } from './tag.js';
import { UserResponse } from './user.js';

export const RunTemplateResponseBody = model(
  'RunTemplateResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    runnable: bool(),
    hidden: bool().default(false),
  }),
);
export type RunTemplateResponseBody = z.infer<typeof RunTemplateResponseBody>;

export const RunTemplateResponseMetadata = model(
  'RunTemplateResponseMetadata',
  z.object({
    description: orNull(str()),
    pipeline_spec: orNull(PipelineSpecOutput),
    config_template: orNull(anyDict()),
    config_schema: orNull(anyDict()),
  }),
);
export type RunTemplateResponseMetadata = z.infer<typeof RunTemplateResponseMetadata>;

export const RunTemplateResponseResources = model(
  'RunTemplateResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    source_snapshot: orNull(PipelineSnapshotResponse),
    pipeline: orNull(PipelineResponse),
    build: orNull(PipelineBuildResponse),
    code_reference: orNull(CodeReferenceResponse),
    tags: list(TagResponse),
    latest_run_id: orNull(uuid()),
    latest_run_status: orNull(ExecutionStatus),
  }),
);
export type RunTemplateResponseResources = z.infer<typeof RunTemplateResponseResources>;

export const RunTemplateResponse = model(
  'RunTemplateResponse',
  z.object({
    body: orNull(RunTemplateResponseBody),
    metadata: orNull(RunTemplateResponseMetadata),
    resources: orNull(RunTemplateResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type RunTemplateResponse = z.infer<typeof RunTemplateResponse>;

export const Page_RunTemplateResponse_ = model('Page_RunTemplateResponse_', page(RunTemplateResponse));
export type Page_RunTemplateResponse_ = z.infer<typeof Page_RunTemplateResponse_>;

export const RunTemplateRequest = model(
  'RunTemplateRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    name: str({ max: 255 }),
    description: str({ max: 65535 }).nullish(),
    source_snapshot_id: uuid(),
    hidden: bool().default(false),
    tags: list(str()).nullish(),
  }),
);
export type RunTemplateRequest = z.infer<typeof RunTemplateRequest>;

export const RunTemplateUpdate = model(
  'RunTemplateUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    description: str({ max: 65535 }).nullish(),
    hidden: bool().nullish(),
    add_tags: list(str()).nullish(),
    remove_tags: list(str()).nullish(),
  }),
);
export type RunTemplateUpdate = z.infer<typeof RunTemplateUpdate>;
