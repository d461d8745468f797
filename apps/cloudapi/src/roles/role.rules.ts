import { type Level, organizationTypes, type Permission } from '#libs/access/roles.js';
import { isProjectType } from '#libs/access/vocabulary.js';
import { Problem } from '#libs/http/problem.js';

/** A place fits the level of a role. @throws Problem 400 */
export function assertPlaceFits(level: Level, place: { workspaceId: string | null; projectId: string | null }): void {
  if (level === 'organization' && place.workspaceId) throw new Problem('invalid', 'Roles of the organization hold everywhere in it: leave workspace_id out.');
  if (level !== 'organization' && !place.workspaceId)
    throw new Problem('invalid', `A role of the level '${level}' is assigned in a workspace: send workspace_id.`);
  if (level === 'workspace' && place.projectId) throw new Problem('invalid', 'Roles of a workspace hold in all of its projects: leave project_id out.');
  if (level === 'project' && !place.projectId) throw new Problem('invalid', 'A role of a project is assigned in a project: send project_id.');
}

/** A custom role speaks only of what there is on its level; anything else would be stored and never mean anything. @throws Problem 400 */
export function assertPermissionsFit(level: Level, permissions: readonly Permission[]): void {
  for (const { resource_type: type } of permissions) {
    const isOfOrganization = (organizationTypes as readonly string[]).includes(type);
    const fits =
      level === 'organization' ||
      (level === 'workspace' && (!isOfOrganization || type === 'workspace')) ||
      (level === 'project' && (type === 'project' || isProjectType(type)));
    if (!fits) throw new Problem('invalid', `A role of the level '${level}' cannot permit anything on '${type}'.`);
  }
}

/** One line for each type, actions without repetitions in a fixed order, so that equal roles look equal. */
export function normalPermissions(permissions: readonly Permission[]): Permission[] {
  const byType = new Map<Permission['resource_type'], Set<Permission['actions'][number]>>();
  for (const { resource_type: type, actions } of permissions) {
    const known = byType.get(type) ?? new Set();
    for (const action of actions) known.add(action);
    byType.set(type, known);
  }
  return [...byType]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, actions]) => ({ resource_type: type, actions: actions.has('*') ? ['*'] : [...actions].sort() }));
}
