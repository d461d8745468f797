import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { credentialsNotValid, Problem } from '#libs/http/problem.js';
import { bearerOf, credentialOf } from '#libs/identity/credential.js';
import { type NewWorkspaceToken, workspaceLifetimeSeconds } from '#libs/identity/workspace-token.js';
import { uuidOf } from '#libs/resource/predicate.js';
import type { InputOf } from '#libs/wire/operation.js';
import { auth } from '#libs/wire/operations/auth.js';
import { Installation } from '../installation.js';
import { cookieName } from './authenticator.js';
import { redeemDeviceCode } from './device.js';
import type { Tenant } from './tenant.js';

type Form = NonNullable<InputOf<typeof auth.token>['body']>;

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Sign-in of every kind. */
@Controller()
export class LoginController {
  constructor(@Inject(Installation) private readonly installation: Installation) {}

  @Operation(auth.token, { public: 'this is the log-in' }, { limit: 'sign_in' })
  async token(@Input() { body = {} }: InputOf<typeof auth.token>, @Http() http: HttpExchange) {
    const tenant = await this.installation.tenants.of(http.request);
    switch (grantOf(body, tenant)) {
      case 'password':
        return this.#counted(http, () => this.#byPassword(tenant, body, http));
      case 'zenml-api-key':
        return this.#counted(http, () => this.#byKey(tenant, body.password as string, http));
      case 'zenml-external':
        return this.#byControlPlane(tenant, bearerOf(http.request.headers.authorization), http);
      default:
        return this.#byDevice(tenant, body, http);
    }
  }

  @Operation(auth.logout, { public: 'it only removes the cookie' })
  async logout(@Http() { request, reply }: HttpExchange) {
    const workspaceId = await this.installation.tenants.idOf(request);
    void reply.clearCookie(cookieName(workspaceId), { path: '/' });
    return null;
  }

  /** Only what fails for the credentials counts. @throws Problem 429 after too many of them */
  async #counted<T>({ request }: HttpExchange, signIn: () => Promise<T>): Promise<T> {
    this.installation.failedAttempts.assertAllowed(request.ip);
    try {
      return await signIn();
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.installation.failedAttempts.note(request.ip);
      throw error;
    }
  }

  async #byPassword(tenant: Tenant, body: Form, http: HttpExchange) {
    const { userId } = await this.installation.localAccounts.byPassword(tenant.id, body.username as string, body.password ?? '');
    return this.#issue(tenant, { sub: userId }, http, true);
  }

  async #byKey(tenant: Tenant, text: string, http: HttpExchange) {
    const credential = credentialOf(text);
    if (credential.kind === 'pro_key') return this.#byControlPlane(tenant, text, http);
    if (credential.kind !== 'local_key') throw credentialsNotValid('The API key is not valid.');
    const { userId, keyId, generation } = await this.installation.localAccounts.byKey(tenant.id, credential);
    return this.#issue(tenant, { sub: userId, api_key_id: keyId, key_gen: generation }, http, false);
  }

  async #byDevice(tenant: Tenant, body: Form, http: HttpExchange) {
    const { deviceId, userId, endsMs } = await redeemDeviceCode(
      this.installation,
      tenant.id,
      uuidOf(body.client_id as string) as string,
      body.device_code as string,
    );
    // The token ends with the device, however short tokens live otherwise: a command line cannot ask its owner every hour.
    return this.#issue(tenant, { sub: userId, device_id: deviceId }, http, false, { lifetimeSeconds: null, notAfterMs: endsMs });
  }

  async #byControlPlane(tenant: Tenant, bearer: string | undefined, http: HttpExchange) {
    if (http.request.headers.authorization && !bearer) throw credentialsNotValid('The Authorization header is not valid; send a bearer token.');
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

  #issue(tenant: Tenant, token: NewWorkspaceToken, { request, reply }: HttpExchange, isBrowser: boolean, lifetime = this.#lifetimeOf(tenant)) {
    const sessionId = isBrowser && isCrossSite(request) ? randomUUID() : null;
    const signed = this.installation.tokens.sign(tenant.id, { ...token, ...(sessionId ? { session_id: sessionId } : {}) }, lifetime);
    if (isBrowser) setCookie(reply, request, tenant.id, signed.token, lifetime.lifetimeSeconds);
    return {
      access_token: signed.token,
      token_type: 'bearer',
      expires_in: signed.expiresInSeconds,
      refresh_token: null,
      csrf_token: sessionId ? this.installation.hashes.csrf.of(sessionId) : null,
      scope: null,
      device_id: null,
      device_metadata: null,
    };
  }

  #lifetimeOf(tenant: Tenant): { lifetimeSeconds: number | null; notAfterMs?: number | null } {
    const minutes = this.installation.options.localTokenMinutes;
    return { lifetimeSeconds: tenant.identityMode === 'pro' ? workspaceLifetimeSeconds : minutes === null ? null : minutes * 60 };
  }
}

/** The grant that was asked for, or the one that the fields fit. @throws Problem 400, 403 */
function grantOf(body: Form, tenant: Tenant): string {
  const grant = body.grant_type || grantByFields(body, tenant);
  const refuse = (text: string) => new Problem('invalid', text, { shape: 'plain' });
  switch (grant) {
    case 'password':
      if (tenant.identityMode === 'pro') throw refuse('Passwords are not accepted here: this workspace takes people from the control plane. Log in there.');
      if (!body.username) throw refuse('Invalid request: username is required.');
      return grant;
    case 'zenml-api-key':
      if (!body.password) throw refuse('Invalid request: send the API key as password.');
      return grant;
    case deviceGrant:
      if (tenant.identityMode === 'pro')
        throw new Problem('forbidden', 'Device authorization is not supported here; log in at the control plane.', { shape: 'plain' });
      if (!body.device_code || !body.client_id) throw refuse('Invalid request: device_code and client_id are required.');
      if (!uuidOf(body.client_id)) throw refuse('Invalid request: client_id must be a UUID.');
      return grant;
    case 'zenml-external':
      if (tenant.identityMode === 'local') throw refuse('There is no control plane to log in with: this workspace stands alone.');
      return grant;
    default:
      throw refuse(`Unsupported grant type: ${grant}`);
  }
}

function grantByFields(body: Form, tenant: Tenant): string {
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
