import { z } from 'zod';
import { model } from '../registry.js';
import { bool, datetime, int, list, orNull, rule, str, uuid } from '../types.js';
import { LoggingLevels } from './enums.js';
import { UserResponse } from './user.js';

export const LogEntry = model(
  'LogEntry',
  z.object({
    message: str(),
    name: orNull(str()),
    level: orNull(LoggingLevels),
    timestamp: orNull(datetime()),
    module: orNull(str()),
    filename: orNull(str()),
    lineno: orNull(int()),
    chunk_index: int().default(0),
    total_chunks: int().default(1),
    id: uuid().optional(),
  }),
);
export type LogEntry = z.infer<typeof LogEntry>;

export const LogsEntriesResponse = model(
  'LogsEntriesResponse',
  z.object({
    items: list(LogEntry).default([]),
    before: orNull(str()),
    after: orNull(str()),
  }),
);
export type LogsEntriesResponse = z.infer<typeof LogsEntriesResponse>;

export const LogsRequest = model(
  'LogsRequest',
  z
    .object({
      user: uuid().nullish(),
      project: uuid().nullish(),
      id: uuid().optional(),
      uri: str().nullish(),
      source: str().default(''),
      artifact_store_id: uuid().nullish(),
      log_store_id: uuid().nullish(),
      pipeline_run_id: uuid().nullish(),
      step_run_id: uuid().nullish(),
      hook_invocation_id: uuid().nullish(),
    })
    .check(
      rule(
        ({ artifact_store_id, log_store_id, source }) => Boolean(artifact_store_id || log_store_id || source === 'runner'),
        'Either artifact_store_id or log_store_id must be given',
      ),
      rule(({ uri }) => (uri ?? '').length < 65535, 'A uri may have at most 65534 characters'),
      rule(({ pipeline_run_id, step_run_id }) => !pipeline_run_id || !step_run_id, 'Logs belong to a run or to a step, not to both'),
    ),
);
export type LogsRequest = z.infer<typeof LogsRequest>;

export const LogsResponseBody = model(
  'LogsResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    uri: orNull(str({ max: 65535 })),
    source: str({ max: 65535 }),
    step_run_id: orNull(uuid()),
    pipeline_run_id: orNull(uuid()),
    artifact_store_id: orNull(uuid()),
    log_store_id: orNull(uuid()),
    hook_invocation_id: orNull(uuid()),
  }),
);
export type LogsResponseBody = z.infer<typeof LogsResponseBody>;

export const LogsResponseMetadata = model(
  'LogsResponseMetadata',
  z.object({
    step_run_id: orNull(uuid()),
    pipeline_run_id: orNull(uuid()),
    artifact_store_id: orNull(uuid()),
    log_store_id: orNull(uuid()),
    hook_invocation_id: orNull(uuid()),
  }),
);
export type LogsResponseMetadata = z.infer<typeof LogsResponseMetadata>;

export const LogsResponseResources = model(
  'LogsResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type LogsResponseResources = z.infer<typeof LogsResponseResources>;

export const LogsResponse = model(
  'LogsResponse',
  z.object({
    body: orNull(LogsResponseBody),
    metadata: orNull(LogsResponseMetadata),
    resources: orNull(LogsResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type LogsResponse = z.infer<typeof LogsResponse>;

export const LogsUpdate = model(
  'LogsUpdate',
  z
    .object({
      pipeline_run_id: uuid().nullish(),
      step_run_id: uuid().nullish(),
    })
    .check(rule(({ pipeline_run_id, step_run_id }) => !pipeline_run_id || !step_run_id, 'Logs belong to a run or to a step, not to both')),
);
export type LogsUpdate = z.infer<typeof LogsUpdate>;
