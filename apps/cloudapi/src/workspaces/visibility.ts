import type { Prisma } from '#libs/database/prisma.js';
import type { Caller } from '../caller.js';

/** The workspaces that exist for a caller. Superusers see all of them unless they ask for those they are members of. */
export function visibleTo(caller: Caller, memberOnly: boolean): Prisma.CloudWorkspaceWhereInput {
  if (caller.machine) return { id: caller.machine.workspaceId };
  if (caller.isSuperuser && !memberOnly) return {};
  const { organizationIds, workspaceIds } = caller.enterable();
  return { OR: [{ organizationId: { in: organizationIds } }, { id: { in: workspaceIds } }] };
}
