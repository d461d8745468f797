import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { durationSeconds } from '../time.js';
import { bool, datetime, dict, duration, metadataValue, orNull, str, uuid } from '../types.js';
import { UserResponse } from './user.js';

export const ScheduleResponseBody = model(
  'ScheduleResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    active: bool(),
    cron_expression: orNull(str()),
    start_time: orNull(datetime()),
    end_time: orNull(datetime()),
    interval_second: orNull(duration()),
    catchup: bool().default(false),
    run_once_start_time: orNull(datetime()),
    is_archived: bool(),
  }),
);
export type ScheduleResponseBody = z.infer<typeof ScheduleResponseBody>;

export const ScheduleResponseMetadata = model(
  'ScheduleResponseMetadata',
  z.object({
    orchestrator_id: uuid().nullable(),
    pipeline_id: uuid().nullable(),
    run_metadata: dict(metadataValue()).default({}),
  }),
);
export type ScheduleResponseMetadata = z.infer<typeof ScheduleResponseMetadata>;

export const ScheduleResponseResources = model(
  'ScheduleResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type ScheduleResponseResources = z.infer<typeof ScheduleResponseResources>;

export const ScheduleResponse = model(
  'ScheduleResponse',
  z.object({
    body: orNull(ScheduleResponseBody),
    metadata: orNull(ScheduleResponseMetadata),
    resources: orNull(ScheduleResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type ScheduleResponse = z.infer<typeof ScheduleResponse>;

export const Page_ScheduleResponse_ = model('Page_ScheduleResponse_', page(ScheduleResponse));
export type Page_ScheduleResponse_ = z.infer<typeof Page_ScheduleResponse_>;

type Times = { cron_expression?: string | null; start_time?: string | null; interval_second?: string | null; run_once_start_time?: string | null };

/** A schedule says when: by a cron expression, from a start at intervals, or once. */
const saysWhen: z.core.CheckFn<Times> = (payload) => {
  const { cron_expression, start_time, interval_second, run_once_start_time } = payload.value;
  const hasInterval = Boolean(start_time) && Boolean(durationSeconds(interval_second));
  if (cron_expression || hasInterval || run_once_start_time) return;
  const message = 'A schedule needs a cron expression, a start time and an interval, or a time to run once';
  payload.issues.push({ code: 'custom', message, params: { type: 'value_error' }, input: payload.value });
};

export const ScheduleRequest = model(
  'ScheduleRequest',
  z
    .object({
      user: uuid().nullish(),
      project: uuid(),
      name: str(),
      active: bool(),
      cron_expression: str().nullish(),
      start_time: datetime().nullish(),
      end_time: datetime().nullish(),
      interval_second: duration().nullish(),
      catchup: bool().default(false),
      run_once_start_time: datetime().nullish(),
      orchestrator_id: uuid().nullable(),
      pipeline_id: uuid().nullable(),
    })
    .check(saysWhen as never), // the check's type is wider than the object's, which zod takes as another one
);
export type ScheduleRequest = z.infer<typeof ScheduleRequest>;

export const ScheduleUpdate = model(
  'ScheduleUpdate',
  z.object({
    name: str().nullish(),
    cron_expression: str().nullish(),
    active: bool().nullish(),
  }),
);
export type ScheduleUpdate = z.infer<typeof ScheduleUpdate>;
