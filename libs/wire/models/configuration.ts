import { z } from 'zod';
import { asGiven, before } from '../before.js';
import { model } from '../registry.js';
import { anyDict, anyList, bool, datetime, dict, duration, either, int, json, list, metadataValue, openObject, orNull, str, textSet, uuid } from '../types.js';
import { ArtifactType, ColorVariants, ExecutionMode, GroupType, ModelStages, SourceKind, StepRuntime, StepType } from './enums.js';

export const ArtifactConfig = model(
  'ArtifactConfig',
  z.object({
    name: str().nullish(),
    version: either([str(), int()]).nullish(),
    tags: list(str()).nullish(),
    run_metadata: dict(metadataValue()).nullish(),
    artifact_type: ArtifactType.nullish(),
  }),
);
export type ArtifactConfig = z.infer<typeof ArtifactConfig>;

/** Import paths such as `my.module.function` stand for sources; a version after an `@` is a leftover of early releases. */
function sourceOfPath(value: unknown): unknown {
  if (typeof value !== 'string' || value === '') return value;
  const path = value.split('@', 1)[0] as string;
  const dot = path.lastIndexOf('.');
  return dot < 0 ? { module: path, type: 'unknown' } : { module: path.slice(0, dot), attribute: path.slice(dot + 1), type: 'unknown' };
}

export const Source = model(
  'Source',
  before(
    openObject({
      module: str(),
      attribute: str().nullish(),
      type: SourceKind,
    }),
    sourceOfPath,
  ),
);
export type Source = z.infer<typeof Source>;

/** One source stands for a list of it. */
function listOfOne(value: unknown): unknown {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value)) ? [value] : value;
}

export const ArtifactConfigurationInput = model(
  'ArtifactConfiguration-Input',
  z.object({
    materializer_source: before(list(Source), listOfOne),
    default_materializer_source: Source.nullish(),
    artifact_config: ArtifactConfig.nullish(),
  }),
);
export type ArtifactConfigurationInput = z.infer<typeof ArtifactConfigurationInput>;

export const ArtifactConfigurationOutput = model(
  'ArtifactConfiguration-Output',
  z.object({
    materializer_source: list(Source),
    default_materializer_source: orNull(Source),
    artifact_config: orNull(ArtifactConfig),
  }),
);
export type ArtifactConfigurationOutput = z.infer<typeof ArtifactConfigurationOutput>;

export const BaseSettings = model('BaseSettings', openObject({}));
export type BaseSettings = z.infer<typeof BaseSettings>;

export const BuildItem = model(
  'BuildItem',
  z.object({
    image: str(),
    dockerfile: str().nullish(),
    requirements: str().nullish(),
    settings_checksum: str().nullish(),
    contains_code: bool().default(true),
    requires_code_download: bool().default(false),
  }),
);
export type BuildItem = z.infer<typeof BuildItem>;

export const CachePolicyInput = model(
  'CachePolicy-Input',
  before(
    z.object({
      include_step_code: bool().default(true),
      include_step_parameters: bool().default(true),
      include_artifact_values: bool().default(true),
      include_artifact_ids: bool().default(true),
      ignored_inputs: list(str()).nullish(),
      file_dependencies: list(str()).nullish(),
      source_dependencies: list(Source).nullish(),
      cache_func: Source.nullish(),
      expires_after: int().nullish(),
    }),
    (value) => (typeof value === 'string' && value.toLowerCase() === 'default' ? {} : value),
  ),
);
export type CachePolicyInput = z.infer<typeof CachePolicyInput>;

export const CachePolicyOutput = model(
  'CachePolicy-Output',
  z.object({
    include_step_code: bool().default(true),
    include_step_parameters: bool().default(true),
    include_artifact_values: bool().default(true),
    include_artifact_ids: bool().default(true),
    ignored_inputs: orNull(list(str())),
    file_dependencies: orNull(list(str())),
    source_dependencies: orNull(list(Source)),
    cache_func: orNull(Source),
    expires_after: orNull(int()),
  }),
);
export type CachePolicyOutput = z.infer<typeof CachePolicyOutput>;

export const CallStep = model(
  '_CallStep',
  z.object({
    attribute_name: str().nullish(),
    is_call: bool().default(false),
    call_args: anyList().default([]),
    call_kwargs: anyDict().default({}),
    selector: json().nullish(),
  }),
);
export type CallStep = z.infer<typeof CallStep>;

export const ClientLazyLoader = model(
  'ClientLazyLoader',
  z.object({
    method_name: str(),
    call_chain: list(CallStep).default([]),
    exclude_next_call: bool().default(false),
  }),
);
export type ClientLazyLoader = z.infer<typeof ClientLazyLoader>;

export const ExternalArtifactConfiguration = model(
  'ExternalArtifactConfiguration',
  z.object({
    id: uuid().nullish(),
  }),
);
export type ExternalArtifactConfiguration = z.infer<typeof ExternalArtifactConfiguration>;

export const GroupInfo = model(
  'GroupInfo',
  z.object({
    id: str(),
    name: str().nullish(),
    type: GroupType.default('manual'),
  }),
);
export type GroupInfo = z.infer<typeof GroupInfo>;

export const InputSpec = model(
  'InputSpec',
  z.object({
    step_name: str(),
    output_name: str(),
    chunk_index: int().nullish(),
    chunk_size: int().nullish(),
  }),
);
export type InputSpec = z.infer<typeof InputSpec>;

/**
 * The version's id is what a server adds; only who also says that the value was validated before may send one. Every validated value says so.
 */
const ownModelVersion: z.core.CheckFn<Record<string, unknown>> = (payload) => {
  const { model_version_id, suppress_class_validation_warnings } = payload.value;
  if (model_version_id && !suppress_class_validation_warnings)
    payload.issues.push({ code: 'custom', message: 'model_version_id is set by the server', params: { type: 'value_error' }, input: payload.value });
  payload.value.suppress_class_validation_warnings = true;
};

export const Model = model(
  'Model',
  z
    .object({
      name: str(),
      license: str().nullish(),
      description: str().nullish(),
      audience: str().nullish(),
      use_cases: str().nullish(),
      limitations: str().nullish(),
      trade_offs: str().nullish(),
      ethics: str().nullish(),
      tags: list(str()).nullish(),
      version: either([ModelStages, int(), str()]).nullish(),
      save_models_to_registry: bool().default(true),
      model_version_id: uuid().nullish(),
      suppress_class_validation_warnings: bool().default(false),
    })
    .check(ownModelVersion as never), // the check's type is wider than the object's, which zod takes as another one
);
export type Model = z.infer<typeof Model>;

export const ModelVersionDataLazyLoader = model(
  'ModelVersionDataLazyLoader',
  z.object({
    model_name: str(),
    model_version: str().nullish(),
    artifact_name: str().nullish(),
    artifact_version: str().nullish(),
    metadata_name: str().nullish(),
  }),
);
export type ModelVersionDataLazyLoader = z.infer<typeof ModelVersionDataLazyLoader>;

export const OutputSpec = model(
  'OutputSpec',
  z.object({
    step_name: str(),
    output_name: str(),
  }),
);
export type OutputSpec = z.infer<typeof OutputSpec>;

export const PartialArtifactConfiguration = model(
  'PartialArtifactConfiguration',
  z.object({
    materializer_source: before(list(Source), listOfOne).nullish(),
    default_materializer_source: Source.nullish(),
    artifact_config: ArtifactConfig.nullish(),
  }),
);
export type PartialArtifactConfiguration = z.infer<typeof PartialArtifactConfiguration>;

export const PipelineBuildBase = model(
  'PipelineBuildBase',
  z.object({
    images: dict(BuildItem).default({}),
    is_local: bool(),
    contains_code: bool(),
    zenml_version: str().nullish(),
    python_version: str().nullish(),
    duration: int().nullish(),
  }),
);
export type PipelineBuildBase = z.infer<typeof PipelineBuildBase>;

export const Tag = model(
  'Tag',
  z.object({
    name: str(),
    color: ColorVariants.nullish(),
    exclusive: bool().nullish(),
    cascade: bool().nullish(),
  }),
);
export type Tag = z.infer<typeof Tag>;

export const StepRetryConfig = model(
  'StepRetryConfig',
  z.object({
    max_retries: int({ above: 0 }).default(1),
    delay: int({ min: 0 }).default(0),
    backoff: int({ min: 0 }).default(0),
  }),
);
export type StepRetryConfig = z.infer<typeof StepRetryConfig>;

export const PipelineConfigurationInput = model(
  'PipelineConfiguration-Input',
  z.object({
    enable_cache: bool().nullish(),
    enable_artifact_metadata: bool().nullish(),
    enable_artifact_visualization: bool().nullish(),
    enable_step_logs: bool().nullish(),
    enable_heartbeat: bool().nullish(),
    environment: anyDict().default({}),
    secrets: list(either([uuid(), str()])).default([]),
    enable_pipeline_logs: bool().nullish(),
    execution_mode: ExecutionMode.default('continue_on_failure'),
    settings: dict(BaseSettings).default({}),
    tags: list(either([str(), Tag])).nullish(),
    extra: anyDict().default({}),
    failure_hook_source: Source.nullish(),
    success_hook_source: Source.nullish(),
    start_hook_source: Source.nullish(),
    end_hook_source: Source.nullish(),
    pause_hook_source: Source.nullish(),
    resume_hook_source: Source.nullish(),
    init_hook_source: Source.nullish(),
    init_hook_kwargs: anyDict().nullish(),
    cleanup_hook_source: Source.nullish(),
    model: Model.nullish(),
    parameters: anyDict().nullish(),
    retry: StepRetryConfig.nullish(),
    substitutions: dict(str()).default({}),
    cache_policy: CachePolicyInput.nullish(),
    name: str(),
    steps_to_skip: textSet().default([]),
    skip_successful_steps: bool().default(false),
    step_input_overrides: dict(dict(uuid())).default({}),
    step_default_input_overrides: dict(dict(uuid())).default({}),
  }),
);
export type PipelineConfigurationInput = z.infer<typeof PipelineConfigurationInput>;

export const PipelineConfigurationOutput = model(
  'PipelineConfiguration-Output',
  z.object({
    enable_cache: orNull(bool()),
    enable_artifact_metadata: orNull(bool()),
    enable_artifact_visualization: orNull(bool()),
    enable_step_logs: orNull(bool()),
    enable_heartbeat: orNull(bool()),
    environment: anyDict().default({}),
    secrets: list(either([uuid(), str()])).default([]),
    enable_pipeline_logs: orNull(bool()),
    execution_mode: ExecutionMode.default('continue_on_failure'),
    settings: dict(BaseSettings).default({}),
    tags: orNull(list(either([str(), Tag]))),
    extra: anyDict().default({}),
    failure_hook_source: orNull(json()),
    success_hook_source: orNull(json()),
    start_hook_source: orNull(json()),
    end_hook_source: orNull(json()),
    pause_hook_source: orNull(json()),
    resume_hook_source: orNull(json()),
    init_hook_source: orNull(json()),
    init_hook_kwargs: orNull(anyDict()),
    cleanup_hook_source: orNull(json()),
    model: orNull(Model),
    parameters: orNull(anyDict()),
    retry: orNull(StepRetryConfig),
    substitutions: dict(str()).default({}),
    cache_policy: orNull(CachePolicyOutput),
    name: str(),
    steps_to_skip: textSet().default([]),
    skip_successful_steps: bool().default(false),
    step_input_overrides: dict(dict(uuid())).default({}),
    step_default_input_overrides: dict(dict(uuid())).default({}),
  }),
);
export type PipelineConfigurationOutput = z.infer<typeof PipelineConfigurationOutput>;

/** A schedule says when in one of three ways. */
const saysWhen: z.core.CheckFn<Record<string, unknown>> = (payload) => {
  const { cron_expression, start_time, interval_second, run_once_start_time } = payload.value;
  if (!cron_expression && !(start_time && interval_second) && !run_once_start_time)
    payload.issues.push({
      code: 'custom',
      message: 'A schedule needs a cron_expression, a start_time and interval_second, or a run_once_start_time',
      params: { type: 'value_error' },
      input: payload.value,
    });
};

export const Schedule = model(
  'Schedule',
  z
    .object({
      name: str().nullish(),
      cron_expression: str().nullish(),
      start_time: datetime().nullish(),
      end_time: datetime().nullish(),
      interval_second: duration().nullish(),
      catchup: bool().default(false),
      run_once_start_time: datetime().nullish(),
    })
    .check(saysWhen as never), // as for models
);
export type Schedule = z.infer<typeof Schedule>;

export const StepConfigurationUpdate = model(
  'StepConfigurationUpdate',
  z.object({
    enable_cache: bool().nullish(),
    enable_artifact_metadata: bool().nullish(),
    enable_artifact_visualization: bool().nullish(),
    enable_step_logs: bool().nullish(),
    step_operator: either([bool(), str()]).nullish(),
    experiment_tracker: either([bool(), str()]).nullish(),
    parameters: anyDict().nullish(),
    settings: dict(BaseSettings).nullish(),
    environment: dict(str()).nullish(),
    secrets: list(either([uuid(), str()])).nullish(),
    extra: anyDict().nullish(),
    failure_hook_source: Source.nullish(),
    success_hook_source: Source.nullish(),
    start_hook_source: Source.nullish(),
    end_hook_source: Source.nullish(),
    model: asGiven(Model.nullish()),
    retry: asGiven(StepRetryConfig.nullish()),
    substitutions: dict(str()).nullish(),
    cache_policy: asGiven(CachePolicyInput.nullish()),
    runtime: StepRuntime.nullish(),
    heartbeat_healthy_threshold: int({ min: 10, max: 60 }).optional(),
    group: asGiven(GroupInfo.nullish()),
    outputs: dict(PartialArtifactConfiguration).optional(),
  }),
);
export type StepConfigurationUpdate = z.infer<typeof StepConfigurationUpdate>;

export const PipelineRunConfiguration = model(
  'PipelineRunConfiguration',
  z.object({
    run_name: str().nullish(),
    enable_cache: bool().nullish(),
    enable_artifact_metadata: bool().nullish(),
    enable_artifact_visualization: bool().nullish(),
    enable_step_logs: bool().nullish(),
    enable_pipeline_logs: bool().nullish(),
    enable_heartbeat: bool().nullish(),
    schedule: Schedule.nullish(),
    build: either([PipelineBuildBase, uuid()]).nullish(),
    steps: dict(StepConfigurationUpdate).nullish(),
    settings: dict(BaseSettings).nullish(),
    environment: anyDict().nullish(),
    secrets: list(either([uuid(), str()])).nullish(),
    tags: list(either([str(), Tag])).nullish(),
    extra: anyDict().nullish(),
    model: asGiven(Model.nullish()),
    parameters: anyDict().nullish(),
    retry: asGiven(StepRetryConfig.nullish()),
    init_hook_source: Source.nullish(),
    init_hook_kwargs: anyDict().nullish(),
    cleanup_hook_source: Source.nullish(),
    failure_hook_source: Source.nullish(),
    success_hook_source: Source.nullish(),
    start_hook_source: Source.nullish(),
    end_hook_source: Source.nullish(),
    pause_hook_source: Source.nullish(),
    resume_hook_source: Source.nullish(),
    substitutions: dict(str()).nullish(),
    cache_policy: asGiven(CachePolicyInput.nullish()),
    execution_mode: ExecutionMode.nullish(),
  }),
);
export type PipelineRunConfiguration = z.infer<typeof PipelineRunConfiguration>;

/** Early clients named a step's place in the pipeline otherwise. */
function withInvocationId(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'invocation_id' in value) return value;
  return { ...value, invocation_id: (value as { pipeline_parameter_name?: unknown }).pipeline_parameter_name ?? '' };
}

export const StepSpecInput = model(
  'StepSpec-Input',
  before(
    z.object({
      source: Source,
      upstream_steps: list(str()),
      inputs: dict(either([InputSpec, list(InputSpec)])).default({}),
      invocation_id: str(),
      enable_heartbeat: bool().default(false),
      parameter_spec: anyDict().nullish(),
    }),
    withInvocationId,
  ),
);
export type StepSpecInput = z.infer<typeof StepSpecInput>;

export const PipelineSpecInput = model(
  'PipelineSpec-Input',
  z.object({
    version: str().default('0.5'),
    source: Source.nullish(),
    parameters: anyDict().default({}),
    input_schema: anyDict().nullish(),
    steps: list(StepSpecInput),
    outputs: list(OutputSpec).default([]),
    output_schema: anyDict().nullish(),
  }),
);
export type PipelineSpecInput = z.infer<typeof PipelineSpecInput>;

export const StepSpecOutput = model(
  'StepSpec-Output',
  z.object({
    source: Source,
    upstream_steps: list(str()),
    inputs: dict(either([InputSpec, list(InputSpec)])).default({}),
    invocation_id: str(),
    enable_heartbeat: bool().default(false),
    parameter_spec: orNull(anyDict()),
  }),
);
export type StepSpecOutput = z.infer<typeof StepSpecOutput>;

export const PipelineSpecOutput = model(
  'PipelineSpec-Output',
  z.object({
    version: str().default('0.5'),
    source: orNull(Source),
    parameters: anyDict().default({}),
    input_schema: orNull(anyDict()),
    steps: list(StepSpecOutput),
    outputs: list(OutputSpec).default([]),
    output_schema: orNull(anyDict()),
  }),
);
export type PipelineSpecOutput = z.infer<typeof PipelineSpecOutput>;

export const StepConfigurationInput = model(
  'StepConfiguration-Input',
  z.object({
    enable_cache: bool().nullish(),
    enable_artifact_metadata: bool().nullish(),
    enable_artifact_visualization: bool().nullish(),
    enable_step_logs: bool().nullish(),
    step_operator: either([bool(), str()]).nullish(),
    experiment_tracker: either([bool(), str()]).nullish(),
    parameters: anyDict().default({}),
    settings: dict(BaseSettings).default({}),
    environment: dict(str()).default({}),
    secrets: list(either([uuid(), str()])).default([]),
    extra: anyDict().default({}),
    failure_hook_source: Source.nullish(),
    success_hook_source: Source.nullish(),
    start_hook_source: Source.nullish(),
    end_hook_source: Source.nullish(),
    model: Model.nullish(),
    retry: StepRetryConfig.nullish(),
    substitutions: dict(str()).default({}),
    cache_policy: CachePolicyInput.prefault({
      include_step_code: true,
      include_step_parameters: true,
      include_artifact_values: true,
      include_artifact_ids: true,
    }),
    runtime: StepRuntime.nullish(),
    heartbeat_healthy_threshold: int({ min: 10, max: 60 }).default(30),
    group: GroupInfo.nullish(),
    outputs: dict(ArtifactConfigurationInput).default({}),
    name: str(),
    step_type: StepType.nullish(),
    template: str().nullish(),
    caching_parameters: anyDict().default({}),
    external_input_artifacts: dict(ExternalArtifactConfiguration).default({}),
    model_artifacts_or_metadata: dict(ModelVersionDataLazyLoader).default({}),
    client_lazy_loaders: dict(ClientLazyLoader).default({}),
    command: list(str()).nullish(),
  }),
);
export type StepConfigurationInput = z.infer<typeof StepConfigurationInput>;

/** Clients before overrides were told apart send only the merged configuration. */
function withOverrides(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'step_config_overrides' in value) return value;
  return { ...value, step_config_overrides: (value as { config?: unknown }).config };
}

export const StepInput = model(
  'Step-Input',
  before(
    z.object({
      spec: StepSpecInput,
      config: StepConfigurationInput,
      step_config_overrides: StepConfigurationInput,
    }),
    withOverrides,
  ),
);
export type StepInput = z.infer<typeof StepInput>;

export const StepConfigurationOutput = model(
  'StepConfiguration-Output',
  z.object({
    enable_cache: orNull(bool()),
    enable_artifact_metadata: orNull(bool()),
    enable_artifact_visualization: orNull(bool()),
    enable_step_logs: orNull(bool()),
    step_operator: orNull(either([bool(), str()])),
    experiment_tracker: orNull(either([bool(), str()])),
    parameters: anyDict().default({}),
    settings: dict(BaseSettings).default({}),
    environment: dict(str()).default({}),
    secrets: list(either([uuid(), str()])).default([]),
    extra: anyDict().default({}),
    failure_hook_source: orNull(json()),
    success_hook_source: orNull(json()),
    start_hook_source: orNull(json()),
    end_hook_source: orNull(json()),
    model: orNull(Model),
    retry: orNull(StepRetryConfig),
    substitutions: dict(str()).default({}),
    cache_policy: CachePolicyOutput.prefault({
      include_step_code: true,
      include_step_parameters: true,
      include_artifact_values: true,
      include_artifact_ids: true,
    }),
    runtime: orNull(StepRuntime),
    heartbeat_healthy_threshold: int({ min: 10, max: 60 }).default(30),
    group: orNull(GroupInfo),
    outputs: dict(ArtifactConfigurationOutput).default({}),
    name: str(),
    step_type: orNull(StepType),
    template: orNull(str()),
    caching_parameters: anyDict().default({}),
    external_input_artifacts: dict(ExternalArtifactConfiguration).default({}),
    model_artifacts_or_metadata: dict(ModelVersionDataLazyLoader).default({}),
    client_lazy_loaders: dict(ClientLazyLoader).default({}),
    command: orNull(list(str())),
  }),
);
export type StepConfigurationOutput = z.infer<typeof StepConfigurationOutput>;

export const StepOutput = model(
  'Step-Output',
  z.object({
    spec: StepSpecOutput,
    config: StepConfigurationOutput,
    step_config_overrides: StepConfigurationOutput,
  }),
);
export type StepOutput = z.infer<typeof StepOutput>;
