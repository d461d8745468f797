import { identifier, sql } from '#libs/database/sql.js';
import { audit, system } from '../audit/audit.js';
import { type CloudInstallation, platform, within } from '../installation.js';
import { nameAsGiven } from '../workspaces/workspace.rules.js';

type Due = { id: string; name: string };

const batch = 500;
/**
 * Tables with rows of organizations, whoever refers before what is referred to; a test holds the list against the database's catalogue. The audit log stays:
 * it only grows, and says who deleted the organization. Workspaces go by themselves, and with them what hangs on them.
 */
export const emptied = [
  'resource_member',
  'role_assignment',
  'team_member',
  'api_key',
  'invitation',
  'team',
  'role',
  'user',
  'oidc_connection',
  'usage_event',
  'entitlement',
] as const;

/**
 * Removes deleted organizations whose time is over, once the last of their workspaces is gone. In batches, each a transaction of its own; nothing is
 * remembered between them, and the organization's own row goes last, so what was interrupted is found again and goes on.
 */
export async function purgeOrganizations(installation: CloudInstallation, signal: AbortSignal): Promise<void> {
  const before = new Date(installation.nowMs() - installation.graceHours * 3_600_000).toISOString().slice(0, -1);
  const due = await installation.db.read<Due>(
    platform,
    sql`SELECT o.id, o.name FROM cloud.organization o
        WHERE o.deleted <= ${before}::timestamp AND NOT EXISTS (SELECT FROM cloud.workspace w WHERE w.organization_id = o.id) ORDER BY o.deleted LIMIT 20`,
  );
  for (const organization of due) await forget(installation, organization, signal);
}

async function forget({ db, prisma }: CloudInstallation, { id, name }: Due, signal: AbortSignal): Promise<void> {
  const scope = within(id);
  for (const table of emptied) {
    const rows = sql`cloud.${identifier(table)}`;
    for (;;) {
      if (signal.aborted) return;
      const [row] = await db.read<{ gone: number }>(
        scope,
        sql`WITH gone AS (
              DELETE FROM ${rows} WHERE organization_id = ${id} AND ctid = ANY (ARRAY(SELECT ctid FROM ${rows} WHERE organization_id = ${id} LIMIT ${batch})) RETURNING 1)
            SELECT count(*)::int AS gone FROM gone`,
      );
      if ((row?.gone ?? 0) < batch) break;
    }
  }
  await prisma.tx(scope, async (tx) => {
    // Two processes may have come this far; the first one's record is enough.
    const { count } = await tx.cloudOrganization.deleteMany({ where: { id, deleted: { not: null } } });
    if (count > 0) await audit(tx, system, { action: 'organization.purge', organizationId: id, target: { type: 'organization', id, name: nameAsGiven(name) } });
  });
}
