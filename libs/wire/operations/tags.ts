import { z } from 'zod';
import { TagFilter } from '../filters.js';
import { Page_TagResponse_, TagRequest, TagResponse, TagUpdate } from '../models/tag.js';
import { operation } from '../operation.js';
import { bool, nothing, uuid } from '../types.js';

export const tags = {
  create_tag: operation({
    id: 'create_tag_api_v1_tags_post',
    tag: 'tags',
    method: 'post',
    path: '/api/v1/tags',
    body: TagRequest,
    response: TagResponse,
    errors: [401, 403, 409, 422],
  }),
  list_tags: operation({
    id: 'list_tags_api_v1_tags_get',
    tag: 'tags',
    method: 'get',
    path: '/api/v1/tags',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: TagFilter,
    response: Page_TagResponse_,
    errors: [401, 403, 404, 422],
  }),
  get_tag: operation({
    id: 'get_tag_api_v1_tags__tag_id__get',
    tag: 'tags',
    method: 'get',
    path: '/api/v1/tags/{tag_id}',
    pathParams: z.object({
      tag_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: TagResponse,
    errors: [401, 403, 404, 422],
  }),
  update_tag: operation({
    id: 'update_tag_api_v1_tags__tag_id__put',
    tag: 'tags',
    method: 'put',
    path: '/api/v1/tags/{tag_id}',
    pathParams: z.object({
      tag_id: uuid(),
    }),
    body: TagUpdate,
    response: TagResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_tag: operation({
    id: 'delete_tag_api_v1_tags__tag_id__delete',
    tag: 'tags',
    method: 'delete',
    path: '/api/v1/tags/{tag_id}',
    pathParams: z.object({
      tag_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
