import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, dict, dictBy, either, int, type Link, list, orNull, rule, str, uuid } from '../types.js';
import { SourceType, TriggerDispatchErrorSeverity, TriggerDispatchStatusCode, TriggerFlavor, TriggerRunConcurrency, TriggerType } from './enums.js';
import { PipelineRunResponse } from './pipeline-run.js';
import { PipelineSnapshotResponse } from './pipeline-snapshot.js';
import { UserResponse } from './user.js';
import { WebhookResponse } from './webhook.js';

export const ScheduleTriggerResponseBody = model(
  'ScheduleTriggerResponseBody',
  z.object({
    name: str({ max: 255 }),
    active: bool().default(true),
    type: TriggerType,
    concurrency: TriggerRunConcurrency.default('skip'),
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    is_archived: bool(),
    flavor: TriggerFlavor,
    cron_expression: orNull(str()),
    interval: orNull(int({ min: 60 })),
    end_time: orNull(datetime()),
    start_time: orNull(datetime()),
    run_once_start_time: orNull(datetime()),
    max_runs: orNull(int({ min: 1 })),
    next_occurrence: orNull(datetime()),
  }),
);
export type ScheduleTriggerResponseBody = z.infer<typeof ScheduleTriggerResponseBody>;

export const TriggerResponseMetadata = model('TriggerResponseMetadata', z.object({}));
export type TriggerResponseMetadata = z.infer<typeof TriggerResponseMetadata>;

export const TriggerSnapshotDispatchState = model(
  'TriggerSnapshotDispatchState',
  z.object({
    last_status: TriggerDispatchStatusCode,
    last_status_at: orNull(datetime()),
    last_status_details: orNull(anyDict()),
    last_error_message: orNull(str({ max: 4096 })),
    last_error_type: orNull(str({ max: 255 })),
    last_error_severity: orNull(TriggerDispatchErrorSeverity),
    last_error_stack_trace: orNull(str({ max: 16384 })),
    last_error_at: orNull(datetime()),
    first_error_at: orNull(datetime()),
    last_error_count: int({ min: 0 }).default(0),
  }),
);
export type TriggerSnapshotDispatchState = z.infer<typeof TriggerSnapshotDispatchState>;

export const TriggerResponseResources = model(
  'TriggerResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    snapshots: list(PipelineSnapshotResponse).default([]),
    executable_snapshots: list(PipelineSnapshotResponse).default([]),
    get latest_run(): z.ZodDefault<z.ZodNullable<Link>> {
      return orNull(PipelineRunResponse);
    },
    webhook: orNull(WebhookResponse),
    snapshot_dispatch_states: dictBy(uuid(), TriggerSnapshotDispatchState).default({}),
  }),
);
export type TriggerResponseResources = z.infer<typeof TriggerResponseResources>;

export const ScheduleTriggerResponse = model(
  'ScheduleTriggerResponse',
  z.object({
    body: orNull(ScheduleTriggerResponseBody),
    metadata: orNull(TriggerResponseMetadata),
    resources: orNull(TriggerResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type ScheduleTriggerResponse = z.infer<typeof ScheduleTriggerResponse>;

export const SourceEntity = model(
  'SourceEntity',
  z.object({
    type: SourceType,
    id: uuid(),
  }),
);
export type SourceEntity = z.infer<typeof SourceEntity>;

export const PlatformEventTriggerResponseBody = model(
  'PlatformEventTriggerResponseBody',
  z.object({
    name: str({ max: 255 }),
    active: bool().default(true),
    type: TriggerType,
    concurrency: TriggerRunConcurrency.default('skip'),
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    is_archived: bool(),
    flavor: TriggerFlavor,
    source_entity: SourceEntity,
    target_events: list(str(), { min: 1 }),
  }),
);
export type PlatformEventTriggerResponseBody = z.infer<typeof PlatformEventTriggerResponseBody>;

export const PlatformEventTriggerResponse = model(
  'PlatformEventTriggerResponse',
  z.object({
    body: orNull(PlatformEventTriggerResponseBody),
    metadata: orNull(TriggerResponseMetadata),
    resources: orNull(TriggerResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type PlatformEventTriggerResponse = z.infer<typeof PlatformEventTriggerResponse>;

export const WebhookTriggerResponseBody = model(
  'WebhookTriggerResponseBody',
  z.object({
    name: str({ max: 255 }),
    active: bool().default(true),
    type: TriggerType,
    concurrency: TriggerRunConcurrency.default('skip'),
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    is_archived: bool(),
    flavor: TriggerFlavor,
    configuration: anyDict(),
    webhook_id: orNull(uuid()),
  }),
);
export type WebhookTriggerResponseBody = z.infer<typeof WebhookTriggerResponseBody>;

export const WebhookTriggerResponse = model(
  'WebhookTriggerResponse',
  z.object({
    body: orNull(WebhookTriggerResponseBody),
    metadata: orNull(TriggerResponseMetadata),
    resources: orNull(TriggerResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type WebhookTriggerResponse = z.infer<typeof WebhookTriggerResponse>;

export const Page_TriggerResponse_ = model(
  'Page_Union_ScheduleTriggerResponse__PlatformEventTriggerResponse__WebhookTriggerResponse__',
  page(either([ScheduleTriggerResponse, PlatformEventTriggerResponse, WebhookTriggerResponse])),
);
export type Page_TriggerResponse_ = z.infer<typeof Page_TriggerResponse_>;

/** What can happen to a source. */
export const platformEvents: Record<SourceType, readonly string[]> = {
  pipeline: ['run_completed', 'run_failed'],
  pipeline_run: ['completed', 'failed'],
  pipeline_snapshot: ['run_completed', 'run_failed'],
};

const eventsOfSource = rule<{ source_entity: SourceEntity; target_events: string[] }>(
  ({ source_entity, target_events }) => target_events.every((event) => platformEvents[source_entity.type].includes(event)),
  'The source does not have one of the target events',
);

export const PlatformEventTriggerRequest = model(
  'PlatformEventTriggerRequest',
  z
    .object({
      source_entity: SourceEntity,
      target_events: list(str(), { min: 1 }),
      name: str({ max: 255 }),
      active: bool().default(true),
      type: z.literal('platform_event').default('platform_event'),
      concurrency: TriggerRunConcurrency.default('skip'),
      user: uuid().nullish(),
      project: uuid(),
      flavor: z.literal('platform event').default('platform event'),
    })
    .check(eventsOfSource as never),
);
export type PlatformEventTriggerRequest = z.infer<typeof PlatformEventTriggerRequest>;

export const PlatformEventTriggerUpdate = model(
  'PlatformEventTriggerUpdate',
  z
    .object({
      source_entity: SourceEntity,
      target_events: list(str(), { min: 1 }),
      name: str({ max: 255 }),
      active: bool().optional(),
      type: z.literal('platform_event').default('platform_event'),
      concurrency: TriggerRunConcurrency.optional(),
      flavor: z.literal('platform event').default('platform event'),
    })
    .check(eventsOfSource as never),
);
export type PlatformEventTriggerUpdate = z.infer<typeof PlatformEventTriggerUpdate>;

type Times = Partial<Record<'cron_expression' | 'start_time' | 'end_time' | 'run_once_start_time', string | null>> & { interval?: number | null };

/** A schedule says when in exactly one way. The times are canonical UTC text by now, whose order is that of time. */
const timing: z.core.CheckFn<Times>[] = [
  rule<Times>(({ interval, start_time }) => interval == null || start_time != null, 'An interval needs a start time'),
  rule<Times>(
    ({ cron_expression, interval, run_once_start_time }) => [cron_expression, interval, run_once_start_time].filter((one) => one != null).length === 1,
    'A schedule needs exactly one of a cron expression, an interval and a time to run once',
  ),
  rule<Times>(({ start_time, end_time }) => !start_time || !end_time || end_time > start_time, 'The end time must be after the start time'),
];

export const ScheduleTriggerRequest = model(
  'ScheduleTriggerRequest',
  z
    .object({
      cron_expression: str().nullish(),
      interval: int({ min: 60 }).nullish(),
      end_time: datetime().nullish(),
      start_time: datetime().nullish(),
      run_once_start_time: datetime().nullish(),
      max_runs: int({ min: 1 }).nullish(),
      name: str({ max: 255 }),
      active: bool().default(true),
      type: z.literal('schedule').default('schedule'),
      concurrency: TriggerRunConcurrency.default('skip'),
      user: uuid().nullish(),
      project: uuid(),
      flavor: z.literal('native schedule').default('native schedule'),
    })
    .check(...(timing as never[])),
);
export type ScheduleTriggerRequest = z.infer<typeof ScheduleTriggerRequest>;

export const ScheduleTriggerUpdate = model(
  'ScheduleTriggerUpdate',
  z
    .object({
      cron_expression: str().nullish(),
      interval: int({ min: 60 }).nullish(),
      end_time: datetime().nullish(),
      start_time: datetime().nullish(),
      run_once_start_time: datetime().nullish(),
      max_runs: int({ min: 1 }).nullish(),
      name: str({ max: 255 }),
      active: bool().optional(),
      type: z.literal('schedule').default('schedule'),
      concurrency: TriggerRunConcurrency.optional(),
      flavor: z.literal('native schedule').default('native schedule'),
      next_occurrence: datetime().nullish(),
    })
    .check(...(timing as never[])),
);
export type ScheduleTriggerUpdate = z.infer<typeof ScheduleTriggerUpdate>;

export const WebhookTriggerExecutionInfo = model(
  'WebhookTriggerExecutionInfo',
  z.object({
    webhook_id: uuid(),
    delivery_id: str(),
    event_type: orNull(str()),
    event: orNull(anyDict()),
  }),
);
export type WebhookTriggerExecutionInfo = z.infer<typeof WebhookTriggerExecutionInfo>;

export const TriggerExecutionInfo = model(
  'TriggerExecutionInfo',
  z.object({
    upstream_run_id: orNull(uuid()),
    upstream_pipeline_ids: list(uuid()).default([]),
    webhook_upstream_event: orNull(dict(WebhookTriggerExecutionInfo)),
  }),
);
export type TriggerExecutionInfo = z.infer<typeof TriggerExecutionInfo>;

export const WebhookTriggerRequest = model(
  'WebhookTriggerRequest',
  z.object({
    name: str({ max: 255 }),
    active: bool().default(true),
    type: z.literal('webhook').default('webhook'),
    concurrency: TriggerRunConcurrency.default('skip'),
    user: uuid().nullish(),
    project: uuid(),
    flavor: z.literal('webhook').default('webhook'),
    webhook_id: uuid(),
    configuration: anyDict(),
  }),
);
export type WebhookTriggerRequest = z.infer<typeof WebhookTriggerRequest>;

/** Whatever an update of such a trigger leaves out would be lost, so it may leave out nothing. */
const isComplete = rule<{ active?: boolean; concurrency?: string }>(
  ({ active, concurrency }) => active !== undefined && concurrency !== undefined,
  'An update of a webhook trigger needs name, active, concurrency and configuration',
);

export const WebhookTriggerUpdate = model(
  'WebhookTriggerUpdate',
  z
    .object({
      name: str({ max: 255 }),
      active: bool().optional(),
      type: z.literal('webhook').default('webhook'),
      concurrency: TriggerRunConcurrency.optional(),
      configuration: anyDict(),
    })
    .check(isComplete as never),
);
export type WebhookTriggerUpdate = z.infer<typeof WebhookTriggerUpdate>;
