import { z } from 'zod';
import { WorkloadFilter } from '../filters.js';
import { PipelineRunResponse } from '../models/pipeline-run.js';
import { Page_WorkloadResponse_, WorkloadResponse } from '../models/workload.js';
import { operation } from '../operation.js';
import { bool, uuid } from '../types.js';

/** The queue of runs that the server starts. The reference has nothing like it. */
export const workloads = {
  list_workloads: operation({
    id: 'list_workloads_api_v1_workloads_get',
    tag: 'workloads',
    method: 'get',
    path: '/api/v1/workloads',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: WorkloadFilter,
    response: Page_WorkloadResponse_,
    errors: [401, 403, 422],
  }),
  get_workload: operation({
    id: 'get_workload_api_v1_workloads__workload_id__get',
    tag: 'workloads',
    method: 'get',
    path: '/api/v1/workloads/{workload_id}',
    pathParams: z.object({
      workload_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: WorkloadResponse,
    errors: [401, 403, 404, 422],
  }),
  retry_workload: operation({
    id: 'retry_workload_api_v1_workloads__workload_id__retry_post',
    tag: 'workloads',
    method: 'post',
    path: '/api/v1/workloads/{workload_id}/retry',
    pathParams: z.object({
      workload_id: uuid(),
    }),
    response: PipelineRunResponse,
    errors: [400, 401, 403, 404, 409, 422, 429, 501],
  }),
};
