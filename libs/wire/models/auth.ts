import { z } from 'zod';
import { model } from '../registry.js';
import { anyDict, bool, int, orNull, str, uuid } from '../types.js';

export const DeviceAuthorizationForm = model(
  'Body_device_authorization_api_v1_device_authorization_post',
  z.object({
    client_id: uuid(),
  }),
);
export type DeviceAuthorizationForm = z.infer<typeof DeviceAuthorizationForm>;

export const LoginForm = model(
  'Body_token_api_v1_login_post',
  z.object({
    grant_type: str().nullish(),
    username: str().nullish(),
    password: str().nullish(),
    client_id: str().nullish(),
    device_code: str().nullish(),
  }),
);
export type LoginForm = z.infer<typeof LoginForm>;

export const OAuthDeviceAuthorizationResponse = model(
  'OAuthDeviceAuthorizationResponse',
  z.object({
    device_code: str(),
    user_code: str(),
    verification_uri: str(),
    verification_uri_complete: orNull(str()),
    expires_in: int(),
    interval: int(),
  }),
);
export type OAuthDeviceAuthorizationResponse = z.infer<typeof OAuthDeviceAuthorizationResponse>;

export const OAuthDeviceVerificationRequest = model(
  'OAuthDeviceVerificationRequest',
  z.object({
    user_code: str(),
    trusted_device: bool().default(false),
  }),
);
export type OAuthDeviceVerificationRequest = z.infer<typeof OAuthDeviceVerificationRequest>;

export const OAuthRedirectResponse = model(
  'OAuthRedirectResponse',
  z.object({
    authorization_url: str(),
  }),
);
export type OAuthRedirectResponse = z.infer<typeof OAuthRedirectResponse>;

export const OAuthTokenResponse = model(
  'OAuthTokenResponse',
  z.looseObject({
    access_token: str(),
    token_type: str(),
    expires_in: orNull(int()),
    refresh_token: orNull(str()),
    csrf_token: orNull(str()),
    scope: orNull(str()),
    device_id: orNull(uuid()),
    device_metadata: orNull(anyDict()),
  }),
);
export type OAuthTokenResponse = z.infer<typeof OAuthTokenResponse>;
