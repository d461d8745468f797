import { CloudControlPlane } from '#libs/control-plane/cloud-control-plane.js';
import { People } from '#libs/control-plane/people.js';
import type { WorkspaceHost } from '#libs/control-plane/workspace-host.js';
import type { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import type { MasterKeys } from '#libs/crypto/master-key.js';
import type { Db, Scope } from '#libs/database/db.js';
import type { ScopedPrisma } from '#libs/database/prisma.js';
import type { Clock } from '#libs/identity/clock.js';
import { CloudTokens } from '#libs/identity/cloud-token.js';
import { type IdentityHashes, identityHashes } from '#libs/identity/hashes.js';
import { Passwords } from '#libs/identity/password.js';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import type { Mailer } from './invitations/mailer.js';

export type CloudInstallationOptions = {
  db: Db;
  prisma: ScopedPrisma;
  master: MasterKeys;
  /** The canonical URL, exactly as clients are given it: they compare it letter by letter. */
  cloudUrl: string;
  urls: WorkspaceUrls;
  /** Whoever serves workspaces in this process; null when that is another process, which then finds pending workspaces itself. */
  host: WorkspaceHost | null;
  clock: Clock;
  /** How long a deleted workspace can be restored; a week when not given. */
  graceHours?: number;
  /** Sends invitations; without one their links are passed on by hand. */
  mailer?: Mailer | null;
  /** Where sign-in providers may be beside the public internet. */
  outbound?: OutboundPolicy | undefined;
};

/** For work across organizations: finding out who somebody is, a person's own list, superusers. */
export const platform: Scope = { workspaceId: null, isPlatform: true };

/** For work in one organization: the database shows nothing of others. */
export function within(organizationId: string): Scope {
  return { workspaceId: null, organizationId };
}

/** What this process is: its database, keys and addresses, and the parts built from them once. */
export class CloudInstallation {
  readonly tokens: CloudTokens;
  readonly hashes: IdentityHashes;
  readonly passwords = new Passwords();
  readonly people: People;
  readonly controlPlane: CloudControlPlane;

  constructor(readonly options: CloudInstallationOptions) {
    this.hashes = identityHashes(options.master);
    this.tokens = new CloudTokens(options.master, options.cloudUrl, options.clock);
    this.people = new People(options.db, this.hashes, options.clock);
    this.controlPlane = new CloudControlPlane(options.db, this.people, this.tokens, () => platform);
  }

  get db(): Db {
    return this.options.db;
  }

  get prisma(): ScopedPrisma {
    return this.options.prisma;
  }

  get cloudUrl(): string {
    return this.options.cloudUrl;
  }

  get graceHours(): number {
    return this.options.graceHours ?? 168;
  }

  get outbound(): OutboundPolicy {
    return this.options.outbound ?? OutboundPolicy.publicOnly;
  }

  nowMs(): number {
    return this.options.clock();
  }

  now(): Date {
    return new Date(this.options.clock());
  }
}
