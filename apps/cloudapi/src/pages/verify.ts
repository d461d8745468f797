import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Person } from '#libs/control-plane/people.js';
import { factsOf } from '#libs/http/caller.js';
import { Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { parseUuid } from '#libs/wire/types.js';
import { CloudAuthenticator } from '../authenticator.js';
import { Caller } from '../caller.js';
import type { DeviceRow } from '../devices/device.reply.js';
import { DeviceService } from '../devices/device.service.js';
import { CloudInstallation, platform } from '../installation.js';
import { visibleTo } from '../workspaces/visibility.js';
import { html } from './html.js';
import { failure, seeOther, sendPage } from './page.js';
import { pages } from './page.wire.js';
import { signedInAs, signInPath } from './sign-in.js';

type Choice = { id: string; name: string; displayName: string | null; organization: { name: string } };

const why = { public: 'a page that sends people without a session to sign in' };
/** A list to choose from; who has more finds theirs by naming it on the command line. */
const maxChoices = 200;

/** Where a person approves the command line that is waiting, and chooses the workspace it connects to. */
@Controller()
export class VerifyPages {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly authenticator: CloudAuthenticator,
    private readonly devices: DeviceService,
  ) {}

  @Operation(pages.verify, why)
  async show(@Input() { query }: InputOf<typeof pages.verify>, @Http() { request, reply }: HttpExchange) {
    const person = await this.authenticator.session(request);
    if (!person) return seeOther(reply, signInPath(request.url));
    if (!query.user_code) return this.#askCode(person, reply, null);
    return this.#ask(person, request, reply, query.user_code, query.workspace ?? query.tenant ?? null, null);
  }

  @Operation(pages.submit_verify, why, { limit: 'sign_in' })
  async submit(@Input() { body }: InputOf<typeof pages.submit_verify>, @Http() { request, reply }: HttpExchange) {
    const person = await this.authenticator.session(request);
    const code = body.user_code ?? '';
    if (!person) return seeOther(reply, signInPath(`/devices/verify?${new URLSearchParams({ user_code: code })}`));
    const chosen = body.workspace_id ? (parseUuid(body.workspace_id) ?? null) : null;
    const again = (text: string) => this.#ask(person, request, reply, code, chosen, text);
    if (!this.authenticator.hasCsrfToken(request, person.credential.id)) return again('The page was open for too long. Please try again.');
    if (body.decision !== 'approve') {
      await this.devices.refuse(Caller.ofPerson(person, factsOf(request, false)), code);
      return this.#end(person, reply, 'Refused', 'The command line was not connected. You can close this page.');
    }
    if (chosen === null) return again('Choose a workspace.');
    try {
      await this.devices.approve(Caller.ofPerson(person, factsOf(request, false)), {
        userCode: code,
        isTrusted: body.trusted_device === true,
        workspaceId: chosen,
      });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return again(error.message);
    }
    return this.#end(person, reply, 'Connected', 'Go back to your terminal: the log-in continues there by itself. You can close this page.');
  }

  async #ask(person: Person, request: FastifyRequest, reply: FastifyReply, code: string, wanted: string | null, text: string | null) {
    const device = await this.devices.pendingBy(code);
    if (!device)
      return this.#askCode(person, reply, text ?? 'This code is not valid, was used before, or has expired. Start the log-in in your terminal again.');
    const choices = await this.#choices(Caller.ofPerson(person, factsOf(request, false)));
    const selected = choices.find(({ id, name }) => id === wanted || name === wanted) ?? (choices.length === 1 ? choices[0] : undefined);
    return sendPage(reply, {
      title: 'Approve a log-in',
      status: text ? 400 : 200,
      body: html`<h1>Approve this log-in?</h1>
<p class="soft">A command line asks to act in your name. Approve it only if you have just started it and this code is the one it shows.</p>
${failure(text)}
<p class="code" aria-label="Code">${code.toUpperCase()}</p>
${facts(device)}
<form method="post" action="/devices/verify">
<input type="hidden" name="csrf_token" value="${this.#csrfOf(person)}">
<input type="hidden" name="user_code" value="${code}">
<fieldset><legend>Workspace to connect to</legend>
${
  choices.length === 0
    ? html`<p class="note bad">You are not a member of any workspace yet. Ask an administrator of your organization to add you.</p>`
    : choices.map(
        (choice) =>
          html`<label class="choice"><input type="radio" name="workspace_id" value="${choice.id}" required${choice === selected && ' checked'}><span>${choice.displayName ?? choice.name}<small>${choice.organization.name} / ${choice.name}</small></span></label>`,
      )
}
</fieldset>
<label class="choice"><input type="checkbox" name="trusted_device" value="true"><span>Trust this device<small>Stay connected for 30 days instead of 24 hours.</small></span></label>
<div class="actions"><button type="submit" name="decision" value="approve">Approve</button><button class="quiet" type="submit" name="decision" value="refuse" formnovalidate>Refuse</button></div>
</form>
${this.#footer(person)}`,
    });
  }

  #askCode(person: Person, reply: FastifyReply, text: string | null) {
    return sendPage(reply, {
      title: 'Approve a log-in',
      status: text ? 400 : 200,
      body: html`<h1>Connect a command line</h1>
${failure(text)}
<form method="get" action="/devices/verify">
<label for="user_code">Code from your terminal</label>
<input id="user_code" name="user_code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" required autofocus maxlength="20" placeholder="XXXX-XXXX">
<div class="actions"><button type="submit">Continue</button></div>
</form>
${this.#footer(person)}`,
    });
  }

  #end(person: Person, reply: FastifyReply, title: string, text: string) {
    return sendPage(reply, { title, body: html`<h1>${title}</h1><p class="note good" role="status">${text}</p>${this.#footer(person)}` });
  }

  #footer(person: Person) {
    return signedInAs(person.email ?? person.username, this.#csrfOf(person));
  }

  #csrfOf(person: Person): string {
    return this.installation.hashes.csrf.of(person.credential.id);
  }

  #choices(caller: Caller): Promise<Choice[]> {
    return this.installation.prisma.tx(platform, (tx) =>
      tx.cloudWorkspace.findMany({
        where: { AND: [{ identityMode: 'pro', status: { in: ['available', 'pending'] } }, visibleTo(caller, false)] },
        select: { id: true, name: true, displayName: true, organization: { select: { name: true } } },
        orderBy: [{ name: 'asc' }],
        take: maxChoices,
      }),
    );
  }
}

/** What the command line says about itself; not to be trusted, but a person notices a stranger's host. */
function facts(device: DeviceRow) {
  const known = [
    ['Host', device.hostname],
    ['System', device.os],
    ['Address', device.ipAddress],
    ['ZenML', device.zenmlVersion],
  ].filter(([, value]) => value);
  return html`<dl>${known.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
