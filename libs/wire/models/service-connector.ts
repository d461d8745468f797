import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, dict, either, int, list, orNull, str, uuid } from '../types.js';
import { ServiceConnectorTypeModel } from './service-connector-type.js';
import { UserResponse } from './user.js';

export const ServiceConnectorResponseBody = model(
  'ServiceConnectorResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    description: str().default(''),
    connector_type: either([str(), ServiceConnectorTypeModel]),
    auth_method: str({ max: 255 }),
    resource_types: list(str()).default([]),
    resource_id: orNull(str({ max: 255 })),
    supports_instances: bool().default(false),
    expires_at: orNull(datetime()),
    expires_skew_tolerance: orNull(int()),
  }),
);
export type ServiceConnectorResponseBody = z.infer<typeof ServiceConnectorResponseBody>;

export const ServiceConnectorResponseMetadata = model(
  'ServiceConnectorResponseMetadata',
  z.object({
    configuration: anyDict().default({}),
    expiration_seconds: orNull(int()),
    labels: dict(str()).default({}),
  }),
);
export type ServiceConnectorResponseMetadata = z.infer<typeof ServiceConnectorResponseMetadata>;

export const ServiceConnectorResponseResources = model(
  'ServiceConnectorResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type ServiceConnectorResponseResources = z.infer<typeof ServiceConnectorResponseResources>;

export const ServiceConnectorResponse = model(
  'ServiceConnectorResponse',
  z.object({
    body: orNull(ServiceConnectorResponseBody),
    metadata: orNull(ServiceConnectorResponseMetadata),
    resources: orNull(ServiceConnectorResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type ServiceConnectorResponse = z.infer<typeof ServiceConnectorResponse>;

export const Page_ServiceConnectorResponse_ = model('Page_ServiceConnectorResponse_', page(ServiceConnectorResponse));
export type Page_ServiceConnectorResponse_ = z.infer<typeof Page_ServiceConnectorResponse_>;

export const ServiceConnectorRequest = model(
  'ServiceConnectorRequest',
  z.object({
    user: uuid().nullish(),
    name: str({ max: 255 }),
    connector_type: either([str(), ServiceConnectorTypeModel]),
    description: str().default(''),
    auth_method: str({ max: 255 }),
    resource_types: list(str()).default([]),
    resource_id: str({ max: 255 }).nullish(),
    supports_instances: bool().default(false),
    expires_at: datetime().nullish(),
    expires_skew_tolerance: int().nullish(),
    expiration_seconds: int().nullish(),
    configuration: anyDict().default({}),
    labels: dict(str()).default({}),
  }),
);
export type ServiceConnectorRequest = z.infer<typeof ServiceConnectorRequest>;

export const ServiceConnectorUpdate = model(
  'ServiceConnectorUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    connector_type: either([str(), ServiceConnectorTypeModel]).nullish(),
    description: str().nullish(),
    auth_method: str({ max: 255 }).nullish(),
    resource_types: list(str()).nullish(),
    resource_id: str({ max: 255 }).nullish(),
    supports_instances: bool().nullish(),
    expires_at: datetime().nullish(),
    expires_skew_tolerance: int().nullish(),
    expiration_seconds: int().nullish(),
    configuration: anyDict().nullish(),
    labels: dict(str()).nullish(),
  }),
);
export type ServiceConnectorUpdate = z.infer<typeof ServiceConnectorUpdate>;
