import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, dict, int, orNull, str, uuid } from '../types.js';
import { BuildItem } from './configuration.js';
import { PipelineResponse } from './pipeline.js';
import { StackResponse } from './stack.js';
import { UserResponse } from './user.js';

export const PipelineBuildResponseBody = model(
  'PipelineBuildResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
  }),
);
export type PipelineBuildResponseBody = z.infer<typeof PipelineBuildResponseBody>;

export const PipelineBuildResponseMetadata = model(
  'PipelineBuildResponseMetadata',
  z.object({
    pipeline: orNull(PipelineResponse),
    stack: orNull(StackResponse),
    images: dict(BuildItem).default({}),
    zenml_version: orNull(str()),
    python_version: orNull(str()),
    checksum: orNull(str()),
    stack_checksum: orNull(str()),
    is_local: bool(),
    contains_code: bool(),
    duration: orNull(int()),
  }),
);
export type PipelineBuildResponseMetadata = z.infer<typeof PipelineBuildResponseMetadata>;

export const PipelineBuildResponseResources = model(
  'PipelineBuildResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type PipelineBuildResponseResources = z.infer<typeof PipelineBuildResponseResources>;

export const PipelineBuildResponse = model(
  'PipelineBuildResponse',
  z.object({
    body: orNull(PipelineBuildResponseBody),
    metadata: orNull(PipelineBuildResponseMetadata),
    resources: orNull(PipelineBuildResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type PipelineBuildResponse = z.infer<typeof PipelineBuildResponse>;

export const Page_PipelineBuildResponse_ = model('Page_PipelineBuildResponse_', page(PipelineBuildResponse));
export type Page_PipelineBuildResponse_ = z.infer<typeof Page_PipelineBuildResponse_>;

export const PipelineBuildRequest = model(
  'PipelineBuildRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    images: dict(BuildItem).default({}),
    is_local: bool(),
    contains_code: bool(),
    zenml_version: str().nullish(),
    python_version: str().nullish(),
    duration: int().nullish(),
    checksum: str().nullish(),
    stack_checksum: str().nullish(),
    stack: uuid().nullish(),
    pipeline: uuid().nullish(),
  }),
);
export type PipelineBuildRequest = z.infer<typeof PipelineBuildRequest>;
