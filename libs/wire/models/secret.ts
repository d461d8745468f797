import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, dict, orNull, password, str, uuid } from '../types.js';
import { UserResponse } from './user.js';

export const SecretResponseBody = model(
  'SecretResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    private: bool().default(false),
    values: dict(password().nullable()).default({}),
  }),
);
export type SecretResponseBody = z.infer<typeof SecretResponseBody>;

export const SecretResponseMetadata = model('SecretResponseMetadata', z.object({}));
export type SecretResponseMetadata = z.infer<typeof SecretResponseMetadata>;

export const SecretResponseResources = model(
  'SecretResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type SecretResponseResources = z.infer<typeof SecretResponseResources>;

export const SecretResponse = model(
  'SecretResponse',
  z.object({
    body: orNull(SecretResponseBody),
    metadata: orNull(SecretResponseMetadata),
    resources: orNull(SecretResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type SecretResponse = z.infer<typeof SecretResponse>;

export const Page_SecretResponse_ = model('Page_SecretResponse_', page(SecretResponse));
export type Page_SecretResponse_ = z.infer<typeof Page_SecretResponse_>;

export const SecretRequest = model(
  'SecretRequest',
  z.object({
    user: uuid().nullish(),
    name: str({ max: 255 }),
    private: bool().default(false),
    values: dict(password().nullable()).default({}),
  }),
);
export type SecretRequest = z.infer<typeof SecretRequest>;

export const SecretUpdate = model(
  'SecretUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    private: bool().nullish(),
    values: dict(password().nullable()).nullish(),
  }),
);
export type SecretUpdate = z.infer<typeof SecretUpdate>;
