import { z } from 'zod';
import { StepRunFilter } from '../filters.js';
import { ExecutionStatus } from '../models/enums.js';
import { LogEntry } from '../models/logs.js';
import { Page_StepRunResponse_, StepHeartbeatRequest, StepHeartbeatResponse, StepRunRequest, StepRunResponse, StepRunUpdate } from '../models/step-run.js';
import { operation } from '../operation.js';
import { anyDict, bool, list, str, uuid } from '../types.js';

export const steps = {
  list_run_steps: operation({
    id: 'list_run_steps_api_v1_steps_get',
    tag: 'steps',
    method: 'get',
    path: '/api/v1/steps',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: StepRunFilter,
    response: Page_StepRunResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  create_run_step: operation({
    id: 'create_run_step_api_v1_steps_post',
    tag: 'steps',
    method: 'post',
    path: '/api/v1/steps',
    body: StepRunRequest,
    response: StepRunResponse,
    errors: [401, 403, 409, 422],
  }),
  get_step: operation({
    id: 'get_step_api_v1_steps__step_id__get',
    tag: 'steps',
    method: 'get',
    path: '/api/v1/steps/{step_id}',
    pathParams: z.object({
      step_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: StepRunResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  update_step: operation({
    id: 'update_step_api_v1_steps__step_id__put',
    tag: 'steps',
    method: 'put',
    path: '/api/v1/steps/{step_id}',
    pathParams: z.object({
      step_id: uuid(),
    }),
    body: StepRunUpdate,
    response: StepRunResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  update_heartbeat: operation({
    id: 'update_heartbeat_api_v1_steps__step_run_id__heartbeat_put',
    tag: 'steps',
    method: 'put',
    path: '/api/v1/steps/{step_run_id}/heartbeat',
    pathParams: z.object({
      step_run_id: uuid(),
    }),
    body: StepHeartbeatRequest.nullable(),
    bodyRequired: false,
    response: StepHeartbeatResponse,
    errors: [401, 403, 404, 422],
  }),
  get_step_configuration: operation({
    id: 'get_step_configuration_api_v1_steps__step_id__step_configuration_get',
    tag: 'steps',
    method: 'get',
    path: '/api/v1/steps/{step_id}/step-configuration',
    pathParams: z.object({
      step_id: uuid(),
    }),
    response: anyDict(),
    errors: [401, 403, 404, 422],
  }),
  get_step_status: operation({
    id: 'get_step_status_api_v1_steps__step_id__status_get',
    tag: 'steps',
    method: 'get',
    path: '/api/v1/steps/{step_id}/status',
    pathParams: z.object({
      step_id: uuid(),
    }),
    response: ExecutionStatus,
    errors: [401, 403, 404, 422],
  }),
  get_step_logs: operation({
    id: 'get_step_logs_api_v1_steps__step_id__logs_get',
    tag: 'steps',
    method: 'get',
    path: '/api/v1/steps/{step_id}/logs',
    pathParams: z.object({
      step_id: uuid(),
    }),
    query: z.object({
      source: str().nullish(),
      logs_id: uuid().nullish(),
    }),
    response: list(LogEntry),
    errors: [400, 401, 403, 404, 422],
  }),
};
