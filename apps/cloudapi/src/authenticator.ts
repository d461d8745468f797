import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-jwt';
import { NotAuthorized } from '#libs/control-plane/control-plane.js';
import type { Person } from '#libs/control-plane/people.js';
import { sql } from '#libs/database/sql.js';
import type { RequestFacts } from '#libs/http/caller.js';
import { Authenticator } from '#libs/http/guard.js';
import type { Declared } from '#libs/http/operation.js';
import { credentialsNotValid, notAuthenticated } from '#libs/http/problem.js';
import type { CloudClaims, CloudTokens } from '#libs/identity/cloud-token.js';
import { bearerOf, credentialOf } from '#libs/identity/credential.js';
import { enrollmentKeys } from '#libs/identity/key-format.js';
import { TokenRejected } from '#libs/identity/token-rejected.js';
import { audit } from './audit/audit.js';
import { auth } from './auth/auth.wire.js';
import { grantOf, type LoginForm } from './auth/grant.rules.js';
import { actorOf, Caller, type Machine } from './caller.js';
import { type CloudInstallation, platform } from './installation.js';

type Entering = FastifyRequest & { user?: CloudClaims; cookies?: Record<string, string | undefined> };

export const sessionCookie = 'control-plane-session';

/** The operation that checks a bearer for one workspace, so it takes tokens that are good for nothing else. */
export const authorizeServerId = 'authorize_server';

/** What the client sent: a header, which only code can set, before the cookie, which a browser adds by itself. */
export function presented(request: FastifyRequest): { text: string; isCookie: boolean } | null {
  const bearer = bearerOf(request.headers.authorization);
  if (bearer) return { text: bearer, isCookie: false };
  const cookie = (request as Entering).cookies?.[sessionCookie];
  return cookie ? { text: cookie, isCookie: true } : null;
}

/** Checks the signature with passport-jwt, and everything else in `CloudTokens.accept`. */
export function cloudStrategy(tokens: CloudTokens) {
  @Injectable()
  class CloudJwtStrategy extends PassportStrategy(Strategy, 'cloud-jwt') {
    constructor() {
      super({ jwtFromRequest: ((request: FastifyRequest) => presented(request)?.text ?? null) as never, ...tokens.passportOptions() } as never); // passport's types know Express requests only
    }

    validate(_request: unknown, payload: unknown): CloudClaims {
      return tokens.accept(payload);
    }
  }
  return CloudJwtStrategy;
}

class JwtGuard extends AuthGuard('cloud-jwt') {
  override handleRequest<T>(error: unknown, claims: T, info: unknown): T {
    if (claims) return claims;
    const cause = error ?? info;
    throw credentialsNotValid(cause instanceof TokenRejected ? cause.message : 'The token is not valid, or it has expired. Log in again.', cause);
  }
}

/** Finds the caller of a request to the control plane: by a Pro token, a `ZENPROKEY_` key, an attached server's token, or a browser's session cookie. */
@Injectable()
export class CloudAuthenticator extends Authenticator {
  readonly #jwt = new JwtGuard();

  constructor(private readonly installation: CloudInstallation) {
    super();
  }

  override async authenticate(context: ExecutionContext, request: FastifyRequest, facts: RequestFacts, declared: Declared): Promise<Caller> {
    const sent = presented(request);
    if (!sent) throw notAuthenticated();
    const credential = credentialOf(sent.text);
    try {
      switch (credential.kind) {
        case 'pro_key':
          return Caller.ofPerson(await this.installation.people.byKey(platform, credential), facts);
        case 'token': {
          await this.#jwt.canActivate(context);
          const claims = (request as Entering).user as CloudClaims;
          if (sent.isCookie) this.#assertSameSite(request, claims);
          if (claims.typ === 'workspace') return Caller.ofMachine(await this.#machine(claims), facts);
          if (claims.typ === 'workspace_authorization' && declared.operation.id !== authorizeServerId)
            throw credentialsNotValid('This token is good for signing in to one workspace and nothing else.');
          return Caller.ofPerson(await this.installation.people.byClaims(platform, claims), facts);
        }
        default:
          throw credentialsNotValid('The API key is not valid: it is incomplete, mistyped or of another kind.');
      }
    } catch (error) {
      if (error instanceof NotAuthorized) throw credentialsNotValid(error.message, error);
      throw error;
    }
  }

  /** The attached servers' own log-ins do not draw from the budget for guessing passwords: they do not retry a 429 over plain http. */
  override async admit(request: FastifyRequest, declared: Declared): Promise<void> {
    if (declared.operation === auth.login && isMachineLogin(request.body)) request.operation = { ...declared, options: { limit: 'none' } };
  }

  /** The person behind the session cookie; null when there is none, or it does not stand any more. For pages, which then ask to sign in. */
  async session(request: FastifyRequest): Promise<Person | null> {
    const cookie = (request as Entering).cookies?.[sessionCookie];
    if (!cookie) return null;
    try {
      const claims = this.installation.tokens.verify(cookie);
      return claims.typ === 'session' ? await this.installation.people.byClaims(platform, claims) : null;
    } catch (error) {
      if (error instanceof TokenRejected || error instanceof NotAuthorized) return null;
      throw error;
    }
  }

  /** Whether the request carries what only our own pages know: in a header, or in a form's field. */
  hasCsrfToken(request: FastifyRequest, sessionId: string): boolean {
    const token = request.headers['x-csrf-token'] ?? (request.body as { csrf_token?: unknown } | null | undefined)?.csrf_token;
    return typeof token === 'string' && this.installation.hashes.csrf.matches(sessionId, token);
  }

  async endSession(person: Person, request: RequestFacts): Promise<void> {
    await this.installation.prisma.tx(platform, async (tx) => {
      await tx.cloudSession.updateMany({ where: { id: person.credential.id, revoked: null }, data: { revoked: this.installation.now() } });
      await audit(tx, actorOf(person, request), { action: 'sign_out' });
    });
  }

  /** A browser adds the cookie to requests that other sites start, so a change must also carry what only our own pages know. */
  #assertSameSite(request: FastifyRequest, claims: CloudClaims): void {
    if (claims.typ !== 'session') throw credentialsNotValid('The session cookie is not valid.');
    if (request.method === 'GET' || request.method === 'HEAD') return;
    if (!this.hasCsrfToken(request, claims.session_id)) throw credentialsNotValid('The X-CSRF-Token header is missing or does not match the session.');
  }

  async #machine(claims: Extract<CloudClaims, { typ: 'workspace' }>): Promise<Machine> {
    const [row] = await this.installation.db.read<Machine>(
      platform,
      sql`SELECT w.id AS "workspaceId", w.organization_id AS "organizationId", w.name, k.id AS "enrollmentKeyId"
          FROM cloud.enrollment_key k JOIN cloud.workspace w ON w.id = k.workspace_id
          WHERE k.id = ${claims.enrollment_key_id} AND w.id = ${claims.sub} AND w.status <> 'deleted' AND (k.expires IS NULL OR k.expires > (now() AT TIME ZONE 'utc'))`,
    );
    if (!row) throw credentialsNotValid('The workspace of this token does not exist, or its enrollment key was revoked.');
    return row;
  }
}

/** Whether a log-in is decided by an enrollment key alone; a key added to a password's log-in must not spare that one its limit. */
function isMachineLogin(body: unknown): boolean {
  try {
    const grant = grantOf((body ?? {}) as LoginForm);
    return grant.kind === 'machine' && typeof grant.secret === 'string' && enrollmentKeys.parse(grant.secret) !== null;
  } catch {
    // Not even a log-in; the handler says what is wrong with it.
    return false;
  }
}
