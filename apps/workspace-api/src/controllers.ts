import type { Type } from '@nestjs/common';
import { LoginController } from './identity/login.js';
import { TagController } from './metadata/tag.js';
import { TagResourceController } from './metadata/tag-resource.js';
import { ProjectController } from './projects/project.js';
import { ServerController } from './server/server.js';
import { ComponentController } from './stacks/component.js';
import { FlavorController } from './stacks/flavor.js';
import { StackController } from './stacks/stack.js';

/** Every controller of the workspace API, family by family. */
export const controllers: Type[] = [LoginController, ServerController, ProjectController, FlavorController, ComponentController, StackController, TagController, TagResourceController];
