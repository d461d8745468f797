import type { Type } from '@nestjs/common';
import { ArtifactController } from './artifacts/artifact.js';
import { ArtifactFilesController } from './artifacts/artifact-files.js';
import { ArtifactVersionController } from './artifacts/artifact-version.js';
import { CuratedVisualizationController } from './artifacts/curated-visualization.js';
import { SupportedEventsController } from './automation/supported-events.js';
import { TriggerController } from './automation/trigger-controller.js';
import { TriggerSnapshotController } from './automation/trigger-snapshots.js';
import { WebhookController } from './automation/webhook-controller.js';
import { WebhookIntakeController } from './automation/webhook-intake.js';
import { ConnectorAccessController } from './connectors/connector-access.js';
import { ConnectorTypeController } from './connectors/connector-types.js';
import { ServiceConnectorController } from './connectors/service-connector-controller.js';
import { EventSubscriptionController } from './events/event-subscription-controller.js';
import { ApiKeyController } from './identity/api-key.js';
import { ApiTokenController } from './identity/api-token.js';
import { DeviceController } from './identity/device.js';
import { LoginController } from './identity/login.js';
import { ServiceAccountController } from './identity/service-account.js';
import { SharingController } from './identity/sharing.js';
import { UserController } from './identity/user.js';
import { LogEntriesController } from './logs/log-entries.js';
import { LogsController } from './logs/logs-controller.js';
import { TagController } from './metadata/tag.js';
import { TagResourceController } from './metadata/tag-resource.js';
import { ModelController } from './models/model.js';
import { ModelVersionController } from './models/model-version.js';
import { ModelVersionLinkController } from './models/model-version-link.js';
import { BuildController } from './pipelines/build.js';
import { CodeRepositoryController } from './pipelines/code-repository.js';
import { PipelineController } from './pipelines/pipeline.js';
import { PipelineDeploymentController } from './pipelines/pipeline-deployment.js';
import { RunTemplateController } from './pipelines/run-template.js';
import { ScheduleController } from './pipelines/schedule.js';
import { SnapshotCodeController } from './pipelines/snapshot-code.js';
import { SnapshotController } from './pipelines/snapshot-controller.js';
import { ProjectController } from './projects/project.js';
import { HookInvocationController } from './runs/hook-invocation.js';
import { ResourceRequestController } from './runs/resource-request.js';
import { RunController } from './runs/run-controller.js';
import { RunDagController } from './runs/run-dag.js';
import { RunEventController } from './runs/run-events.js';
import { RunMetadataController } from './runs/run-metadata.js';
import { RunOrchestrationController } from './runs/run-orchestration.js';
import { RunStatisticsController } from './runs/run-statistics.js';
import { RunWaitConditionController } from './runs/run-wait-condition-controller.js';
import { StepRunController } from './runs/step-run-controller.js';
import { SecretController } from './secrets/secret.js';
import { SecretBackupController } from './secrets/secret-backup.js';
import { ServerController } from './server/server.js';
import { ServerSettingsController } from './server/settings.js';
import { DeploymentController } from './serving/deployment.js';
import { ServiceController } from './serving/service.js';
import { ComponentController } from './stacks/component.js';
import { FlavorController } from './stacks/flavor.js';
import { StackController } from './stacks/stack-controller.js';
import { StackDeploymentController } from './stacks/stack-deployment.js';
import { ServerSideRunController } from './workloads/server-side-run-controller.js';
import { WorkloadController } from './workloads/workload-controller.js';

/** Every controller of the workspace API, family by family. */
export const controllers: Type[] = [
  LoginController,
  ApiTokenController,
  UserController,
  SharingController,
  ServiceAccountController,
  ApiKeyController,
  DeviceController,
  ServerSettingsController,
  ServerController,
  ProjectController,
  FlavorController,
  ComponentController,
  StackController,
  StackDeploymentController,
  SecretController,
  SecretBackupController,
  ServiceConnectorController,
  ConnectorAccessController,
  ConnectorTypeController,
  TagController,
  TagResourceController,
  ArtifactController,
  ArtifactVersionController,
  ArtifactFilesController,
  CuratedVisualizationController,
  ModelController,
  ModelVersionController,
  ModelVersionLinkController,
  ServiceController,
  DeploymentController,
  PipelineController,
  BuildController,
  SnapshotController,
  SnapshotCodeController,
  PipelineDeploymentController,
  RunTemplateController,
  ScheduleController,
  TriggerController,
  TriggerSnapshotController,
  SupportedEventsController,
  WebhookController,
  WebhookIntakeController,
  EventSubscriptionController,
  CodeRepositoryController,
  LogsController,
  LogEntriesController,
  RunController,
  RunWaitConditionController,
  RunStatisticsController,
  RunOrchestrationController,
  RunEventController,
  RunDagController,
  ResourceRequestController,
  HookInvocationController,
  RunMetadataController,
  StepRunController,
  ServerSideRunController,
  WorkloadController,
];
