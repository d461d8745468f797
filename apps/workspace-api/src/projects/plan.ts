import type { Feature } from '#libs/control-plane/control-plane.js';
import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import type { Caller } from '#libs/resource/caller.js';
import type { Installation } from '../installation.js';

/** What an organization's plan counts. Stand-alone workspaces have no plan. */
export type Counter = { report(resourceId: string, total: 1 | -1): Promise<void> };

/** Asks for room for one more, and gives what counts it, in the transaction of the change. @throws UpgradeRequired */
export async function withinPlan(installation: Installation, tx: Tx, caller: Caller, feature: Feature): Promise<Counter> {
  const counter = await counterOf(installation, tx, caller, feature);
  await counter.assertRoom();
  return counter;
}

/** What counts a feature, for changes that need no room, such as deleting. */
export async function counterOf(installation: Installation, tx: Tx, caller: Caller, feature: Feature): Promise<Counter & { assertRoom(): Promise<void> }> {
  const { controlPlane } = installation.options;
  if (caller.identityMode === 'local' || !controlPlane) return { assertRoom: async () => {}, report: async () => {} };
  const { workspaceId } = caller;
  const [row] = await tx.query<{ organization_id: string }>(sql`SELECT organization_id FROM cloud.workspace WHERE id = ${workspaceId}`);
  const { organization_id: organizationId } = row as { organization_id: string };
  return {
    assertRoom: () => controlPlane.assertEntitled(tx, organizationId, feature),
    report: (resourceId, total) => controlPlane.reportUsage(tx, { organizationId, workspaceId, feature, resourceId, total }),
  };
}

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
