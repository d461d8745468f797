import type { WorkspaceActor } from '#libs/control-plane/audit.js';
import type { Moment } from '#libs/database/kept-reads.js';
import type { BaseCaller } from '#libs/http/caller.js';
import type { Change } from './audit.js';

/** Somebody inside one workspace. */
export type Caller = BaseCaller & {
  workspaceId: string;
  /** The workspace's own id of the person or machine (not the control plane's). */
  userId: string;
  userName: string;
  isAdmin: boolean;
  isServiceAccount: boolean;
  /** The same person or machine in the control plane; null for accounts that exist only in the workspace. */
  externalUserId: string | null;
  /** `pro`: grants come from the control plane. `local`: the workspace stands alone, only administrator rules apply. */
  identityMode: 'pro' | 'local';
  /** The name of the project that lists are about when none is named. Callers that always name one have none. */
  defaultProject?: string;
  /** How this server runs pipelines by itself, which decides what it can run; without one it runs none. */
  runner?: 'process' | 'kubernetes';
  /** What the caller's token is bound to, if it is a token. */
  token: Record<string, unknown> | null;
  /** Whom the organization's audit log names. None in a stand-alone workspace, which has no organization. */
  actor?: WorkspaceActor | null;
  /** When the request reads, as long as that is all it does. */
  moment?: Moment | undefined;
  /** What the request changes, if that belongs into the audit log. */
  change?: Change | null;
};
