import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { bool, nothing, str, uuid } from '#libs/wire/types.js';
import { apiKeyOperations } from '../api-keys/api-key.wire.js';
import { CloudUser, description, idOrName, paging } from '../wire.js';

const tag = 'service_accounts';
const root = '/organizations/{organization_id}/service_accounts';
const one = `${root}/{service_account_id}`;
const username = str({ min: 1, max: 64, pattern: /^[A-Za-z0-9][A-Za-z0-9_.@-]*$/ });
const place = { organization_id: idOrName };
const account = { ...place, service_account_id: idOrName };

export const serviceAccounts = {
  list: operation({
    id: 'list_service_accounts',
    tag,
    method: 'get',
    path: root,
    pathParams: z.object(place),
    query: z.object({ ...paging, name: str({ max: 255 }).nullish(), username: str({ max: 255 }).nullish(), is_active: bool().nullish() }),
    response: z.array(CloudUser),
    errors: [401, 403, 404, 422],
  }),
  create: operation({
    id: 'create_service_account',
    tag,
    method: 'post',
    path: root,
    pathParams: z.object(place),
    body: model(
      'CloudServiceAccountRequest',
      z.object({ username: username.nullish(), name: str({ min: 1, max: 255 }).nullish(), description: description.nullish(), role_id: uuid().nullish() }),
    ),
    response: CloudUser,
    errors: [401, 403, 404, 409, 422],
  }),
  get: operation({
    id: 'get_service_account',
    tag,
    method: 'get',
    path: one,
    pathParams: z.object(account),
    response: CloudUser,
    errors: [401, 403, 404, 422],
  }),
  update: operation({
    id: 'update_service_account',
    tag,
    method: 'patch',
    path: one,
    pathParams: z.object(account),
    body: model(
      'CloudServiceAccountUpdate',
      z.object({
        username: username.nullish(),
        name: str({ min: 1, max: 255 }).nullish(),
        description: description.nullish(),
        is_active: bool().nullish(),
        active: bool().nullish(),
      }),
    ),
    response: CloudUser,
    errors: [401, 403, 404, 409, 422],
  }),
  delete: operation({
    id: 'delete_service_account',
    tag,
    method: 'delete',
    path: one,
    pathParams: z.object(account),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  keys: apiKeyOperations('service_account', tag, `${one}/api_keys`, account),
};
