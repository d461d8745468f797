import type { Provider, Type } from '@nestjs/common';
import { ApiKeyService } from './api-keys/api-key.service.js';
import { LoginController } from './auth/login.js';
import { SignInService } from './auth/sign-in.service.js';
import { DeviceService } from './devices/device.service.js';
import { MeController } from './users/me.js';
import { EnrollmentService } from './workspaces/enrollment.service.js';
import { WorkspaceController } from './workspaces/workspace.js';
import { WorkspaceService } from './workspaces/workspace.service.js';

/** Every controller of the control plane, noun by noun. */
export const controllers: Type[] = [LoginController, MeController, WorkspaceController];

export const services: Provider[] = [ApiKeyService, SignInService, DeviceService, EnrollmentService, WorkspaceService];
