import type { Runner } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { type Feature, UpgradeRequired } from './control-plane.js';

export type UsageEvent = { organizationId: string; workspaceId: string | null; feature: Feature; resourceId: string | null; total: number };

/** Whether the organization's plan has room for one more. A feature without a quota is unlimited. @throws UpgradeRequired */
export async function assertEntitled(runner: Runner, organizationId: string, feature: Feature): Promise<void> {
  const [row] = await runner.query<{ full: boolean }>(
    sql`SELECT used >= quota AS full FROM cloud.entitlement WHERE organization_id = ${organizationId} AND feature = ${feature} AND quota IS NOT NULL`,
  );
  if (row?.full) throw new UpgradeRequired(feature);
}

/** Counts an event once per (feature, resource, sign): servers report a pipeline run twice, and retry. One statement, so the count and the event agree. */
export async function reportUsage(runner: Runner, event: UsageEvent): Promise<void> {
  await runner.query(
    sql`WITH counted AS (
          INSERT INTO cloud.usage_event (organization_id, workspace_id, feature, resource_id, sign, total)
          VALUES (${event.organizationId}, ${event.workspaceId}, ${event.feature}, ${event.resourceId}, sign(${event.total}::int), ${event.total}::int)
          ON CONFLICT DO NOTHING RETURNING organization_id, feature, total)
        INSERT INTO cloud.entitlement (organization_id, feature, used, updated)
        SELECT organization_id, feature, greatest(0, total), (now() AT TIME ZONE 'utc') FROM counted
        ON CONFLICT (organization_id, feature) DO UPDATE
        SET used = greatest(0, cloud.entitlement.used + (SELECT total FROM counted)), updated = excluded.updated`,
  );
}
