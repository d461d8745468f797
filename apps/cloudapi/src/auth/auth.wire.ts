import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { anyDict, int, nothing, orNull, password, str, uuid } from '#libs/wire/types.js';

const tag = 'auth';
const text = str({ max: 4_096 }).nullish();

export const CloudTokenResponse = model(
  'CloudTokenResponse',
  z.object({
    access_token: str(),
    token_type: z.literal('bearer'),
    expires_in: int(),
    refresh_token: z.null(),
    csrf_token: orNull(str()),
    scope: z.null(),
    device_id: orNull(uuid()),
    device_metadata: orNull(anyDict()),
  }),
);

export const auth = {
  device_authorization: operation({
    id: 'device_authorization',
    tag,
    method: 'post',
    path: '/auth/device_authorization',
    bodyKind: 'form',
    body: model('CloudDeviceAuthorizationForm', z.object({ client_id: uuid(), device_id: uuid().nullish() })),
    response: model(
      'CloudDeviceAuthorization',
      z.object({ device_code: str(), user_code: str(), verification_uri: str(), verification_uri_complete: str(), expires_in: int(), interval: int() }),
    ),
    errors: [422, 429],
    public: true,
  }),
  login: operation({
    id: 'login',
    tag,
    method: 'post',
    path: '/auth/login',
    bodyKind: 'form',
    bodyRequired: false,
    body: model(
      'CloudLoginForm',
      z.object({
        grant_type: text,
        username: text,
        password: password({ max: 4_096 }).nullish(),
        client_id: text,
        client_secret: password({ max: 4_096 }).nullish(),
        device_code: text,
        audience: text,
        scope: text,
      }),
    ),
    response: CloudTokenResponse,
    errors: [400, 401, 422, 429],
    public: true,
  }),
  api_token: operation({ id: 'api_token', tag, method: 'get', path: '/auth/api_token', response: str(), errors: [401, 403] }),
  workspace_authorization: operation({
    id: 'workspace_authorization',
    tag,
    method: 'get',
    path: '/auth/workspace_authorization',
    query: z.object({ workspace_id: uuid().nullish(), tenant_id: uuid().nullish() }),
    response: CloudTokenResponse,
    errors: [401, 403, 404, 422],
  }),
  tenant_authorization: operation({
    id: 'tenant_authorization',
    tag,
    method: 'get',
    path: '/auth/tenant_authorization',
    query: z.object({ workspace_id: uuid().nullish(), tenant_id: uuid().nullish() }),
    response: CloudTokenResponse,
    errors: [401, 403, 404, 422],
    deprecated: true,
  }),
  logout: operation({ id: 'logout', tag, method: 'post', path: '/auth/logout', response: nothing(), errors: [401], public: true }),
};
