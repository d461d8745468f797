import { purgeStages } from '#libs/control-plane/workspace-host.js';
import { raw, type Sql, sql } from '#libs/database/sql.js';
import { audit, system } from '../audit/audit.js';
import { type CloudInstallation, platform, within } from '../installation.js';
import { nameAsGiven } from './workspace.rules.js';

type Due = { id: string; organizationId: string; name: string };

const batch = 500;
/** What plans count as being there: gone with the workspace. Runs are counted as having happened. */
const countedAsThere = ['project', 'pipeline', 'model'];

/**
 * Removes deleted workspaces whose time for restoring is over: first what whoever serves them keeps, then the control plane's own rows, the data keys last,
 * so that an interrupted removal still finds its record and goes on. Where workspaces are served by another process, that one removes its part by itself.
 */
export async function purgeWorkspaces(installation: CloudInstallation, signal: AbortSignal): Promise<void> {
  const { host } = installation.options;
  const due = await installation.db.read<Due & { isOurs: boolean; stateReason: string }>(
    platform,
    sql`SELECT id, organization_id AS "organizationId", name, is_managed AS "isOurs", state_reason AS "stateReason" FROM cloud.workspace
        WHERE status = 'deleted' AND purge_after <= (now() AT TIME ZONE 'utc') AND (${host !== null}::bool OR NOT is_managed OR state_reason = ${purgeStages.removed})
        ORDER BY purge_after LIMIT 20`,
  );
  for (const workspace of due) {
    if (signal.aborted) return;
    const isEmpty = workspace.isOurs
      ? workspace.stateReason === purgeStages.removed || (await host?.purge(workspace.id, signal)) === true
      : await claimAttached(installation, workspace);
    if (isEmpty) await forget(installation, workspace, signal);
  }
}

/** An attached workspace's rows are elsewhere; only its record goes. A restore that was faster wins. */
async function claimAttached({ db }: CloudInstallation, { id, organizationId }: Due): Promise<boolean> {
  const rows = await db.read(
    within(organizationId),
    sql`UPDATE cloud.workspace SET state_reason = ${purgeStages.removed} WHERE id = ${id} AND status = 'deleted' AND purge_after <= (now() AT TIME ZONE 'utc') RETURNING id`,
  );
  return rows.length > 0;
}

async function forget(installation: CloudInstallation, { id, organizationId, name }: Due, signal: AbortSignal): Promise<void> {
  const { db } = installation;
  const scope = within(organizationId);
  const steps: Sql[] = [
    giveBack(organizationId, id),
    ...['resource_member', 'role_assignment', 'enrollment_key'].map((table) => {
      const rows = raw(`cloud.${table}`);
      return sql`WITH gone AS (DELETE FROM ${rows} WHERE id IN (SELECT id FROM ${rows} WHERE organization_id = ${organizationId} AND workspace_id = ${id} LIMIT ${batch}) RETURNING 1) SELECT count(*)::int AS gone FROM gone`;
    }),
  ];
  for (const step of steps) {
    for (;;) {
      if (signal.aborted) return;
      const [row] = await db.read<{ gone: number }>(scope, step);
      if ((row?.gone ?? 0) < batch) break;
    }
  }
  // Devices, which belong to persons, only forget where they were used.
  await db.read(platform, sql`UPDATE cloud.device SET workspace_id = NULL WHERE workspace_id = ${id}`);
  await installation.prisma.tx(scope, async (tx) => {
    // Two processes may have come this far; the first one's record is enough.
    const rows = await tx.$queryRaw<unknown[]>`SELECT 1 FROM cloud.workspace WHERE id = ${id}::uuid AND status = 'deleted' FOR UPDATE`;
    if (rows.length === 0) return;
    await tx.cloudRole.deleteMany({ where: { organizationId, workspaceId: id } });
    await tx.cloudWorkspaceDataKey.deleteMany({ where: { organizationId, workspaceId: id } });
    await tx.cloudWorkspace.delete({ where: { id }, select: { id: true } });
    await audit(tx, system, { action: 'workspace.purge', organizationId, workspaceId: id, target: { type: 'workspace', id, name: nameAsGiven(name) } });
  });
}

/** What the plan still counts of the workspace, with an event each, as if it had been deleted there one by one. */
function giveBack(organizationId: string, workspaceId: string): Sql {
  return sql`WITH returned AS (
        INSERT INTO cloud.usage_event (organization_id, workspace_id, feature, resource_id, sign, total)
        SELECT organization_id, workspace_id, feature, resource_id, -1, -total FROM cloud.usage_event made
        WHERE organization_id = ${organizationId} AND workspace_id = ${workspaceId} AND feature = ANY(${countedAsThere}) AND sign = 1 AND resource_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM cloud.usage_event gone WHERE gone.organization_id = made.organization_id AND gone.feature = made.feature
                          AND gone.resource_id = made.resource_id AND gone.sign = -1)
        LIMIT ${batch} ON CONFLICT DO NOTHING RETURNING feature, total),
      counted AS (
        UPDATE cloud.entitlement e SET used = greatest(0, e.used + r.total), updated = (now() AT TIME ZONE 'utc')
        FROM (SELECT feature, sum(total) AS total FROM returned GROUP BY feature) r
        WHERE e.organization_id = ${organizationId} AND e.feature = r.feature)
      SELECT count(*)::int AS gone FROM returned`;
}
