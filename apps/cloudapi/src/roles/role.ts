import { Controller, Inject } from '@nestjs/common';
import type { Level } from '#libs/access/roles.js';
import { databaseFault } from '#libs/database/errors.js';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { audit } from '../audit/audit.js';
import { Caller } from '../caller.js';
import { withinSeats } from '../entitlements/seats.js';
import { CloudInstallation, platform, within } from '../installation.js';
import { knownOrganization } from '../organizations/known-organization.js';
import { assertHolder, assertMayGrant, findPlace, type Holder, holderOf, keepingAnAdmin, type Place, requireMemberManagement } from './granting.js';
import { type AssignmentRow, assignmentFields, assignmentReply, type RoleRow, roleFields, roleReply } from './role.reply.js';
import { assertPermissionsFit, assertPlaceFits, normalPermissions } from './role.rules.js';
import { roles } from './role.wire.js';

const handed = { guarded: 'managing the members of the place, and holding everything that the role permits' };
const edited = { guarded: 'managing roles, or the workspace that the role is limited to, and holding everything that the role permits' };
const seen = { action: 'read', on: 'role' } as const;

/** Roles, and who holds them where. */
@Controller()
export class RoleController {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  @Operation(roles.list, seen)
  async list(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof roles.list>) {
    const organizationId = await knownOrganization(this.installation, caller, path.organization_id);
    caller.require('read', 'role', organizationId);
    const rows = await this.installation.prisma.tx(within(organizationId), (tx) =>
      tx.cloudRole.findMany({
        where: {
          organizationId,
          ...(query.level ? { level: query.level } : {}),
          ...(query.name ? { name: query.name } : {}),
          // Roles that can be given there: those of the place, and those that are for any.
          ...(query.workspace_id ? { workspaceId: { in: [query.workspace_id] } } : {}),
          ...(query.project_id ? { projectId: query.project_id } : {}),
        },
        select: roleFields,
        orderBy: [{ systemManaged: 'desc' }, { created: 'asc' }, { level: 'asc' }, { name: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      }),
    );
    return rows.map(roleReply);
  }

  @Operation(roles.create, edited)
  async create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof roles.create>) {
    const organizationId = await knownOrganization(this.installation, caller, body.organization_id);
    const permissions = normalPermissions(body.permissions);
    assertPermissionsFit(body.level, permissions);
    if (body.level === 'organization' && body.workspace_id) throw new Problem('invalid', 'A role of the organization cannot be limited to a workspace.');
    if (body.level === 'workspace' && body.project_id) throw new Problem('invalid', 'A role of a workspace cannot be limited to a project.');
    const row = await this.installation.prisma.tx(within(organizationId), async (tx) => {
      const place = await findPlace(tx, caller, organizationId, body.workspace_id, body.project_id);
      this.#requireEditing(caller, 'create', place);
      assertMayGrant(caller, { level: body.level, name: body.name, permissions }, place);
      const made = await named(body.name, () =>
        tx.cloudRole.create({
          data: {
            organizationId,
            workspaceId: place.workspaceId,
            projectId: place.projectId,
            name: body.name,
            description: body.description ?? null,
            level: body.level,
            permissions: permissions as unknown as Prisma.InputJsonArray,
          },
          select: roleFields,
        }),
      );
      await this.#audit(tx, caller, 'role.create', made, { level: made.level, permissions: permissions as unknown as Prisma.InputJsonArray });
      return made;
    });
    return roleReply(row);
  }

  @Operation(roles.get, seen)
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof roles.get>) {
    const row = await this.#find(caller, path.role_id);
    caller.require('read', 'role', row.organizationId);
    return roleReply(row);
  }

  @Operation(roles.update, edited)
  async update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof roles.update>) {
    const before = await this.#editable(caller, path.role_id, 'update');
    const permissions = body.permissions == null ? null : normalPermissions(body.permissions);
    if (permissions) {
      assertPermissionsFit(before.level as Level, permissions);
      assertMayGrant(caller, { level: before.level, name: before.name, permissions }, placeOf(before));
    }
    const data = {
      ...(body.name == null ? {} : { name: body.name }),
      ...(body.description === undefined ? {} : { description: body.description }),
      ...(permissions === null ? {} : { permissions: permissions as unknown as Prisma.InputJsonArray }),
    };
    const row = await this.installation.prisma.tx(within(before.organizationId), async (tx) => {
      const after = await named(body.name ?? before.name, () =>
        tx.cloudRole.update({ where: { id: before.id }, data: { ...data, updated: this.installation.now() }, select: roleFields }),
      );
      await this.#audit(tx, caller, 'role.update', after, data);
      return after;
    });
    return roleReply(row);
  }

  @Operation(roles.delete, edited)
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof roles.delete>) {
    const row = await this.#editable(caller, path.role_id, 'delete');
    await this.installation.prisma.tx(within(row.organizationId), async (tx) => {
      await tx.cloudRole.deleteMany({ where: { id: row.id } });
      await this.#audit(tx, caller, 'role.delete', row);
    });
    return null;
  }

  @Operation(roles.assignments, { guarded: 'managing or reading members of the place' })
  async assignments(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof roles.assignments>) {
    const { id, organizationId } = await this.#find(caller, path.role_id);
    const workspaceId = query.workspace_id ?? query.tenant_id ?? null;
    const rows = await this.installation.prisma.tx(within(organizationId), async (tx) => {
      const place = await findPlace(tx, caller, organizationId, workspaceId, query.project_id);
      if (!(workspaceId && caller.within(organizationId, workspaceId).can('update', 'workspace', { id: workspaceId })))
        caller.require('read', 'member', organizationId);
      return tx.cloudRoleAssignment.findMany({
        where: {
          organizationId,
          roleId: id,
          ...(place.workspaceId ? { workspaceId: place.workspaceId } : {}),
          ...(place.projectId ? { projectId: place.projectId } : {}),
          ...(query.user_id ? { userId: query.user_id } : {}),
          ...(query.team_id ? { teamId: query.team_id } : {}),
          ...(query.invitation_id ? { invitationId: query.invitation_id } : {}),
        },
        select: assignmentFields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      });
    });
    return rows.map(assignmentReply);
  }

  @Operation(roles.assign, handed)
  async assign(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof roles.assign>) {
    const role = await this.#find(caller, path.role_id);
    const holder = holderOf(query);
    const row = await this.installation.prisma.tx(within(role.organizationId), async (tx) => {
      const place = await findPlace(tx, caller, role.organizationId, query.workspace_id ?? query.tenant_id, query.project_id);
      requireMemberManagement(caller, 'update', place);
      return assignRole(tx, caller, role, holder, place);
    });
    return assignmentReply(row);
  }

  @Operation(roles.revoke, handed)
  async revoke(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof roles.revoke>) {
    const role = await this.#find(caller, path.role_id);
    const holder = holderOf(query);
    await this.installation.prisma.tx(within(role.organizationId), async (tx) => {
      const place = await findPlace(tx, caller, role.organizationId, query.workspace_id ?? query.tenant_id, query.project_id);
      // Everybody may give up what they hold themselves.
      if (!('userId' in holder && holder.userId === caller.id)) {
        requireMemberManagement(caller, 'update', place);
        assertMayGrant(caller, role, place);
      }
      const { organizationId, workspaceId, projectId } = place;
      await keepingAnAdmin(tx, organizationId, async () => {
        const { count } = await tx.cloudRoleAssignment.deleteMany({ where: { organizationId, workspaceId, projectId, roleId: role.id, ...holder } });
        if (count === 0) throw new Problem('not_found', `The role '${role.name}' is not assigned there.`);
      });
      await audit(tx, caller.actor, { action: 'role.revoke', ...placeOf(role), ...place, target: targetOf(role), details: holder });
    });
    return null;
  }

  /** A role of an organization that exists for the caller. @throws Problem 404 */
  async #find(caller: Caller, id: string): Promise<RoleRow> {
    const row = await this.installation.prisma.tx(platform, (tx) =>
      tx.cloudRole.findFirst({ where: { id, organization: { deleted: null } }, select: roleFields }),
    );
    if (!row || !caller.mayKnow(row.organizationId)) throw noRole();
    return row;
  }

  /** Whoever changes a role changes what its holders may do, so it takes holding all of it in the first place. */
  async #editable(caller: Caller, id: string, action: 'update' | 'delete'): Promise<RoleRow> {
    const row = await this.#find(caller, id);
    this.#requireEditing(caller, action, placeOf(row));
    if (row.systemManaged) throw new Problem('invalid', `The role '${row.name}' is built in and stays as it is. Make a role of your own instead.`);
    assertMayGrant(caller, row, placeOf(row));
    return row;
  }

  #requireEditing(caller: Caller, action: 'create' | 'update' | 'delete', place: Place): void {
    const { organizationId, workspaceId } = place;
    if (workspaceId && caller.within(organizationId, workspaceId).can('update', 'workspace', { id: workspaceId })) return;
    caller.require(action, 'role', organizationId);
  }

  #audit(tx: PrismaTx, caller: Caller, action: string, row: RoleRow, details: Prisma.InputJsonObject = {}): Promise<void> {
    return audit(tx, caller.actor, { action, ...placeOf(row), target: targetOf(row), details });
  }
}

/** Gives a role, if the caller holds all of it in that place. @throws Problem 400, 403, 404, 409; UpgradeRequired when there is no seat for a new member */
export async function assignRole(tx: PrismaTx, caller: Caller, role: RoleRow, holder: Holder, place: Place): Promise<AssignmentRow> {
  assertPlaceFits(role.level as Level, place);
  const isElsewhere = (own: string | null, asked: string | null) => own !== null && own !== asked;
  if (isElsewhere(role.workspaceId, place.workspaceId) || isElsewhere(role.projectId, place.projectId))
    throw new Problem('invalid', `The role '${role.name}' is limited to another workspace or project.`);
  assertMayGrant(caller, role, place);
  const where = { ...place, roleId: role.id, ...holder };
  const give = async () => {
    await assertHolder(tx, caller, place.organizationId, holder, role.level === 'organization');
    if ((await tx.cloudRoleAssignment.count({ where })) > 0) throw alreadyAssigned(role.name);
    try {
      return await tx.cloudRoleAssignment.create({ data: { ...where, createdBy: caller.person?.id ?? null }, select: assignmentFields });
    } catch (error) {
      if (databaseFault(error)?.kind === 'unique') throw alreadyAssigned(role.name, error);
      throw error;
    }
  };
  const row = 'userId' in holder ? await withinSeats(tx, place.organizationId, give) : await give();
  await audit(tx, caller.actor, { action: 'role.assign', ...place, target: targetOf(role), details: holder });
  return row;
}

function alreadyAssigned(name: string, cause?: unknown): Problem {
  return new Problem('exists', `The role '${name}' is already assigned there.`, { cause });
}

function placeOf(row: RoleRow): Place {
  return { organizationId: row.organizationId, workspaceId: row.workspaceId, projectId: row.projectId };
}

function targetOf(row: RoleRow) {
  return { type: 'role', id: row.id, name: row.name };
}

export function noRole(): Problem {
  return new Problem('not_found', 'There is no role with this id, or it belongs to an organization that you are not a member of.');
}

async function named<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique') throw new Problem('exists', `There is already a role named '${name}' on this level.`, { cause: error });
    throw error;
  }
}
