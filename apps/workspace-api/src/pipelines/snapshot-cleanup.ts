import type { Db, Runner } from '#libs/database/db.js';
import { type Sql, sql } from '#libs/database/sql.js';
import type { Caller } from '#libs/resource/caller.js';

/** Whether something still needs the snapshot `t`: a schedule, a template, a run, a deployment, a trigger or a snapshot made from it. */
export function isReferenced(t: Sql): Sql {
  const used = (table: Sql, column: Sql) => sql`EXISTS (SELECT 1 FROM workspace.${table} o WHERE o.workspace_id = ${t}.workspace_id AND o.${column} = ${t}.id)`;
  const columns = [
    used(sql`pipeline_run`, sql`snapshot_id`),
    used(sql`step_run`, sql`snapshot_id`),
    used(sql`deployment`, sql`snapshot_id`),
    used(sql`run_template`, sql`source_snapshot_id`),
    used(sql`trigger_snapshot`, sql`snapshot_id`),
    used(sql`pipeline_snapshot`, sql`source_snapshot_id`),
  ];
  return sql`(${t}.schedule_id IS NOT NULL OR ${t}.template_id IS NOT NULL OR ${columns.reduce((all, one) => sql`${all} OR ${one}`)})`;
}

/** Triggers show a snapshot by its name; without a name they no longer run what was made from it. */
export async function detachTriggers(tx: Runner, caller: Caller, snapshotId: string): Promise<void> {
  await tx.query(
    sql`DELETE FROM workspace.trigger_snapshot x USING workspace.pipeline_snapshot s WHERE x.workspace_id = ${caller.workspaceId} AND s.workspace_id = x.workspace_id AND s.id = x.snapshot_id AND s.source_snapshot_id = ${snapshotId}`,
  );
}

/** The snapshot that holds a name of a pipeline, if any, locked. */
export async function holderOf(tx: Runner, caller: Caller, pipelineId: string, name: string): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>(
    sql`SELECT id FROM workspace.pipeline_snapshot WHERE workspace_id = ${caller.workspaceId} AND pipeline_id = ${pipelineId} AND name = ${name} FOR UPDATE`,
  );
  return row?.id ?? null;
}

/** Takes the name off a snapshot: it is deleted when nothing needs it, and kept without a name otherwise. Lock it first. */
export async function releaseName(tx: Runner, caller: Caller, snapshotId: string): Promise<void> {
  const [kept] = await tx.query(
    sql`UPDATE workspace.pipeline_snapshot t SET name = NULL WHERE t.workspace_id = ${caller.workspaceId} AND t.id = ${snapshotId} AND ${isReferenced(sql`t`)} RETURNING t.id`,
  );
  if (kept) await detachTriggers(tx, caller, snapshotId);
  else await tx.query(sql`DELETE FROM workspace.pipeline_snapshot WHERE workspace_id = ${caller.workspaceId} AND id = ${snapshotId}`);
}

type Prunable = { workspaceId: string; projectId: string; olderThan: string };

function isPrunable(t: Sql, { workspaceId, projectId, olderThan }: Prunable): Sql {
  return sql`${t}.workspace_id = ${workspaceId} AND ${t}.project_id = ${projectId} AND ${t}.name IS NULL AND ${t}.created < ${olderThan}::timestamp AND NOT ${isReferenced(t)}`;
}

/** How many old snapshots without a name nobody needs. */
export async function countPrunable(runner: Runner, what: Prunable): Promise<number> {
  const [row] = await runner.query<{ count: number }>(sql`SELECT count(*)::int AS count FROM workspace.pipeline_snapshot t WHERE ${isPrunable(sql`t`, what)}`);
  return (row as { count: number }).count;
}

const batchSize = 250;

/** Deletes them in small transactions, until there are none: deleting one can free the one it was made from. Returns how many there were. */
export async function prune(db: Db, what: Prunable): Promise<number> {
  let total = 0;
  for (;;) {
    const gone = await db.tx({ workspaceId: what.workspaceId }, (tx) =>
      tx.query(
        sql`DELETE FROM workspace.pipeline_snapshot d USING (SELECT t.id FROM workspace.pipeline_snapshot t WHERE ${isPrunable(sql`t`, what)} LIMIT ${batchSize} FOR UPDATE SKIP LOCKED) old WHERE d.workspace_id = ${what.workspaceId} AND d.id = old.id RETURNING d.id`,
      ),
    );
    if (gone.length === 0) return total;
    total += gone.length;
  }
}
