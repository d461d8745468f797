import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import type { Caller } from '#libs/resource/caller.js';

/** Whoever makes a project runs it: nobody else would be there to let others in. */
export async function grantToCreator(tx: Tx, caller: Caller, projectId: string): Promise<void> {
  if (caller.identityMode === 'local' || !caller.externalUserId) return;
  await tx.query(
    sql`INSERT INTO cloud.role_assignment (organization_id, workspace_id, project_id, role_id, user_id, created_by)
        SELECT w.organization_id, w.id, ${projectId}::uuid, r.id, ${caller.externalUserId}::uuid, ${caller.externalUserId}::uuid
        FROM cloud.workspace w JOIN cloud.role r ON r.organization_id = w.organization_id AND r.level = 'project' AND r.name = 'Project Admin' AND r.system_managed
        WHERE w.id = ${caller.workspaceId} ON CONFLICT DO NOTHING`,
  );
}

/** Roles in a project and shares of what was in it go with it. */
export async function revokeInProject(tx: Tx, caller: Caller, projectId: string): Promise<void> {
  if (caller.identityMode === 'local') return;
  await tx.query(
    sql`WITH roles AS (DELETE FROM cloud.role_assignment WHERE workspace_id = ${caller.workspaceId} AND project_id = ${projectId})
        DELETE FROM cloud.resource_member WHERE workspace_id = ${caller.workspaceId} AND project_id = ${projectId}`,
  );
}
