import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import type { UserUpdate } from '#libs/wire/models/user.js';

/** In a stand-alone workspace some things are for administrators; where there is a control plane, grants decide instead. @throws Problem 403 */
export function assertAdmin(caller: Caller, what: string): void {
  if (caller.identityMode === 'local' && !caller.isAdmin) throw new Problem('forbidden', `Only administrators can ${what}.`);
}

/** What a workspace of a control plane does not do itself. @throws Problem 405 */
export function assertLocal(caller: Caller, what: string): void {
  if (caller.identityMode === 'pro') throw new Problem('method_not_allowed', `${what} of this workspace are managed in the control plane.`);
}

/** Service accounts and their keys belong to the organization. @throws Problem 403 */
export function assertLocalMachines(caller: Caller): void {
  if (caller.identityMode === 'pro')
    throw new Problem(
      'forbidden',
      'Service accounts and API keys of single workspaces are not available here. Use those of the organization in the control plane.',
    );
}

/** All that the workspace itself keeps of somebody whom the control plane knows is the project they start in. */
export function heldByControlPlane({ default_project_id }: UserUpdate): UserUpdate {
  return default_project_id === undefined ? {} : { default_project_id };
}
