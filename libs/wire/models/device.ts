import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, int, orNull, str, uuid } from '../types.js';
import { OAuthDeviceStatus } from './enums.js';
import { UserResponse } from './user.js';

export const OAuthDeviceResponseBody = model(
  'OAuthDeviceResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    client_id: uuid(),
    expires: orNull(datetime()),
    trusted_device: bool(),
    status: OAuthDeviceStatus,
    os: orNull(str()),
    ip_address: orNull(str()),
    hostname: orNull(str()),
  }),
);
export type OAuthDeviceResponseBody = z.infer<typeof OAuthDeviceResponseBody>;

export const OAuthDeviceResponseMetadata = model(
  'OAuthDeviceResponseMetadata',
  z.object({
    python_version: orNull(str()),
    zenml_version: orNull(str()),
    city: orNull(str()),
    region: orNull(str()),
    country: orNull(str()),
    failed_auth_attempts: int(),
    last_login: datetime().nullable(),
  }),
);
export type OAuthDeviceResponseMetadata = z.infer<typeof OAuthDeviceResponseMetadata>;

export const OAuthDeviceResponseResources = model(
  'OAuthDeviceResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type OAuthDeviceResponseResources = z.infer<typeof OAuthDeviceResponseResources>;

export const OAuthDeviceResponse = model(
  'OAuthDeviceResponse',
  z.object({
    body: orNull(OAuthDeviceResponseBody),
    metadata: orNull(OAuthDeviceResponseMetadata),
    resources: orNull(OAuthDeviceResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type OAuthDeviceResponse = z.infer<typeof OAuthDeviceResponse>;

export const OAuthDeviceUpdate = model(
  'OAuthDeviceUpdate',
  z.object({
    locked: bool().nullish(),
  }),
);
export type OAuthDeviceUpdate = z.infer<typeof OAuthDeviceUpdate>;

export const Page_OAuthDeviceResponse_ = model('Page_OAuthDeviceResponse_', page(OAuthDeviceResponse));
export type Page_OAuthDeviceResponse_ = z.infer<typeof Page_OAuthDeviceResponse_>;
