import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { databaseFault } from '#libs/database/errors.js';
import type { Prisma } from '#libs/database/prisma.js';
import { factsOf } from '#libs/http/caller.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { parseUuid } from '#libs/wire/types.js';
import { audit } from '../audit/audit.js';
import { CloudAuthenticator } from '../authenticator.js';
import { Caller } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { html } from '../pages/html.js';
import { safeNext, seeOther, sendPage } from '../pages/page.js';
import { signedInAs } from '../pages/sign-in.js';
import { naive } from '../wire.js';
import { flowSeconds, OidcService } from './oidc.service.js';
import { oidc } from './oidc.wire.js';
import { cookieOptions, setSessionCookie } from './session.js';

const flowCookie = 'control-plane-oidc';
const superusers = { guarded: 'being an administrator of the installation' };
const why = { public: 'this is the sign-in' };

const fields = {
  id: true,
  displayName: true,
  issuer: true,
  clientId: true,
  scopes: true,
  active: true,
  createsUsers: true,
  emailDomains: true,
  created: true,
  updated: true,
} as const satisfies Prisma.CloudOidcConnectionSelect;

type Row = Prisma.CloudOidcConnectionGetPayload<{ select: typeof fields }>;
type Change = InputOf<typeof oidc.update>['body'];

/** Single sign-on: the providers of the installation, and the way there and back. */
@Controller()
export class OidcController {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly oidc: OidcService,
    private readonly authenticator: CloudAuthenticator,
  ) {}

  @Operation(oidc.connections, { public: 'the sign-in page shows them' })
  async connections() {
    const rows = await this.oidc.active();
    return [
      { id: null, type: 'password' as const, display_name: 'Password' },
      ...rows.map(({ id, displayName }) => ({ id, type: 'oidc' as const, display_name: displayName })),
    ];
  }

  @Operation(oidc.create, superusers)
  async create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof oidc.create>) {
    requireSuperuser(caller);
    this.oidc.assertReachable(body.issuer);
    const id = randomUUID();
    const row = await this.installation.prisma.tx(platform, async (tx) => {
      const made = await unique(() =>
        tx.cloudOidcConnection.create({
          data: { id, displayName: body.display_name, issuer: body.issuer, clientId: body.client_id, ...this.#data(id, body) },
          select: fields,
        }),
      );
      await audit(tx, caller.actor, { action: 'connection.create', target: targetOf(made) });
      return made;
    });
    return this.#reply(row);
  }

  @Operation(oidc.get, superusers)
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof oidc.get>) {
    requireSuperuser(caller);
    const row = await this.installation.prisma.tx(platform, (tx) => tx.cloudOidcConnection.findUnique({ where: { id: path.connection_id }, select: fields }));
    if (!row) throw noConnection();
    return this.#reply(row);
  }

  @Operation(oidc.update, superusers)
  async update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof oidc.update>) {
    requireSuperuser(caller);
    if (body.issuer != null) this.oidc.assertReachable(body.issuer);
    const id = path.connection_id;
    const row = await this.installation.prisma.tx(platform, async (tx) => {
      if ((await tx.cloudOidcConnection.count({ where: { id } })) === 0) throw noConnection();
      const after = await unique(() =>
        tx.cloudOidcConnection.update({ where: { id }, data: { ...this.#data(id, body), updated: this.installation.now() }, select: fields }),
      );
      const { client_secret: secret, ...shown } = body;
      await audit(tx, caller.actor, {
        action: 'connection.update',
        target: targetOf(after),
        details: { ...shown, client_secret_changed: secret !== undefined },
      });
      return after;
    });
    return this.#reply(row);
  }

  @Operation(oidc.delete, superusers)
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof oidc.delete>) {
    requireSuperuser(caller);
    await this.installation.prisma.tx(platform, async (tx) => {
      const row = await tx.cloudOidcConnection.findUnique({ where: { id: path.connection_id }, select: fields });
      if (!row) throw noConnection();
      await tx.cloudOidcConnection.deleteMany({ where: { id: row.id } });
      await audit(tx, caller.actor, { action: 'connection.delete', target: targetOf(row) });
    });
    return null;
  }

  @Operation(oidc.authorize, why, { limit: 'sign_in' })
  async authorize(@Input() { query }: InputOf<typeof oidc.authorize>, @Http() { reply }: HttpExchange) {
    try {
      const named = query.connection_id ?? query.connection;
      const id = named ? (parseUuid(named) ?? '00000000-0000-0000-0000-000000000000') : null;
      const { url, cookie } = await this.oidc.start(id, safeNext(query.next ?? this.#ownPath(query.redirect_uri)));
      void reply.setCookie(flowCookie, cookie, cookieOptions(this.installation, flowSeconds));
      void reply.status(302).headers({ location: url, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
      return '';
    } catch (error) {
      return this.#failed(reply, error);
    }
  }

  @Operation(oidc.callback, why, { limit: 'sign_in' })
  async callback(@Http() { request, reply }: HttpExchange) {
    void reply.clearCookie(flowCookie, cookieOptions(this.installation));
    try {
      const at = request.url.indexOf('?');
      const { session, next } = await this.oidc.finish(at < 0 ? '' : request.url.slice(at), cookieOf(request), factsOf(request, false));
      setSessionCookie(this.installation, reply, session);
      return seeOther(reply, next);
    } catch (error) {
      return this.#failed(reply, error);
    }
  }

  /**
   * The browser does not send the cookie that ties the answer to it along with another site's form, but it does follow a redirect with it. What was posted
   * then stands where it stands with every provider that redirects.
   */
  @Operation(oidc.posted_callback, why, { limit: 'sign_in' })
  postedCallback(@Input() { body }: InputOf<typeof oidc.posted_callback>, @Http() { reply }: HttpExchange) {
    const given = Object.entries(body ?? {}).filter((field): field is [string, string] => typeof field[1] === 'string');
    return seeOther(reply, `/auth/callback?${new URLSearchParams(given)}`);
  }

  /** A link from elsewhere must not sign anybody out, so this asks. */
  @Operation(oidc.logout, { public: 'signing out twice is no mistake' })
  async logout(@Http() { request, reply }: HttpExchange) {
    const person = await this.authenticator.session(request);
    if (!person) return seeOther(reply, '/sign-in');
    return sendPage(reply, {
      title: 'Sign out',
      body: html`<h1>Sign out?</h1>${signedInAs(person.email ?? person.username, this.installation.hashes.csrf.of(person.credential.id))}`,
    });
  }

  @Operation(oidc.logout_complete, { public: 'where providers send browsers after signing out there' })
  logoutComplete(@Http() { reply }: HttpExchange) {
    return seeOther(reply, '/sign-in');
  }

  #failed(reply: FastifyReply, error: unknown): string {
    if (!(error instanceof Problem)) throw error;
    return sendPage(reply, {
      title: 'Sign in',
      status: error.status,
      body: html`<h1>Signing in did not work</h1><p class="note bad" role="alert">${error.message}</p><p><a href="/sign-in">Back to the sign-in page</a></p>`,
    });
  }

  /** Where a dashboard on our own address wants its people back. */
  #ownPath(uri: string | null | undefined): string | null {
    const { cloudUrl } = this.installation;
    return uri?.startsWith(`${cloudUrl}/`) ? uri.slice(cloudUrl.length) : null;
  }

  #data(id: string, change: Change) {
    return {
      ...(change.display_name == null ? {} : { displayName: change.display_name }),
      ...(change.issuer == null ? {} : { issuer: change.issuer }),
      ...(change.client_id == null ? {} : { clientId: change.client_id }),
      ...(change.scopes == null ? {} : { scopes: change.scopes }),
      ...(change.client_secret === undefined ? {} : { clientSecret: change.client_secret === null ? null : this.oidc.sealSecret(id, change.client_secret) }),
      ...(change.active == null ? {} : { active: change.active }),
      ...(change.creates_users == null ? {} : { createsUsers: change.creates_users }),
      ...(change.email_domains == null ? {} : { emailDomains: change.email_domains.map((domain) => domain.toLowerCase()) }),
    };
  }

  #reply(row: Row) {
    return {
      id: row.id,
      display_name: row.displayName,
      issuer: row.issuer,
      client_id: row.clientId,
      scopes: row.scopes,
      active: row.active,
      creates_users: row.createsUsers,
      email_domains: row.emailDomains,
      redirect_uri: this.oidc.redirectUri,
      created: naive(row.created),
      updated: naive(row.updated),
    };
  }
}

function cookieOf(request: FastifyRequest): string | null {
  return (request as FastifyRequest & { cookies?: Record<string, string | undefined> }).cookies?.[flowCookie] ?? null;
}

function requireSuperuser(caller: Caller): void {
  if (!caller.isSuperuser) throw new Problem('forbidden', 'Only administrators of the installation manage sign-in providers.');
}

function noConnection(): Problem {
  return new Problem('not_found', 'There is no sign-in provider with this id.');
}

function targetOf(row: Row) {
  return { type: 'connection', id: row.id, name: row.displayName };
}

async function unique<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique')
      throw new Problem('exists', 'There is already a connection to this issuer with this client id.', { cause: error });
    throw error;
  }
}
