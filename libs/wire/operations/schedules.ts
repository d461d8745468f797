import { z } from 'zod';
import { ScheduleFilter } from '../filters.js';
import { Page_ScheduleResponse_, ScheduleRequest, ScheduleResponse, ScheduleUpdate } from '../models/schedule.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const schedules = {
  create_schedule: operation({
    id: 'create_schedule_api_v1_schedules_post',
    tag: 'schedules',
    method: 'post',
    path: '/api/v1/schedules',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: ScheduleRequest,
    response: ScheduleResponse,
    errors: [401, 403, 409, 422],
  }),
  list_schedules: operation({
    id: 'list_schedules_api_v1_schedules_get',
    tag: 'schedules',
    method: 'get',
    path: '/api/v1/schedules',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
    }),
    filter: ScheduleFilter,
    response: Page_ScheduleResponse_,
    errors: [401, 403, 404, 422],
  }),
  get_schedule: operation({
    id: 'get_schedule_api_v1_schedules__schedule_id__get',
    tag: 'schedules',
    method: 'get',
    path: '/api/v1/schedules/{schedule_id}',
    pathParams: z.object({
      schedule_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ScheduleResponse,
    errors: [401, 403, 404, 422],
  }),
  update_schedule: operation({
    id: 'update_schedule_api_v1_schedules__schedule_id__put',
    tag: 'schedules',
    method: 'put',
    path: '/api/v1/schedules/{schedule_id}',
    pathParams: z.object({
      schedule_id: uuid(),
    }),
    body: ScheduleUpdate,
    response: ScheduleResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_schedule: operation({
    id: 'delete_schedule_api_v1_schedules__schedule_id__delete',
    tag: 'schedules',
    method: 'delete',
    path: '/api/v1/schedules/{schedule_id}',
    pathParams: z.object({
      schedule_id: uuid(),
    }),
    query: z.object({
      soft: bool(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
