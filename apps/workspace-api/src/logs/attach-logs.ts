import { randomUUID } from 'node:crypto';
import type { Tx } from '#libs/database/db.js';
import { databaseFault } from '#libs/database/errors.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import type { LogsRequest } from '#libs/wire/models/logs.js';

/** What logs are about: a run or one of its steps. */
export type LogsOwner = { projectId: string; pipelineRunId?: string; stepRunId?: string };

/** Gives logs that were opened earlier to a run or step. Logs stay with whom they belong to. @throws Problem 404, 403 */
export async function claimLogs(tx: Tx, caller: Caller, id: string, owner: LogsOwner): Promise<void> {
  const run = owner.pipelineRunId ?? null;
  const step = owner.stepRunId ?? null;
  const isFree = sql`(pipeline_run_id IS NULL AND step_run_id IS NULL)`;
  const isTheirs = sql`(pipeline_run_id IS NOT DISTINCT FROM ${run}::uuid AND step_run_id IS NOT DISTINCT FROM ${step}::uuid)`;
  const [claimed] = await tx.query(
    sql`UPDATE workspace.logs SET pipeline_run_id = coalesce(${run}::uuid, pipeline_run_id), step_run_id = coalesce(${step}::uuid, step_run_id), updated = (clock_timestamp() AT TIME ZONE 'utc') WHERE workspace_id = ${caller.workspaceId} AND id = ${id} AND project_id = ${owner.projectId} AND (${isFree} OR ${isTheirs}) RETURNING id`,
  );
  if (claimed) return;
  const [other] = await tx.query(
    sql`SELECT id FROM workspace.logs WHERE workspace_id = ${caller.workspaceId} AND id = ${id} AND project_id = ${owner.projectId}`,
  );
  if (other) throw new Problem('forbidden', `The logs ${id} belong to another run or step already.`);
  throw new Problem('not_found', `No logs with the ID ${id} found in the project.`);
}

/** Opens logs of a run or step, as part of a request about it. */
export async function openLogs(
  tx: Tx,
  caller: Caller,
  requests: readonly LogsRequest[],
  owner: LogsOwner & { source: string; userId: string | null },
): Promise<void> {
  if (requests.length === 0) return;
  const rows = requests.map(({ id, uri, source, artifact_store_id, log_store_id }) => ({
    id: id ?? randomUUID(),
    uri,
    source: source || owner.source,
    artifact_store_id,
    log_store_id,
  }));
  await assertStores(
    tx,
    caller,
    rows.flatMap((row) => [row.artifact_store_id, row.log_store_id]),
  );
  tx.execute(
    sql`INSERT INTO workspace.logs (workspace_id, id, uri, source, project_id, user_id, pipeline_run_id, step_run_id, artifact_store_id, log_store_id) SELECT ${caller.workspaceId}::uuid, n.id, n.uri, n.source, ${owner.projectId}::uuid, ${owner.userId}::uuid, ${owner.pipelineRunId ?? null}::uuid, ${owner.stepRunId ?? null}::uuid, n.artifact_store_id, n.log_store_id FROM json_to_recordset(${JSON.stringify(rows)}::json) AS n(id uuid, uri text, source text, artifact_store_id uuid, log_store_id uuid)`,
    (error) => (databaseFault(error)?.kind === 'unique' ? new Problem('exists', 'There are logs with this ID already.', { cause: error }) : error),
  );
}

/** The stores that hold the lines must exist. @throws Problem 404 */
export async function assertStores(tx: Tx, caller: Caller, ids: readonly (string | null | undefined)[]): Promise<void> {
  const wanted = [...new Set(ids.filter((id): id is string => typeof id === 'string'))];
  if (wanted.length === 0) return;
  const rows = await tx.query<{ id: string }>(
    sql`SELECT id FROM workspace.stack_component WHERE workspace_id = ${caller.workspaceId} AND id = ANY(${wanted}::uuid[])`,
  );
  const found = new Set(rows.map((row) => row.id));
  const unknown = wanted.find((id) => !found.has(id));
  if (unknown) throw new Problem('not_found', `No stack component with the ID ${unknown} found.`);
}
