import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Person } from '#libs/control-plane/people.js';
import { factsOf } from '#libs/http/caller.js';
import { Http, type HttpExchange } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { operation } from '#libs/wire/operation.js';
import { model } from '#libs/wire/registry.js';
import { str } from '#libs/wire/types.js';
import { audit } from '../audit/audit.js';
import { CloudAuthenticator } from '../authenticator.js';
import { actorOf, originOf } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { type Html, html } from './html.js';
import { seeOther, sendPage } from './page.js';
import { page } from './page.wire.js';
import { signedInAs, signInPath } from './sign-in.js';

const why = { public: 'a page that sends people without a session to sign in' };
export const tokenPages = {
  show: operation({ ...page, id: 'page_api_token', method: 'get', path: '/api-token' }),
  create: operation({
    ...page,
    id: 'submit_api_token',
    method: 'post',
    path: '/api-token',
    bodyKind: 'form',
    body: model('CloudApiTokenForm', z.object({ csrf_token: str({ max: 2_000 }).nullish() })),
    errors: [422],
  }),
};

/** Makes a short-lived API token for a script or a curl command, and shows it once. */
@Controller()
export class ApiTokenPages {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly authenticator: CloudAuthenticator,
  ) {}

  @Operation(tokenPages.show, why)
  async show(@Http() { request, reply }: HttpExchange) {
    const person = await this.authenticator.session(request);
    return person ? this.#page(reply, person, null) : seeOther(reply, signInPath('/api-token'));
  }

  @Operation(tokenPages.create, why)
  async create(@Http() { request, reply }: HttpExchange) {
    const person = await this.authenticator.session(request);
    if (!person || !this.authenticator.hasCsrfToken(request, person.credential.id)) return seeOther(reply, signInPath('/api-token'));
    // It ends with the session: signing out voids it.
    const { token, expiresInSeconds } = this.installation.tokens.sign(
      { typ: 'automation', sub: person.id, ...originOf(person) },
      { notAfterMs: person.credentialEndsMs },
    );
    await this.installation.prisma.tx(platform, (tx) =>
      audit(tx, actorOf(person, factsOf(request, false)), { action: 'api_token.create', target: { type: 'user', id: person.id, name: person.username } }),
    );
    const minutes = Math.floor(expiresInSeconds / 60);
    return this.#page(
      reply,
      person,
      html`<p class="note good" role="status">Copy the token now: it is not shown again. It works for ${minutes} minutes, or until you sign out.</p>
<label for="token">Token</label>
<input id="token" type="text" readonly autofocus value="${token}">`,
    );
  }

  #page(reply: FastifyReply, person: Person, made: Html | null): string {
    const csrf = this.installation.hashes.csrf.of(person.credential.id);
    void reply.header('cache-control', 'no-store');
    return sendPage(reply, {
      title: 'API token',
      body: html`<h1>API token</h1>
<p class="soft">A short-lived token for scripts, with all of your rights. Send it as <code>Authorization: Bearer</code>.</p>
${made}
<form method="post" action="/api-token"><input type="hidden" name="csrf_token" value="${csrf}"><div class="actions"><button type="submit">${made ? 'Make another token' : 'Make a token'}</button></div></form>
${signedInAs(person.email ?? person.username, csrf)}`,
    });
  }
}
