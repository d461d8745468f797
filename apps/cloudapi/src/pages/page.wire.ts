import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { bool, password, str } from '#libs/wire/types.js';

const text = str({ max: 2_000 }).nullish();
/** What all pages have in common. */
export const page = { tag: 'pages', response: str(), responseKind: 'page', errors: [], public: true } as const;

const signInQuery = z.object({ next: text });
const verifyQuery = z.object({ user_code: text, device_id: text, workspace: text, tenant: text });

export const pages = {
  home: operation({ ...page, id: 'page_home', method: 'get', path: '/' }),
  sign_in: operation({ ...page, id: 'page_sign_in', method: 'get', path: '/sign-in', query: signInQuery, errors: [422] }),
  /** Where workspaces send browsers that have no session. */
  login: operation({
    ...page,
    id: 'page_login',
    method: 'get',
    path: '/auth/login',
    query: z.object({ next: text, redirect: text, redirect_uri: text }),
    errors: [422],
  }),
  submit_sign_in: operation({
    ...page,
    id: 'submit_sign_in',
    method: 'post',
    path: '/sign-in',
    bodyKind: 'form',
    body: model('CloudSignInForm', z.object({ email: text, password: password({ max: 4_096 }).nullish(), next: text, form_token: text })),
    errors: [401, 403, 422, 429],
  }),
  submit_sign_out: operation({
    ...page,
    id: 'submit_sign_out',
    method: 'post',
    path: '/sign-out',
    bodyKind: 'form',
    body: model('CloudSignOutForm', z.object({ csrf_token: text })),
    errors: [422],
  }),
  verify: operation({ ...page, id: 'page_verify_device', method: 'get', path: '/devices/verify', query: verifyQuery, errors: [400, 422] }),
  submit_verify: operation({
    ...page,
    id: 'submit_verify_device',
    method: 'post',
    path: '/devices/verify',
    bodyKind: 'form',
    body: model('CloudVerifyForm', z.object({ csrf_token: text, user_code: text, workspace_id: text, trusted_device: bool().nullish(), decision: text })),
    errors: [400, 422],
  }),
};
