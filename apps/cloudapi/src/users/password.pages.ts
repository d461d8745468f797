import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { factsOf } from '#libs/http/caller.js';
import { Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { type Actor, anonymous, audit } from '../audit/audit.js';
import { SignInService } from '../auth/sign-in.service.js';
import { CloudInstallation, platform } from '../installation.js';
import { type Html, html } from '../pages/html.js';
import { failure, safeNext, seeOther, sendPage } from '../pages/page.js';
import { signInPath } from '../pages/sign-in.js';
import { PasswordService } from './password.service.js';
import { passwordPages } from './user.wire.js';

/** Choosing a password: when the old one has expired, and for the first time. Neither needs a session, and neither starts one. */
@Controller()
export class PasswordPages {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly signIn: SignInService,
    private readonly passwords: PasswordService,
  ) {}

  @Operation(passwordPages.change, { public: 'asks for the old password' })
  show(@Input() { query }: InputOf<typeof passwordPages.change>, @Http() { reply }: HttpExchange) {
    return this.#form(reply, query.email ?? '', safeNext(query.next), null);
  }

  @Operation(passwordPages.submit_change, { public: 'asks for the old password' }, { limit: 'sign_in' })
  async change(@Input() { body }: InputOf<typeof passwordPages.submit_change>, @Http() { request, reply }: HttpExchange) {
    const email = body.email ?? '';
    const next = safeNext(body.next);
    const chosen = body.new_password ?? '';
    try {
      const facts = factsOf(request, false);
      const { user } = await this.signIn.check(email, body.password ?? '', facts);
      if (chosen === body.password) throw new Problem('invalid', 'Choose another password than the one you have.');
      const passwordHash = await this.passwords.chosen(chosen, user);
      const actor: Actor = { ...anonymous(facts), type: 'user', id: user.id, name: user.username };
      await this.installation.prisma.tx(platform, async (tx) => {
        await this.passwords.set(tx, user.id, passwordHash, false);
        await audit(tx, actor, { action: 'user.change_password', target: { type: 'user', id: user.id, name: user.username } });
      });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return this.#form(reply, email, next, error);
    }
    return seeOther(reply, signInPath(next));
  }

  @Operation(passwordPages.activate, { public: 'the key in the link is what opens it' }, { limit: 'sign_in' })
  async showActivate(@Input() { query }: InputOf<typeof passwordPages.activate>, @Http() { reply }: HttpExchange) {
    return this.#activation(reply, query.key ?? '', null);
  }

  @Operation(passwordPages.submit_activate, { public: 'the key in the link is what opens it' }, { limit: 'sign_in' })
  async activate(@Input() { body }: InputOf<typeof passwordPages.submit_activate>, @Http() { request, reply }: HttpExchange) {
    try {
      await this.passwords.activate(body.key ?? '', body.new_password ?? '', anonymous(factsOf(request, false)));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return this.#activation(reply, body.key ?? '', error.message);
    }
    return seeOther(reply, '/sign-in');
  }

  #form(reply: FastifyReply, email: string, next: string, problem: Problem | null) {
    if (problem) void reply.headers(problem.options.headers ?? {});
    return sendPage(reply, {
      title: 'Choose a new password',
      status: problem?.status ?? 200,
      body: html`<h1>Choose a new password</h1>
<p class="soft">Your password has to be changed before you can sign in.</p>
${failure(problem?.message ?? null)}
<form method="post" action="/password">
<input type="hidden" name="next" value="${next}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="text" inputmode="email" autocomplete="username" required maxlength="320" value="${email}">
<label for="password">Current password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
${newPassword()}
<div class="actions"><button type="submit">Change password</button></div>
</form>`,
    });
  }

  async #activation(reply: FastifyReply, key: string, text: string | null) {
    const owner = await this.passwords.activating(key);
    if (!owner)
      return sendPage(reply, {
        title: 'Set a password',
        status: 404,
        body: html`<h1>This link does not work any more</h1><p>It was used before, or has expired. Ask an administrator for a new one.</p>`,
      });
    return sendPage(reply, {
      title: 'Set a password',
      status: text ? 400 : 200,
      body: html`<h1>Welcome</h1>
<p class="soft">Set the password for ${owner.email ?? owner.username}.</p>
${failure(text)}
<form method="post" action="/activate">
<input type="hidden" name="key" value="${key}">
${newPassword()}
<div class="actions"><button type="submit">Set password</button></div>
</form>`,
    });
  }
}

function newPassword(): Html {
  return html`<label for="new_password">New password</label>
<input id="new_password" name="new_password" type="password" autocomplete="new-password" required minlength="10" maxlength="1024">`;
}
