import { Controller, Inject } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { NotAuthorized } from '#libs/control-plane/control-plane.js';
import type { Person } from '#libs/control-plane/people.js';
import { factsOf } from '#libs/http/caller.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { credentialsNotValid, Problem } from '#libs/http/problem.js';
import { credentialOf } from '#libs/identity/credential.js';
import type { InputOf } from '#libs/wire/operation.js';
import { audit } from '../audit/audit.js';
import { CloudAuthenticator } from '../authenticator.js';
import { actorOf, Caller, originOf } from '../caller.js';
import { DeviceService } from '../devices/device.service.js';
import { CloudInstallation, platform, within } from '../installation.js';
import { EnrollmentService } from '../workspaces/enrollment.service.js';
import { auth } from './auth.wire.js';
import { grantOf } from './grant.rules.js';
import { clearSessionCookie, setSessionCookie } from './session.js';
import { SignInService } from './sign-in.service.js';
import { tokenReply } from './token-reply.js';

/** Tokens of every kind, for everybody who can show who they are. */
@Controller()
export class LoginController {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly signIn: SignInService,
    private readonly devices: DeviceService,
    private readonly enrollment: EnrollmentService,
    private readonly authenticator: CloudAuthenticator,
  ) {}

  @Operation(auth.device_authorization, { public: 'the command line has no credentials yet' }, { limit: 'sign_in' })
  deviceAuthorization(@Input() { body }: InputOf<typeof auth.device_authorization>, @Http() { request }: HttpExchange) {
    return this.devices.start(body.client_id, body.device_id ?? null, factsOf(request, false));
  }

  @Operation(auth.login, { public: 'this is the log-in' }, { limit: 'sign_in' })
  async login(@Input() { body = {} }: InputOf<typeof auth.login>, @Http() http: HttpExchange) {
    const facts = factsOf(http.request, false);
    const grant = grantOf(body);
    switch (grant.kind) {
      case 'device':
        return this.devices.poll(grant.clientId, grant.deviceCode, facts);
      case 'key':
        return this.#byKey(grant.key, http.request);
      case 'machine':
        return this.enrollment.login(grant.workspaceId, grant.secret, facts);
      case 'password': {
        const signedIn = await this.signIn.byPassword(grant.username, grant.password, facts);
        if (signedIn.kind === 'expired')
          throw new Problem('forbidden', `Your password has expired. Sign in at ${this.installation.cloudUrl}/sign-in to choose a new one.`);
        const { session } = signedIn;
        // Only for pages of our own: another site could otherwise sign a browser in to an account of its choice.
        if (http.request.headers.origin === new URL(this.installation.cloudUrl).origin) setSessionCookie(this.installation, http.reply, session);
        return tokenReply(session.token, session.expiresInSeconds, { csrf_token: session.csrfToken });
      }
    }
  }

  @Operation(auth.api_token, { login: 'a token for oneself, with no more rights and no longer life than what it comes from' })
  async apiToken(@CurrentCaller() caller: Caller) {
    const person = caller.requirePerson();
    const { token } = this.installation.tokens.sign(
      { typ: 'automation', sub: person.id, ...originOf(person), ...(person.organizationId ? { organization_id: person.organizationId } : {}) },
      { notAfterMs: person.credentialEndsMs },
    );
    await this.installation.prisma.tx(platform, (tx) =>
      audit(tx, caller.actor, {
        action: 'api_token.create',
        organizationId: person.organizationId,
        target: { type: 'user', id: person.id, name: person.username },
      }),
    );
    return token;
  }

  @Operation([auth.workspace_authorization, auth.tenant_authorization], { guarded: 'being a member of the workspace' })
  async workspaceAuthorization(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof auth.workspace_authorization>) {
    const person = caller.requirePerson();
    const workspaceId = query.workspace_id ?? query.tenant_id;
    if (!workspaceId) throw new Problem('unprocessable', "1 validation error:\n  ('query', 'workspace_id'): Field required", { shape: 'validation' });
    const workspace = await this.installation.prisma.tx(platform, (tx) =>
      tx.cloudWorkspace.findFirst({ where: { id: workspaceId, status: { not: 'deleted' } }, select: { id: true, organizationId: true } }),
    );
    if (!workspace || !caller.mayEnter(workspace)) throw new Problem('not_found', 'There is no workspace with this id, or you are not a member of it.');
    const signed = this.installation.tokens.sign(
      {
        typ: 'workspace_authorization',
        sub: person.id,
        workspace_id: workspace.id,
        ...originOf(person),
        ...(person.organizationId ? { organization_id: person.organizationId } : {}),
      },
      { notAfterMs: person.credentialEndsMs },
    );
    return tokenReply(signed.token, signed.expiresInSeconds);
  }

  @Operation(auth.logout, { public: 'signing out twice is no mistake' })
  async logout(@Http() { request, reply }: HttpExchange) {
    const person = await this.authenticator.session(request);
    // The cookie alone does not sign anybody out: another site could send it.
    const isOurs = person !== null && this.authenticator.hasCsrfToken(request, person.credential.id);
    if (person && isOurs) await this.authenticator.endSession(person, factsOf(request, false));
    if (!person || isOurs) clearSessionCookie(this.installation, reply);
    if (person && !isOurs) throw new Problem('forbidden', 'Send the X-CSRF-Token that belongs to the session.');
    return null;
  }

  /** A key for a token that lives an hour. The key may also be used directly; this spares its holder from sending it around. */
  async #byKey(text: string, request: FastifyRequest) {
    const credential = credentialOf(text);
    if (credential.kind !== 'pro_key') throw credentialsNotValid('The API key is not valid: it is incomplete, mistyped or of another kind.');
    let person: Person;
    try {
      person = await this.installation.people.byKey(platform, credential);
    } catch (error) {
      if (error instanceof NotAuthorized) throw credentialsNotValid(error.message, error);
      throw error;
    }
    const bound = { sub: person.id, api_key_id: person.credential.id, key_gen: person.credential.keyGeneration as number };
    const signed = this.installation.tokens.sign(
      person.organizationId ? { typ: 'service_account', ...bound, organization_id: person.organizationId } : { typ: 'api_key', ...bound },
      { notAfterMs: person.credentialEndsMs },
    );
    await this.installation.prisma.tx(person.organizationId ? within(person.organizationId) : platform, (tx) =>
      audit(tx, actorOf(person, factsOf(request, false)), { action: 'sign_in', organizationId: person.organizationId, details: { method: 'api_key' } }),
    );
    return tokenReply(signed.token, signed.expiresInSeconds);
  }
}
