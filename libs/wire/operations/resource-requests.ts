import { z } from 'zod';
import { ResourceRequestFilter } from '../filters.js';
import { Page_ResourceRequestResponse_, ResourceRequestRenewalRequest, ResourceRequestResponse } from '../models/resource-request.js';
import { operation } from '../operation.js';
import { bool, uuid } from '../types.js';

export const resourceRequests = {
  list_resource_requests: operation({
    id: 'list_resource_requests_api_v1_resource_requests_get',
    tag: 'resource_requests',
    method: 'get',
    path: '/api/v1/resource_requests',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ResourceRequestFilter,
    response: Page_ResourceRequestResponse_,
    errors: [401, 403, 404, 422],
  }),
  get_resource_request: operation({
    id: 'get_resource_request_api_v1_resource_requests__resource_request_id__get',
    tag: 'resource_requests',
    method: 'get',
    path: '/api/v1/resource_requests/{resource_request_id}',
    pathParams: z.object({
      resource_request_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ResourceRequestResponse,
    errors: [401, 403, 404, 422],
  }),
  renew_resource_request: operation({
    id: 'renew_resource_request_api_v1_resource_requests__resource_request_id__renew_post',
    tag: 'resource_requests',
    method: 'post',
    path: '/api/v1/resource_requests/{resource_request_id}/renew',
    pathParams: z.object({
      resource_request_id: uuid(),
    }),
    body: ResourceRequestRenewalRequest,
    response: ResourceRequestResponse,
    errors: [401, 403, 404, 422],
  }),
  release_resource_request: operation({
    id: 'release_resource_request_api_v1_resource_requests__resource_request_id__release_post',
    tag: 'resource_requests',
    method: 'post',
    path: '/api/v1/resource_requests/{resource_request_id}/release',
    pathParams: z.object({
      resource_request_id: uuid(),
    }),
    response: ResourceRequestResponse,
    errors: [401, 403, 404, 422],
  }),
};
