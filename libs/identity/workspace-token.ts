import { z } from 'zod';
import type { MasterKeys } from '#libs/crypto/master-key.js';
import type { Clock } from './clock.js';
import { isExpired, openToken, type PassportOptions, passportOptions, signToken } from './signed-token.js';
import { TokenRejected } from './token-rejected.js';

const id = z.guid();

const workspaceClaims = z.object({
  /** The user inside the workspace. */
  sub: id,
  /** The workspace's server id, twice; also in the name of its cookie. */
  iss: id,
  aud: id,
  /** With a fraction, as clients and `password_changed_at` expect. */
  iat: z.number(),
  /** Absent: never expires. */
  exp: z.number().optional(),
  device_id: id.optional(),
  api_key_id: id.optional(),
  /** Generation of the API key at the time; rotating the key ends older tokens. */
  key_gen: z.number().int().optional(),
  schedule_id: id.optional(),
  pipeline_run_id: id.optional(),
  deployment_id: id.optional(),
  /** Present for browsers of another site: their requests must carry the matching X-CSRF-Token. */
  session_id: id.optional(),
  /** The browser session at the control plane that this token came from: signing out there ends it. */
  cloud_session_id: id.optional(),
});

export type WorkspaceClaims = z.infer<typeof workspaceClaims>;

/** The claims that the caller of `sign` decides. */
export type NewWorkspaceToken = Omit<WorkspaceClaims, 'iss' | 'aud' | 'iat' | 'exp'>;

/** What a workspace's `POST /login` answers with in Pro mode. */
export const workspaceLifetimeSeconds = 3_600;

/** Tokens of one workspace each: signed with a key of its own, so that another workspace refuses them by their signature already. */
export class WorkspaceTokens {
  constructor(
    private readonly master: MasterKeys,
    private readonly clock: Clock,
  ) {}

  /** `lifetimeSeconds: null` makes a token that never expires (workload tokens, local mode); it still ends with what it is bound to. */
  sign(
    workspaceId: string,
    token: NewWorkspaceToken,
    options: { lifetimeSeconds: number | null; notAfterMs?: number | null },
  ): { token: string; expiresInSeconds: number | null; claims: WorkspaceClaims } {
    const nowMs = this.clock();
    const nowSeconds = Math.floor(nowMs / 1_000);
    const limits = [
      options.lifetimeSeconds === null ? null : nowSeconds + options.lifetimeSeconds,
      options.notAfterMs == null ? null : Math.floor(options.notAfterMs / 1_000),
    ].filter((limit) => limit !== null);
    const exp = limits.length > 0 ? Math.min(...limits) : undefined;
    const claims: WorkspaceClaims = { ...token, iss: workspaceId, aud: workspaceId, iat: nowMs / 1_000, ...(exp === undefined ? {} : { exp }) };
    const keyId = this.master.currentId;
    return {
      token: signToken(claims, this.master.derive(purposeOf(workspaceId), keyId), keyId),
      expiresInSeconds: exp === undefined ? null : Math.max(0, exp - nowSeconds),
      claims,
    };
  }

  /** The claims, or TokenRejected. Whether the user, key, device or run still stands is for the caller to ask the database. */
  verify(token: string, workspaceId: string): WorkspaceClaims {
    return this.accept(openToken(token, this.#keysOf(workspaceId)), workspaceId);
  }

  /** Everything but the signature, which `passport-jwt` has checked by then. */
  accept(payload: unknown, workspaceId: string): WorkspaceClaims {
    const parsed = workspaceClaims.safeParse(payload);
    if (!parsed.success) throw new TokenRejected('claims', { cause: parsed.error });
    const claims = parsed.data;
    if (claims.iss !== workspaceId) throw new TokenRejected('issuer');
    if (claims.aud !== workspaceId) throw new TokenRejected('audience');
    if (this.isExpired(claims)) throw new TokenRejected('expired');
    return claims;
  }

  isExpired({ exp }: WorkspaceClaims): boolean {
    return exp !== undefined && isExpired(exp, this.clock());
  }

  /** `workspaceIdOf`: the workspace that a request's URL names. */
  passportOptions<Request>(workspaceIdOf: (request: Request) => string): PassportOptions<Request> {
    return passportOptions((request: Request) => this.#keysOf(workspaceIdOf(request)));
  }

  #keysOf(workspaceId: string) {
    return (keyId: string) => (this.master.has(keyId) ? this.master.derive(purposeOf(workspaceId), keyId) : undefined);
  }
}

function purposeOf(workspaceId: string): string {
  return `workspace-token:${workspaceId}`;
}
