import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UpgradeRequired } from '#libs/control-plane/control-plane.js';
import { factsOf } from '#libs/http/caller.js';
import { Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { anonymous } from '../audit/audit.js';
import { CloudAuthenticator } from '../authenticator.js';
import { actorOf } from '../caller.js';
import { CloudInstallation } from '../installation.js';
import { html } from '../pages/html.js';
import { failure, seeOther, sendPage } from '../pages/page.js';
import { signedInAs, signInPath } from '../pages/sign-in.js';
import { PasswordService } from '../users/password.service.js';
import { InvitationService } from './invitation.service.js';
import { invitations } from './invitation.wire.js';

const why = { public: 'the key in the link is what opens it' };

/** Where the link of an invitation leads: to join with one's account, or to make one. */
@Controller()
export class InvitationPages {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly authenticator: CloudAuthenticator,
    private readonly invitations: InvitationService,
    private readonly passwords: PasswordService,
  ) {}

  @Operation(invitations.page, why, { limit: 'sign_in' })
  show(@Input() { query }: InputOf<typeof invitations.page>, @Http() { request, reply }: HttpExchange) {
    return this.#show(request, reply, query.key ?? '', null);
  }

  @Operation(invitations.submit, why, { limit: 'sign_in' })
  async submit(@Input() { body }: InputOf<typeof invitations.submit>, @Http() { request, reply }: HttpExchange) {
    const key = body.key ?? '';
    const facts = factsOf(request, false);
    const person = await this.authenticator.session(request);
    try {
      if (person) {
        if (!this.authenticator.hasCsrfToken(request, person.credential.id))
          return this.#show(request, reply, key, 'The page was open for too long. Please try again.');
        await this.invitations.accept(key, actorOf(person, facts), person);
        return seeOther(reply, '/');
      }
      const invitation = await this.invitations.opened(key);
      if (!invitation || invitation.hasAccount) return this.#show(request, reply, key, null);
      const name = body.name?.trim().slice(0, 255) || null;
      const passwordHash = await this.passwords.chosen(body.password ?? '', { username: invitation.email, email: invitation.email, name });
      await this.invitations.register(key, anonymous(facts), { name, passwordHash });
    } catch (error) {
      if (error instanceof UpgradeRequired)
        return this.#show(request, reply, key, 'The plan of the organization has no seat left. Ask whoever invited you to make room, and try again.', 402);
      if (!(error instanceof Problem)) throw error;
      return this.#show(request, reply, key, error.message);
    }
    // Signing in is left to the person: another site could otherwise sign a browser in to an account of its choice.
    return seeOther(reply, '/sign-in');
  }

  async #show(request: FastifyRequest, reply: FastifyReply, key: string, text: string | null, status = text ? 400 : 200) {
    const invitation = await this.invitations.opened(key);
    if (!invitation)
      return sendPage(reply, {
        title: 'Invitation',
        status: 404,
        body: html`<h1>This invitation cannot be opened</h1><p>It has expired, or was accepted or revoked. Ask whoever invited you for a new one.</p>`,
      });
    const { email, organization, hasAccount } = invitation;
    const person = await this.authenticator.session(request);
    const name = organization.displayName ?? organization.name;
    const title = html`<h1>Join ${name}</h1>${failure(text)}`;
    if (person) {
      const csrf = this.installation.hashes.csrf.of(person.credential.id);
      const isFor = person.email === email;
      return sendPage(reply, {
        title: 'Invitation',
        status,
        body: html`${title}
${
  isFor
    ? html`<p class="soft">You are invited to this organization.</p><form method="post" action="/invitations/accept"><input type="hidden" name="csrf_token" value="${csrf}"><input type="hidden" name="key" value="${key}"><div class="actions"><button type="submit">Join</button></div></form>`
    : html`<p class="note bad">This invitation is for ${email}. Sign out, and open the link again.</p>`
}
${signedInAs(person.email ?? person.username, csrf)}`,
      });
    }
    if (hasAccount)
      return sendPage(reply, {
        title: 'Invitation',
        status,
        body: html`${title}<p class="soft">You are invited as ${email}, and have an account with this address.</p><p><a href="${signInPath(`/invitations/accept?${new URLSearchParams({ key })}`)}">Sign in to join</a></p>`,
      });
    return sendPage(reply, {
      title: 'Invitation',
      status,
      body: html`${title}
<p class="soft">You are invited as ${email}. Choose a password for your new account.</p>
<form method="post" action="/invitations/accept">
<input type="hidden" name="key" value="${key}">
<label for="name">Name</label>
<input id="name" name="name" type="text" autocomplete="name" maxlength="255">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="10" maxlength="1024">
<div class="actions"><button type="submit">Create account and join</button></div>
</form>`,
    });
  }
}
