import type { Type } from '@nestjs/common';
import { ArtifactController } from './artifacts/artifact.js';
import { ArtifactVersionController } from './artifacts/artifact-version.js';
import { CuratedVisualizationController } from './artifacts/curated-visualization.js';
import { ApiTokenController } from './identity/api-token.js';
import { LoginController } from './identity/login.js';
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
import { SnapshotController } from './pipelines/snapshot.js';
import { ProjectController } from './projects/project.js';
import { RunController } from './runs/run-controller.js';
import { RunMetadataController } from './runs/run-metadata.js';
import { StepRunController } from './runs/step-run-controller.js';
import { ServerController } from './server/server.js';
import { DeploymentController } from './serving/deployment.js';
import { ServiceController } from './serving/service.js';
import { ComponentController } from './stacks/component.js';
import { FlavorController } from './stacks/flavor.js';
import { StackController } from './stacks/stack.js';

/** Every controller of the workspace API, family by family. */
export const controllers: Type[] = [
  LoginController,
  ApiTokenController,
  ServerController,
  ProjectController,
  FlavorController,
  ComponentController,
  StackController,
  TagController,
  TagResourceController,
  ArtifactController,
  ArtifactVersionController,
  CuratedVisualizationController,
  ModelController,
  ModelVersionController,
  ModelVersionLinkController,
  ServiceController,
  DeploymentController,
  PipelineController,
  BuildController,
  SnapshotController,
  PipelineDeploymentController,
  RunTemplateController,
  ScheduleController,
  CodeRepositoryController,
  LogsController,
  RunController,
  RunMetadataController,
  StepRunController,
];
