import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { anyDict, bool, datetime, enumOf, int, nothing, orNull, str, uuid } from '#libs/wire/types.js';
import { paging } from '../wire.js';

const tag = 'devices';
const text = orNull(str());

export const CloudDevice = model(
  'CloudDevice',
  z.object({
    id: uuid(),
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    client_id: uuid(),
    workspace_id: orNull(uuid()),
    name: text,
    status: enumOf(['pending', 'verified', 'active', 'locked']),
    failed_auth_attempts: int(),
    trusted_device: z.boolean(),
    expires: orNull(datetime()),
    last_login: orNull(datetime()),
    hostname: text,
    os: text,
    python_version: text,
    zenml_version: text,
    ip_address: text,
    city: text,
    region: text,
    country: text,
    device_metadata: anyDict(),
  }),
);

const one = z.object({ device_id: uuid() });

export const devices = {
  list: operation({
    id: 'list_devices',
    tag,
    method: 'get',
    path: '/devices',
    query: z.object({ ...paging, status: enumOf(['pending', 'verified', 'active', 'locked']).nullish(), trusted_device: bool().nullish() }),
    response: z.array(CloudDevice),
    errors: [401, 422],
  }),
  get: operation({
    id: 'get_device',
    tag,
    method: 'get',
    path: '/devices/{device_id_or_user_code}',
    pathParams: z.object({ device_id_or_user_code: str({ min: 1, max: 64 }) }),
    response: CloudDevice,
    errors: [401, 404, 422],
  }),
  verify: operation({
    id: 'verify_device',
    tag,
    method: 'put',
    path: '/devices/verify',
    body: model(
      'CloudDeviceVerification',
      z.object({ user_code: str({ min: 1, max: 64 }), trusted_device: bool().default(false), device_metadata: anyDict().nullish() }),
    ),
    response: CloudDevice,
    errors: [400, 401, 403, 404, 422],
  }),
  update: operation({
    id: 'update_device',
    tag,
    method: 'put',
    path: '/devices/{device_id}',
    pathParams: one,
    body: model('CloudDeviceUpdate', z.object({ locked: bool().nullish(), name: str({ max: 100 }).nullish() })),
    response: CloudDevice,
    errors: [400, 401, 404, 422],
  }),
  delete: operation({
    id: 'delete_device',
    tag,
    method: 'delete',
    path: '/devices/{device_id}',
    pathParams: one,
    response: nothing(),
    errors: [401, 404, 422],
  }),
};
