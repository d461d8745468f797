import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, dict, either, list, orNull, str, uuid } from '../types.js';
import { StackComponentType } from './enums.js';
import { FlavorResponse } from './flavor.js';
import { ServiceConnectorResponse } from './service-connector.js';
import { UserResponse } from './user.js';

export const ComponentRequest = model(
  'ComponentRequest',
  z.object({
    user: uuid().nullish(),
    name: str({ max: 255 }),
    type: StackComponentType,
    flavor: str({ max: 255 }),
    environment: dict(str()).nullish(),
    secrets: list(either([uuid(), str()])).nullish(),
    configuration: anyDict(),
    connector_resource_id: str().nullish(),
    labels: anyDict().nullish(),
    connector: uuid().nullish(),
  }),
);
export type ComponentRequest = z.infer<typeof ComponentRequest>;

export const ComponentResponseBody = model(
  'ComponentResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    type: StackComponentType,
    flavor_name: str({ max: 255 }),
    integration: orNull(str({ max: 255 })),
    logo_url: orNull(str()),
  }),
);
export type ComponentResponseBody = z.infer<typeof ComponentResponseBody>;

export const ComponentResponseMetadata = model(
  'ComponentResponseMetadata',
  z.object({
    configuration: anyDict(),
    environment: dict(str()).default({}),
    secrets: list(uuid()).default([]),
    labels: orNull(anyDict()),
    connector_resource_id: orNull(str()),
    connector: orNull(ServiceConnectorResponse),
  }),
);
export type ComponentResponseMetadata = z.infer<typeof ComponentResponseMetadata>;

export const ComponentResponseResources = model(
  'ComponentResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    flavor: FlavorResponse,
  }),
);
export type ComponentResponseResources = z.infer<typeof ComponentResponseResources>;

export const ComponentResponse = model(
  'ComponentResponse',
  z.object({
    body: orNull(ComponentResponseBody),
    metadata: orNull(ComponentResponseMetadata),
    resources: orNull(ComponentResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type ComponentResponse = z.infer<typeof ComponentResponse>;

export const ComponentUpdate = model(
  'ComponentUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    configuration: anyDict().nullish(),
    environment: dict(str()).nullish(),
    connector_resource_id: str().nullish(),
    labels: anyDict().nullish(),
    connector: uuid().nullish(),
    add_secrets: list(either([uuid(), str()])).nullish(),
    remove_secrets: list(either([uuid(), str()])).nullish(),
  }),
);
export type ComponentUpdate = z.infer<typeof ComponentUpdate>;

export const Page_ComponentResponse_ = model('Page_ComponentResponse_', page(ComponentResponse));
export type Page_ComponentResponse_ = z.infer<typeof Page_ComponentResponse_>;
