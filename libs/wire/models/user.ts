import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, orNull, rule, str, uuid } from '../types.js';

export const UserResponseBody = model(
  'UserResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    active: bool().default(false),
    activation_token: orNull(str({ max: 255 })),
    full_name: str({ max: 255 }).default(''),
    email_opted_in: orNull(bool()),
    is_service_account: bool(),
    is_admin: bool(),
    default_project_id: orNull(uuid()),
    avatar_url: orNull(str()),
  }),
);
export type UserResponseBody = z.infer<typeof UserResponseBody>;

export const UserResponseMetadata = model(
  'UserResponseMetadata',
  z.object({
    password_changed_at: orNull(datetime()),
    email: str({ max: 255 }).nullable().default(''),
    external_user_id: orNull(uuid()),
    user_metadata: anyDict().default({}),
    oidc_claims: anyDict().default({}),
  }),
);
export type UserResponseMetadata = z.infer<typeof UserResponseMetadata>;

export const UserResponseResources = model('UserResponseResources', z.looseObject({}));
export type UserResponseResources = z.infer<typeof UserResponseResources>;

export const UserResponse = model(
  'UserResponse',
  z.object({
    body: orNull(UserResponseBody),
    metadata: orNull(UserResponseMetadata),
    resources: orNull(UserResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type UserResponse = z.infer<typeof UserResponse>;

export const Page_UserResponse_ = model('Page_UserResponse_', page(UserResponse));
export type Page_UserResponse_ = z.infer<typeof Page_UserResponse_>;

export const UserRequest = model(
  'UserRequest',
  z.object({
    email: str({ max: 255 }).nullish(),
    email_opted_in: bool().nullish(),
    password: str({ max: 255 }).nullish(),
    activation_token: str({ max: 255 }).nullish(),
    external_user_id: uuid().nullish(),
    user_metadata: anyDict().nullish(),
    oidc_claims: anyDict().nullish(),
    avatar_url: str().nullish(),
    name: str({ max: 255 }),
    full_name: str({ max: 255 }).default(''),
    is_admin: bool(),
    active: bool().default(false),
  }),
);
export type UserRequest = z.infer<typeof UserRequest>;

export const UserUpdate = model(
  'UserUpdate',
  z
    .object({
      email: str({ max: 255 }).nullish(),
      email_opted_in: bool().nullish(),
      password: str({ max: 255 }).nullish(),
      activation_token: str({ max: 255 }).nullish(),
      external_user_id: uuid().nullish(),
      user_metadata: anyDict().nullish(),
      oidc_claims: anyDict().nullish(),
      avatar_url: str().nullish(),
      name: str({ max: 255 }).nullish(),
      full_name: str({ max: 255 }).nullish(),
      is_admin: bool().nullish(),
      active: bool().nullish(),
      old_password: str({ max: 255 }).nullish(),
      default_project_id: uuid().nullish(),
    })
    .check(rule((update) => update.email_opted_in !== true || update.email != null, 'Opting in to e-mails needs an e-mail address. Send `email` too.')),
);
export type UserUpdate = z.infer<typeof UserUpdate>;
