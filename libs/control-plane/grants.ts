import { Access } from '#libs/access/access.js';
import { type Level, type Permission, permissionsOf } from '#libs/access/roles.js';
import { raw } from '#libs/database/sql.js';

/** A role that a person or machine holds, directly or through a team. */
export type Assignment = {
  organizationId: string;
  workspaceId: string | null;
  projectId: string | null;
  name: string;
  level: Level;
  /** Null for built-in roles: what they allow stands in code. */
  permissions: Permission[] | null;
};

/** A single resource that was shared with a person or machine, or with one of its teams. */
export type Share = { organizationId: string; workspaceId: string; type: string; id: string; actions: string[] };

/** Everything somebody holds, as far as the statement that loaded it was allowed to look. */
export type Holdings = { roles: Assignment[]; shares: Share[] };

const teams = 'SELECT m.team_id FROM cloud.team_member m WHERE m.user_id = u.id';

/** The holdings of the row `u` of cloud.user as two JSON columns, `roles` and `shares`. */
export const holdings = raw(`coalesce((
    SELECT json_agg(json_build_object('organizationId', a.organization_id, 'workspaceId', a.workspace_id, 'projectId', a.project_id, 'name', r.name, 'level', r.level, 'permissions', r.permissions))
    FROM cloud.role_assignment a JOIN cloud.role r ON r.organization_id = a.organization_id AND r.id = a.role_id
    WHERE a.user_id = u.id OR a.team_id IN (${teams})), '[]'::json) AS roles,
  coalesce((
    SELECT json_agg(json_build_object('organizationId', s.organization_id, 'workspaceId', s.workspace_id, 'type', s.resource_type, 'id', s.resource_id, 'actions', s.actions))
    FROM cloud.resource_member s WHERE s.user_id = u.id OR s.team_id IN (${teams})), '[]'::json) AS shares`);

/** What somebody may do in an organization, or, with `workspaceId`, in one workspace of it. */
export function accessWithin(userId: string, held: Holdings, organizationId: string, workspaceId: string | null): Access {
  const isHere = (one: { organizationId: string; workspaceId: string | null }) =>
    one.organizationId === organizationId && (one.workspaceId === null || one.workspaceId === workspaceId);
  return Access.of(userId, {
    roles: held.roles.filter(isHere).map((role) => ({ projectId: role.projectId, permissions: permissionsOf(role) })),
    shares: held.shares.filter(isHere).map(({ type, id, actions }) => ({ type, ids: [id], actions })),
  });
}

/**
 * Whether somebody may enter a workspace: by a role of the organization that reaches into all workspaces, by any role in this one, or because something
 * in it was shared with them.
 */
export function mayEnter(userId: string, held: Holdings, workspace: { id: string; organizationId: string }): boolean {
  const isInside = (one: { workspaceId: string | null }) => one.workspaceId === workspace.id;
  return held.roles.some(isInside) || held.shares.some(isInside) || accessWithin(userId, held, workspace.organizationId, null).isFull('read', 'workspace');
}

/** Organization-level roles make members; a role in one workspace alone does not. */
export function isMember(held: Holdings, organizationId: string): boolean {
  return held.roles.some((role) => role.organizationId === organizationId && role.level === 'organization');
}
