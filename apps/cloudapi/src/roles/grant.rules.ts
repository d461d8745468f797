import type { Access } from '#libs/access/access.js';
import { type Level, organizationTypes, type Permission, permissionsOf } from '#libs/access/roles.js';
import { type Action, actions, resourceTypes } from '#libs/access/vocabulary.js';

type Type = Parameters<Access['isFull']>[1];

/** No action and no type: only those who may do everything, later inventions included, may do it. */
const anything = '*';

/**
 * Whether everything that a role permits is already permitted to whoever grants it. `access` is the granter's, in the place where the role shall hold
 * (`projectId` for a role in one project). Nobody grants more than they hold.
 */
export function mayGrant(access: Access, permissions: readonly Permission[], projectId: string | null = null): boolean {
  if (access.isUnlimited) return true;
  return permissions.every((permission) => {
    const types = permission.resource_type === '*' ? [...resourceTypes, ...organizationTypes, anything] : [permission.resource_type];
    const allowed = permission.actions.includes('*') ? [...actions, anything] : permission.actions;
    return types.every((type) => allowed.every((action) => holds(access, action as Action, type as Type, projectId)));
  });
}

/** The same for a stored role. */
export function mayGrantRole(access: Access, role: { level: Level; name: string; permissions: Permission[] | null }, projectId: string | null = null): boolean {
  return mayGrant(access, permissionsOf(role), projectId);
}

function holds(access: Access, action: Action, type: Type, projectId: string | null): boolean {
  // A project is one row, so a role inside it speaks of that row and not of the type.
  if (type === 'project' && projectId !== null) return access.can(action, type, { id: projectId });
  return access.isFull(action, type, projectId);
}
