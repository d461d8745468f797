import { z } from 'zod';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { bool, int, nothing } from '#libs/wire/types.js';
import { CloudApiKey, description, idOrName, name, paging } from '../wire.js';

const tenYears = 10 * 366 * 24 * 60;
const month = 31 * 24 * 60;

const Create = model(
  'CloudApiKeyRequest',
  z.object({ name, description: description.nullish(), expires_in_minutes: int({ min: 1, max: tenYears }).nullish() }),
);
const Update = model('CloudApiKeyUpdate', z.object({ name: name.nullish(), description: description.nullish(), active: bool().nullish() }));
const Rotate = model('CloudApiKeyRotateRequest', z.object({ retain_period_minutes: int({ min: 0, max: month }).default(0) }));

/** The same six operations for a person's own keys and for those of a service account. `holder` are the path parameters before the key's. */
export function apiKeyOperations<const H extends z.ZodRawShape>(prefix: string, tag: string, root: string, holder: H) {
  const keyPath = z.object({ ...holder, api_key_id: idOrName });
  const one = `${root}/{api_key_id}`;
  return {
    list: operation({
      id: `list_${prefix}_api_keys`,
      tag,
      method: 'get',
      path: root,
      pathParams: z.object(holder),
      query: z.object(paging),
      response: z.array(CloudApiKey),
      errors: [401, 403, 404, 422],
    }),
    create: operation({
      id: `create_${prefix}_api_key`,
      tag,
      method: 'post',
      path: root,
      pathParams: z.object(holder),
      body: Create,
      response: CloudApiKey,
      errors: [401, 403, 404, 409, 422],
    }),
    get: operation({ id: `get_${prefix}_api_key`, tag, method: 'get', path: one, pathParams: keyPath, response: CloudApiKey, errors: [401, 403, 404, 422] }),
    update: operation({
      id: `update_${prefix}_api_key`,
      tag,
      method: 'patch',
      path: one,
      pathParams: keyPath,
      body: Update,
      response: CloudApiKey,
      errors: [401, 403, 404, 409, 422],
    }),
    rotate: operation({
      id: `rotate_${prefix}_api_key`,
      tag,
      method: 'put',
      path: `${one}/rotate`,
      pathParams: keyPath,
      body: Rotate,
      bodyRequired: false,
      response: CloudApiKey,
      errors: [401, 403, 404, 422],
    }),
    rotate_by_post: operation({
      id: `rotate_${prefix}_api_key_by_post`,
      tag,
      method: 'post',
      path: `${one}/rotate`,
      pathParams: keyPath,
      body: Rotate,
      bodyRequired: false,
      response: CloudApiKey,
      errors: [401, 403, 404, 422],
    }),
    delete: operation({
      id: `delete_${prefix}_api_key`,
      tag,
      method: 'delete',
      path: one,
      pathParams: keyPath,
      response: nothing(),
      errors: [401, 403, 404, 422],
    }),
  };
}
