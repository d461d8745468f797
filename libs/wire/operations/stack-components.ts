import { z } from 'zod';
import { ComponentFilter } from '../filters.js';
import { ComponentRequest, ComponentResponse, ComponentUpdate, Page_ComponentResponse_ } from '../models/component.js';
import { operation } from '../operation.js';
import { bool, either, list, nothing, str, uuid } from '../types.js';

export const stackComponents = {
  create_stack_component: operation({
    id: 'create_stack_component_api_v1_components_post',
    tag: 'stack_components',
    method: 'post',
    path: '/api/v1/components',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: ComponentRequest,
    response: ComponentResponse,
    errors: [401, 403, 409, 422],
  }),
  list_stack_components: operation({
    id: 'list_stack_components_api_v1_components_get',
    tag: 'stack_components',
    method: 'get',
    path: '/api/v1/components',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
    }),
    filter: ComponentFilter,
    response: Page_ComponentResponse_,
    errors: [401, 403, 404, 422],
  }),
  get_stack_component: operation({
    id: 'get_stack_component_api_v1_components__component_id__get',
    tag: 'stack_components',
    method: 'get',
    path: '/api/v1/components/{component_id}',
    pathParams: z.object({
      component_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ComponentResponse,
    errors: [401, 403, 404, 422],
  }),
  update_stack_component: operation({
    id: 'update_stack_component_api_v1_components__component_id__put',
    tag: 'stack_components',
    method: 'put',
    path: '/api/v1/components/{component_id}',
    pathParams: z.object({
      component_id: uuid(),
    }),
    body: ComponentUpdate,
    response: ComponentResponse,
    errors: [401, 403, 404, 422],
  }),
  deregister_stack_component: operation({
    id: 'deregister_stack_component_api_v1_components__component_id__delete',
    tag: 'stack_components',
    method: 'delete',
    path: '/api/v1/components/{component_id}',
    pathParams: z.object({
      component_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  get_stack_component_types: operation({
    id: 'get_stack_component_types_api_v1_component_types_get',
    tag: 'stack_components',
    method: 'get',
    path: '/api/v1/component-types',
    response: list(str()),
    errors: [401, 403, 404, 422],
  }),
};
