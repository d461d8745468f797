import { z } from 'zod';
import { RunWaitConditionFilter } from '../filters.js';
import { RunWaitConditionStatus } from '../models/enums.js';
import {
  Page_RunWaitConditionResponse_,
  RunWaitConditionLeaseUpdate,
  RunWaitConditionRequest,
  RunWaitConditionResolveRequest,
  RunWaitConditionResponse,
} from '../models/run-wait-condition.js';
import { operation } from '../operation.js';
import { bool, uuid } from '../types.js';

export const runWaitConditions = {
  create_run_wait_condition: operation({
    id: 'create_run_wait_condition_api_v1_run_wait_conditions_post',
    tag: 'run_wait_conditions',
    method: 'post',
    path: '/api/v1/run_wait_conditions',
    body: RunWaitConditionRequest,
    response: RunWaitConditionResponse,
    errors: [401, 403, 404, 422],
  }),
  list_wait_conditions: operation({
    id: 'list_wait_conditions_api_v1_run_wait_conditions_get',
    tag: 'run_wait_conditions',
    method: 'get',
    path: '/api/v1/run_wait_conditions',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: RunWaitConditionFilter,
    response: Page_RunWaitConditionResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_run_wait_condition: operation({
    id: 'get_run_wait_condition_api_v1_run_wait_conditions__run_wait_condition_id__get',
    tag: 'run_wait_conditions',
    method: 'get',
    path: '/api/v1/run_wait_conditions/{run_wait_condition_id}',
    pathParams: z.object({
      run_wait_condition_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: RunWaitConditionResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  update_run_wait_condition_lease: operation({
    id: 'update_run_wait_condition_lease_api_v1_run_wait_conditions__run_wait_condition_id__put',
    tag: 'run_wait_conditions',
    method: 'put',
    path: '/api/v1/run_wait_conditions/{run_wait_condition_id}',
    pathParams: z.object({
      run_wait_condition_id: uuid(),
    }),
    body: RunWaitConditionLeaseUpdate,
    response: RunWaitConditionStatus,
    errors: [401, 403, 404, 422],
  }),
  resolve_run_wait_condition: operation({
    id: 'resolve_run_wait_condition_api_v1_run_wait_conditions__run_wait_condition_id__resolve_put',
    tag: 'run_wait_conditions',
    method: 'put',
    path: '/api/v1/run_wait_conditions/{run_wait_condition_id}/resolve',
    pathParams: z.object({
      run_wait_condition_id: uuid(),
    }),
    body: RunWaitConditionResolveRequest,
    response: RunWaitConditionResponse,
    errors: [401, 403, 404, 422],
  }),
};
