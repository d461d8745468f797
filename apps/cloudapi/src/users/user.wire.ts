import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { anyDict, bool, nothing, orNull, password, str, uuid } from '#libs/wire/types.js';
import { page } from '../pages/page.wire.js';
import { CloudUser, email, paging, url } from '../wire.js';

const tag = 'users';
const one = z.object({ user_id: uuid() });
const text = str({ min: 1, max: 255 });
const secret = password({ min: 1, max: 1_024 });

const CloudNewUser = model(
  'CloudNewUser',
  CloudUser.extend({
    /** Sets the password, once; only in the answer that made it. */
    activation_token: orNull(str()),
    activation_url: orNull(str()),
  }),
);

const create = {
  username: str({ min: 1, max: 320 }).nullish(),
  email: email.nullish(),
  name: text.nullish(),
  password: secret.nullish(),
  is_superuser: bool().nullish(),
  password_expired: bool().nullish(),
};

const change = {
  ...create,
  /** What one's own password was; administrators change those of others without. */
  old_password: secret.nullish(),
  is_active: bool().nullish(),
  avatar_url: url.nullish(),
  company: text.nullish(),
  job_title: text.nullish(),
  is_onboarded: bool().nullish(),
};

/** Scripts send the query form, others a JSON body; what the query says counts. */
export const users = {
  list: operation({
    id: 'list_users',
    tag,
    method: 'get',
    path: '/users',
    query: z.object({
      ...paging,
      email: str({ max: 320 }).nullish(),
      username: str({ max: 320 }).nullish(),
      name: str({ max: 255 }).nullish(),
      is_active: bool().nullish(),
      is_superuser: bool().nullish(),
    }),
    response: z.array(CloudUser),
    errors: [401, 422],
  }),
  create: operation({
    id: 'create_user',
    tag,
    method: 'post',
    path: '/users',
    query: z.object(create),
    body: model('CloudUserRequest', z.object(create)),
    bodyRequired: false,
    response: CloudNewUser,
    errors: [400, 401, 403, 409, 422],
  }),
  get: operation({ id: 'get_user', tag, method: 'get', path: '/users/{user_id}', pathParams: one, response: CloudUser, errors: [401, 404, 422] }),
  update: operation({
    id: 'update_user',
    tag,
    method: 'patch',
    path: '/users/{user_id}',
    pathParams: one,
    query: z.object(change),
    body: model('CloudUserUpdate', z.object({ ...change, metadata: anyDict().nullish() })),
    bodyRequired: false,
    response: CloudUser,
    errors: [400, 401, 403, 404, 409, 422, 429],
  }),
  delete: operation({ id: 'delete_user', tag, method: 'delete', path: '/users/{user_id}', pathParams: one, response: nothing(), errors: [401, 403, 404, 422] }),
  activation: operation({
    id: 'create_user_activation',
    tag,
    method: 'post',
    path: '/users/{user_id}/activation',
    pathParams: one,
    response: CloudNewUser,
    errors: [401, 403, 404, 422],
  }),
};

const line = str({ max: 2_000 }).nullish();
const field = password({ max: 4_096 }).nullish();

export const passwordPages = {
  change: operation({ ...page, id: 'page_password', method: 'get', path: '/password', query: z.object({ email: line, next: line }), errors: [422] }),
  submit_change: operation({
    ...page,
    id: 'submit_password',
    method: 'post',
    path: '/password',
    bodyKind: 'form',
    body: model('CloudPasswordForm', z.object({ email: line, password: field, new_password: field, next: line })),
    errors: [400, 401, 422, 429],
  }),
  activate: operation({ ...page, id: 'page_activate', method: 'get', path: '/activate', query: z.object({ key: line }), errors: [404, 422] }),
  submit_activate: operation({
    ...page,
    id: 'submit_activate',
    method: 'post',
    path: '/activate',
    bodyKind: 'form',
    body: model('CloudActivateForm', z.object({ key: line, new_password: field })),
    errors: [400, 404, 422],
  }),
};
