import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { int, rule, str, uuid } from '#libs/wire/types.js';
import { idOrName } from '../wire.js';

const tag = 'entitlements';
/** Any word: servers that are newer than this program may ask about features that it does not know, and those are unlimited. */
const feature = str({ min: 1, max: 64, pattern: /^[a-z0-9_-]+$/ });

export const entitlements = {
  get: operation({
    id: 'get_entitlement',
    tag,
    method: 'get',
    path: '/organizations/{organization_id}/entitlement/{feature}',
    pathParams: z.object({ organization_id: idOrName, feature }),
    response: z.boolean(),
    errors: [401, 402, 403, 404, 422],
  }),
  report: operation({
    id: 'usage_event',
    tag,
    method: 'post',
    path: '/usage-event',
    body: model(
      'CloudUsageEvent',
      z.object({
        organization_id: uuid(),
        feature,
        total: int({ min: -1_000_000, max: 1_000_000 }).check(rule((total) => total !== 0, 'The total must not be 0.')),
        metadata: z.object({ workspace_id: uuid().nullish(), resource_id: uuid().nullish() }).nullish(),
      }),
    ),
    response: z.object({}),
    errors: [401, 403, 422],
    dedup: false,
  }),
};
