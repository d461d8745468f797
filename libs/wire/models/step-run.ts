import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, dict, either, int, list, metadataValue, orNull, str, uuid } from '../types.js';
import { ArtifactVersionResponse, ArtifactVersionResponseBody, ArtifactVersionResponseMetadata, ArtifactVersionResponseResources } from './artifact-version.js';
import { ExceptionInfo } from './common.js';
import { StepConfigurationOutput, StepInput, StepSpecOutput } from './configuration.js';
import { ExecutionStatus, StepRunInputArtifactType, StepRuntime, StepType } from './enums.js';
import { LogsRequest, LogsResponse } from './logs.js';
import { ModelVersionResponse } from './model-version.js';
import { ResourceRequestResponse } from './resource-request.js';
import { UserResponse } from './user.js';

export const StepRunResponseBody = model(
  'StepRunResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    type: orNull(StepType),
    status: ExecutionStatus,
    version: int(),
    is_retriable: bool(),
    start_time: orNull(datetime()),
    end_time: orNull(datetime()),
    latest_heartbeat: orNull(datetime()),
    model_version_id: orNull(uuid()),
    resource_request_id: orNull(uuid()),
    substitutions: dict(str()).default({}),
    heartbeat_threshold: orNull(int()),
  }),
);
export type StepRunResponseBody = z.infer<typeof StepRunResponseBody>;

export const StepRunResponseMetadata = model(
  'StepRunResponseMetadata',
  z.object({
    config: StepConfigurationOutput,
    spec: StepSpecOutput,
    cache_key: orNull(str({ max: 255 })),
    cache_expires_at: orNull(datetime()),
    code_hash: orNull(str({ max: 255 })),
    docstring: orNull(str({ max: 65535 })),
    source_code: orNull(str({ max: 65535 })),
    exception_info: orNull(ExceptionInfo),
    snapshot_id: uuid(),
    pipeline_run_id: uuid(),
    original_step_run_id: orNull(uuid()),
    parent_step_ids: list(uuid()).default([]),
    run_metadata: dict(metadataValue()).default({}),
  }),
);
export type StepRunResponseMetadata = z.infer<typeof StepRunResponseMetadata>;

export const StepRunInputResponse = model(
  'StepRunInputResponse',
  z.object({
    body: orNull(ArtifactVersionResponseBody),
    metadata: orNull(ArtifactVersionResponseMetadata),
    resources: orNull(ArtifactVersionResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    input_type: StepRunInputArtifactType,
    index: orNull(int()),
    chunk_index: orNull(int()),
    chunk_size: orNull(int()),
  }),
);
export type StepRunInputResponse = z.infer<typeof StepRunInputResponse>;

export const StepRunResponseResources = model(
  'StepRunResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    log_collection: orNull(list(LogsResponse)),
    model_version: orNull(ModelVersionResponse),
    inputs: dict(list(StepRunInputResponse)).default({}),
    outputs: dict(list(ArtifactVersionResponse)).default({}),
    resource_request: orNull(ResourceRequestResponse),
  }),
);
export type StepRunResponseResources = z.infer<typeof StepRunResponseResources>;

export const StepRunResponse = model(
  'StepRunResponse',
  z.object({
    body: orNull(StepRunResponseBody),
    metadata: orNull(StepRunResponseMetadata),
    resources: orNull(StepRunResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type StepRunResponse = z.infer<typeof StepRunResponse>;

export const Page_StepRunResponse_ = model('Page_StepRunResponse_', page(StepRunResponse));
export type Page_StepRunResponse_ = z.infer<typeof Page_StepRunResponse_>;

export const StepHeartbeatRequest = model(
  'StepHeartbeatRequest',
  z.object({
    heartbeat_liveness_timeout_seconds: int({ above: 0 }).nullish(),
  }),
);
export type StepHeartbeatRequest = z.infer<typeof StepHeartbeatRequest>;

export const StepHeartbeatResponse = model(
  'StepHeartbeatResponse',
  z.object({
    id: uuid(),
    status: ExecutionStatus,
    latest_heartbeat: datetime(),
    pipeline_run_status: orNull(ExecutionStatus),
    heartbeat_enabled: bool(),
  }),
);
export type StepHeartbeatResponse = z.infer<typeof StepHeartbeatResponse>;

export const StepRunRequest = model(
  'StepRunRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    name: str({ max: 255 }),
    start_time: datetime(),
    end_time: datetime().nullish(),
    status: ExecutionStatus,
    cache_key: str({ max: 255 }).nullish(),
    cache_expires_at: datetime().nullish(),
    code_hash: str({ max: 255 }).nullish(),
    docstring: str({ max: 65535 }).nullish(),
    source_code: str({ max: 65535 }).nullish(),
    pipeline_run_id: uuid(),
    original_step_run_id: uuid().nullish(),
    parent_step_ids: list(uuid()).default([]),
    inputs: dict(list(uuid())).default({}),
    outputs: dict(list(uuid())).default({}),
    logs: either([uuid(), LogsRequest]).nullish(),
    exception_info: ExceptionInfo.nullish(),
    dynamic_config: StepInput.nullish(),
    resource_requester: uuid().nullish(),
    resource_request_runtime: StepRuntime.nullish(),
  }),
);
export type StepRunRequest = z.infer<typeof StepRunRequest>;

export const StepRunUpdate = model(
  'StepRunUpdate',
  z.object({
    outputs: dict(list(uuid())).default({}),
    loaded_artifact_versions: dict(uuid()).default({}),
    status: ExecutionStatus.nullish(),
    end_time: datetime().nullish(),
    exception_info: ExceptionInfo.nullish(),
    cache_expires_at: datetime().nullish(),
    add_logs: list(LogsRequest).nullish(),
  }),
);
export type StepRunUpdate = z.infer<typeof StepRunUpdate>;
