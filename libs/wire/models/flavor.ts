import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, orNull, str, uuid } from '../types.js';
import { StackComponentType } from './enums.js';
import { UserResponse } from './user.js';

export const FlavorRequest = model(
  'FlavorRequest',
  z.object({
    user: uuid().nullish(),
    name: str({ max: 255 }),
    display_name: str({ max: 255 }).nullish(),
    type: StackComponentType,
    config_schema: anyDict(),
    connector_type: str({ max: 255 }).nullish(),
    connector_resource_type: str({ max: 255 }).nullish(),
    connector_resource_id_attr: str({ max: 255 }).nullish(),
    source: str({ max: 255 }),
    integration: str({ max: 255 }).nullable(),
    logo_url: str().nullish(),
    docs_url: str().nullish(),
    sdk_docs_url: str().nullish(),
    is_custom: bool().default(true),
  }),
);
export type FlavorRequest = z.infer<typeof FlavorRequest>;

export const FlavorResponseBody = model(
  'FlavorResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    type: StackComponentType,
    display_name: str({ max: 255 }),
    integration: str({ max: 255 }).nullable(),
    source: str({ max: 255 }),
    logo_url: orNull(str()),
    is_custom: bool().default(true),
  }),
);
export type FlavorResponseBody = z.infer<typeof FlavorResponseBody>;

export const FlavorResponseMetadata = model(
  'FlavorResponseMetadata',
  z.object({
    config_schema: anyDict(),
    connector_type: orNull(str({ max: 255 })),
    connector_resource_type: orNull(str({ max: 255 })),
    connector_resource_id_attr: orNull(str({ max: 255 })),
    docs_url: orNull(str()),
    sdk_docs_url: orNull(str()),
  }),
);
export type FlavorResponseMetadata = z.infer<typeof FlavorResponseMetadata>;

export const FlavorResponseResources = model(
  'FlavorResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type FlavorResponseResources = z.infer<typeof FlavorResponseResources>;

export const FlavorResponse = model(
  'FlavorResponse',
  z.object({
    body: orNull(FlavorResponseBody),
    metadata: orNull(FlavorResponseMetadata),
    resources: orNull(FlavorResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type FlavorResponse = z.infer<typeof FlavorResponse>;

export const FlavorUpdate = model(
  'FlavorUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    display_name: str({ max: 255 }).nullish(),
    type: StackComponentType.nullish(),
    config_schema: anyDict().nullish(),
    connector_type: str({ max: 255 }).nullish(),
    connector_resource_type: str({ max: 255 }).nullish(),
    connector_resource_id_attr: str({ max: 255 }).nullish(),
    source: str({ max: 255 }).nullish(),
    integration: str({ max: 255 }).nullish(),
    logo_url: str().nullish(),
    docs_url: str().nullish(),
    sdk_docs_url: str().nullish(),
    is_custom: bool().nullish(),
  }),
);
export type FlavorUpdate = z.infer<typeof FlavorUpdate>;

export const Page_FlavorResponse_ = model('Page_FlavorResponse_', page(FlavorResponse));
export type Page_FlavorResponse_ = z.infer<typeof Page_FlavorResponse_>;
