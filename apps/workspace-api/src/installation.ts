import type { ConnectorEnvironment } from '#libs/connectors/connector.js';
import type { ControlPlane } from '#libs/control-plane/control-plane.js';
import type { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import type { MasterKeys } from '#libs/crypto/master-key.js';
import type { Db } from '#libs/database/db.js';
import type { Clock } from '#libs/identity/clock.js';
import { identityHashes } from '#libs/identity/hashes.js';
import { Passwords } from '#libs/identity/password.js';
import { WorkspaceTokens } from '#libs/identity/workspace-token.js';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';

import type { TriggerRounds } from './automation/trigger-rounds.js';

import type { EventDeliveries } from './events/event-deliveries.js';

import { ExternalAccounts } from './identity/external-accounts.js';
import { type AttemptLimits, FailedAttempts } from './identity/failed-attempts.js';
import { LocalAccounts } from './identity/local-accounts.js';
import { Tenants } from './identity/tenant.js';
import { Sealers } from './secrets/sealers.js';
import { type SecretStores, SecretVault } from './secrets/secret-vault.js';
import type { ServerSideRuns, WorkloadOptions } from './workloads/server-side-runs.js';

export type InstallationOptions = {
  db: Db;
  master: MasterKeys;
  /** The control plane in the same process or database; null for a workspace that stands alone. */
  controlPlane: ControlPlane | null;
  /** Where the control plane is reached by clients. */
  cloudUrl: string | null;
  urls: WorkspaceUrls | null;
  /** The one workspace this process serves; null when the URL names it. */
  workspaceId: string | null;
  /** Lifetime of tokens in a stand-alone workspace; null: they do not expire. */
  localTokenMinutes: number | null;
  defaultProject: string;
  dataDir: string;
  dashboardDir: string | null;
  clock: Clock;
  /** Which addresses beside public ones may be contacted for users; none by default. */
  outbound?: OutboundPolicy;
  /** Whether service connectors without credentials act as the server itself. */
  isImplicitAuthAllowed?: boolean;
  /** The operator's own addresses of what service connectors speak to. */
  connectorEndpoints?: ConnectorEnvironment['endpoints'];
  /** Where the values of secrets are kept besides the database. */
  secretStores?: SecretStores;
  /** How the server runs pipelines by itself; without it, it does not. */
  workloads?: WorkloadOptions | null;
  /** Whether this process makes triggers fire by itself; true by default. */
  areTriggersOn?: boolean;
  /** What a stand-alone workspace can be told besides. */
  local?: Partial<LocalOptions>;
};

export type LocalOptions = {
  /** A path that a proxy in front may leave in URLs. */
  rootPath: string;
  /** Where clients reach it; empty when only they know. */
  serverUrl: string;
  /** Where its dashboard is, if not at the same address. */
  dashboardUrl: string;
  deploymentType: string;
  /** Origins of pages that may call it from a browser; `*` for all. */
  corsOrigins: readonly string[];
  /** Wrong passwords and keys from one address; null: as many as one likes. */
  failedAttempts: AttemptLimits | null;
  devices: DeviceOptions;
};

export type DeviceOptions = {
  /** How long a person has to approve a device, and how often the device asks. */
  authTimeoutSeconds: number;
  pollSeconds: number;
  /** How long an approved device stays signed in; null: until it is deleted. */
  minutes: number | null;
  trustedMinutes: number | null;
};

const localDefaults: LocalOptions = {
  rootPath: '',
  serverUrl: '',
  dashboardUrl: '',
  deploymentType: 'other',
  corsOrigins: ['*'],
  failedAttempts: null,
  devices: { authTimeoutSeconds: 300, pollSeconds: 5, minutes: null, trustedMinutes: null },
};

/** What this process is: its database, keys and addresses, and the parts built from them once. */
export class Installation {
  readonly tokens: WorkspaceTokens;
  readonly hashes: ReturnType<typeof identityHashes>;
  readonly passwords = new Passwords();
  readonly tenants: Tenants;
  readonly localAccounts: LocalAccounts;
  readonly externalAccounts: ExternalAccounts;
  readonly failedAttempts: FailedAttempts;
  readonly local: LocalOptions;
  readonly sealers: Sealers;
  readonly vault: SecretVault;
  /** Null where no runner is configured. The application sets it: it stands on the resources, which know the installation. */
  serverSideRuns: ServerSideRuns | null = null;
  /** Set by the application, for the same reason. */
  triggers: TriggerRounds | null = null;
  /** Null until the application is made. */
  eventDeliveries: EventDeliveries | null = null;

  constructor(readonly options: InstallationOptions) {
    this.local = { ...localDefaults, ...options.local };
    this.failedAttempts = new FailedAttempts(this.local.failedAttempts, options.clock);
    this.sealers = new Sealers(options.db, options.master);
    this.vault = new SecretVault(this.sealers, options.secretStores ?? {});
    this.tokens = new WorkspaceTokens(options.master, options.clock);
    this.hashes = identityHashes(options.master);
    this.tenants = new Tenants(options.db, options.workspaceId);
    this.localAccounts = new LocalAccounts(options.db, this.passwords, this.hashes);
    this.externalAccounts = new ExternalAccounts(options.db, options.controlPlane);
  }

  get db(): Db {
    return this.options.db;
  }

  get outbound(): OutboundPolicy {
    return this.options.outbound ?? OutboundPolicy.publicOnly;
  }

  get connectorEnvironment(): ConnectorEnvironment {
    const { isImplicitAuthAllowed = false, connectorEndpoints: endpoints, clock: now } = this.options;
    return { policy: this.outbound, isImplicitAuthAllowed, now, ...(endpoints ? { endpoints } : {}) };
  }

  get cloudUrl(): string | null {
    return this.options.cloudUrl;
  }

  /** Where clients reach a workspace; empty when only they know (a stand-alone workspace behind any address). */
  workspaceUrl(workspaceId: string): string {
    return this.options.urls?.urlOf(workspaceId) ?? this.local.serverUrl;
  }

  /** Where people see a stand-alone workspace; relative to its own address when nobody said. */
  dashboardUrl(workspaceId: string): string {
    return this.local.dashboardUrl || this.workspaceUrl(workspaceId);
  }
}
