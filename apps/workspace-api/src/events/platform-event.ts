import { type Sql, sql } from '#libs/database/sql.js';
import type { ExecutionStatus } from '#libs/wire/models/enums.js';

/**
 * What is written to `workspace.platform_event`, in the transaction of the change, so that an event is there exactly when what it tells is. `kind` is one
 * of these, `payload` what {@link RunEvent} and {@link SnapshotEvent} say. Rows are kept for {@link keptDays} days.
 */
export type PlatformEventKind = 'pipeline_run.created' | `pipeline_run.${ExecutionStatus}` | 'pipeline_snapshot.created';

/** `pipeline_run.created` once, then `pipeline_run.<status>` whenever the run's status has really become another. */
export type RunEvent = {
  name: string;
  status: ExecutionStatus;
  /** Null for a run that was just created. */
  previous_status: ExecutionStatus | null;
  status_reason: string | null;
  pipeline_id: string | null;
  snapshot_id: string | null;
  /** The snapshot that people know by name. */
  source_snapshot_id: string | null;
  user_id: string | null;
};

export type SnapshotEvent = { name: string | null; pipeline_id: string; source_snapshot_id: string | null; user_id: string | null };

/** How long events are kept for those who follow them late. */
export const keptDays = 7;

/** Columns of a run that its events tell. */
export const runEventColumns = sql`r.workspace_id, r.id, r.project_id, r.name, r.status, r.status_reason, r.pipeline_id, r.snapshot_id, r.source_snapshot_id, r.user_id`;

/**
 * The statement that writes the events of runs: part of the one that changes them (`WITH`), since recording runs is what workspaces do most.
 * @param changed a table of {@link runEventColumns}, as the runs are now
 * @param previous the status before; null for new runs, whose event is `created`
 */
export function insertRunEvents(changed: Sql, previous: ExecutionStatus | null | Sql): Sql {
  const kind = previous === null ? sql`'pipeline_run.created'` : sql`'pipeline_run.' || c.status`;
  return sql`INSERT INTO workspace.platform_event (workspace_id, kind, resource_type, resource_id, project_id, payload) SELECT c.workspace_id, ${kind}, 'pipeline_run', c.id, c.project_id, json_build_object('name', c.name, 'status', c.status, 'previous_status', ${previous}::text, 'status_reason', c.status_reason, 'pipeline_id', c.pipeline_id, 'snapshot_id', c.snapshot_id, 'source_snapshot_id', c.source_snapshot_id, 'user_id', c.user_id) FROM ${changed} c`;
}

/** The same for a snapshot that was just made. */
export function insertSnapshotEvent(workspaceId: string, snapshotId: string): Sql {
  return sql`INSERT INTO workspace.platform_event (workspace_id, kind, resource_type, resource_id, project_id, payload) SELECT s.workspace_id, 'pipeline_snapshot.created', 'pipeline_snapshot', s.id, s.project_id, json_build_object('name', s.name, 'pipeline_id', s.pipeline_id, 'source_snapshot_id', s.source_snapshot_id, 'user_id', s.user_id) FROM workspace.pipeline_snapshot s WHERE s.workspace_id = ${workspaceId} AND s.id = ${snapshotId}`;
}
