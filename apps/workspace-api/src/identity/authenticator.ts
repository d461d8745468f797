import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-jwt';
import type { Db } from '#libs/database/db.js';
import type { RequestFacts } from '#libs/http/caller.js';
import { Authenticator } from '#libs/http/guard.js';
import type { Declared } from '#libs/http/operation.js';
import { credentialsNotValid, notAuthenticated } from '#libs/http/problem.js';
import { bearerOf, credentialOf } from '#libs/identity/credential.js';
import type { WorkspaceClaims, WorkspaceTokens } from '#libs/identity/workspace-token.js';
import type { Caller } from '#libs/resource/caller.js';
import { type SealerOf, storedReply } from '#libs/resource/stored-reply.js';
import { changeOf } from '../audit/changes.js';
import type { ExternalAccounts } from './external-accounts.js';
import type { LocalAccounts } from './local-accounts.js';
import { type Claimed, loadCaller } from './principal.js';
import type { Tenants } from './tenant.js';

type Entering = FastifyRequest & { workspaceId?: string; user?: WorkspaceClaims };

export function cookieName(workspaceId: string): string {
  return `zenml-server-${workspaceId}`;
}

/** The session cookie wins over the header, as in the original. */
export function tokenOf(request: FastifyRequest): string | null {
  const workspaceId = (request as Entering).workspaceId as string;
  const cookie = (request as FastifyRequest & { cookies?: Record<string, string | undefined> }).cookies?.[cookieName(workspaceId)];
  return cookie ?? bearerOf(request.headers.authorization) ?? null;
}

/** Checks the signature with passport-jwt, and everything else in `WorkspaceTokens.accept`. */
export function workspaceStrategy(tokens: WorkspaceTokens) {
  @Injectable()
  class WorkspaceJwtStrategy extends PassportStrategy(Strategy, 'workspace-jwt') {
    constructor() {
      super({ jwtFromRequest: tokenOf as never, ...tokens.passportOptions((request: Entering) => request.workspaceId as string) } as never); // passport's types know Express requests only
    }

    validate(request: Entering, payload: unknown): WorkspaceClaims {
      return tokens.accept(payload, request.workspaceId as string);
    }
  }
  return WorkspaceJwtStrategy;
}

class JwtGuard extends AuthGuard('workspace-jwt') {
  override handleRequest<T>(error: unknown, claims: T, info: unknown): T {
    if (claims) return claims;
    throw credentialsNotValid('The token is not valid for this workspace, or it has expired. Log in again.', error ?? info);
  }
}

const mostAccepted = 10_000;

/** Finds the caller of a workspace request: by token, by a key of the workspace's own, or by a key of the control plane. */
@Injectable()
export class WorkspaceAuthenticator extends Authenticator {
  readonly #jwt = new JwtGuard();
  /** Tokens whose signature this process has checked, by workspace; nothing but the time changes what they say. */
  readonly #accepted = new Map<string, WorkspaceClaims>();

  constructor(
    private readonly db: Db,
    private readonly tokens: WorkspaceTokens,
    private readonly tenants: Tenants,
    private readonly local: LocalAccounts,
    private readonly external: ExternalAccounts,
    private readonly isCsrfToken: (sessionId: string, token: string) => boolean,
    private readonly sealerOf: SealerOf,
    private readonly defaults: Pick<Caller, 'defaultProject' | 'runner'>,
  ) {
    super();
  }

  override async admit(request: FastifyRequest): Promise<void> {
    (request as Entering).workspaceId = await this.tenants.idOf(request);
  }

  override async authenticate(context: ExecutionContext, request: FastifyRequest, facts: RequestFacts, declared: Declared): Promise<Caller> {
    const entering = request as Entering;
    const workspaceId = await this.tenants.idOf(request);
    entering.workspaceId = workspaceId;
    const token = tokenOf(request);
    if (!token) {
      // A bearer scheme with nothing behind it is a wrong token, not a missing one.
      if (/^bearer\s*$/i.test(request.headers.authorization ?? '')) throw credentialsNotValid('The token is empty.');
      throw notAuthenticated();
    }
    const credential = credentialOf(token);
    const load = async (claimed: Claimed): Promise<Caller> => {
      const caller = await this.#load(workspaceId, claimed, facts);
      return caller.actor ? { ...caller, change: changeOf(declared, request) } : caller;
    };
    switch (credential.kind) {
      case 'token': {
        const claims = await this.#claimsOf(context, entering, `${workspaceId} ${token}`);
        this.#assertCsrf(request, claims);
        return load({ userId: claims.sub, issuedAtSeconds: claims.iat, claims });
      }
      case 'local_key': {
        const { userId } = await this.local.byKey(workspaceId, credential);
        return load({ userId, issuedAtSeconds: null, claims: null });
      }
      case 'pro_key': {
        const { userId } = await this.external.enter(workspaceId, credential.key);
        return load({ userId, issuedAtSeconds: null, claims: null, apiKeyId: credential.id });
      }
      case 'broken_key':
        throw credentialsNotValid('The API key is not valid: it is incomplete or mistyped.');
    }
  }

  async #claimsOf(context: ExecutionContext, request: Entering, presented: string): Promise<WorkspaceClaims> {
    const known = this.#accepted.get(presented);
    if (known && !this.tokens.isExpired(known)) return known;
    await this.#jwt.canActivate(context);
    const claims = request.user as WorkspaceClaims;
    if (this.#accepted.size >= mostAccepted) this.#accepted.clear();
    this.#accepted.set(presented, claims);
    return claims;
  }

  async #load(workspaceId: string, claimed: Claimed, facts: RequestFacts): Promise<Caller> {
    const caller = { ...(await loadCaller(this.db, workspaceId, claimed, facts)), ...this.defaults };
    const { idempotencyKey } = facts;
    return idempotencyKey ? { ...caller, replayed: () => storedReply(this.db, this.sealerOf, caller, idempotencyKey) } : caller;
  }

  /** A token made for a browser of another site works only together with its CSRF token. */
  #assertCsrf(request: FastifyRequest, claims: WorkspaceClaims): void {
    if (!claims.session_id) return;
    const token = request.headers['x-csrf-token'];
    if (typeof token !== 'string' || !this.isCsrfToken(claims.session_id, token))
      throw credentialsNotValid('The X-CSRF-Token header is missing or does not match the session.');
  }
}
