import { raw, type Sql, sql } from '#libs/database/sql.js';

/** Channels on which the database tells of work; see the triggers `wake_*` in its migrations. */
export const dueChannel = 'trigger_due';
export const dispatchChannel = 'trigger_dispatch';

/** How long a firing is remembered, and with it that a delivery has come already. */
export const rememberedDays = 30;

/**
 * Parts of a WITH that record that triggers fired: each on each occasion once, and something to start for every snapshot that is attached now. A trigger
 * without any has nothing to remember.
 * @param fired a table of `workspace_id, trigger_id, occasion, info`
 */
export function recordFirings(fired: Sql): Sql {
  return sql`firing AS (INSERT INTO workspace.trigger_firing (workspace_id, trigger_id, occasion, info) SELECT f.workspace_id, f.trigger_id, f.occasion, f.info FROM ${fired} f WHERE EXISTS (SELECT 1 FROM workspace.trigger_snapshot x WHERE x.workspace_id = f.workspace_id AND x.trigger_id = f.trigger_id) ON CONFLICT (workspace_id, trigger_id, occasion) DO NOTHING RETURNING workspace_id, id, trigger_id),
    dispatch AS (INSERT INTO workspace.trigger_dispatch (workspace_id, firing_id, snapshot_id, available_at) SELECT i.workspace_id, i.id, x.snapshot_id, timestamp 'epoch' FROM firing i JOIN workspace.trigger_snapshot x ON x.workspace_id = i.workspace_id AND x.trigger_id = i.trigger_id)`;
}

/**
 * The same for triggers that wait for this end of a run. A run is told the pipelines that led to it, so that none comes round again.
 * @param changed a table of the run as it is now, with one row; @param event a table with the `id` of its event
 */
export function fireOnRunEvent(changed: string, event: string): Sql {
  const c = raw(changed);
  const sources = sql`ARRAY['pipeline_run:' || c.id, 'pipeline:' || c.pipeline_id, 'pipeline_snapshot:' || c.snapshot_id, 'pipeline_snapshot:' || c.source_snapshot_id]`;
  const token = sql`CASE WHEN t.source_entity LIKE 'pipeline_run:%' THEN 'event:' || c.status ELSE 'event:run_' || c.status END`;
  const before = sql`SELECT p.id FROM workspace.trigger_execution x, json_array_elements_text(x.info -> 'upstream_pipeline_ids') AS p(id) WHERE x.workspace_id = c.workspace_id AND x.pipeline_run_id = c.id`;
  const lineage = sql`(SELECT coalesce(json_agg(l.id), '[]'::json) FROM (${before} UNION SELECT c.pipeline_id::text WHERE c.pipeline_id IS NOT NULL) l)`;
  const fired = sql`(SELECT t.workspace_id, t.id AS trigger_id, 'event ' || e.id AS occasion, json_build_object('upstream_run_id', c.id, 'upstream_pipeline_ids', ${lineage}) AS info
    FROM ${c} c CROSS JOIN ${raw(event)} e JOIN workspace.trigger t ON t.workspace_id = c.workspace_id AND t.flavor = 'platform event' AND t.source_entity = ANY(${sources}) AND t.project_id = c.project_id AND t.active AND NOT t.is_archived AND ${token} = ANY(string_to_array(t.target_events, ' ')))`;
  return recordFirings(fired);
}
