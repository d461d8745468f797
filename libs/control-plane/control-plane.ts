import type { Runner } from '#libs/database/db.js';

/** A person or machine as the control plane knows it, in the form `GET /users/authorize_server` answers. */
export type ExternalUser = {
  id: string;
  username: string;
  email: string | null;
  name: string | null;
  is_superuser: boolean;
  is_service_account: boolean;
  avatar_url: string | null;
  oidc_claims?: Record<string, unknown> | null;
};

/** What a credential is bound to beyond its user; copied into the workspace token made from it, and checked again with every use of that token. */
export type CredentialBinding = { apiKeyId?: string; keyGeneration?: number; deviceId?: string; sessionId?: string };

/** Why a credential does not open a workspace. All become 401 there, with different texts. */
export class NotAuthorized extends Error {
  constructor(
    readonly because: 'credential' | 'forbidden' | 'workspace',
    text: string,
  ) {
    super(text);
  }
}

/** The questions that a workspace asks its control plane, answered in process from the same database. */
export interface ControlPlane {
  /** Who a Pro token or key belongs to, if it may enter this workspace. @throws NotAuthorized */
  authorize(bearer: string, workspaceId: string): Promise<{ user: ExternalUser; binding: CredentialBinding }>;
  /** Whether the organization's plan has room for one more. @throws UpgradeRequired */
  assertEntitled(runner: Runner, organizationId: string, feature: Feature): Promise<void>;
  /** Counts +1 or -1 once per (feature, resource, sign), in the transaction of the change. */
  reportUsage(runner: Runner, event: { organizationId: string; workspaceId: string; feature: Feature; resourceId: string; total: 1 | -1 }): Promise<void>;
}

export const features = ['project', 'pipeline', 'pipeline_run', 'model', 'template_run', 'schedule', 'resource_pool', 'user'] as const;
export type Feature = (typeof features)[number];

/** The plan has no room for one more of a feature. Becomes 402. */
export class UpgradeRequired extends Error {
  constructor(readonly feature: Feature) {
    super(`The organization has reached the limit of its plan for '${feature}'.`);
  }
}
