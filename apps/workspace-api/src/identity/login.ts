import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { credentialsNotValid, Problem } from '#libs/http/problem.js';
import { bearerOf, credentialOf } from '#libs/identity/credential.js';
import { type NewWorkspaceToken, workspaceLifetimeSeconds } from '#libs/identity/workspace-token.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { auth } from '#libs/wire/operations/auth.js';
import { users } from '#libs/wire/operations/users.js';
import { Installation } from '../installation.js';
import { cookieName } from './authenticator.js';
import type { Tenant } from './tenant.js';
import { ownUser } from './user.js';

type Form = NonNullable<InputOf<typeof auth.token>['body']>;

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Sign-in of every kind, and who one is. */
@Controller()
export class LoginController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(auth.token, { public: 'this is the log-in' }, { limit: 'sign_in' })
  async token(@Input() { body = {} }: InputOf<typeof auth.token>, @Http() http: HttpExchange) {
    const tenant = await this.installation.tenants.of(http.request);
    switch (grantOf(body, tenant)) {
      case 'password':
        return this.#byPassword(tenant, body, http);
      case 'zenml-api-key':
        return this.#byKey(tenant, body.password as string, http);
      case 'zenml-external':
        return this.#byControlPlane(tenant, bearerOf(http.request.headers.authorization), http);
      default:
        throw new Problem('invalid', 'The device grant is not served here yet.', { shape: 'plain' });
    }
  }

  @Operation(auth.logout, { public: 'it only removes the cookie' })
  async logout(@Http() { request, reply }: HttpExchange) {
    const workspaceId = await this.installation.tenants.idOf(request);
    void reply.clearCookie(cookieName(workspaceId), { path: '/' });
    return null;
  }

  @Operation(users.get_current_user, { login: "one's own record" })
  currentUser(@CurrentCaller() caller: Caller) {
    return this.store.get(caller, ownUser, caller.userId);
  }

  async #byPassword(tenant: Tenant, body: Form, http: HttpExchange) {
    if (tenant.identityMode === 'pro') throw new Problem('forbidden', 'This workspace takes people from the control plane; log in there.', { shape: 'plain' });
    if (!body.username) throw new Problem('invalid', 'Invalid request: username is required.', { shape: 'plain' });
    const { userId } = await this.installation.localAccounts.byPassword(tenant.id, body.username, body.password ?? '');
    return this.#issue(tenant, { sub: userId }, http, true);
  }

  async #byKey(tenant: Tenant, text: string, http: HttpExchange) {
    const credential = credentialOf(text);
    if (credential.kind === 'pro_key') return this.#byControlPlane(tenant, text, http);
    if (credential.kind !== 'local_key') throw credentialsNotValid('The API key is not valid.');
    const { userId, keyId, generation } = await this.installation.localAccounts.byKey(tenant.id, credential);
    return this.#issue(tenant, { sub: userId, api_key_id: keyId, key_gen: generation }, http, false);
  }

  async #byControlPlane(tenant: Tenant, bearer: string | undefined, http: HttpExchange) {
    if (!bearer) return { authorization_url: `${this.installation.cloudUrl ?? ''}/api/auth/login` };
    const { userId, binding } = await this.installation.externalAccounts.enter(tenant.id, bearer);
    const bound: NewWorkspaceToken = {
      sub: userId,
      ...(binding.apiKeyId ? { api_key_id: binding.apiKeyId } : {}),
      ...(binding.keyGeneration === undefined ? {} : { key_gen: binding.keyGeneration }),
      ...(binding.deviceId ? { device_id: binding.deviceId } : {}),
      ...(binding.sessionId ? { cloud_session_id: binding.sessionId } : {}),
    };
    return this.#issue(tenant, bound, http, true);
  }

  #issue(tenant: Tenant, token: NewWorkspaceToken, { request, reply }: HttpExchange, isBrowser: boolean) {
    const minutes = this.installation.options.localTokenMinutes;
    const lifetimeSeconds = tenant.identityMode === 'pro' ? workspaceLifetimeSeconds : minutes === null ? null : minutes * 60;
    const sessionId = isBrowser && isCrossSite(request) ? randomUUID() : null;
    const signed = this.installation.tokens.sign(tenant.id, { ...token, ...(sessionId ? { session_id: sessionId } : {}) }, { lifetimeSeconds });
    if (isBrowser) setCookie(reply, request, tenant.id, signed.token, lifetimeSeconds);
    return {
      access_token: signed.token,
      token_type: 'bearer',
      expires_in: signed.expiresInSeconds,
      refresh_token: null,
      csrf_token: sessionId ? this.installation.hashes.csrf.of(sessionId) : null,
      scope: null,
      device_id: token.device_id ?? null,
      device_metadata: null,
    };
  }
}

/** The grant that was asked for, or the one that the fields fit. @throws Problem 400 */
function grantOf(body: Form, tenant: Tenant): string {
  const grant = body.grant_type;
  if (grant) {
    if (![deviceGrant, 'password', 'zenml-api-key', 'zenml-external'].includes(grant))
      throw new Problem('invalid', `Unsupported grant type: ${grant}`, { shape: 'plain' });
    if (grant === 'zenml-api-key' && !body.password) throw new Problem('invalid', 'Invalid request: password is required.', { shape: 'plain' });
    return grant;
  }
  if (body.username) return 'password';
  if (body.password) return 'zenml-api-key';
  if (body.device_code) return deviceGrant;
  return tenant.identityMode === 'pro' ? 'zenml-external' : 'password';
}

/** A browser that shows another site: its cookie travels along, so requests must prove themselves by the CSRF token. */
function isCrossSite(request: FastifyRequest): boolean {
  const from = request.headers.origin ?? request.headers.referer;
  if (!from) return false;
  const host = (request.headers.host ?? '').split(':')[0] as string;
  const origin = URL.canParse(from) ? new URL(from).hostname : '';
  return origin !== host && !origin.endsWith(`.${host}`);
}

function setCookie(reply: FastifyReply, request: FastifyRequest, workspaceId: string, token: string, lifetimeSeconds: number | null): void {
  const isSecure = request.protocol === 'https';
  const crossSite = isCrossSite(request) && isSecure;
  void reply.setCookie(cookieName(workspaceId), token, {
    path: '/',
    httpOnly: true,
    sameSite: crossSite ? 'none' : 'lax',
    secure: crossSite || isSecure,
    ...(lifetimeSeconds === null ? {} : { maxAge: lifetimeSeconds }),
  });
}
