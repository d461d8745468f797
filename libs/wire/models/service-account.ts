import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, orNull, str, uuid } from '../types.js';

export const ServiceAccountResponseBody = model(
  'ServiceAccountResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    full_name: str().default(''),
    active: bool().default(false),
    avatar_url: orNull(str()),
  }),
);
export type ServiceAccountResponseBody = z.infer<typeof ServiceAccountResponseBody>;

export const ServiceAccountResponseMetadata = model(
  'ServiceAccountResponseMetadata',
  z.object({
    description: str({ max: 65535 }).default(''),
    external_user_id: orNull(uuid()),
  }),
);
export type ServiceAccountResponseMetadata = z.infer<typeof ServiceAccountResponseMetadata>;

export const ServiceAccountResponseResources = model('ServiceAccountResponseResources', z.looseObject({}));
export type ServiceAccountResponseResources = z.infer<typeof ServiceAccountResponseResources>;

export const ServiceAccountResponse = model(
  'ServiceAccountResponse',
  z.object({
    body: orNull(ServiceAccountResponseBody),
    metadata: orNull(ServiceAccountResponseMetadata),
    resources: orNull(ServiceAccountResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type ServiceAccountResponse = z.infer<typeof ServiceAccountResponse>;

export const Page_ServiceAccountResponse_ = model('Page_ServiceAccountResponse_', page(ServiceAccountResponse));
export type Page_ServiceAccountResponse_ = z.infer<typeof Page_ServiceAccountResponse_>;

export const ServiceAccountRequest = model(
  'ServiceAccountRequest',
  z.object({
    name: str({ max: 255 }),
    full_name: str({ max: 255 }).default(''),
    description: str({ max: 65535 }).nullish(),
    active: bool(),
    avatar_url: str().nullish(),
  }),
);
export type ServiceAccountRequest = z.infer<typeof ServiceAccountRequest>;

export const ServiceAccountUpdate = model(
  'ServiceAccountUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    full_name: str({ max: 255 }).nullish(),
    description: str({ max: 65535 }).nullish(),
    active: bool().nullish(),
    avatar_url: str().nullish(),
  }),
);
export type ServiceAccountUpdate = z.infer<typeof ServiceAccountUpdate>;
