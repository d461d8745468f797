import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { datetime, int, orNull, str, uuid } from '#libs/wire/types.js';
import { idOrName } from '../wire.js';

const tag = 'entitlements';
const organization = { organization_id: idOrName };
const feature = str({ min: 1, max: 64, pattern: /^[a-z0-9_-]+$/ });
const one = z.object({ ...organization, feature });
const root = '/organizations/{organization_id}/entitlements';

export const CloudEntitlement = model(
  'CloudEntitlement',
  /** A null quota is no limit. */
  z.object({ feature: str(), quota: orNull(int()), used: int(), updated: orNull(datetime()) }),
);

export const plan = {
  list: operation({
    id: 'list_entitlements',
    tag,
    method: 'get',
    path: root,
    pathParams: z.object(organization),
    response: z.array(CloudEntitlement),
    errors: [401, 403, 404, 422],
  }),
  get: operation({ id: 'get_quota', tag, method: 'get', path: `${root}/{feature}`, pathParams: one, response: CloudEntitlement, errors: [401, 403, 404, 422] }),
  set: operation({
    id: 'set_quota',
    tag,
    method: 'put',
    path: `${root}/{feature}`,
    pathParams: one,
    /** Null goes back to what new organizations of the installation get. */
    body: model('CloudQuota', z.object({ quota: int({ min: 0 }).nullable() })),
    response: CloudEntitlement,
    errors: [401, 403, 404, 422],
  }),
  usage: operation({
    id: 'get_usage',
    tag,
    method: 'get',
    path: '/organizations/{organization_id}/usage',
    pathParams: z.object(organization),
    query: z.object({ from: datetime().nullish(), to: datetime().nullish(), feature: feature.nullish(), workspace_id: uuid().nullish() }),
    response: z.array(model('CloudUsage', z.object({ day: str(), feature: str(), workspace_id: orNull(uuid()), created: int(), deleted: int() }))),
    errors: [401, 403, 404, 422],
  }),
};
