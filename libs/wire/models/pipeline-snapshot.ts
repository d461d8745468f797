import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, dict, either, int, type Link, list, orNull, str, uuid } from '../types.js';
import { CodeReferenceRequest, CodeReferenceResponse } from './code-reference.js';
import { PipelineConfigurationInput, PipelineConfigurationOutput, PipelineSpecInput, PipelineSpecOutput, StepInput, StepOutput } from './configuration.js';
import { CuratedVisualizationResponse } from './curated-visualization.js';
import { DeploymentResponse } from './deployment.js';
import { ExecutionStatus } from './enums.js';
import { PipelineResponse } from './pipeline.js';
import { PipelineBuildResponse } from './pipeline-build.js';
import { ScheduleResponse } from './schedule.js';
import { StackResponse } from './stack.js';
import { TagResponse } from './tag.js';
import { UserResponse } from './user.js';

export const PipelineSnapshotResponseBody = model(
  'PipelineSnapshotResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    runnable: bool(),
    deployable: bool(),
    is_dynamic: bool(),
    pipeline_id: orNull(uuid()),
  }),
);
export type PipelineSnapshotResponseBody = z.infer<typeof PipelineSnapshotResponseBody>;

export const PipelineSnapshotResponseMetadata = model(
  'PipelineSnapshotResponseMetadata',
  z.object({
    description: orNull(str()),
    source_code: orNull(str({ max: 65535 })),
    run_name_template: str(),
    pipeline_configuration: PipelineConfigurationOutput,
    step_configurations: dict(StepOutput).default({}),
    client_environment: anyDict().default({}),
    client_version: str().nullable(),
    server_version: str().nullable(),
    pipeline_version_hash: orNull(str()),
    pipeline_spec: orNull(PipelineSpecOutput),
    code_path: orNull(str()),
    template_id: orNull(uuid()),
    source_snapshot_id: orNull(uuid()),
    config_template: orNull(anyDict()),
    config_schema: orNull(anyDict()),
  }),
);
export type PipelineSnapshotResponseMetadata = z.infer<typeof PipelineSnapshotResponseMetadata>;

export const PipelineSnapshotResponseResources = model(
  'PipelineSnapshotResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    pipeline: PipelineResponse,
    stack: orNull(StackResponse),
    build: orNull(PipelineBuildResponse),
    schedule: orNull(ScheduleResponse),
    code_reference: orNull(CodeReferenceResponse),
    get deployment(): z.ZodDefault<z.ZodNullable<Link>> {
      return orNull(DeploymentResponse);
    },
    tags: list(TagResponse).default([]),
    latest_run_id: orNull(uuid()),
    latest_run_status: orNull(ExecutionStatus),
    latest_run_user: orNull(UserResponse),
    visualizations: list(CuratedVisualizationResponse).default([]),
  }),
);
export type PipelineSnapshotResponseResources = z.infer<typeof PipelineSnapshotResponseResources>;

export const PipelineSnapshotResponse = model(
  'PipelineSnapshotResponse',
  z.object({
    body: orNull(PipelineSnapshotResponseBody),
    metadata: orNull(PipelineSnapshotResponseMetadata),
    resources: orNull(PipelineSnapshotResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: orNull(str({ max: 255 })),
  }),
);
export type PipelineSnapshotResponse = z.infer<typeof PipelineSnapshotResponse>;

export const Page_PipelineSnapshotResponse_ = model('Page_PipelineSnapshotResponse_', page(PipelineSnapshotResponse));
export type Page_PipelineSnapshotResponse_ = z.infer<typeof Page_PipelineSnapshotResponse_>;

export const PipelineSnapshotPruneRequest = model(
  'PipelineSnapshotPruneRequest',
  z.object({
    project: uuid(),
    older_than: datetime(),
    apply: bool().default(false),
  }),
);
export type PipelineSnapshotPruneRequest = z.infer<typeof PipelineSnapshotPruneRequest>;

export const PipelineSnapshotPruneResponse = model(
  'PipelineSnapshotPruneResponse',
  z.object({
    snapshot_count: orNull(int()),
    task_id: orNull(str()),
  }),
);
export type PipelineSnapshotPruneResponse = z.infer<typeof PipelineSnapshotPruneResponse>;

/** A name, or `false` for none; `true` names nothing. */
const snapshotName: z.core.CheckFn<string | boolean | null | undefined> = (payload) => {
  const { value } = payload;
  const message =
    value === true
      ? 'A snapshot cannot be named true'
      : value === ''
        ? 'Snapshot names cannot be empty'
        : typeof value === 'string' && [...value].length > 255
          ? 'Snapshot names have at most 255 characters'
          : null;
  if (message) payload.issues.push({ code: 'custom', message, params: { type: 'value_error' }, input: value });
};

export const PipelineSnapshotRequest = model(
  'PipelineSnapshotRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    run_name_template: str(),
    pipeline_configuration: PipelineConfigurationInput,
    step_configurations: dict(StepInput).default({}),
    client_environment: anyDict().default({}),
    client_version: str().nullish(),
    server_version: str().nullish(),
    pipeline_version_hash: str().nullish(),
    pipeline_spec: PipelineSpecInput.nullish(),
    is_dynamic: bool().default(false),
    name: either([bool(), str()]).nullish().check(snapshotName),
    description: str({ max: 65535 }).nullish(),
    source_code: str({ max: 65535 }).nullish(),
    replace: bool().nullish(),
    tags: list(str()).nullish(),
    stack: uuid(),
    pipeline: uuid(),
    build: uuid().nullish(),
    schedule: uuid().nullish(),
    code_reference: CodeReferenceRequest.nullish(),
    code_path: str().nullish(),
    template: uuid().nullish(),
    source_snapshot: uuid().nullish(),
  }),
);
export type PipelineSnapshotRequest = z.infer<typeof PipelineSnapshotRequest>;

export const PipelineSnapshotUpdate = model(
  'PipelineSnapshotUpdate',
  z.object({
    name: either([bool(), str()]).nullish().check(snapshotName),
    description: str({ max: 65535 }).nullish(),
    replace: bool().nullish(),
    add_tags: list(str()).nullish(),
    remove_tags: list(str()).nullish(),
  }),
);
export type PipelineSnapshotUpdate = z.infer<typeof PipelineSnapshotUpdate>;
