import { z } from 'zod';
import { model } from '../registry.js';
import { enumOf } from '../types.js';

export const APITokenType = model('APITokenType', enumOf(['generic', 'workload']));
export type APITokenType = z.infer<typeof APITokenType>;

export const ArtifactSaveType = model('ArtifactSaveType', enumOf(['step_output', 'manual', 'preexisting', 'external']));
export type ArtifactSaveType = z.infer<typeof ArtifactSaveType>;

export const ArtifactType = model(
  'ArtifactType',
  enumOf(['DataAnalysisArtifact', 'DataArtifact', 'ModelArtifact', 'SchemaArtifact', 'ServiceArtifact', 'StatisticsArtifact', 'BaseArtifact']),
);
export type ArtifactType = z.infer<typeof ArtifactType>;

export const AuthScheme = model('AuthScheme', enumOf(['NO_AUTH', 'HTTP_BASIC', 'OAUTH2_PASSWORD_BEARER', 'EXTERNAL']));
export type AuthScheme = z.infer<typeof AuthScheme>;

export const ColorVariants = model(
  'ColorVariants',
  enumOf(['grey', 'purple', 'red', 'green', 'yellow', 'orange', 'lime', 'teal', 'turquoise', 'magenta', 'blue']),
);
export type ColorVariants = z.infer<typeof ColorVariants>;

export const CuratedVisualizationSize = model('CuratedVisualizationSize', enumOf(['full_width', 'half_width']));
export type CuratedVisualizationSize = z.infer<typeof CuratedVisualizationSize>;

export const DeploymentStatus = model('DeploymentStatus', enumOf(['unknown', 'pending', 'running', 'absent', 'error']));
export type DeploymentStatus = z.infer<typeof DeploymentStatus>;

export const ExecutionMode = model('ExecutionMode', enumOf(['fail_fast', 'stop_on_failure', 'continue_on_failure']));
export type ExecutionMode = z.infer<typeof ExecutionMode>;

export const ExecutionStatus = model(
  'ExecutionStatus',
  enumOf([
    'initializing',
    'provisioning',
    'queued',
    'running',
    'failed',
    'completed',
    'cached',
    'skipped',
    'retrying',
    'retried',
    'cancelling',
    'cancelled',
    'paused',
    'resuming',
    'stopped',
    'stopping',
  ]),
);
export type ExecutionStatus = z.infer<typeof ExecutionStatus>;

export const GroupType = model('GroupType', enumOf(['manual', 'map']));
export type GroupType = z.infer<typeof GroupType>;

export const HookType = model(
  'HookType',
  enumOf(['run_start', 'run_success', 'run_failure', 'run_end', 'run_pause', 'run_resume', 'step_start', 'step_end', 'step_success', 'step_failure', 'custom']),
);
export type HookType = z.infer<typeof HookType>;

export const LoggingLevels = model('LoggingLevels', z.literal([0, 40, 30, 30, 20, 10, 50]));
export type LoggingLevels = z.infer<typeof LoggingLevels>;

export const LogicalOperators = model('LogicalOperators', enumOf(['or', 'and']));
export type LogicalOperators = z.infer<typeof LogicalOperators>;

export const MetadataResourceTypes = model(
  'MetadataResourceTypes',
  enumOf(['pipeline_run', 'step_run', 'artifact_version', 'model_version', 'schedule', 'wait_condition']),
);
export type MetadataResourceTypes = z.infer<typeof MetadataResourceTypes>;

export const MetadataTypeEnum = model(
  'MetadataTypeEnum',
  enumOf(['str', 'int', 'float', 'bool', 'list', 'dict', 'tuple', 'set', 'Uri', 'Path', 'DType', 'StorageSize']),
);
export type MetadataTypeEnum = z.infer<typeof MetadataTypeEnum>;

export const ModelStages = model('ModelStages', enumOf(['none', 'staging', 'production', 'archived', 'latest']));
export type ModelStages = z.infer<typeof ModelStages>;

export const OAuthDeviceStatus = model('OAuthDeviceStatus', enumOf(['pending', 'verified', 'active', 'locked']));
export type OAuthDeviceStatus = z.infer<typeof OAuthDeviceStatus>;

export const ResourcePoolScope = model('ResourcePoolScope', enumOf(['global', 'organization', 'workspace']));
export type ResourcePoolScope = z.infer<typeof ResourcePoolScope>;

export const ResourceRequestReclaimTolerance = model('ResourceRequestReclaimTolerance', enumOf(['none', 'coordinated', 'any']));
export type ResourceRequestReclaimTolerance = z.infer<typeof ResourceRequestReclaimTolerance>;

export const ResourceRequestRuntimeState = model('ResourceRequestRuntimeState', enumOf(['unknown', 'pending', 'submitted', 'running', 'idle']));
export type ResourceRequestRuntimeState = z.infer<typeof ResourceRequestRuntimeState>;

export const ResourceRequestStatus = model(
  'ResourceRequestStatus',
  enumOf(['pending', 'allocated', 'preempting', 'preempted', 'cancelled', 'rejected', 'released', 'expired', 'no_matching_pool']),
);
export type ResourceRequestStatus = z.infer<typeof ResourceRequestStatus>;

export const RunWaitConditionLeaseMode = model('RunWaitConditionLeaseMode', enumOf(['refresh', 'finalize', 'abandon']));
export type RunWaitConditionLeaseMode = z.infer<typeof RunWaitConditionLeaseMode>;

export const RunWaitConditionResolution = model('RunWaitConditionResolution', enumOf(['continue', 'abort']));
export type RunWaitConditionResolution = z.infer<typeof RunWaitConditionResolution>;

export const RunWaitConditionStatus = model('RunWaitConditionStatus', enumOf(['pending', 'resolved']));
export type RunWaitConditionStatus = z.infer<typeof RunWaitConditionStatus>;

export const RunWaitConditionType = model('RunWaitConditionType', enumOf(['external_input']));
export type RunWaitConditionType = z.infer<typeof RunWaitConditionType>;

export const SecretsStoreType = model('SecretsStoreType', enumOf(['none', 'sql', 'aws', 'gcp', 'azure', 'hashicorp', 'custom']));
export type SecretsStoreType = z.infer<typeof SecretsStoreType>;

export const ServerDatabaseType = model('ServerDatabaseType', enumOf(['sqlite', 'mysql', 'other']));
export type ServerDatabaseType = z.infer<typeof ServerDatabaseType>;

export const ServerDeploymentType = model(
  'ServerDeploymentType',
  enumOf(['local', 'docker', 'kubernetes', 'aws', 'gcp', 'azure', 'alpha', 'other', 'hf_spaces', 'sandbox', 'cloud']),
);
export type ServerDeploymentType = z.infer<typeof ServerDeploymentType>;

export const ServiceState = model('ServiceState', enumOf(['inactive', 'active', 'pending_startup', 'pending_shutdown', 'error', 'scaled_to_zero']));
export type ServiceState = z.infer<typeof ServiceState>;

export const StackComponentType = model(
  'StackComponentType',
  enumOf([
    'alerter',
    'annotator',
    'artifact_store',
    'container_registry',
    'data_validator',
    'experiment_tracker',
    'feature_store',
    'image_builder',
    'log_store',
    'model_deployer',
    'orchestrator',
    'step_operator',
    'model_registry',
    'deployer',
    'sandbox',
  ]),
);
export type StackComponentType = z.infer<typeof StackComponentType>;

export const StackDeploymentProvider = model('StackDeploymentProvider', enumOf(['aws', 'gcp', 'azure']));
export type StackDeploymentProvider = z.infer<typeof StackDeploymentProvider>;

export const StatisticsAggregation = model('StatisticsAggregation', enumOf(['avg', 'sum', 'min', 'max']));
export type StatisticsAggregation = z.infer<typeof StatisticsAggregation>;

export const StatisticsTimeGranularity = model('StatisticsTimeGranularity', enumOf(['hour', 'day', 'week', 'month']));
export type StatisticsTimeGranularity = z.infer<typeof StatisticsTimeGranularity>;

export const StepRunInputArtifactType = model('StepRunInputArtifactType', enumOf(['step_output', 'manual', 'external', 'lazy', 'override']));
export type StepRunInputArtifactType = z.infer<typeof StepRunInputArtifactType>;

export const StepRuntime = model('StepRuntime', enumOf(['inline', 'isolated']));
export type StepRuntime = z.infer<typeof StepRuntime>;

export const StepType = model('StepType', enumOf(['tool_call', 'llm_call', 'memory_call']));
export type StepType = z.infer<typeof StepType>;

export const TaggableResourceTypes = model(
  'TaggableResourceTypes',
  enumOf(['artifact', 'artifact_version', 'model', 'model_version', 'pipeline', 'pipeline_run', 'run_template', 'pipeline_snapshot', 'deployment']),
);
export type TaggableResourceTypes = z.infer<typeof TaggableResourceTypes>;

export const TriggerDispatchErrorSeverity = model('TriggerDispatchErrorSeverity', enumOf(['Minor', 'Major', 'Critical']));
export type TriggerDispatchErrorSeverity = z.infer<typeof TriggerDispatchErrorSeverity>;

export const TriggerDispatchStatusCode = model(
  'TriggerDispatchStatusCode',
  enumOf(['SUCCESS', 'SKIPPED_CONCURRENCY', 'SKIPPED_MAX_RUNS', 'SKIPPED_TRIGGER_CYCLE', 'ERROR']),
);
export type TriggerDispatchStatusCode = z.infer<typeof TriggerDispatchStatusCode>;

export const TriggerFlavor = model('TriggerFlavor', enumOf(['native schedule', 'platform event', 'webhook']));
export type TriggerFlavor = z.infer<typeof TriggerFlavor>;

export const TriggerRunConcurrency = model('TriggerRunConcurrency', enumOf(['skip', 'submit']));
export type TriggerRunConcurrency = z.infer<typeof TriggerRunConcurrency>;

export const TriggerType = model('TriggerType', enumOf(['schedule', 'platform_event', 'webhook']));
export type TriggerType = z.infer<typeof TriggerType>;

export const VisualizationResourceTypes = model(
  'VisualizationResourceTypes',
  enumOf(['deployment', 'model', 'pipeline', 'pipeline_run', 'pipeline_snapshot', 'project']),
);
export type VisualizationResourceTypes = z.infer<typeof VisualizationResourceTypes>;

export const VisualizationType = model('VisualizationType', enumOf(['csv', 'html', 'image', 'markdown', 'json']));
export type VisualizationType = z.infer<typeof VisualizationType>;

export const SourceKind = model(
  'zenml__config__source__SourceType',
  enumOf(['user', 'builtin', 'internal', 'distribution_package', 'code_repository', 'notebook', 'unknown']),
);
export type SourceKind = z.infer<typeof SourceKind>;

export const SourceType = model('zenml__enums__SourceType', enumOf(['pipeline', 'pipeline_run', 'pipeline_snapshot']));
export type SourceType = z.infer<typeof SourceType>;
