import type { Type } from '@nestjs/common';
import { ArtifactController } from './artifacts/artifact.js';
import { ArtifactVersionController } from './artifacts/artifact-version.js';
import { CuratedVisualizationController } from './artifacts/curated-visualization.js';
import { LoginController } from './identity/login.js';
import { TagController } from './metadata/tag.js';
import { TagResourceController } from './metadata/tag-resource.js';
import { ModelController } from './models/model.js';
import { ModelVersionController } from './models/model-version.js';
import { ModelVersionLinkController } from './models/model-version-link.js';
import { ProjectController } from './projects/project.js';
import { ServerController } from './server/server.js';
import { DeploymentController } from './serving/deployment.js';
import { ServiceController } from './serving/service.js';
import { ComponentController } from './stacks/component.js';
import { FlavorController } from './stacks/flavor.js';
import { StackController } from './stacks/stack.js';

/** Every controller of the workspace API, family by family. */
export const controllers: Type[] = [LoginController, ServerController, ProjectController, FlavorController, ComponentController, StackController, TagController, TagResourceController, ArtifactController, ArtifactVersionController, CuratedVisualizationController, ModelController, ModelVersionController, ModelVersionLinkController, ServiceController, DeploymentController];
