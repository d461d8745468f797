import { z } from 'zod';
import { FlavorFilter } from '../filters.js';
import { FlavorRequest, FlavorResponse, FlavorUpdate, Page_FlavorResponse_ } from '../models/flavor.js';
import { operation } from '../operation.js';
import { bool, nothing, uuid } from '../types.js';

export const flavors = {
  list_flavors: operation({
    id: 'list_flavors_api_v1_flavors_get',
    tag: 'flavors',
    method: 'get',
    path: '/api/v1/flavors',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: FlavorFilter,
    response: Page_FlavorResponse_,
    errors: [401, 403, 404, 422],
  }),
  create_flavor: operation({
    id: 'create_flavor_api_v1_flavors_post',
    tag: 'flavors',
    method: 'post',
    path: '/api/v1/flavors',
    body: FlavorRequest,
    response: FlavorResponse,
    errors: [401, 403, 409, 422],
  }),
  get_flavor: operation({
    id: 'get_flavor_api_v1_flavors__flavor_id__get',
    tag: 'flavors',
    method: 'get',
    path: '/api/v1/flavors/{flavor_id}',
    pathParams: z.object({
      flavor_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: FlavorResponse,
    errors: [401, 403, 404, 422],
  }),
  update_flavor: operation({
    id: 'update_flavor_api_v1_flavors__flavor_id__put',
    tag: 'flavors',
    method: 'put',
    path: '/api/v1/flavors/{flavor_id}',
    pathParams: z.object({
      flavor_id: uuid(),
    }),
    body: FlavorUpdate,
    response: FlavorResponse,
    errors: [401, 403, 409, 422],
  }),
  delete_flavor: operation({
    id: 'delete_flavor_api_v1_flavors__flavor_id__delete',
    tag: 'flavors',
    method: 'delete',
    path: '/api/v1/flavors/{flavor_id}',
    pathParams: z.object({
      flavor_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  sync_flavors: operation({
    id: 'sync_flavors_api_v1_flavors_sync_patch',
    tag: 'flavors',
    method: 'patch',
    path: '/api/v1/flavors/sync',
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
