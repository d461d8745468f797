import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, list, orNull, str, uuid } from '../types.js';
import { CuratedVisualizationResponse } from './curated-visualization.js';
import { TagResponse } from './tag.js';
import { UserResponse } from './user.js';

export const ModelRequest = model(
  'ModelRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    name: str({ max: 255 }),
    license: str({ max: 65535 }).nullish(),
    description: str({ max: 65535 }).nullish(),
    audience: str({ max: 65535 }).nullish(),
    use_cases: str({ max: 65535 }).nullish(),
    limitations: str({ max: 65535 }).nullish(),
    trade_offs: str({ max: 65535 }).nullish(),
    ethics: str({ max: 65535 }).nullish(),
    tags: list(str()).nullish(),
    save_models_to_registry: bool().default(true),
  }),
);
export type ModelRequest = z.infer<typeof ModelRequest>;

export const ModelResponseBody = model(
  'ModelResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
  }),
);
export type ModelResponseBody = z.infer<typeof ModelResponseBody>;

export const ModelResponseMetadata = model(
  'ModelResponseMetadata',
  z.object({
    license: orNull(str({ max: 65535 })),
    description: orNull(str({ max: 65535 })),
    audience: orNull(str({ max: 65535 })),
    use_cases: orNull(str({ max: 65535 })),
    limitations: orNull(str({ max: 65535 })),
    trade_offs: orNull(str({ max: 65535 })),
    ethics: orNull(str({ max: 65535 })),
    save_models_to_registry: bool().default(true),
  }),
);
export type ModelResponseMetadata = z.infer<typeof ModelResponseMetadata>;

export const ModelResponseResources = model(
  'ModelResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    tags: list(TagResponse),
    latest_version_name: orNull(str()),
    latest_version_id: orNull(uuid()),
    visualizations: list(CuratedVisualizationResponse).default([]),
  }),
);
export type ModelResponseResources = z.infer<typeof ModelResponseResources>;

export const ModelResponse = model(
  'ModelResponse',
  z.object({
    body: orNull(ModelResponseBody),
    metadata: orNull(ModelResponseMetadata),
    resources: orNull(ModelResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type ModelResponse = z.infer<typeof ModelResponse>;

export const ModelUpdate = model(
  'ModelUpdate',
  z.object({
    name: str().nullish(),
    license: str().nullish(),
    description: str().nullish(),
    audience: str().nullish(),
    use_cases: str().nullish(),
    limitations: str().nullish(),
    trade_offs: str().nullish(),
    ethics: str().nullish(),
    add_tags: list(str()).nullish(),
    remove_tags: list(str()).nullish(),
    save_models_to_registry: bool().nullish(),
  }),
);
export type ModelUpdate = z.infer<typeof ModelUpdate>;

export const Page_ModelResponse_ = model('Page_ModelResponse_', page(ModelResponse));
export type Page_ModelResponse_ = z.infer<typeof Page_ModelResponse_>;
