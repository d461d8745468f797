import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { bool, datetime, enumOf, nothing, orNull, password, str, uuid } from '#libs/wire/types.js';
import { page } from '../pages/page.wire.js';
import { url } from '../wire.js';

const tag = 'auth';
const text = str({ max: 4_096 }).nullish();
const one = z.object({ connection_id: uuid() });
const domains = z.array(str({ min: 3, max: 253, pattern: /^([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+$/ })).max(100);

export const CloudOidcConnection = model(
  'CloudOidcConnection',
  z.object({
    id: uuid(),
    display_name: str(),
    issuer: str(),
    client_id: str(),
    scopes: str(),
    active: z.boolean(),
    creates_users: z.boolean(),
    email_domains: z.array(str()),
    /** To be registered at the provider. */
    redirect_uri: str(),
    created: datetime(),
    updated: datetime(),
  }),
);

const fields = {
  display_name: str({ min: 1, max: 100 }),
  issuer: url,
  client_id: str({ min: 1, max: 255 }),
  scopes: str({ min: 6, max: 500, pattern: /\bopenid\b/ }).nullish(),
  client_secret: password({ min: 1, max: 1_024 }).nullish(),
  active: bool().nullish(),
  creates_users: bool().nullish(),
  email_domains: domains.nullish(),
};

export const oidc = {
  connections: operation({
    id: 'list_connections',
    tag,
    method: 'get',
    path: '/auth/connections',
    response: z.array(model('CloudConnection', z.object({ id: orNull(uuid()), type: enumOf(['password', 'oidc']), display_name: str() }))),
    errors: [],
    public: true,
  }),
  create: operation({
    id: 'create_connection',
    tag,
    method: 'post',
    path: '/auth/connections',
    body: model('CloudOidcConnectionRequest', z.object(fields)),
    response: CloudOidcConnection,
    errors: [400, 401, 403, 409, 422],
  }),
  get: operation({
    id: 'get_connection',
    tag,
    method: 'get',
    path: '/auth/connections/{connection_id}',
    pathParams: one,
    response: CloudOidcConnection,
    errors: [401, 403, 404, 422],
  }),
  update: operation({
    id: 'update_connection',
    tag,
    method: 'patch',
    path: '/auth/connections/{connection_id}',
    pathParams: one,
    body: model(
      'CloudOidcConnectionUpdate',
      z.object({ ...fields, display_name: fields.display_name.nullish(), issuer: fields.issuer.nullish(), client_id: fields.client_id.nullish() }),
    ),
    response: CloudOidcConnection,
    errors: [400, 401, 403, 404, 409, 422],
  }),
  delete: operation({
    id: 'delete_connection',
    tag,
    method: 'delete',
    path: '/auth/connections/{connection_id}',
    pathParams: one,
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  authorize: operation({
    ...page,
    tag,
    id: 'page_authorize',
    method: 'get',
    path: '/auth/authorize',
    query: z.object({ connection_id: text, connection: text, redirect_uri: text, next: text }),
    errors: [400, 404, 422],
  }),
  callback: operation({
    ...page,
    tag,
    id: 'page_callback',
    method: 'get',
    path: '/auth/callback',
    query: z.object({ code: text, state: text, error: text, error_description: text }),
    errors: [400, 401, 403, 404, 422],
  }),
  /** Providers that answer with a form instead of a redirect (`response_mode=form_post`). */
  posted_callback: operation({
    ...page,
    tag,
    id: 'submit_callback',
    method: 'post',
    path: '/auth/callback',
    bodyKind: 'form',
    bodyRequired: false,
    body: model('CloudCallbackForm', z.object({ code: text, state: text, iss: text, session_state: text, error: text, error_description: text })),
    errors: [400, 401, 403, 404, 422],
  }),
  logout: operation({ ...page, tag, id: 'page_logout', method: 'get', path: '/auth/logout' }),
  logout_complete: operation({ ...page, tag, id: 'page_logout_complete', method: 'get', path: '/auth/logout-complete' }),
};
