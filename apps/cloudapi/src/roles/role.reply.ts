import { type Level, type Permission, permissionsOf } from '#libs/access/roles.js';
import type { Prisma } from '#libs/database/prisma.js';
import { userFields, userReply } from '../users/user.js';
import { naive } from '../wire.js';

export const roleFields = {
  id: true,
  name: true,
  description: true,
  level: true,
  organizationId: true,
  workspaceId: true,
  projectId: true,
  systemManaged: true,
  permissions: true,
  created: true,
  updated: true,
} as const satisfies Prisma.CloudRoleSelect;

export type RoleRow = Prisma.CloudRoleGetPayload<{ select: typeof roleFields }>;

export const teamFields = {
  id: true,
  name: true,
  description: true,
  organizationId: true,
  created: true,
  updated: true,
} as const satisfies Prisma.CloudTeamSelect;
export type TeamRow = Prisma.CloudTeamGetPayload<{ select: typeof teamFields }>;

export const inviteeFields = { id: true, email: true, organizationId: true, expires: true, created: true } as const satisfies Prisma.CloudInvitationSelect;
export type InviteeRow = Prisma.CloudInvitationGetPayload<{ select: typeof inviteeFields }>;

export const assignmentFields = {
  id: true,
  organizationId: true,
  workspaceId: true,
  projectId: true,
  created: true,
  role: { select: roleFields },
  user: { select: userFields },
  team: { select: teamFields },
  invitation: { select: inviteeFields },
} as const satisfies Prisma.CloudRoleAssignmentSelect;

export type AssignmentRow = Prisma.CloudRoleAssignmentGetPayload<{ select: typeof assignmentFields }>;

export function roleReply(row: RoleRow) {
  const level = row.level as Level;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    level,
    organization_id: row.organizationId,
    workspace_id: row.workspaceId,
    project_id: row.projectId,
    system_managed: row.systemManaged,
    permissions: permissionsOf({ level, name: row.name, permissions: row.permissions as Permission[] | null }),
    created: naive(row.created),
    updated: naive(row.updated),
  };
}

export function teamReply(row: TeamRow) {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    organization_id: row.organizationId,
    created: naive(row.created),
    updated: naive(row.updated),
  };
}

export function inviteeReply(row: InviteeRow) {
  return { id: row.id, email: row.email, organization_id: row.organizationId, expires: naive(row.expires), created: naive(row.created) };
}

export function assignmentReply(row: AssignmentRow) {
  return {
    id: row.id,
    role: roleReply(row.role),
    organization_id: row.organizationId,
    workspace_id: row.workspaceId,
    project_id: row.projectId,
    user: row.user ? userReply(row.user) : null,
    team: row.team ? teamReply(row.team) : null,
    invitation: row.invitation ? inviteeReply(row.invitation) : null,
    created: naive(row.created),
  };
}
