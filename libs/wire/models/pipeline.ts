import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, list, orNull, str, uuid } from '../types.js';
import { CuratedVisualizationResponse } from './curated-visualization.js';
import { ExecutionStatus } from './enums.js';
import { TagResponse } from './tag.js';
import { UserResponse } from './user.js';

export const PipelineResponseBody = model(
  'PipelineResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
  }),
);
export type PipelineResponseBody = z.infer<typeof PipelineResponseBody>;

export const PipelineResponseMetadata = model(
  'PipelineResponseMetadata',
  z.object({
    description: orNull(str()),
  }),
);
export type PipelineResponseMetadata = z.infer<typeof PipelineResponseMetadata>;

export const PipelineResponseResources = model(
  'PipelineResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    latest_run_user: orNull(UserResponse),
    latest_run_id: orNull(uuid()),
    latest_run_status: orNull(ExecutionStatus),
    tags: list(TagResponse),
    visualizations: list(CuratedVisualizationResponse).default([]),
  }),
);
export type PipelineResponseResources = z.infer<typeof PipelineResponseResources>;

export const PipelineResponse = model(
  'PipelineResponse',
  z.object({
    body: orNull(PipelineResponseBody),
    metadata: orNull(PipelineResponseMetadata),
    resources: orNull(PipelineResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type PipelineResponse = z.infer<typeof PipelineResponse>;

export const Page_PipelineResponse_ = model('Page_PipelineResponse_', page(PipelineResponse));
export type Page_PipelineResponse_ = z.infer<typeof Page_PipelineResponse_>;

export const PipelineRequest = model(
  'PipelineRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    name: str({ max: 255 }),
    description: str({ max: 65535 }).nullish(),
    tags: list(str()).nullish(),
  }),
);
export type PipelineRequest = z.infer<typeof PipelineRequest>;

export const PipelineUpdate = model(
  'PipelineUpdate',
  z.object({
    description: str({ max: 65535 }).nullish(),
    add_tags: list(str()).nullish(),
    remove_tags: list(str()).nullish(),
  }),
);
export type PipelineUpdate = z.infer<typeof PipelineUpdate>;
