import { z } from 'zod';
import { model } from '../registry.js';
import { bool, datetime, orNull, uuid } from '../types.js';
import { BaseResponseMetadata } from './common.js';
import { TaggableResourceTypes } from './enums.js';

export const TagResourceRequest = model(
  'TagResourceRequest',
  z.object({
    tag_id: uuid(),
    resource_id: uuid(),
    resource_type: TaggableResourceTypes,
  }),
);
export type TagResourceRequest = z.infer<typeof TagResourceRequest>;

export const TagResourceResponseBody = model(
  'TagResourceResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    tag_id: uuid(),
    resource_id: uuid(),
    resource_type: TaggableResourceTypes,
  }),
);
export type TagResourceResponseBody = z.infer<typeof TagResourceResponseBody>;

export const TagResourceResponseResources = model('TagResourceResponseResources', z.looseObject({}));
export type TagResourceResponseResources = z.infer<typeof TagResourceResponseResources>;

export const TagResourceResponse = model(
  'TagResourceResponse',
  z.object({
    body: orNull(TagResourceResponseBody),
    metadata: orNull(BaseResponseMetadata),
    resources: orNull(TagResourceResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type TagResourceResponse = z.infer<typeof TagResourceResponse>;
