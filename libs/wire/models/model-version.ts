import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, dict, either, int, type LinkPage, list, metadataValue, orNull, rule, str, uuid } from '../types.js';
import { ModelStages } from './enums.js';
import { ModelResponse } from './model.js';
import { Page_ServiceResponse_ } from './service.js';
import { TagResponse } from './tag.js';
import { UserResponse } from './user.js';

export const ModelVersionRequest = model(
  'ModelVersionRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    name: str({ max: 255 }).nullish(),
    description: str({ max: 65535 }).nullish(),
    stage: str({ max: 255 }).nullish(),
    model: uuid(),
    tags: list(str()).nullish(),
  }),
);
export type ModelVersionRequest = z.infer<typeof ModelVersionRequest>;

export const ModelVersionResponseBody = model(
  'ModelVersionResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    stage: orNull(str({ max: 255 })),
    number: int(),
    model: ModelResponse,
  }),
);
export type ModelVersionResponseBody = z.infer<typeof ModelVersionResponseBody>;

export const ModelVersionResponseMetadata = model(
  'ModelVersionResponseMetadata',
  z.object({
    description: orNull(str({ max: 65535 })),
    run_metadata: dict(metadataValue()).default({}),
  }),
);
export type ModelVersionResponseMetadata = z.infer<typeof ModelVersionResponseMetadata>;

export const ModelVersionResponseResources = model(
  'ModelVersionResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    get services(): LinkPage {
      return Page_ServiceResponse_;
    },
    tags: list(TagResponse).default([]),
  }),
);
export type ModelVersionResponseResources = z.infer<typeof ModelVersionResponseResources>;

export const ModelVersionResponse = model(
  'ModelVersionResponse',
  z.object({
    body: orNull(ModelVersionResponseBody),
    metadata: orNull(ModelVersionResponseMetadata),
    resources: orNull(ModelVersionResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: orNull(str({ max: 255 })),
  }),
);
export type ModelVersionResponse = z.infer<typeof ModelVersionResponse>;

export const ModelVersionUpdate = model(
  'ModelVersionUpdate',
  z.object({
    stage: either([str(), ModelStages])
      .nullish()
      .check(rule((stage) => stage == null || ModelStages.safeParse(stage).success, `A stage is one of ${ModelStages.options.join(', ')}`)),
    force: bool().default(false),
    name: str().nullish(),
    description: str().nullish(),
    add_tags: list(str()).nullish(),
    remove_tags: list(str()).nullish(),
  }),
);
export type ModelVersionUpdate = z.infer<typeof ModelVersionUpdate>;

export const Page_ModelVersionResponse_ = model('Page_ModelVersionResponse_', page(ModelVersionResponse));
export type Page_ModelVersionResponse_ = z.infer<typeof Page_ModelVersionResponse_>;
