import { Controller, Inject } from '@nestjs/common';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { Caller } from '../caller.js';
import { CloudInstallation } from '../installation.js';
import { knownOrganization } from '../organizations/known-organization.js';
import { organizationReply } from '../organizations/organization.service.js';
import { InvitationService } from './invitation.service.js';
import { invitations } from './invitation.wire.js';

const on = (action: 'create' | 'read' | 'delete') => ({ action, on: 'member' }) as const;

@Controller()
export class InvitationController {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly invitations: InvitationService,
  ) {}

  @Operation(invitations.list, on('read'))
  async list(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof invitations.list>) {
    return this.invitations.list(await this.#organization(caller, path.organization_id, 'read'), query);
  }

  @Operation(invitations.create, on('create'))
  async create(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof invitations.create>) {
    const roles = [...(body.role_id ? [{ role_id: body.role_id }] : []), ...(body.roles ?? [])];
    return this.invitations.create(caller, await this.#organization(caller, path.organization_id, 'create'), {
      email: body.email,
      roles,
      teamIds: body.team_ids ?? [],
      days: body.expires_in_days ?? null,
    });
  }

  @Operation(invitations.get, on('read'))
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof invitations.get>) {
    return this.invitations.get(await this.#organization(caller, path.organization_id, 'read'), path.invitation_id);
  }

  @Operation(invitations.renew, on('create'))
  async renew(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof invitations.renew>) {
    return this.invitations.renew(caller, await this.#organization(caller, path.organization_id, 'create'), path.invitation_id);
  }

  @Operation(invitations.revoke, on('delete'))
  async revoke(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof invitations.revoke>) {
    return this.invitations.revoke(caller, await this.#organization(caller, path.organization_id, 'delete'), path.invitation_id);
  }

  @Operation(invitations.accept, { guarded: 'holding the link, as the person whose address was invited' })
  async accept(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof invitations.accept>) {
    const person = caller.requirePerson();
    if (person.isServiceAccount) throw new Problem('forbidden', 'Invitations are for people.');
    return organizationReply(await this.invitations.accept(body.key, caller.actor, person));
  }

  async #organization(caller: Caller, idOrName: string, action: 'create' | 'read' | 'delete'): Promise<string> {
    const id = await knownOrganization(this.installation, caller, idOrName);
    caller.require(action, 'member', id);
    return id;
  }
}
