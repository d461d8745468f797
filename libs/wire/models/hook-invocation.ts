import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, dict, list, orNull, str, uuid } from '../types.js';
import { ArtifactVersionResponse } from './artifact-version.js';
import { ExceptionInfo } from './common.js';
import { ExecutionStatus, HookType } from './enums.js';
import { LogsResponse } from './logs.js';
import { UserResponse } from './user.js';

export const HookInvocationRequest = model(
  'HookInvocationRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    id: uuid().optional(),
    hook_type: HookType,
    name: str({ max: 255, pattern: /^[a-zA-Z_][a-zA-Z0-9_.-]*$/ }).nullish(),
    status: ExecutionStatus,
    start_time: datetime(),
    end_time: datetime().nullish(),
    source: str({ max: 255 }).nullish(),
    pipeline_run_id: uuid(),
    step_run_id: uuid().nullish(),
    outputs: dict(list(uuid())).default({}),
    exception_info: ExceptionInfo.nullish(),
    logs_id: uuid().nullish(),
  }),
);
export type HookInvocationRequest = z.infer<typeof HookInvocationRequest>;

export const HookInvocationResponseBody = model(
  'HookInvocationResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    hook_type: HookType,
    status: ExecutionStatus,
    start_time: datetime(),
    end_time: orNull(datetime()),
    pipeline_run_id: uuid(),
    step_run_id: orNull(uuid()),
  }),
);
export type HookInvocationResponseBody = z.infer<typeof HookInvocationResponseBody>;

export const HookInvocationResponseMetadata = model(
  'HookInvocationResponseMetadata',
  z.object({
    source: orNull(str({ max: 255 })),
    exception_info: orNull(ExceptionInfo),
  }),
);
export type HookInvocationResponseMetadata = z.infer<typeof HookInvocationResponseMetadata>;

export const HookInvocationResponseResources = model(
  'HookInvocationResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    outputs: dict(list(ArtifactVersionResponse)).default({}),
    log_collection: orNull(list(LogsResponse)),
  }),
);
export type HookInvocationResponseResources = z.infer<typeof HookInvocationResponseResources>;

export const HookInvocationResponse = model(
  'HookInvocationResponse',
  z.object({
    body: orNull(HookInvocationResponseBody),
    metadata: orNull(HookInvocationResponseMetadata),
    resources: orNull(HookInvocationResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: orNull(str({ max: 255 })),
  }),
);
export type HookInvocationResponse = z.infer<typeof HookInvocationResponse>;

export const Page_HookInvocationResponse_ = model('Page_HookInvocationResponse_', page(HookInvocationResponse));
export type Page_HookInvocationResponse_ = z.infer<typeof Page_HookInvocationResponse_>;
