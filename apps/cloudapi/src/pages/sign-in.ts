import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomToken } from '#libs/crypto/random.js';
import { factsOf } from '#libs/http/caller.js';
import { Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { OidcService } from '../auth/oidc.service.js';
import { clearSessionCookie, cookieOptions, setSessionCookie } from '../auth/session.js';
import { SignInService } from '../auth/sign-in.service.js';
import { CloudAuthenticator } from '../authenticator.js';
import { CloudInstallation } from '../installation.js';
import { html } from './html.js';
import { failure, safeNext, seeOther, sendPage } from './page.js';
import { pages } from './page.wire.js';

/** Ties the form to the browser that asked for it, before there is a session: another site cannot sign somebody in to its own account. */
const formCookie = 'control-plane-form';
const formLifetimeSeconds = 3_600;

@Controller()
export class SignInPages {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly authenticator: CloudAuthenticator,
    private readonly signIn: SignInService,
    private readonly oidc: OidcService,
  ) {}

  @Operation(pages.home, { public: 'a page that sends people without a session to sign in' })
  async home(@Http() { request, reply }: HttpExchange) {
    const person = await this.authenticator.session(request);
    if (!person) return seeOther(reply, '/sign-in');
    return sendPage(reply, {
      title: 'Control plane',
      body: html`<h1>You are signed in</h1>
<p class="soft">Connect a command line with:</p>
<p><code>zenml login --pro --pro-api-url ${this.installation.cloudUrl}</code></p>
<p><a href="/api-token">Make an API token</a></p>
<p><a href="/docs">API documentation</a></p>
${signedInAs(person.email ?? person.username, this.installation.hashes.csrf.of(person.credential.id))}`,
    });
  }

  @Operation(pages.login, { public: 'leads to the sign-in page' })
  login(@Input() { query }: InputOf<typeof pages.login>, @Http() { reply }: HttpExchange) {
    return seeOther(reply, signInPath(query.next ?? null));
  }

  @Operation(pages.sign_in, { public: 'the sign-in page' })
  async show(@Input() { query }: InputOf<typeof pages.sign_in>, @Http() { request, reply }: HttpExchange) {
    const next = safeNext(query.next);
    if (await this.authenticator.session(request)) return seeOther(reply, next);
    return this.#form(request, reply, { next, email: '', text: null, status: 200 });
  }

  @Operation(pages.submit_sign_in, { public: 'this is the sign-in' }, { limit: 'sign_in' })
  async submit(@Input() { body }: InputOf<typeof pages.submit_sign_in>, @Http() { request, reply }: HttpExchange) {
    const next = safeNext(body.next);
    const email = body.email ?? '';
    const again = (text: string, status: number) => this.#form(request, reply, { next, email, text, status });
    const secret = cookieOf(request);
    if (!secret || !body.form_token || !this.installation.hashes.csrf.matches(secret, body.form_token))
      return again('The page was open for too long, or cookies are switched off. Please try again.', 403);
    if (!email || !body.password) return again('Enter your e-mail address and your password.', 400);
    try {
      const signedIn = await this.signIn.byPassword(email, body.password, factsOf(request, false));
      if (signedIn.kind === 'expired') return seeOther(reply, `/password?${new URLSearchParams({ email, next })}`);
      setSessionCookie(this.installation, reply, signedIn.session);
      void reply.clearCookie(formCookie, cookieOptions(this.installation));
      return seeOther(reply, next);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      void reply.headers(error.options.headers ?? {});
      return again(error.message, error.status);
    }
  }

  @Operation(pages.submit_sign_out, { public: 'signing out twice is no mistake' })
  async signOut(@Http() { request, reply }: HttpExchange) {
    const person = await this.authenticator.session(request);
    if (person && !this.authenticator.hasCsrfToken(request, person.credential.id)) return seeOther(reply, '/');
    if (person) await this.authenticator.endSession(person, factsOf(request, false));
    clearSessionCookie(this.installation, reply);
    return seeOther(reply, '/sign-in');
  }

  async #form(
    request: FastifyRequest,
    reply: FastifyReply,
    { next, email, text, status }: { next: string; email: string; text: string | null; status: number },
  ) {
    const secret = cookieOf(request) ?? randomToken(16);
    const providers = await this.oidc.active();
    void reply.setCookie(formCookie, secret, cookieOptions(this.installation, formLifetimeSeconds));
    return sendPage(reply, {
      title: 'Sign in',
      status,
      body: html`<h1>Sign in</h1>
<p class="soft">to your ZenML workspaces at ${new URL(this.installation.cloudUrl).host}</p>
${failure(text)}
<form method="post" action="/sign-in">
<input type="hidden" name="form_token" value="${this.installation.hashes.csrf.of(secret)}">
<input type="hidden" name="next" value="${next}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="text" inputmode="email" autocomplete="username" required autofocus maxlength="320" value="${email}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
<div class="actions"><button type="submit">Sign in</button></div>
</form>
${providers.map(({ id, displayName }) => html`<p><a href="/auth/authorize?${new URLSearchParams({ connection_id: id, next }).toString()}">Sign in with ${displayName}</a></p>`)}`,
    });
  }
}

function cookieOf(request: FastifyRequest): string | null {
  const value = (request as FastifyRequest & { cookies?: Record<string, string | undefined> }).cookies?.[formCookie];
  return value && /^[0-9A-Za-z]{10,64}$/.test(value) ? value : null;
}

export function signInPath(next: string | null): string {
  const safe = safeNext(next);
  return safe === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ next: safe })}`;
}

export function signedInAs(name: string, csrfToken: string) {
  return html`<footer><span>Signed in as ${name}</span><form method="post" action="/sign-out"><input type="hidden" name="csrf_token" value="${csrfToken}"><button class="quiet" type="submit">Sign out</button></form></footer>`;
}
