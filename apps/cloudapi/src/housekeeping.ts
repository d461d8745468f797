import { periodically } from '#libs/boot/periodically.js';
import { raw, sql } from '#libs/database/sql.js';
import { type CloudInstallation, platform } from './installation.js';
import { purgeOrganizations } from './organizations/purge.js';
import { purgeWorkspaces } from './workspaces/purge.js';

const purgeEveryMs = 15_000;
const tidyEveryMs = 60_000;
const batch = 1_000;
/** Of each table in one round; what is left waits for the next. */
const maxBatches = 20;

/**
 * What has no use any more, by table. Times come from the rules: failed sign-ins are forgotten after a day, and whatever names a session or a device code
 * that is gone is refused exactly as when it has expired. Runs are only ever counted up, and reported again within minutes if at all, so their events are
 * needed for reports alone; those of other features say what a deleted workspace gives back.
 */
const leftovers: readonly { table: string; key: string; condition: string }[] = [
  { table: 'session', key: 'id', condition: "expires < @now - interval '1 day' OR revoked < @now - interval '1 day'" },
  { table: 'sign_in_failure', key: 'subject', condition: "last < @now - interval '1 day'" },
  { table: 'device', key: 'id', condition: "status = 'pending' AND expires < @now - interval '1 hour'" },
  { table: 'usage_event', key: 'id', condition: "feature IN ('pipeline_run', 'template_run') AND created < @now - interval '400 days'" },
];

/** Removes one round of leftovers, in batches that hold few locks. */
export async function tidy({ db }: CloudInstallation, signal: AbortSignal): Promise<void> {
  for (const { table, key, condition } of leftovers) {
    const rows = raw(`cloud.${table}`);
    const isOver = raw(condition.replaceAll('@now', "(now() AT TIME ZONE 'utc')"));
    for (let i = 0; i < maxBatches && !signal.aborted; i++) {
      const [row] = await db.read<{ gone: number }>(
        platform,
        sql`WITH gone AS (
              DELETE FROM ${rows} WHERE ${raw(key)} IN (SELECT ${raw(key)} FROM ${rows} WHERE ${isOver} LIMIT ${batch} FOR UPDATE SKIP LOCKED) RETURNING 1)
            SELECT count(*)::int AS gone FROM gone`,
      );
      if ((row?.gone ?? 0) < batch) break;
    }
  }
}

/** What the control plane does by itself, until stopped. Several processes may do it at the same time. */
export function keepHouse(installation: CloudInstallation): { stop(): Promise<void> } {
  const tasks = [
    periodically({
      name: 'purge',
      everyMs: purgeEveryMs,
      async work(signal) {
        await purgeWorkspaces(installation, signal);
        // An organization waits for its last workspace.
        await purgeOrganizations(installation, signal);
      },
    }),
    periodically({ name: 'housekeeping', everyMs: tidyEveryMs, work: (signal) => tidy(installation, signal) }),
  ];
  return { stop: async () => void (await Promise.all(tasks.map((task) => task.stop()))) };
}
