import type { Provider, Type } from '@nestjs/common';
import { ApiKeyService } from './api-keys/api-key.service.js';
import { AuditLogController } from './audit/audit-log.js';
import { LoginController } from './auth/login.js';
import { OidcController } from './auth/oidc.js';
import { OidcService } from './auth/oidc.service.js';
import { SignInService } from './auth/sign-in.service.js';
import { BillingController } from './billing/billing.js';
import { DeviceController } from './devices/device.js';
import { DeviceService } from './devices/device.service.js';
import { EntitlementController } from './entitlements/entitlement.js';
import { PlanController } from './entitlements/plan.js';
import { InvitationController } from './invitations/invitation.js';
import { InvitationPages } from './invitations/invitation.pages.js';
import { InvitationService } from './invitations/invitation.service.js';
import { MemberController } from './members/member.js';
import { NameController } from './organizations/name.js';
import { OrganizationController } from './organizations/organization.js';
import { ApiTokenPages } from './pages/api-token.js';
import { SignInPages } from './pages/sign-in.js';
import { VerifyPages } from './pages/verify.js';
import { RbacController } from './rbac/rbac.js';
import { ReleaseController } from './releases/release.js';
import { RoleController } from './roles/role.js';
import { ServiceAccountController } from './service-accounts/service-account.js';
import { TeamController } from './teams/team.js';
import { MeController } from './users/me.js';
import { PasswordPages } from './users/password.pages.js';
import { PasswordService } from './users/password.service.js';
import { UserController } from './users/user-administration.js';
import { EnrollmentService } from './workspaces/enrollment.service.js';
import { WorkspaceController } from './workspaces/workspace.js';
import { WorkspaceService } from './workspaces/workspace.service.js';

/** Every controller of the control plane, noun by noun. */
export const controllers: Type[] = [
  SignInPages,
  VerifyPages,
  LoginController,
  DeviceController,
  MeController,
  OrganizationController,
  NameController,
  BillingController,
  ServiceAccountController,
  WorkspaceController,
  RbacController,
  EntitlementController,
  ReleaseController,
  RoleController,
  TeamController,
  MemberController,
  AuditLogController,
  PlanController,
  OidcController,
  ApiTokenPages,
  InvitationController,
  InvitationPages,
  UserController,
  PasswordPages,
];

export const services: Provider[] = [
  ApiKeyService,
  SignInService,
  DeviceService,
  EnrollmentService,
  WorkspaceService,
  InvitationService,
  PasswordService,
  OidcService,
];
