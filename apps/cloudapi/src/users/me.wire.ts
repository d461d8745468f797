import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { anyDict, orNull, str, uuid } from '#libs/wire/types.js';
import { apiKeyOperations } from '../api-keys/api-key.wire.js';
import { authorizeServerId } from '../authenticator.js';
import { CloudUser } from '../wire.js';

export const me = {
  get: operation({ id: 'get_me', tag: 'users', method: 'get', path: '/users/me', response: CloudUser, errors: [401] }),
  keys: apiKeyOperations('own', 'users', '/users/me/api_keys', {}),
};

export const authorizeServer = operation({
  id: authorizeServerId,
  tag: 'users',
  method: 'get',
  path: '/users/authorize_server',
  query: z.object({ server_id: uuid() }),
  response: model(
    'CloudAuthorizedUser',
    z.object({
      id: uuid(),
      username: str(),
      email: orNull(str()),
      name: orNull(str()),
      is_superuser: z.boolean(),
      is_service_account: z.boolean(),
      avatar_url: orNull(str()),
      oidc_claims: orNull(anyDict()),
    }),
  ),
  errors: [401, 403, 404, 422],
});
