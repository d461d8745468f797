import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, dict, either, int, type Link, list, metadataValue, orNull, rule, str, uuid } from '../types.js';
import { ArtifactVersionResponse } from './artifact-version.js';
import { CodeReferenceResponse } from './code-reference.js';
import { ExceptionInfo } from './common.js';
import { PipelineConfigurationOutput, Tag } from './configuration.js';
import { CuratedVisualizationResponse } from './curated-visualization.js';
import { ExecutionStatus, LogicalOperators } from './enums.js';
import { LogsRequest, LogsResponse } from './logs.js';
import { ModelVersionResponse } from './model-version.js';
import { PipelineResponse } from './pipeline.js';
import { PipelineBuildResponse } from './pipeline-build.js';
import { PipelineSnapshotResponse } from './pipeline-snapshot.js';
import { RunWaitConditionResponse } from './run-wait-condition.js';
import { ScheduleResponse } from './schedule.js';
import { StackResponse } from './stack.js';
import { TagResponse } from './tag.js';
import { PlatformEventTriggerResponse, ScheduleTriggerResponse, TriggerExecutionInfo, WebhookTriggerResponse } from './triggers.js';
import { UserResponse } from './user.js';

export const PipelineRunResponseBody = model(
  'PipelineRunResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    status: ExecutionStatus,
    in_progress: bool(),
    status_reason: orNull(str()),
    index: int(),
    pipeline_id: orNull(uuid()),
    child_key: orNull(str({ max: 255 })),
    root_run_id: orNull(uuid()),
  }),
);
export type PipelineRunResponseBody = z.infer<typeof PipelineRunResponseBody>;

export const PipelineRunTriggerInfo = model(
  'PipelineRunTriggerInfo',
  z.object({
    step_run_id: uuid().nullish(),
    deployment_id: uuid().nullish(),
  }),
);
export type PipelineRunTriggerInfo = z.infer<typeof PipelineRunTriggerInfo>;

export const PipelineRunResponseMetadata = model(
  'PipelineRunResponseMetadata',
  z.object({
    run_metadata: dict(metadataValue()).default({}),
    config: PipelineConfigurationOutput,
    start_time: orNull(datetime()),
    end_time: orNull(datetime()),
    client_environment: anyDict().default({}),
    orchestrator_environment: anyDict().default({}),
    orchestrator_run_id: orNull(str({ max: 255 })),
    code_path: orNull(str()),
    template_id: orNull(uuid()),
    is_templatable: bool().default(false),
    trigger_info: orNull(PipelineRunTriggerInfo),
    enable_heartbeat: bool(),
    exception_info: orNull(ExceptionInfo),
    get trigger_execution_info() {
      return orNull(TriggerExecutionInfo);
    },
  }),
);
export type PipelineRunResponseMetadata = z.infer<typeof PipelineRunResponseMetadata>;

export const PipelineRunResponseResources = model(
  'PipelineRunResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    snapshot: orNull(PipelineSnapshotResponse),
    source_snapshot: orNull(PipelineSnapshotResponse),
    stack: orNull(StackResponse),
    pipeline: orNull(PipelineResponse),
    build: orNull(PipelineBuildResponse),
    schedule: orNull(ScheduleResponse),
    code_reference: orNull(CodeReferenceResponse),
    get model_version(): z.ZodDefault<z.ZodNullable<Link>> {
      return orNull(ModelVersionResponse);
    },
    tags: list(TagResponse),
    log_collection: orNull(list(LogsResponse)),
    visualizations: list(CuratedVisualizationResponse).default([]),
    get trigger(): z.ZodDefault<z.ZodNullable<z.ZodUnion<readonly [Link, Link, Link]>>> {
      return orNull(either([ScheduleTriggerResponse, PlatformEventTriggerResponse, WebhookTriggerResponse]));
    },
    get original_run(): z.ZodDefault<z.ZodNullable<Link>> {
      return orNull(PipelineRunResponse);
    },
    get parent_run(): z.ZodDefault<z.ZodNullable<Link>> {
      return orNull(PipelineRunResponse);
    },
    get active_wait_condition(): z.ZodDefault<z.ZodNullable<Link>> {
      return orNull(RunWaitConditionResponse);
    },
    outputs: dict(ArtifactVersionResponse).default({}),
  }),
);
export type PipelineRunResponseResources = z.infer<typeof PipelineRunResponseResources>;

export const PipelineRunResponse = model(
  'PipelineRunResponse',
  z.object({
    body: orNull(PipelineRunResponseBody),
    metadata: orNull(PipelineRunResponseMetadata),
    resources: orNull(PipelineRunResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type PipelineRunResponse = z.infer<typeof PipelineRunResponse>;

export const Page_PipelineRunResponse_ = model('Page_PipelineRunResponse_', page(PipelineRunResponse));
export type Page_PipelineRunResponse_ = z.infer<typeof Page_PipelineRunResponse_>;

export const PipelineRunFilter = model(
  'PipelineRunFilter',
  z.object({
    sort_by: str().default('created'),
    logical_operator: LogicalOperators.default('and'),
    page: int({ min: 1 }).default(1),
    size: int({ min: 1, max: 10000 }).default(20),
    id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    created: either([datetime(), str(), list(either([datetime(), str()]))]).nullish(),
    updated: either([datetime(), str(), list(either([datetime(), str()]))]).nullish(),
    run_metadata: either([str(), list(str())]).nullish(),
    tags: either([str(), list(str())]).nullish(),
    scope_user: uuid().nullish(),
    user: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    project: either([uuid(), str()]).nullish(),
    name: either([str(), list(str())]).nullish(),
    index: either([int(), str(), list(either([int(), str()]))]).nullish(),
    orchestrator_run_id: either([str(), list(str())]).nullish(),
    pipeline_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    stack_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    schedule_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    build_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    snapshot_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    code_repository_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    template_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    source_snapshot_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    model_version_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    linked_to_model_version_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    status: either([str(), list(str())]).nullish(),
    in_progress: bool().nullish(),
    start_time: either([datetime(), str(), list(either([datetime(), str()]))]).nullish(),
    end_time: either([datetime(), str(), list(either([datetime(), str()]))]).nullish(),
    pipeline_name: either([str(), list(str())]).nullish(),
    pipeline: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    stack: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    code_repository: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    model: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    stack_component: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    templatable: bool().nullish(),
    triggered_by_step_run_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    triggered_by_deployment_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    trigger_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    parent_run_id: either([uuid(), str(), list(either([uuid(), str()]))]).nullish(),
    root_runs_only: bool().nullish(),
  }),
);
export type PipelineRunFilter = z.infer<typeof PipelineRunFilter>;

export const PipelineRunRequest = model(
  'PipelineRunRequest',
  z
    .object({
      user: uuid().nullish(),
      project: uuid(),
      name: str({ max: 255 }),
      snapshot: uuid(),
      orchestrator_run_id: str({ max: 255 }).nullish(),
      start_time: datetime().nullish(),
      end_time: datetime().nullish(),
      status: ExecutionStatus,
      status_reason: str({ max: 255 }).nullish(),
      orchestrator_environment: anyDict().default({}),
      trigger_info: PipelineRunTriggerInfo.nullish(),
      tags: list(either([str(), Tag])).nullish(),
      logs: either([uuid(), LogsRequest]).nullish(),
      exception_info: ExceptionInfo.nullish(),
      original_run_id: uuid().nullish(),
      parent_run_id: uuid().nullish(),
      child_key: str({ max: 255 }).nullish(),
    })
    .check(
      rule(({ status }) => status === 'initializing' || status === 'running', 'A run starts as initializing or running'),
      rule(({ parent_run_id, child_key }) => (parent_run_id == null) === (child_key == null), 'parent_run_id and child_key go together'),
    ),
);
export type PipelineRunRequest = z.infer<typeof PipelineRunRequest>;

export const PipelineRunUpdate = model(
  'PipelineRunUpdate',
  z.object({
    status: ExecutionStatus.nullish(),
    status_reason: str({ max: 255 }).nullish(),
    orchestrator_run_id: str().nullish(),
    exception_info: ExceptionInfo.nullish(),
    outputs: dict(uuid()).nullish(),
    add_tags: list(str()).nullish(),
    remove_tags: list(str()).nullish(),
    add_logs: list(LogsRequest).nullish(),
  }),
);
export type PipelineRunUpdate = z.infer<typeof PipelineRunUpdate>;
