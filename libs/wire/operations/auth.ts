import { z } from 'zod';
import { DeviceAuthorizationForm, LoginForm, OAuthDeviceAuthorizationResponse, OAuthRedirectResponse, OAuthTokenResponse } from '../models/auth.js';
import { APITokenType } from '../models/enums.js';
import { operation } from '../operation.js';
import { either, int, nothing, str, uuid } from '../types.js';

export const auth = {
  token: operation({
    id: 'token_api_v1_login_post',
    tag: 'auth',
    method: 'post',
    path: '/api/v1/login',
    body: LoginForm,
    bodyKind: 'form',
    bodyRequired: false,
    response: either([OAuthTokenResponse, OAuthRedirectResponse]),
    errors: [401, 422],
    public: true,
  }),
  logout: operation({
    id: 'logout_api_v1_logout_get',
    tag: 'auth',
    method: 'get',
    path: '/api/v1/logout',
    response: nothing(),
    errors: [401],
    public: true,
  }),
  device_authorization: operation({
    id: 'device_authorization_api_v1_device_authorization_post',
    tag: 'auth',
    method: 'post',
    path: '/api/v1/device_authorization',
    body: DeviceAuthorizationForm,
    bodyKind: 'form',
    response: OAuthDeviceAuthorizationResponse,
    errors: [401, 422],
    public: true,
  }),
  api_token: operation({
    id: 'api_token_api_v1_api_token_get',
    tag: 'auth',
    method: 'get',
    path: '/api/v1/api_token',
    query: z.object({
      token_type: APITokenType.default('generic'),
      expires_in: int().nullish(),
      schedule_id: uuid().nullish(),
      pipeline_run_id: uuid().nullish(),
      deployment_id: uuid().nullish(),
    }),
    response: str(),
    errors: [401, 422],
  }),
};
