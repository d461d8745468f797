import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, int, orNull, parseUuid, str, uuid } from '../types.js';
import { ColorVariants } from './enums.js';
import { UserResponse } from './user.js';

export const TagResponseBody = model(
  'TagResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    color: ColorVariants.default('turquoise'),
    exclusive: bool(),
  }),
);
export type TagResponseBody = z.infer<typeof TagResponseBody>;

export const TagResponseMetadata = model(
  'TagResponseMetadata',
  z.object({
    tagged_count: int(),
  }),
);
export type TagResponseMetadata = z.infer<typeof TagResponseMetadata>;

export const TagResponseResources = model(
  'TagResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type TagResponseResources = z.infer<typeof TagResponseResources>;

export const TagResponse = model(
  'TagResponse',
  z.object({
    body: orNull(TagResponseBody),
    metadata: orNull(TagResponseMetadata),
    resources: orNull(TagResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type TagResponse = z.infer<typeof TagResponse>;

export const Page_TagResponse_ = model('Page_TagResponse_', page(TagResponse));
export type Page_TagResponse_ = z.infer<typeof Page_TagResponse_>;

/** Requests name tags by name or id in the same place, so a name must not read as an id. */
const tagName: z.core.CheckFn<string | null | undefined> = (payload) => {
  if (typeof payload.value === 'string' && parseUuid(payload.value) !== undefined)
    payload.issues.push({ code: 'custom', message: 'Tag names cannot be UUIDs', params: { type: 'value_error' }, input: payload.value });
};

export const TagRequest = model(
  'TagRequest',
  z.object({
    user: uuid().nullish(),
    name: str({ max: 255 }).check(tagName),
    exclusive: bool().default(false),
    color: ColorVariants.optional(),
  }),
);
export type TagRequest = z.infer<typeof TagRequest>;

export const TagUpdate = model(
  'TagUpdate',
  z.object({
    name: str().nullish().check(tagName),
    exclusive: bool().nullish(),
    color: ColorVariants.nullish(),
  }),
);
export type TagUpdate = z.infer<typeof TagUpdate>;
