import type { Access } from '#libs/access/access.js';
import { type Action, parseResourceName, type ResourceType } from '#libs/access/vocabulary.js';
import { Problem } from '#libs/http/problem.js';
import { parseUuid } from '#libs/wire/types.js';

/** One answer for each string, under exactly the string that was sent: servers parse every key of the reply back. */
export function decide(access: Access | null, action: string, resources: readonly string[]): Record<string, boolean> {
  return Object.fromEntries(resources.map((resource) => [resource, access !== null && isAllowed(access, action, resource)]));
}

function isAllowed(access: Access, action: string, resource: string): boolean {
  const { type, id, projectId } = parseResourceName(resource);
  return access.can(action as Action, type as ResourceType, { id: id?.toLowerCase() ?? null, projectId: projectId?.toLowerCase() ?? null });
}

/** Whether the action is allowed on all of a type, and if not, on which single ones. Own rows are not listed: servers add those themselves. */
export function allowedIds(access: Access | null, action: string, resource: string): { full_access: boolean; ids: string[] } {
  if (!access) return { full_access: false, ids: [] };
  const { type, projectId } = parseResourceName(resource);
  if (access.isFull(action as Action, type as ResourceType, projectId?.toLowerCase() ?? null)) return { full_access: true, ids: [] };
  return { full_access: false, ids: [...new Set(access.sharedIds(action as Action, type as ResourceType))] };
}

export type SharedResource = { type: string; id: string; projectId: string | null };

/** A resource that grants can hang on: with a type and an id. @throws Problem 400 */
export function sharedResource(text: string): SharedResource {
  const { type, id, projectId } = parseResourceName(text);
  const [uuid, project] = [id, projectId].map((one) => (one === null ? null : (parseUuid(one) ?? '')));
  if (!uuid || project === '' || !/^[a-z_]{1,64}$/.test(type))
    throw new Problem('invalid', `'${text.slice(0, 100)}' does not name one resource: write [<project id>:]<type>/<id>.`);
  return { type, id: uuid, projectId: project ?? null };
}
