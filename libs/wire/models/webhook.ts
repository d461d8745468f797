import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, int, orNull, password, rule, str, uuid } from '../types.js';
import { UserResponse } from './user.js';

export const WebhookResponseBody = model(
  'WebhookResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    webhook_type: str({ min: 1, max: 255 }),
    active: bool(),
    endpoint_url: orNull(str()),
  }),
);
export type WebhookResponseBody = z.infer<typeof WebhookResponseBody>;

export const WebhookStats = model(
  'WebhookStats',
  z.object({
    received_count: int().default(0),
    accepted_count: int().default(0),
    auth_failed_count: int().default(0),
    invalid_payload_count: int().default(0),
    last_received_at: orNull(datetime()),
    last_accepted_at: orNull(datetime()),
    last_error_at: orNull(datetime()),
    last_error_summary: orNull(str()),
  }),
);
export type WebhookStats = z.infer<typeof WebhookStats>;

export const WebhookResponseMetadata = model(
  'WebhookResponseMetadata',
  z.object({
    stats: WebhookStats.default({
      received_count: 0,
      accepted_count: 0,
      auth_failed_count: 0,
      invalid_payload_count: 0,
      last_received_at: null,
      last_accepted_at: null,
      last_error_at: null,
      last_error_summary: null,
    }),
  }),
);
export type WebhookResponseMetadata = z.infer<typeof WebhookResponseMetadata>;

export const WebhookResponseResources = model(
  'WebhookResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type WebhookResponseResources = z.infer<typeof WebhookResponseResources>;

export const WebhookResponse = model(
  'WebhookResponse',
  z.object({
    body: orNull(WebhookResponseBody),
    metadata: orNull(WebhookResponseMetadata),
    resources: orNull(WebhookResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type WebhookResponse = z.infer<typeof WebhookResponse>;

export const Page_WebhookResponse_ = model('Page_WebhookResponse_', page(WebhookResponse));
export type Page_WebhookResponse_ = z.infer<typeof Page_WebhookResponse_>;

export const WebhookCreateResponse = model(
  'WebhookCreateResponse',
  z.object({
    body: orNull(WebhookResponseBody),
    metadata: orNull(WebhookResponseMetadata),
    resources: orNull(WebhookResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
    secret: orNull(password()),
  }),
);
export type WebhookCreateResponse = z.infer<typeof WebhookCreateResponse>;

/** Nothing can be signed with an empty secret that others could not sign as well. */
const notEmpty = rule<string | null | undefined>((secret) => secret?.trim() !== '', 'A signing secret must not be empty');

export const WebhookRequest = model(
  'WebhookRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    name: str({ max: 255 }),
    webhook_type: str({ min: 1, max: 255 }),
    active: bool().default(true),
    secret: password().nullish().check(notEmpty),
  }),
);
export type WebhookRequest = z.infer<typeof WebhookRequest>;

export const WebhookRotateSecretRequest = model(
  'WebhookRotateSecretRequest',
  z.object({
    secret: password().nullish().check(notEmpty),
  }),
);
export type WebhookRotateSecretRequest = z.infer<typeof WebhookRotateSecretRequest>;

export const WebhookSecretResponse = model(
  'WebhookSecretResponse',
  z.object({
    secret: password(),
  }),
);
export type WebhookSecretResponse = z.infer<typeof WebhookSecretResponse>;

export const WebhookUpdate = model(
  'WebhookUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    active: bool().nullish(),
  }),
);
export type WebhookUpdate = z.infer<typeof WebhookUpdate>;
