import { z } from 'zod';
import { OAuthDeviceFilter } from '../filters.js';
import { OAuthDeviceVerificationRequest } from '../models/auth.js';
import { OAuthDeviceResponse, OAuthDeviceUpdate, Page_OAuthDeviceResponse_ } from '../models/device.js';
import { operation } from '../operation.js';
import { bool, nothing, str, uuid } from '../types.js';

export const authorizedDevices = {
  list_authorized_devices: operation({
    id: 'list_authorized_devices_api_v1_devices_get',
    tag: 'authorized_devices',
    method: 'get',
    path: '/api/v1/devices',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: OAuthDeviceFilter,
    response: Page_OAuthDeviceResponse_,
    errors: [401, 404, 422],
  }),
  get_authorization_device: operation({
    id: 'get_authorization_device_api_v1_devices__device_id__get',
    tag: 'authorized_devices',
    method: 'get',
    path: '/api/v1/devices/{device_id}',
    pathParams: z.object({
      device_id: uuid(),
    }),
    query: z.object({
      user_code: str().nullish(),
      hydrate: bool().default(true),
    }),
    response: OAuthDeviceResponse,
    errors: [401, 404, 422],
  }),
  update_authorized_device: operation({
    id: 'update_authorized_device_api_v1_devices__device_id__put',
    tag: 'authorized_devices',
    method: 'put',
    path: '/api/v1/devices/{device_id}',
    pathParams: z.object({
      device_id: uuid(),
    }),
    body: OAuthDeviceUpdate,
    response: OAuthDeviceResponse,
    errors: [401, 404, 422],
  }),
  delete_authorized_device: operation({
    id: 'delete_authorized_device_api_v1_devices__device_id__delete',
    tag: 'authorized_devices',
    method: 'delete',
    path: '/api/v1/devices/{device_id}',
    pathParams: z.object({
      device_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 404, 422],
  }),
  verify_authorized_device: operation({
    id: 'verify_authorized_device_api_v1_devices__device_id__verify_put',
    tag: 'authorized_devices',
    method: 'put',
    path: '/api/v1/devices/{device_id}/verify',
    pathParams: z.object({
      device_id: uuid(),
    }),
    body: OAuthDeviceVerificationRequest,
    response: OAuthDeviceResponse,
    errors: [401, 404, 422],
  }),
};
