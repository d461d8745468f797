import { TagResourceRequest, TagResourceResponse } from '../models/tag-resource.js';
import { operation } from '../operation.js';
import { list, nothing } from '../types.js';

export const tagResources = {
  create_tag_resource: operation({
    id: 'create_tag_resource_api_v1_tag_resources_post',
    tag: 'tag_resources',
    method: 'post',
    path: '/api/v1/tag_resources',
    body: TagResourceRequest,
    response: TagResourceResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_tag_resource: operation({
    id: 'delete_tag_resource_api_v1_tag_resources_delete',
    tag: 'tag_resources',
    method: 'delete',
    path: '/api/v1/tag_resources',
    body: TagResourceRequest,
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  batch_create_tag_resource: operation({
    id: 'batch_create_tag_resource_api_v1_tag_resources_batch_post',
    tag: 'tag_resources',
    method: 'post',
    path: '/api/v1/tag_resources/batch',
    body: list(TagResourceRequest),
    response: list(TagResourceResponse),
    errors: [401, 403, 409, 422],
  }),
  batch_delete_tag_resource: operation({
    id: 'batch_delete_tag_resource_api_v1_tag_resources_batch_delete',
    tag: 'tag_resources',
    method: 'delete',
    path: '/api/v1/tag_resources/batch',
    body: list(TagResourceRequest),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
