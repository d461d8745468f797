import { Controller, Inject } from '@nestjs/common';
import { Access } from '#libs/access/access.js';
import { expandShare } from '#libs/access/sharing.js';
import type { Action } from '#libs/access/vocabulary.js';
import { parseResourceName } from '#libs/access/vocabulary.js';
import { accessWithin } from '#libs/control-plane/grants.js';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { parseUuid } from '#libs/wire/types.js';
import { audit } from '../audit/audit.js';
import { Caller, type Machine } from '../caller.js';
import { CloudInstallation, platform, within } from '../installation.js';
import { allowedIds, decide, sharedResource } from './rbac.rules.js';
import { rbac } from './rbac.wire.js';

const machine = { guarded: "the attached server's own token" };
/** Servers ask before everything they do, and do not retry a 429 over plain http. */
const unlimited = { limit: 'none' } as const;

/** What attached servers ask about their users. The answers come from the same evaluation that guards our own workspaces. */
@Controller()
export class RbacController {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  @Operation(rbac.check, machine, unlimited)
  async check(@CurrentCaller() caller: Caller, @Input() { query, body }: InputOf<typeof rbac.check>) {
    return decide(await this.#accessOf(machineOf(caller), query.user_id), query.action, body);
  }

  @Operation(rbac.check_by_get, machine, unlimited)
  async checkByGet(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof rbac.check_by_get>) {
    return decide(await this.#accessOf(machineOf(caller), query.user_id), query.action, query.resources);
  }

  @Operation(rbac.allowed, machine, unlimited)
  async allowed(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof rbac.allowed>) {
    return allowedIds(await this.#accessOf(machineOf(caller), query.user_id), query.action, query.resource);
  }

  /** Replaces what one user or team may do with one resource. Whether the sharer may share it is for the server to know: it owns the resource. */
  @Operation(rbac.members, machine, unlimited)
  async share(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof rbac.members>) {
    const { organizationId, workspaceId } = machineOf(caller);
    const resource = sharedResource(body.resource);
    const [userId, teamId] = [body.user_id ?? null, body.team_id ?? null];
    if ((userId === null) === (teamId === null)) throw new Problem('invalid', 'Name either a user or a team to share with.');
    const actions = expandShare(resource.type, body.actions);
    const place = { organizationId, workspaceId, projectId: resource.projectId, resourceType: resource.type, resourceId: resource.id, userId, teamId };
    await this.installation.prisma.tx(within(organizationId), async (tx) => {
      const isKnown =
        teamId !== null
          ? await tx.cloudTeam.count({ where: { id: teamId, organizationId } })
          : await tx.cloudUser.count({
              where: {
                id: userId as string,
                OR: [{ organizationId }, { roleAssignments: { some: { organizationId } } }, { teamMembers: { some: { organizationId } } }],
              },
            });
      if (!isKnown) throw new Problem('not_found', 'There is no such user or team in the organization.');
      const { projectId: _, ...same } = place;
      await tx.cloudResourceMember.deleteMany({ where: same });
      if (actions.length > 0)
        await tx.cloudResourceMember.create({ data: { ...place, actions, sharedBy: body.sharing_user_id ?? null }, select: { id: true } });
      await audit(tx, caller.actor, {
        action: actions.length > 0 ? 'resource.share' : 'resource.unshare',
        organizationId,
        workspaceId,
        projectId: resource.projectId,
        target: { type: resource.type, id: resource.id },
        details: { user_id: userId, team_id: teamId, sharing_user_id: body.sharing_user_id ?? null, actions },
      });
    });
    return {};
  }

  /** Deleted resources take their grants along; a project takes those of everything in it. */
  @Operation(rbac.purge, machine, unlimited)
  async purge(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof rbac.purge>) {
    const { organizationId, workspaceId } = machineOf(caller);
    const resources = query.resources.map(sharedResource);
    const projects = resources.filter(({ type }) => type === 'project').map(({ id }) => id);
    await this.installation.prisma.tx(within(organizationId), async (tx) => {
      const { count } = await tx.cloudResourceMember.deleteMany({
        where: {
          workspaceId,
          OR: [...resources.map(({ type, id }) => ({ resourceType: type, resourceId: id })), { projectId: { in: projects } }],
        },
      });
      if (projects.length > 0) {
        await tx.cloudRoleAssignment.deleteMany({ where: { organizationId, workspaceId, projectId: { in: projects } } });
        await tx.cloudRole.deleteMany({ where: { organizationId, workspaceId, projectId: { in: projects } } });
      }
      if (count > 0 || projects.length > 0)
        await audit(tx, caller.actor, {
          action: 'resource.purge',
          organizationId,
          workspaceId,
          details: { resources: query.resources.slice(0, 100), grants: count },
        });
    });
    return {};
  }

  /** What the caller may do, for user interfaces that hide what would be refused. Places that do not exist for the caller are a plain no. */
  @Operation(rbac.permission, { login: "one's own rights" })
  async permission(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof rbac.permission>) {
    const { type, id, projectId } = parseResourceName(query.resource);
    const uuid = id === null ? null : (parseUuid(id) ?? '');
    if (uuid === '') return false;
    const workspaceId = query.workspace_id ?? query.tenant_id ?? (type === 'workspace' ? uuid : null);
    let organizationId = query.organization_id ?? (type === 'organization' ? uuid : null);
    if (workspaceId) {
      const [workspace] = await this.installation.db.read<{ id: string; organizationId: string }>(
        platform,
        sql`SELECT id, organization_id AS "organizationId" FROM cloud.workspace WHERE id = ${workspaceId} AND status <> 'deleted'`,
      );
      if (!workspace || !caller.mayEnter(workspace)) return false;
      organizationId = workspace.organizationId;
    }
    const places = organizationId ? [organizationId] : [...caller.knownOrganizations()];
    return places.some((place) => {
      if (!caller.mayKnow(place)) return false;
      const access = caller.within(place, workspaceId);
      return access.can(query.action as Action, type as never /* types of newer clients are answered, too */, { id: uuid, projectId });
    });
  }

  /** What a user of the organization may do in the server's workspace; null for those who are not there (any more). One statement. */
  async #accessOf({ organizationId, workspaceId }: Machine, userId: string): Promise<Access | null> {
    const held = await this.installation.people.holdingsOf(within(organizationId), userId);
    if (!held) return null;
    return held.isSuperuser ? Access.unlimited() : accessWithin(userId, held, organizationId, workspaceId);
  }
}

export function machineOf(caller: Caller): Machine {
  if (!caller.machine) throw new Problem('forbidden', 'Only attached workspace servers ask this, with the token of their enrollment key.');
  return caller.machine;
}
