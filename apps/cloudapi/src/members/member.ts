import { Controller, Inject } from '@nestjs/common';
import type { Level } from '#libs/access/roles.js';
import type { PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { parseUuid } from '#libs/wire/types.js';
import { audit } from '../audit/audit.js';
import { Caller } from '../caller.js';
import { CloudInstallation, platform, within } from '../installation.js';
import { knownOrganization } from '../organizations/known-organization.js';
import { builtInRoleId } from '../organizations/organization.service.js';
import {
  assertMayGrant,
  assertMayHandle,
  type Holder,
  holderOf,
  isMember,
  keepingAnAdmin,
  noUser,
  type Place,
  requireMemberManagement,
} from '../roles/granting.js';
import { assignRole, noRole } from '../roles/role.js';
import { inviteeFields, inviteeReply, roleFields, teamFields, teamReply } from '../roles/role.reply.js';
import { administersAWorkspace } from '../teams/team.js';
import { userFields, userReply } from '../users/user.js';
import { noWorkspace } from '../workspaces/workspace.service.js';
import { members } from './member.wire.js';

type Found = { kind: 'user' | 'team' | 'invitation'; id: string };
/** What somebody gets who is added to a workspace without a role. */
const defaultRole = 'Workspace Viewer';

/** Who belongs to an organization or a workspace: people, service accounts, teams and pending invitations. */
@Controller()
export class MemberController {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  @Operation(members.list, { action: 'read', on: 'member', also: 'or administering a workspace of the organization' })
  async list(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof members.list>) {
    const organizationId = await knownOrganization(this.installation, caller, path.organization_id);
    // Whoever administers a workspace finds the members to give roles to.
    if (!administersAWorkspace(caller, organizationId)) caller.require('read', 'member', organizationId);
    return this.installation.prisma.tx(within(organizationId), async (tx) => {
      const found = await tx.$queryRaw<Found[]>`
        SELECT kind, id::text FROM (
          SELECT 1 AS place, 'user' AS kind, u.id, u.created FROM cloud."user" u
          WHERE u.organization_id = ${organizationId}::uuid OR EXISTS (
            SELECT FROM cloud.role_assignment a JOIN cloud.role r ON r.organization_id = a.organization_id AND r.id = a.role_id
            WHERE a.organization_id = ${organizationId}::uuid AND r.level = 'organization' AND (a.user_id = u.id OR a.team_id IN (
              SELECT m.team_id FROM cloud.team_member m WHERE m.organization_id = ${organizationId}::uuid AND m.user_id = u.id)))
          UNION ALL SELECT 2, 'team', t.id, t.created FROM cloud.team t WHERE t.organization_id = ${organizationId}::uuid
          UNION ALL SELECT 3, 'invitation', i.id, i.created FROM cloud.invitation i
          WHERE i.organization_id = ${organizationId}::uuid AND i.accepted IS NULL AND i.revoked IS NULL AND i.expires > ${this.installation.now()}) AS found
        ORDER BY place, created, id OFFSET ${query.offset} LIMIT ${query.limit}`;
      return hydrate(tx, organizationId, found, {});
    });
  }

  @Operation(members.remove, { guarded: 'leaving oneself, or deleting members and holding everything that the member holds' })
  async remove(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof members.remove>) {
    const organizationId = await knownOrganization(this.installation, caller, path.organization_id);
    const userId = query.user_id;
    const isLeaving = userId === caller.id;
    if (!isLeaving) caller.require('delete', 'member', organizationId);
    await this.installation.prisma.tx(within(organizationId), async (tx) => {
      const user = await tx.cloudUser.findFirst({ where: { id: userId }, select: { username: true, organizationId: true } });
      if (!user || (user.organizationId === null && !(await isMember(tx, organizationId, userId)))) throw noUser();
      if (user.organizationId !== null)
        throw user.organizationId === organizationId
          ? new Problem('invalid', `'${user.username}' is a service account of the organization. Delete the account instead.`)
          : noUser();
      if (!isLeaving) await assertMayHandle(tx, caller, organizationId, { userId });
      await keepingAnAdmin(tx, organizationId, async () => {
        for (const table of [tx.cloudRoleAssignment, tx.cloudTeamMember, tx.cloudResourceMember] as (typeof tx.cloudRoleAssignment)[]) // the three share these columns
          await table.deleteMany({ where: { organizationId, userId } });
      });
      await tx.cloudOrganization.updateMany({ where: { id: organizationId, ownerId: userId }, data: { ownerId: null } });
      await audit(tx, caller.actor, { action: 'member.remove', organizationId, target: { type: 'user', id: userId, name: user.username } });
    });
    return null;
  }

  @Operation(members.of_workspace, { guarded: 'being able to enter the workspace' })
  async ofWorkspace(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<(typeof members.of_workspace)[0]>) {
    const place = await this.#workspace(caller, path.workspace_id);
    return this.installation.prisma.tx(within(place.organizationId), async (tx) => {
      // Shared resources let somebody in without making them a member.
      const found = await tx.$queryRaw<Found[]>`
        SELECT kind, id::text FROM (
          SELECT CASE WHEN user_id IS NOT NULL THEN 'user' WHEN team_id IS NOT NULL THEN 'team' ELSE 'invitation' END AS kind,
            coalesce(user_id, team_id, invitation_id) AS id, min(created) AS created
          FROM cloud.role_assignment WHERE organization_id = ${place.organizationId}::uuid AND workspace_id = ${place.workspaceId}::uuid
          GROUP BY 1, 2) AS found
        ORDER BY array_position(ARRAY['user', 'team', 'invitation'], kind), created, id OFFSET ${query.offset} LIMIT ${query.limit}`;
      return hydrate(tx, place.organizationId, found, { workspaceId: place.workspaceId as string });
    });
  }

  @Operation(members.add_to_workspace, { guarded: 'managing the members of the workspace, and holding everything that the role permits' })
  async addToWorkspace(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<(typeof members.add_to_workspace)[0]>) {
    const place = await this.#workspace(caller, path.workspace_id);
    const { organizationId } = place;
    requireMemberManagement(caller, 'update', place);
    const holder = holderOf(query);
    return this.installation.prisma.tx(within(organizationId), async (tx) => {
      const roleId = query.role_id ?? (await builtInRoleId(tx, organizationId, 'workspace', defaultRole));
      const role = await tx.cloudRole.findFirst({ where: { id: roleId, organizationId }, select: roleFields });
      if (!role) throw noRole();
      await assignRole(tx, caller, role, holder, place);
      const [member] = await hydrate(tx, organizationId, [foundOf(holder)], { workspaceId: place.workspaceId as string });
      return member;
    });
  }

  @Operation(members.remove_from_workspace, { guarded: 'leaving oneself, or managing the members of the workspace' })
  async removeFromWorkspace(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<(typeof members.remove_from_workspace)[0]>) {
    const place = await this.#workspace(caller, path.workspace_id);
    const { organizationId, workspaceId } = place;
    const holder = holderOf(query);
    const isLeaving = 'userId' in holder && holder.userId === caller.id;
    if (!isLeaving) requireMemberManagement(caller, 'update', place);
    await this.installation.prisma.tx(within(organizationId), async (tx) => {
      const where = { organizationId, workspaceId: workspaceId as string, ...holder };
      const held = await tx.cloudRoleAssignment.findMany({ where, select: { projectId: true, role: { select: roleFields } } });
      if (!isLeaving) for (const { projectId, role } of held) assertMayGrant(caller, role, { ...place, projectId });
      const { count: roles } = await tx.cloudRoleAssignment.deleteMany({ where });
      // Whoever is removed keeps nothing that was shared with them either.
      const { count: shares } =
        'invitationId' in holder ? { count: 0 } : await tx.cloudResourceMember.deleteMany({ where: { workspaceId: where.workspaceId, ...holder } });
      if (roles + shares === 0) throw new Problem('not_found', 'Nobody with this id is a member of the workspace.');
      await audit(tx, caller.actor, { action: 'workspace.remove_member', organizationId, workspaceId, target: targetOf(holder), details: { roles, shares } });
    });
    return null;
  }

  async #workspace(caller: Caller, idOrName: string): Promise<Place> {
    const id = parseUuid(idOrName);
    const row = await this.installation.prisma.tx(platform, (tx) =>
      tx.cloudWorkspace.findFirst({
        where: { identityMode: 'pro', status: { not: 'deleted' }, ...(id ? { id } : { name: idOrName }) },
        select: { id: true, organizationId: true },
      }),
    );
    if (!row || !caller.mayEnter(row)) throw noWorkspace();
    return { organizationId: row.organizationId, workspaceId: row.id, projectId: null };
  }
}

/** The members with their roles, in the order in which they were found: four statements, however many they are. */
async function hydrate(tx: PrismaTx, organizationId: string, found: Found[], where: { workspaceId?: string }) {
  const idsOf = (kind: Found['kind']) => found.filter((one) => one.kind === kind).map(({ id }) => id);
  const [userIds, teamIds, invitationIds] = [idsOf('user'), idsOf('team'), idsOf('invitation')];
  const users = new Map((await tx.cloudUser.findMany({ where: { id: { in: userIds } }, select: userFields })).map((row) => [row.id, row]));
  const teams = new Map((await tx.cloudTeam.findMany({ where: { id: { in: teamIds } }, select: teamFields })).map((row) => [row.id, row]));
  const invitations = new Map((await tx.cloudInvitation.findMany({ where: { id: { in: invitationIds } }, select: inviteeFields })).map((row) => [row.id, row]));
  const assignments = await tx.cloudRoleAssignment.findMany({
    where: { organizationId, ...where, OR: [{ userId: { in: userIds } }, { teamId: { in: teamIds } }, { invitationId: { in: invitationIds } }] },
    select: { userId: true, teamId: true, invitationId: true, workspaceId: true, projectId: true, role: { select: { id: true, name: true, level: true } } },
    orderBy: [{ created: 'asc' }, { id: 'asc' }],
  });
  return found.map(({ id }) => {
    const [user, team, invitation] = [users.get(id), teams.get(id), invitations.get(id)];
    return {
      user: user ? userReply(user) : null,
      team: team ? teamReply(team) : null,
      invitation: invitation ? inviteeReply(invitation) : null,
      roles: assignments
        .filter((one) => (one.userId ?? one.teamId ?? one.invitationId) === id)
        .map(({ role, workspaceId, projectId }) => ({
          id: role.id,
          name: role.name,
          level: role.level as Level,
          workspace_id: workspaceId,
          project_id: projectId,
        })),
    };
  });
}

function foundOf(holder: Holder): Found {
  if ('userId' in holder) return { kind: 'user', id: holder.userId };
  return 'teamId' in holder ? { kind: 'team', id: holder.teamId } : { kind: 'invitation', id: holder.invitationId };
}

function targetOf(holder: Holder) {
  const { kind, id } = foundOf(holder);
  return { type: kind, id };
}
