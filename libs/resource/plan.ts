import { type Feature, UpgradeRequired } from '#libs/control-plane/control-plane.js';
import { reportUsage } from '#libs/control-plane/usage.js';
import type { Runner } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import type { Caller } from './caller.js';

/** What the organization's plan says of a resource: the feature it needs, and whether each of them counts. */
export type Planned = { feature: Feature; isCounted: boolean };

/** Refuses when the plan has no room. Stand-alone workspaces have no plan. @throws UpgradeRequired */
export async function assertRoom(tx: Runner, caller: Caller, feature: Feature): Promise<void> {
  if (caller.identityMode === 'local') return;
  const { used, quota } = await stateOf(tx, caller, feature);
  if (quota !== null && used >= quota) throw new UpgradeRequired(feature);
}

/**
 * Counts something that was just made, in its transaction. Refuses after counting: the count locks its row, so of two that are made at once the second
 * sees the first, and a plan is never exceeded. What is deleted again is given back by the database. @throws UpgradeRequired
 */
export async function countMade(tx: Runner, caller: Caller, feature: Feature, resourceId: string): Promise<void> {
  if (caller.identityMode === 'local') return;
  const { organizationId, quota } = await stateOf(tx, caller, feature);
  await reportUsage(tx, { organizationId, workspaceId: caller.workspaceId, feature, resourceId, total: 1 });
  if (quota === null) return;
  const after = await stateOf(tx, caller, feature);
  if (after.quota !== null && after.used > after.quota) throw new UpgradeRequired(feature);
}

async function stateOf(tx: Runner, caller: Caller, feature: Feature): Promise<{ organizationId: string; used: number; quota: number | null }> {
  const [row] = await tx.query<{ organizationId: string; used: string; quota: string | null }>(
    sql`SELECT w.organization_id AS "organizationId", coalesce(e.used, 0)::text AS used, e.quota::text AS quota
        FROM cloud.workspace w LEFT JOIN cloud.entitlement e ON e.organization_id = w.organization_id AND e.feature = ${feature} WHERE w.id = ${caller.workspaceId}`,
  );
  const { organizationId, used, quota } = row as { organizationId: string; used: string; quota: string | null };
  return { organizationId, used: Number(used), quota: quota === null ? null : Number(quota) };
}
