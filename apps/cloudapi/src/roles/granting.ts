import type { Level, Permission } from '#libs/access/roles.js';
import type { Action, ResourceType } from '#libs/access/vocabulary.js';
import type { PrismaTx } from '#libs/database/prisma.js';
import { Problem } from '#libs/http/problem.js';
import { emailDomain } from '#libs/identity/email.js';
import type { Caller } from '../caller.js';
import { assignBuiltIn } from '../organizations/organization.service.js';
import { noWorkspace } from '../workspaces/workspace.service.js';
import { mayGrantRole } from './grant.rules.js';

/** Where a role holds: in the organization, in one workspace, or in one project of it. */
export type Place = { organizationId: string; workspaceId: string | null; projectId: string | null };

/** Who holds it; one of the three. */
export type Holder = { userId: string } | { teamId: string } | { invitationId: string };

export type StoredRole = { level: string; name: string; permissions: unknown };

export function storedRole(role: StoredRole) {
  return { level: role.level as Level, name: role.name, permissions: role.permissions as Permission[] | null };
}

/**
 * Who manages the members of a place: of the organization, whoever manages members there; of a workspace, also whoever may change it; of a project, also
 * whoever may share it.
 * @throws AccessDenied
 */
export function requireMemberManagement(caller: Caller, action: 'create' | 'update' | 'delete', place: Place): void {
  if (place.workspaceId !== null && caller.within(place.organizationId, place.workspaceId).can('update', 'workspace', { id: place.workspaceId })) return;
  if (place.projectId !== null && caller.within(place.organizationId, place.workspaceId).can('share', 'project', { id: place.projectId })) return;
  caller.require(action, 'member', place.organizationId);
}

/** Nobody grants more than they hold themselves, in the place where it shall hold. @throws Problem 403 */
export function assertMayGrant(caller: Caller, role: StoredRole, place: Place): void {
  if (!mayGrantRole(caller.within(place.organizationId, place.workspaceId), storedRole(role), place.projectId))
    throw new Problem('forbidden', `The role '${role.name}' permits more than you may do yourself, so you cannot give, take or change it.`);
}

/**
 * Whoever may put somebody into a team, take somebody out of the organization, or act as an account, can reach everything that the other holds. So it takes
 * holding all of it. @throws Problem 403
 */
export async function assertMayHandle(tx: PrismaTx, caller: Caller, organizationId: string, holder: { userId: string } | { teamId: string }): Promise<void> {
  const { roles, shares } = await holdingsOf(tx, organizationId, holder);
  const isTooMuch =
    roles.some(({ workspaceId, projectId, role }) => !mayGrantRole(caller.within(organizationId, workspaceId), storedRole(role), projectId)) ||
    shares.some(({ workspaceId, projectId, resourceType, resourceId, actions }) => {
      const access = caller.within(organizationId, workspaceId);
      return !actions.every((one) => access.can(one as Action, resourceType as ResourceType, { id: resourceId, projectId }));
    });
  if (isTooMuch)
    throw new Problem('forbidden', `This ${'teamId' in holder ? 'team' : 'member'} may do more than you, so somebody who may do all of it has to.`);
}

async function holdingsOf(tx: PrismaTx, organizationId: string, holder: { userId: string } | { teamId: string }) {
  const holds = {
    organizationId,
    ...('teamId' in holder
      ? { teamId: holder.teamId }
      : { OR: [{ userId: holder.userId }, { team: { members: { some: { userId: holder.userId, organizationId } } } }] }),
  };
  return {
    roles: await tx.cloudRoleAssignment.findMany({
      where: holds,
      select: { workspaceId: true, projectId: true, role: { select: { level: true, name: true, permissions: true } } },
    }),
    shares: await tx.cloudResourceMember.findMany({
      where: holds,
      select: { workspaceId: true, projectId: true, resourceType: true, resourceId: true, actions: true },
    }),
  };
}

/** Runs a change after which the organization must still have an administrator who can sign in. Such changes take turns. @throws Problem 403 */
export async function keepingAnAdmin<T>(tx: PrismaTx, organizationId: string, change: () => Promise<T>): Promise<T> {
  await tx.$queryRaw`SELECT id::text FROM cloud.organization WHERE id = ${organizationId}::uuid FOR UPDATE`;
  const hadOne = await hasAdmin(tx, organizationId);
  const result = await change();
  if (hadOne && !(await hasAdmin(tx, organizationId)))
    throw new Problem('forbidden', 'This would leave the organization without an administrator. Make somebody else an Organization Admin first.');
  return result;
}

async function hasAdmin(tx: PrismaTx, organizationId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM cloud.role_assignment a
    JOIN cloud.role r ON r.organization_id = a.organization_id AND r.id = a.role_id
    LEFT JOIN cloud.team_member m ON m.organization_id = a.organization_id AND m.team_id = a.team_id
    JOIN cloud."user" u ON u.id = coalesce(a.user_id, m.user_id)
    WHERE a.organization_id = ${organizationId}::uuid AND r.system_managed AND r.level = 'organization' AND r.name = 'Organization Admin'
      AND u.is_active AND NOT u.is_service_account LIMIT 1`;
  return rows.length > 0;
}

/**
 * Makes sure that roles and teams go to somebody who exists for the organization: members, its service accounts, and people whose address is of a trusted
 * domain, who become members by it (`isJoining`: the very role that they get makes them members). Everybody else has to be invited. @throws Problem 404
 */
export async function admit(tx: PrismaTx, caller: Caller, organizationId: string, userId: string, isJoining = false): Promise<void> {
  const user = await tx.cloudUser.findFirst({ where: { id: userId }, select: { organizationId: true, email: true, emailVerified: true } });
  if (!user || (user.organizationId !== null && user.organizationId !== organizationId)) throw noUser();
  if (user.organizationId === organizationId || (await isMember(tx, organizationId, userId))) return;
  const { trustedDomains } = await tx.cloudOrganization.findUniqueOrThrow({ where: { id: organizationId }, select: { trustedDomains: true } });
  if (!caller.isSuperuser && !(user.email && trustedDomains.includes(emailDomain(user.email) ?? ''))) throw noUser();
  // Becoming a member of the organization is for those to decide who manage its members, not for administrators of single workspaces.
  caller.require('create', 'member', organizationId);
  if (isJoining) return;
  await assignBuiltIn(tx, { organizationId, userId, level: 'organization', role: 'Organization Member', createdBy: caller.person?.id ?? null });
}

export async function isMember(tx: PrismaTx, organizationId: string, userId: string): Promise<boolean> {
  const found = await tx.cloudRoleAssignment.count({
    where: { organizationId, OR: [{ userId }, { team: { members: { some: { userId, organizationId } } } }] },
  });
  return found > 0;
}

/**
 * A workspace of the organization that the caller may enter, and a project that it has. Attached servers alone know their projects, so those are taken as
 * they come: a role in one that is not there opens nothing. @throws Problem 404
 */
export async function findPlace(
  tx: PrismaTx,
  caller: Caller,
  organizationId: string,
  workspaceId: string | null | undefined,
  projectId: string | null | undefined,
): Promise<Place> {
  if (!workspaceId) {
    if (projectId) throw new Problem('invalid', 'A project belongs to a workspace: send workspace_id, too.');
    return { organizationId, workspaceId: null, projectId: null };
  }
  const workspace = await tx.cloudWorkspace.findFirst({
    where: { id: workspaceId, organizationId, identityMode: 'pro', status: { not: 'deleted' } },
    select: { id: true, organizationId: true, isManaged: true },
  });
  if (!workspace || !caller.mayEnter(workspace)) throw noWorkspace();
  if (projectId && workspace.isManaged && !(await hasProject(tx, workspaceId, projectId)))
    throw new Problem('not_found', 'There is no project with this id in the workspace.');
  return { organizationId, workspaceId, projectId: projectId ?? null };
}

/** Of a workspace that is served here. The project stays until the transaction ends. */
async function hasProject(tx: PrismaTx, workspaceId: string, projectId: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ found: boolean }[]>`SELECT cloud.has_project(${workspaceId}::uuid, ${projectId}::uuid) AS found`;
  return row?.found ?? false;
}

/** @throws Problem 404 */
export async function assertTeam(tx: PrismaTx, organizationId: string, teamId: string): Promise<void> {
  if ((await tx.cloudTeam.count({ where: { id: teamId, organizationId } })) === 0) throw noTeam();
}

/** @throws Problem 404 */
export async function assertPendingInvitation(tx: PrismaTx, organizationId: string, id: string): Promise<void> {
  if ((await tx.cloudInvitation.count({ where: { id, organizationId, accepted: null, revoked: null } })) === 0) throw noInvitation();
}

export function holderOf(query: {
  user_id?: string | null | undefined;
  team_id?: string | null | undefined;
  invitation_id?: string | null | undefined;
}): Holder {
  const named = [query.user_id, query.team_id, query.invitation_id].filter(Boolean);
  if (named.length !== 1) throw new Problem('invalid', 'Name exactly one of user_id, team_id and invitation_id.');
  if (query.user_id) return { userId: query.user_id };
  return query.team_id ? { teamId: query.team_id } : { invitationId: query.invitation_id as string };
}

/** The holder exists for the organization. @throws Problem 404 */
export async function assertHolder(tx: PrismaTx, caller: Caller, organizationId: string, holder: Holder, isJoining = false): Promise<void> {
  if ('userId' in holder) await admit(tx, caller, organizationId, holder.userId, isJoining);
  else if ('teamId' in holder) await assertTeam(tx, organizationId, holder.teamId);
  else await assertPendingInvitation(tx, organizationId, holder.invitationId);
}

export function noUser(): Problem {
  return new Problem('not_found', 'There is no user with this id in the organization. Invite people who are not members yet.');
}

export function noTeam(): Problem {
  return new Problem('not_found', 'There is no team with this id, or it belongs to an organization that you are not a member of.');
}

export function noInvitation(): Problem {
  return new Problem('not_found', 'There is no pending invitation with this id in the organization.');
}
