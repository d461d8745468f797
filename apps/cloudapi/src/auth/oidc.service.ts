import { Inject, Injectable, Logger } from '@nestjs/common';
import * as client from 'openid-client';
import { platformSealer, type Sealer } from '#libs/crypto/envelope.js';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import type { RequestFacts } from '#libs/http/caller.js';
import { credentialsNotValid, Problem } from '#libs/http/problem.js';
import { asFetch } from '#libs/outbound/as-fetch.js';
import { checkedUrl } from '#libs/outbound/guarded-fetch.js';
import { OutboundError } from '#libs/outbound/outbound-error.js';
import { type Actor, anonymous, audit } from '../audit/audit.js';
import { CloudInstallation, platform } from '../installation.js';
import { judgeSignIn, type OidcClaims, type Stranger, strangerOf } from './oidc.rules.js';
import { type StartedSession, startSession } from './session.js';

/** What the browser keeps while its person is at the provider. */
type Flow = { connectionId: string; state: string; nonce: string; verifier: string; next: string; endsMs: number };

export const flowSeconds = 600;
const flowPlace = { workspaceId: null, table: 'oidc_flow', column: 'cookie', id: 'flow' };
/** A provider's addresses and keys are asked for again after this time. */
const discoveryMs = 3_600_000;
const providerSeconds = 10;

const connectionFields = {
  id: true,
  displayName: true,
  issuer: true,
  clientId: true,
  clientSecret: true,
  scopes: true,
  createsUsers: true,
  emailDomains: true,
  updated: true,
} as const satisfies Prisma.CloudOidcConnectionSelect;

type Row = Prisma.CloudOidcConnectionGetPayload<{ select: typeof connectionFields }>;

const accountFields = { id: true, username: true, isActive: true, emailVerified: true, oauthProvider: true } as const satisfies Prisma.CloudUserSelect;

/** Sign-in at an OpenID Connect provider: authorization code with PKCE, state and nonce, all bound to the browser that started. */
@Injectable()
export class OidcService {
  readonly #log = new Logger('oidc');
  readonly #sealer: Sealer;
  readonly #discovered = new Map<string, { configuration: client.Configuration; untilMs: number }>();

  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {
    this.#sealer = platformSealer(installation.options.master);
  }

  get redirectUri(): string {
    return `${this.installation.cloudUrl}/auth/callback`;
  }

  /** Says at once what a sign-in would otherwise run into; names are looked up only then. @throws Problem 400 */
  assertReachable(issuer: string): void {
    try {
      checkedUrl(issuer, this.installation.outbound, { ports: 'any' });
    } catch (error) {
      if (error instanceof OutboundError) throw new Problem('invalid', `The issuer cannot be used: ${error.message}`, { cause: error });
      throw error;
    }
  }

  sealSecret(id: string, secret: string): string {
    return this.#sealer.seal(secret, secretPlace(id));
  }

  active(): Promise<{ id: string; displayName: string }[]> {
    return this.installation.prisma.tx(platform, (tx) =>
      tx.cloudOidcConnection.findMany({ where: { active: true }, select: { id: true, displayName: true }, orderBy: [{ created: 'asc' }, { id: 'asc' }] }),
    );
  }

  /** Where to send the browser, and what it has to bring back. Without a connection the only one is meant. @throws Problem 404, 503 */
  async start(connectionId: string | null, next: string): Promise<{ url: string; cookie: string }> {
    const connection = await this.#connection(connectionId);
    const configuration = await this.#configuration(connection);
    const flow: Flow = {
      connectionId: connection.id,
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      next,
      endsMs: this.installation.nowMs() + flowSeconds * 1_000,
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.redirectUri,
      response_type: 'code',
      scope: connection.scopes,
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, cookie: this.#sealer.seal(JSON.stringify(flow), flowPlace) };
  }

  /** Ends what `start` began. `query` is the query of the callback as it came. @throws Problem 401, 503 */
  async finish(query: string, cookie: string | null, request: RequestFacts): Promise<{ session: StartedSession; next: string }> {
    const flow = this.#flow(cookie);
    if (!flow) throw credentialsNotValid('The sign-in took too long, or was started in another browser. Start it again.');
    const connection = await this.#connection(flow.connectionId);
    const configuration = await this.#configuration(connection);
    let claims: OidcClaims;
    try {
      const tokens = await client.authorizationCodeGrant(configuration, new URL(`${this.redirectUri}${query}`), {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      });
      claims = { ...tokens.claims() } as OidcClaims;
      // Many providers tell the address only there.
      if (claims.email === undefined && configuration.serverMetadata().userinfo_endpoint)
        claims = { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims };
    } catch (error) {
      this.#log.warn({ err: error, connectionId: connection.id }, 'a sign-in at a provider failed');
      await this.#refused(request, connection.id, 'provider');
      throw credentialsNotValid('The provider did not confirm the sign-in. Start it again.', error);
    }
    return { session: await this.#signIn(connection, strangerOf(claims), claims, request), next: flow.next };
  }

  async #signIn(connection: Row, stranger: Stranger, claims: OidcClaims, request: RequestFacts): Promise<StartedSession> {
    const { installation } = this;
    const result = await installation.prisma.tx(platform, async (tx) => {
      const bySubject = await tx.cloudUser.findFirst({ where: { oauthProvider: connection.id, oauthId: stranger.subject }, select: accountFields });
      const byEmail = stranger.email ? await tx.cloudUser.findFirst({ where: { email: stranger.email, organizationId: null }, select: accountFields }) : null;
      const verdict = judgeSignIn(connection, stranger, bySubject, byEmail);
      if (verdict.kind === 'refuse') return verdict;
      const now = installation.now();
      const shown = { oidcClaims: claims as Prisma.InputJsonObject, lastLogin: now, ...(stranger.avatarUrl ? { avatarUrl: stranger.avatarUrl } : {}) };
      const linked = { oauthProvider: connection.id, oauthId: stranger.subject };
      let user: { id: string; username: string };
      if (verdict.kind === 'create') user = await this.#create(tx, stranger, { ...shown, ...linked });
      else {
        if (verdict.kind === 'link' && verdict.isUnproven) await forgetCredentials(tx, verdict.account.id, now);
        const more = verdict.kind === 'link' ? { ...linked, emailVerified: true } : {};
        user = await tx.cloudUser.update({
          where: { id: verdict.account.id },
          data: { ...shown, ...more, updated: now },
          select: { id: true, username: true },
        });
      }
      const session = await startSession(installation, tx, user.id, request, { method: 'oidc', connectionId: connection.id, idToken: null });
      const actor: Actor = { type: 'user', id: user.id, name: user.username, credential: { type: 'session', id: session.id }, request };
      const target = { type: 'user', id: user.id, name: user.username };
      if (verdict.kind === 'create') await audit(tx, actor, { action: 'user.create', target, details: { connection_id: connection.id } });
      if (verdict.kind === 'link') await audit(tx, actor, { action: 'user.link', target, details: { connection_id: connection.id } });
      await audit(tx, actor, { action: 'sign_in', details: { method: 'oidc', connection_id: connection.id } });
      return { kind: 'session' as const, session };
    });
    if (result.kind === 'session') return result.session;
    await this.#refused(request, connection.id, 'account');
    throw credentialsNotValid(result.because);
  }

  async #create(tx: PrismaTx, stranger: Stranger, more: Partial<Prisma.CloudUserUncheckedCreateInput>) {
    const { email, isEmailVerified, name, subject } = stranger;
    const wanted = email ?? `oidc-${subject}`.slice(0, 300);
    const isTaken = (await tx.cloudUser.count({ where: { organizationId: null, username: wanted } })) > 0;
    if (isTaken) throw credentialsNotValid('There is an account of this name already. Ask an administrator.');
    return tx.cloudUser.create({ data: { ...more, username: wanted, email, emailVerified: isEmailVerified, name }, select: { id: true, username: true } });
  }

  async #refused(request: RequestFacts, connectionId: string, because: string): Promise<void> {
    await this.installation.prisma.tx(platform, (tx) =>
      audit(tx, anonymous(request), { action: 'sign_in', outcome: 'failure', details: { method: 'oidc', connection_id: connectionId, because } }),
    );
  }

  async #connection(id: string | null): Promise<Row> {
    const rows = await this.installation.prisma.tx(platform, (tx) =>
      tx.cloudOidcConnection.findMany({ where: { active: true, ...(id ? { id } : {}) }, select: connectionFields, take: 2 }),
    );
    if (rows.length !== 1)
      throw new Problem('not_found', rows.length === 0 ? 'There is no such sign-in.' : 'There are several providers: say which by connection_id.');
    return rows[0] as Row;
  }

  async #configuration(connection: Row): Promise<client.Configuration> {
    const key = `${connection.id} ${connection.updated.getTime()}`;
    const known = this.#discovered.get(key);
    if (known && known.untilMs > Date.now()) return known.configuration;
    const secret = connection.clientSecret ? this.#sealer.open(connection.clientSecret, secretPlace(connection.id)) : null;
    const issuer = new URL(connection.issuer);
    try {
      const configuration = await client.discovery(issuer, connection.clientId, undefined, secret ? client.ClientSecretPost(secret) : client.None(), {
        timeout: providerSeconds,
        // All that is asked of a provider goes through the guarded client: its own document names further addresses, which may be anything.
        [client.customFetch]: asFetch({ policy: this.installation.outbound, timeoutMs: providerSeconds * 1_000, ports: 'any' }),
        // Plain http reaches only what the operator has opened.
        ...(issuer.protocol === 'http:' ? { execute: [client.allowInsecureRequests] } : {}),
      });
      this.#discovered.set(key, { configuration, untilMs: Date.now() + discoveryMs });
      return configuration;
    } catch (error) {
      this.#log.error({ err: error, connectionId: connection.id }, 'a provider does not answer');
      throw new Problem('unavailable', `The provider '${connection.displayName}' does not answer. Try again later.`, {
        cause: error,
        headers: { 'Retry-After': '30' },
      });
    }
  }

  #flow(cookie: string | null): Flow | null {
    if (!cookie) return null;
    try {
      const flow = JSON.parse(this.#sealer.open(cookie, flowPlace)) as Flow;
      return flow.endsMs > this.installation.nowMs() ? flow : null;
    } catch {
      // Not ours, damaged, or of a key that is gone: the same as none.
      return null;
    }
  }
}

/** What was set up before the address was proven may be an impostor's, who would otherwise keep a way in. */
async function forgetCredentials(tx: PrismaTx, userId: string, now: Date): Promise<void> {
  await tx.cloudApiKey.deleteMany({ where: { userId } });
  await tx.cloudDevice.deleteMany({ where: { userId } });
  await tx.cloudSession.updateMany({ where: { userId, revoked: null }, data: { revoked: now } });
  await tx.cloudUser.update({ where: { id: userId }, data: { passwordHash: null, activationHash: null }, select: { id: true } });
}

function secretPlace(id: string) {
  return { workspaceId: null, table: 'oidc_connection', column: 'client_secret', id };
}
