import { Controller, Inject } from '@nestjs/common';
import { databaseFault } from '#libs/database/errors.js';
import type { PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { audit } from '../audit/audit.js';
import { Caller, noOrganization } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { visibleTo } from '../workspaces/visibility.js';
import { WorkspaceService, workspaceFields } from '../workspaces/workspace.service.js';
import {
  createOrganization,
  findOrganization,
  type OrganizationRow,
  organizationFields,
  organizationNameTaken,
  organizationReply,
} from './organization.service.js';
import { organizations } from './organization.wire.js';

const known = { guarded: 'having a role or share in the organization' };
/** So that one person cannot fill the installation; administrators of the installation are not limited. */
const maxOwned = 20;

@Controller()
export class OrganizationController {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly workspaces: WorkspaceService,
  ) {}

  @Operation(organizations.list, known)
  async list(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof organizations.list>) {
    const mine = caller.machine ? [caller.machine.organizationId] : [...caller.knownOrganizations()];
    const rows = await this.installation.prisma.tx(platform, (tx) =>
      tx.cloudOrganization.findMany({
        where: {
          deleted: null,
          ...(caller.isSuperuser ? {} : { id: { in: mine } }),
          ...(query.name ? { name: query.name } : {}),
          ...(query.owner_id ? { ownerId: query.owner_id } : {}),
          ...(query.owner_username ? { owner: { username: query.owner_username } } : {}),
        },
        select: organizationFields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      }),
    );
    return rows.map(organizationReply);
  }

  @Operation(organizations.get, known)
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof organizations.get>) {
    return organizationReply(await this.installation.prisma.tx(platform, (tx) => this.#find(tx, caller, path.organization_id)));
  }

  @Operation(organizations.create, { guarded: 'being a person' })
  async create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof organizations.create>) {
    const person = caller.requirePerson();
    if (person.isServiceAccount) throw new Problem('forbidden', 'Service accounts belong to one organization and cannot create others.');
    const ownerId = body.owner_id ?? person.id;
    if (ownerId !== person.id && !caller.isSuperuser)
      throw new Problem('forbidden', 'Only administrators of the installation create organizations for others.');
    if (body.trusted_domains?.length && !caller.isSuperuser) throw onlySuperusers();
    const row = await this.installation.prisma.tx(platform, async (tx) => {
      const owned = await tx.cloudOrganization.count({ where: { ownerId, deleted: null } });
      if (owned >= maxOwned && !caller.isSuperuser) throw new Problem('forbidden', `You own ${owned} organizations, which is as many as one person may.`);
      if (ownerId !== person.id && (await tx.cloudUser.count({ where: { id: ownerId, isServiceAccount: false } })) === 0)
        throw new Problem('not_found', 'There is no user with the id of the owner.');
      const made = await createOrganization(tx, {
        name: body.name,
        displayName: body.display_name ?? null,
        description: body.description ?? null,
        logoUrl: body.logo_url ?? null,
        trustedDomains: lowerCase(body.trusted_domains ?? []),
        ownerId,
      });
      await audit(tx, caller.actor, { action: 'organization.create', ...placeOf(made) });
      return made;
    });
    return organizationReply(row);
  }

  @Operation(organizations.update, { action: 'update', on: 'organization' })
  async update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof organizations.update>) {
    const row = await this.installation.prisma.tx(platform, async (tx) => {
      const before = await this.#find(tx, caller, path.organization_id);
      caller.require('update', 'organization', before.id);
      // It decides whose accounts can be found and added, everywhere.
      if (body.trusted_domains != null && !caller.isSuperuser) throw onlySuperusers();
      const data = {
        ...(body.name == null ? {} : { name: body.name }),
        ...(body.display_name === undefined ? {} : { displayName: body.display_name }),
        ...(body.description === undefined ? {} : { description: body.description }),
        ...(body.logo_url === undefined ? {} : { logoUrl: body.logo_url }),
        ...(body.trusted_domains == null ? {} : { trustedDomains: lowerCase(body.trusted_domains) }),
      };
      const after = await writeNamed(body.name ?? before.name, () =>
        tx.cloudOrganization.update({ where: { id: before.id }, data: { ...data, updated: this.installation.now() }, select: organizationFields }),
      );
      await audit(tx, caller.actor, { action: 'organization.update', ...placeOf(before), details: data });
      return after;
    });
    return organizationReply(row);
  }

  @Operation(organizations.delete, { action: 'delete', on: 'organization' })
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof organizations.delete>) {
    await this.installation.prisma.tx(platform, async (tx) => {
      const row = await this.#find(tx, caller, path.organization_id);
      caller.require('delete', 'organization', row.id);
      // Whoever is making a workspace in it comes first or finds it gone.
      await tx.$queryRaw`SELECT id::text FROM cloud.organization WHERE id = ${row.id}::uuid FOR UPDATE`;
      const left = await tx.cloudWorkspace.count({ where: { organizationId: row.id, status: { not: 'deleted' } } });
      if (left > 0) throw new Problem('exists', `The organization still has ${left} workspace${left === 1 ? '' : 's'}. Delete them first.`);
      // The name is free at once; names given by people cannot contain the sign.
      await tx.cloudOrganization.update({
        where: { id: row.id },
        data: { name: `${row.name}~${row.id.slice(0, 8)}`, deleted: this.installation.now() },
        select: { id: true },
      });
      await tx.cloudUser.updateMany({ where: { organizationId: row.id }, data: { isActive: false } });
      await tx.cloudRoleAssignment.deleteMany({ where: { organizationId: row.id } });
      await audit(tx, caller.actor, { action: 'organization.delete', ...placeOf(row) });
    });
    return null;
  }

  @Operation(organizations.workspaces, known)
  async listWorkspaces(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<(typeof organizations.workspaces)[0]>) {
    const rows = await this.installation.prisma.tx(platform, async (tx) => {
      const { id: organizationId } = await this.#find(tx, caller, path.organization_id);
      return tx.cloudWorkspace.findMany({
        where: { AND: [{ organizationId, identityMode: 'pro', status: query.status ?? { not: 'deleted' } }, visibleTo(caller, false)] },
        select: workspaceFields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      });
    });
    return rows.map((row) => this.workspaces.reply(row));
  }

  async #find(tx: PrismaTx, caller: Caller, idOrName: string): Promise<OrganizationRow> {
    const row = await findOrganization(tx, idOrName);
    if (!caller.mayKnow(row.id)) throw noOrganization();
    return row;
  }
}

function placeOf(row: { id: string; name: string }) {
  return { organizationId: row.id, target: { type: 'organization', id: row.id, name: row.name } };
}

function lowerCase(domains: string[]): string[] {
  return [...new Set(domains.map((domain) => domain.toLowerCase()))];
}

function onlySuperusers(): Problem {
  return new Problem('forbidden', 'Only administrators of the installation set trusted domains.');
}

async function writeNamed<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique') throw organizationNameTaken(name, error);
    throw error;
  }
}
