import { filter } from './filter.js';
import {
  ColorVariants,
  ModelStages,
  OAuthDeviceStatus,
  ResourceRequestReclaimTolerance,
  ResourceRequestStatus,
  TaggableResourceTypes,
  TriggerFlavor,
  TriggerRunConcurrency,
  TriggerType,
} from './models/enums.js';

export const APIKeyFilter = filter('APIKeyFilter', {
  columns: {
    name: 'str',
    description: 'str',
    active: 'bool',
    last_login: 'datetime',
    last_rotated: 'datetime',
  },
  special: {
    service_account: 'uuid',
  },
  single: ['service_account', 'active'],
  plain: ['service_account'],
});

export const ArtifactFilter = filter('ArtifactFilter', {
  columns: {
    name: 'str',
    has_custom_name: 'bool',
  },
  special: {
    tags: 'tags',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
  },
  single: ['scope_user', 'project', 'has_custom_name'],
  plain: ['scope_user', 'has_custom_name'],
  sorts: ['user', 'tags', 'latest_version'],
});

export const ArtifactVersionFilter = filter('ArtifactVersionFilter', {
  columns: {
    version: 'str',
    version_number: 'int',
    uri: 'str',
    materializer: 'str',
    type: 'str',
    data_type: 'str',
    artifact_store_id: 'uuid',
  },
  special: {
    run_metadata: 'run_metadata',
    tags: 'tags',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    artifact: 'uuid',
    artifact_id: 'uuid',
    model_version_id: 'uuid',
    only_unused: 'bool',
    has_custom_name: 'bool',
    model: 'uuid',
    pipeline_run: 'uuid',
  },
  single: ['scope_user', 'project', 'only_unused', 'has_custom_name'],
  plain: ['scope_user', 'only_unused', 'has_custom_name'],
  sorts: ['user', 'tags'],
  defaults: { only_unused: false },
});

export const CodeRepositoryFilter = filter('CodeRepositoryFilter', {
  columns: {
    name: 'str',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
  },
  single: ['scope_user', 'project'],
  plain: ['scope_user'],
  sorts: ['user'],
});

export const ComponentFilter = filter('ComponentFilter', {
  columns: {
    name: 'str',
    flavor: 'str',
    type: 'str',
    connector_id: 'uuid',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    scope_type: 'str',
    stack_id: 'uuid',
  },
  single: ['scope_user', 'scope_type'],
  plain: ['scope_user'],
  sorts: ['user'],
});

export const DeploymentFilter = filter('DeploymentFilter', {
  columns: {
    name: 'str',
    url: 'str',
    status: 'str',
    snapshot_id: 'uuid',
    deployer_id: 'uuid',
  },
  special: {
    tags: 'tags',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    pipeline: 'uuid',
  },
  single: ['scope_user', 'project'],
  plain: ['scope_user'],
  sorts: ['user', 'tags', 'snapshot', 'pipeline'],
});

export const FlavorFilter = filter('FlavorFilter', {
  columns: {
    name: 'str',
    display_name: 'str',
    type: 'str',
    integration: 'str',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
  },
  single: ['scope_user'],
  plain: ['scope_user'],
  sorts: ['user'],
});

export const HookInvocationFilter = filter('HookInvocationFilter', {
  columns: {
    pipeline_run_id: 'uuid',
    step_run_id: 'uuid',
    hook_type: 'str',
    name: 'str',
    status: 'str',
    start_time: 'datetime',
    end_time: 'datetime',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
  },
  single: ['scope_user', 'project'],
  plain: ['scope_user'],
  sorts: ['user'],
});

export const ModelFilter = filter('ModelFilter', {
  columns: {
    name: 'str',
  },
  special: {
    tags: 'tags',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
  },
  single: ['scope_user', 'project'],
  plain: ['scope_user'],
  sorts: ['user', 'tags', 'latest_version'],
});

export const ModelVersionArtifactFilter = filter('ModelVersionArtifactFilter', {
  columns: {
    model_version_id: 'uuid',
    artifact_version_id: 'uuid',
  },
  special: {
    artifact_name: 'str',
    only_data_artifacts: 'bool',
    only_model_artifacts: 'bool',
    only_deployment_artifacts: 'bool',
    has_custom_name: 'bool',
    user: 'uuid',
  },
  single: ['only_data_artifacts', 'only_model_artifacts', 'only_deployment_artifacts', 'has_custom_name'],
  plain: ['only_data_artifacts', 'only_model_artifacts', 'only_deployment_artifacts', 'has_custom_name'],
  defaults: { only_data_artifacts: false, only_model_artifacts: false, only_deployment_artifacts: false },
});

export const ModelVersionFilter = filter('ModelVersionFilter', {
  columns: {
    name: 'str',
    number: 'int',
    stage: ModelStages,
  },
  special: {
    run_metadata: 'run_metadata',
    tags: 'tags',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    model: 'uuid',
  },
  single: ['scope_user', 'project'],
  plain: ['scope_user'],
  sorts: ['user', 'tags'],
});

export const ModelVersionPipelineRunFilter = filter('ModelVersionPipelineRunFilter', {
  columns: {
    model_version_id: 'uuid',
    pipeline_run_id: 'uuid',
  },
  special: {
    pipeline_run_name: 'str',
    user: 'uuid',
  },
});

export const OAuthDeviceFilter = filter('OAuthDeviceFilter', {
  columns: {
    expires: 'datetime',
    client_id: 'uuid',
    status: OAuthDeviceStatus,
    trusted_device: 'bool',
    failed_auth_attempts: 'int',
    last_login: 'datetime',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
  },
  single: ['scope_user', 'trusted_device'],
  plain: ['scope_user'],
  sorts: ['user'],
});

export const PipelineBuildFilter = filter('PipelineBuildFilter', {
  columns: {
    pipeline_id: 'uuid',
    stack_id: 'uuid',
    is_local: 'bool',
    contains_code: 'bool',
    zenml_version: 'str',
    python_version: 'str',
    checksum: 'str',
    stack_checksum: 'str',
    duration: 'int',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    container_registry_id: 'uuid',
  },
  single: ['scope_user', 'project', 'is_local', 'contains_code'],
  plain: ['scope_user', 'is_local', 'contains_code'],
  sorts: ['user'],
});

export const PipelineFilter = filter('PipelineFilter', {
  columns: {
    name: 'str',
  },
  special: {
    tags: 'tags',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    latest_run_status: 'str',
    latest_run_user: 'uuid',
  },
  single: ['scope_user', 'project', 'latest_run_status', 'latest_run_user'],
  plain: ['scope_user'],
  sorts: ['user', 'tags', 'latest_run'],
});

export const PipelineRunFilter = filter('PipelineRunFilter', {
  columns: {
    name: 'str',
    index: 'int',
    orchestrator_run_id: 'str',
    pipeline_id: 'uuid',
    snapshot_id: 'uuid',
    model_version_id: 'uuid',
    status: 'str',
    in_progress: 'bool',
    start_time: 'datetime',
    end_time: 'datetime',
    parent_run_id: 'uuid',
  },
  special: {
    run_metadata: 'run_metadata',
    tags: 'tags',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    stack_id: 'uuid',
    schedule_id: 'uuid',
    build_id: 'uuid',
    code_repository_id: 'uuid',
    template_id: 'uuid',
    source_snapshot_id: 'uuid',
    linked_to_model_version_id: 'uuid',
    pipeline_name: 'str',
    pipeline: 'uuid',
    stack: 'uuid',
    code_repository: 'uuid',
    model: 'uuid',
    stack_component: 'uuid',
    templatable: 'bool',
    triggered_by_step_run_id: 'uuid',
    triggered_by_deployment_id: 'uuid',
    trigger_id: 'uuid',
    root_runs_only: 'bool',
  },
  single: ['scope_user', 'project', 'in_progress', 'templatable', 'root_runs_only'],
  plain: ['scope_user', 'in_progress', 'templatable', 'root_runs_only'],
  sorts: ['user', 'tags', 'stack', 'pipeline', 'model', 'model_version'],
});

export const PipelineSnapshotFilter = filter('PipelineSnapshotFilter', {
  columns: {
    name: 'str',
    build_id: 'uuid',
    schedule_id: 'uuid',
    source_snapshot_id: 'uuid',
  },
  special: {
    tags: 'tags',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    named_only: 'bool',
    pipeline: 'uuid',
    stack: 'uuid',
    runnable: 'bool',
    deployable: 'bool',
    deployed: 'bool',
    trigger_id: 'uuid',
  },
  single: ['scope_user', 'project', 'named_only', 'runnable', 'deployable', 'deployed', 'trigger_id'],
  plain: ['scope_user', 'named_only', 'runnable', 'deployable', 'deployed', 'trigger_id'],
  sorts: ['user', 'tags', 'pipeline', 'stack', 'deployment'],
});

export const ProjectFilter = filter('ProjectFilter', {
  columns: {
    name: 'str',
    display_name: 'str',
  },
});

export const ResourceRequestFilter = filter('ResourceRequestFilter', {
  columns: {
    reclaim_tolerance: ResourceRequestReclaimTolerance,
    component_id: 'uuid',
    step_run_id: 'uuid',
    preemption_initiated_by_id: 'uuid',
    status: ResourceRequestStatus,
    pipeline_run_id: 'uuid',
    pool_id: 'uuid',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
  },
  single: [
    'scope_user',
    'user',
    'project',
    'reclaim_tolerance',
    'component_id',
    'step_run_id',
    'preemption_initiated_by_id',
    'status',
    'pipeline_run_id',
    'pool_id',
  ],
  plain: ['scope_user'],
  sorts: ['user'],
});

export const RunTemplateFilter = filter('RunTemplateFilter', {
  columns: {
    name: 'str',
  },
  special: {
    tags: 'tags',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    hidden: 'bool',
    pipeline_id: 'uuid',
    build_id: 'uuid',
    stack_id: 'uuid',
    code_repository_id: 'uuid',
    pipeline: 'uuid',
    stack: 'uuid',
  },
  single: ['scope_user', 'project', 'hidden'],
  plain: ['scope_user', 'hidden'],
  sorts: ['user', 'tags'],
});

export const RunWaitConditionFilter = filter('RunWaitConditionFilter', {
  columns: {
    type: 'str',
    status: 'str',
    name: 'str',
    resolved_at: 'datetime',
    resolution: 'str',
  },
  special: {
    run_metadata: 'run_metadata',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    pipeline_run: 'uuid',
    resolved_by: 'uuid',
  },
  single: ['scope_user', 'project'],
  plain: ['scope_user'],
  sorts: ['user'],
});

export const ScheduleFilter = filter('ScheduleFilter', {
  columns: {
    pipeline_id: 'uuid',
    orchestrator_id: 'uuid',
    active: 'bool',
    cron_expression: 'str',
    start_time: 'datetime',
    end_time: 'datetime',
    interval_second: 'float',
    catchup: 'bool',
    name: 'str',
    run_once_start_time: 'datetime',
    is_archived: 'bool',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
  },
  single: ['scope_user', 'project', 'active', 'catchup', 'is_archived'],
  plain: ['scope_user', 'active', 'catchup', 'is_archived'],
  sorts: ['user'],
});

export const SecretFilter = filter('SecretFilter', {
  columns: {
    name: 'str',
    private: 'bool',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
  },
  single: ['scope_user', 'private'],
  plain: ['scope_user', 'private'],
  sorts: ['user'],
});

export const ServiceAccountFilter = filter('ServiceAccountFilter', {
  columns: {
    name: 'str',
    description: 'str',
    active: 'bool',
    external_user_id: 'uuid',
  },
  single: ['active'],
});

export const ServiceConnectorFilter = filter('ServiceConnectorFilter', {
  columns: {
    name: 'str',
    connector_type: 'str',
    auth_method: 'str',
    resource_id: 'str',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    resource_type: 'str',
    labels_str: 'str',
  },
  single: ['scope_user', 'resource_type', 'resource_id', 'labels_str'],
  plain: ['scope_user'],
  sorts: ['user'],
});

export const ServiceFilter = filter('ServiceFilter', {
  columns: {
    name: 'str',
    type: 'str',
    flavor: 'str',
    pipeline_name: 'str',
    pipeline_step_name: 'str',
    model_version_id: 'uuid',
    pipeline_run_id: 'uuid',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    config: 'str',
    running: 'bool',
  },
  single: ['scope_user', 'project', 'config', 'running'],
  plain: ['scope_user', 'config', 'running'],
  sorts: ['user'],
});

export const StackFilter = filter('StackFilter', {
  columns: {
    name: 'str',
    description: 'str',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    component_id: 'uuid',
    component: 'uuid',
  },
  single: ['scope_user'],
  plain: ['scope_user'],
  sorts: ['user'],
});

export const StepRunFilter = filter('StepRunFilter', {
  columns: {
    name: 'str',
    code_hash: 'str',
    cache_key: 'str',
    status: 'str',
    start_time: 'datetime',
    end_time: 'datetime',
    pipeline_run_id: 'uuid',
    snapshot_id: 'uuid',
    original_step_run_id: 'uuid',
    model_version_id: 'uuid',
    version: 'int',
    cache_expires_at: 'datetime',
  },
  special: {
    run_metadata: 'run_metadata',
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    model: 'uuid',
    exclude_retried: 'bool',
    cache_expired: 'bool',
  },
  single: ['scope_user', 'project', 'exclude_retried', 'cache_expired'],
  plain: ['scope_user', 'exclude_retried', 'cache_expired'],
  sorts: ['user'],
});

export const TagFilter = filter('TagFilter', {
  columns: {
    name: 'str',
    color: ColorVariants,
    exclusive: 'bool',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    resource_type: TaggableResourceTypes,
  },
  single: ['scope_user', 'exclusive'],
  plain: ['scope_user', 'exclusive'],
  sorts: ['user'],
});

export const TriggerFilter = filter('TriggerFilter', {
  columns: {
    name: 'str',
    active: 'bool',
    next_occurrence: 'datetime',
    concurrency: TriggerRunConcurrency,
    webhook_id: 'uuid',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
    is_archived: 'bool',
    flavor: TriggerFlavor,
    type: TriggerType,
    pipeline_id: 'str',
    snapshot_id: 'str',
  },
  single: ['scope_user', 'project', 'active', 'is_archived'],
  plain: ['scope_user', 'active', 'is_archived'],
  sorts: ['user'],
  defaults: { is_archived: false },
});

export const UserFilter = filter('UserFilter', {
  columns: {
    name: 'str',
    full_name: 'str',
    email: 'str',
    active: 'bool',
    email_opted_in: 'bool',
    external_user_id: 'uuid',
  },
  single: ['active', 'email_opted_in'],
});

export const WebhookFilter = filter('WebhookFilter', {
  columns: {
    name: 'str',
    webhook_type: 'str',
    active: 'bool',
  },
  special: {
    scope_user: 'uuid',
    user: 'uuid',
    project: 'uuid',
  },
  single: ['scope_user', 'project', 'active'],
  plain: ['scope_user', 'active'],
  sorts: ['user'],
});

export const WorkloadFilter = filter('WorkloadFilter', {
  columns: {
    status: 'str',
    run_id: 'uuid',
    snapshot_id: 'uuid',
    attempts: 'int',
    available_at: 'datetime',
  },
  special: {
    user: 'uuid',
    project_id: 'uuid',
  },
});

export const EventSubscriptionFilter = filter('EventSubscriptionFilter', {
  columns: {
    name: 'str',
    url: 'str',
    active: 'bool',
  },
  special: {
    project_id: 'uuid',
  },
  single: ['active'],
  plain: ['active'],
});

export const EventDeliveryFilter = filter('EventDeliveryFilter', {
  columns: {
    event_id: 'uuid',
    event: 'str',
    status: 'str',
    attempts: 'int',
    last_status: 'int',
  },
});
