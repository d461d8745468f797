import { z } from 'zod';
import { HookInvocationFilter } from '../filters.js';
import { HookInvocationRequest, HookInvocationResponse, Page_HookInvocationResponse_ } from '../models/hook-invocation.js';
import { operation } from '../operation.js';
import { bool, nothing, uuid } from '../types.js';

export const hookInvocations = {
  list_hook_invocations: operation({
    id: 'list_hook_invocations_api_v1_hook_invocations_get',
    tag: 'hook_invocations',
    method: 'get',
    path: '/api/v1/hook_invocations',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: HookInvocationFilter,
    response: Page_HookInvocationResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  create_hook_invocation: operation({
    id: 'create_hook_invocation_api_v1_hook_invocations_post',
    tag: 'hook_invocations',
    method: 'post',
    path: '/api/v1/hook_invocations',
    body: HookInvocationRequest,
    response: HookInvocationResponse,
    errors: [401, 403, 409, 422],
  }),
  get_hook_invocation: operation({
    id: 'get_hook_invocation_api_v1_hook_invocations__hook_invocation_id__get',
    tag: 'hook_invocations',
    method: 'get',
    path: '/api/v1/hook_invocations/{hook_invocation_id}',
    pathParams: z.object({
      hook_invocation_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: HookInvocationResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  delete_hook_invocation: operation({
    id: 'delete_hook_invocation_api_v1_hook_invocations__hook_invocation_id__delete',
    tag: 'hook_invocations',
    method: 'delete',
    path: '/api/v1/hook_invocations/{hook_invocation_id}',
    pathParams: z.object({
      hook_invocation_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
