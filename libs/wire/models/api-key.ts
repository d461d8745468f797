import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, int, orNull, str, uuid } from '../types.js';
import { ServiceAccountResponse } from './service-account.js';

export const APIKeyRequest = model(
  'APIKeyRequest',
  z.object({
    name: str({ max: 255 }),
    description: str({ max: 65535 }).nullish(),
  }),
);
export type APIKeyRequest = z.infer<typeof APIKeyRequest>;

export const APIKeyResponseBody = model(
  'APIKeyResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    key: orNull(str()),
    active: bool().default(true),
    service_account: ServiceAccountResponse,
  }),
);
export type APIKeyResponseBody = z.infer<typeof APIKeyResponseBody>;

export const APIKeyResponseMetadata = model(
  'APIKeyResponseMetadata',
  z.object({
    description: str({ max: 65535 }).default(''),
    retain_period_minutes: int(),
    last_login: orNull(datetime()),
    last_rotated: orNull(datetime()),
  }),
);
export type APIKeyResponseMetadata = z.infer<typeof APIKeyResponseMetadata>;

export const APIKeyResponseResources = model('APIKeyResponseResources', z.looseObject({}));
export type APIKeyResponseResources = z.infer<typeof APIKeyResponseResources>;

export const APIKeyResponse = model(
  'APIKeyResponse',
  z.object({
    body: orNull(APIKeyResponseBody),
    metadata: orNull(APIKeyResponseMetadata),
    resources: orNull(APIKeyResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type APIKeyResponse = z.infer<typeof APIKeyResponse>;

export const APIKeyRotateRequest = model(
  'APIKeyRotateRequest',
  z.object({
    retain_period_minutes: int().default(0),
  }),
);
export type APIKeyRotateRequest = z.infer<typeof APIKeyRotateRequest>;

export const APIKeyUpdate = model(
  'APIKeyUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    description: str({ max: 65535 }).nullish(),
    active: bool().nullish(),
  }),
);
export type APIKeyUpdate = z.infer<typeof APIKeyUpdate>;

export const Page_APIKeyResponse_ = model('Page_APIKeyResponse_', page(APIKeyResponse));
export type Page_APIKeyResponse_ = z.infer<typeof Page_APIKeyResponse_>;
