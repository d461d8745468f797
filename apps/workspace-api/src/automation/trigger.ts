import { type Sql, sql } from '#libs/database/sql.js';
import { Json } from '#libs/resource/json.js';
import { nested, oneOf, toOne } from '#libs/resource/render.js';
import { type DocumentRender, type Expression, type Resource, resource } from '#libs/resource/resource.js';
import { TriggerFilter } from '#libs/wire/filters.js';
import { snapshot } from '../pipelines/snapshot.js';
import { run } from '../runs/run.js';
import { webhook } from './webhook.js';

/** A value of the kind's own configuration. */
function configured(name: string): Expression {
  return (t) => sql`${t}.configuration -> ${name}::text`;
}

/** The snapshots that are run (`s`), by the time they were attached. */
function attached(value: (s: Sql, render: DocumentRender) => Sql): Expression {
  return (t, render) => {
    const s = render.alias();
    const x = render.alias();
    return Json.list(
      value(s, render),
      sql`${x}.created_at, ${s}.id`,
      sql`FROM workspace.trigger_snapshot ${x} JOIN workspace.pipeline_snapshot ${s} ON ${s}.workspace_id = ${x}.workspace_id AND ${s}.id = ${x}.snapshot_id WHERE ${x}.workspace_id = ${t}.workspace_id AND ${x}.trigger_id = ${t}.id`,
    );
  };
}

/** The one that people know: what the attached copy was made from. */
function display(s: Sql, render: DocumentRender): Sql {
  const d = render.alias();
  return oneOf(snapshot, d, render, sql`${d}.workspace_id = ${s}.workspace_id AND ${d}.id = coalesce(${s}.source_snapshot_id, ${s}.id)`);
}

const dispatchStates: Expression = (t) =>
  sql`coalesce((SELECT json_object_agg(coalesce(s.source_snapshot_id, s.id), x.dispatch_state) FROM workspace.trigger_snapshot x JOIN workspace.pipeline_snapshot s ON s.workspace_id = x.workspace_id AND s.id = x.snapshot_id WHERE x.workspace_id = ${t}.workspace_id AND x.trigger_id = ${t}.id AND x.dispatch_state IS NOT NULL), '{}'::json)`;

const latestRunId: Expression = (t) =>
  sql`(SELECT e.pipeline_run_id FROM workspace.trigger_execution e WHERE e.workspace_id = ${t}.workspace_id AND e.trigger_id = ${t}.id ORDER BY e.created_at DESC, e.pipeline_run_id LIMIT 1)`;

/** Something that makes the server run snapshots: a schedule, what happens to runs here, or events of other services. */
export const trigger: Resource = resource({
  name: 'trigger',
  table: 'trigger',
  access: 'trigger',
  planned: { feature: 'schedule', isCounted: false },
  named: false,
  body: { name: 'name', active: 'active', type: 'type', concurrency: 'concurrency', is_archived: 'is_archived', flavor: 'flavor' },
  kinds: {
    column: 'type',
    bodies: {
      schedule: {
        cron_expression: configured('cron_expression'),
        interval: configured('interval'),
        end_time: configured('end_time'),
        start_time: configured('start_time'),
        run_once_start_time: configured('run_once_start_time'),
        max_runs: configured('max_runs'),
        next_occurrence: (t) => sql`CASE WHEN ${t}.active AND NOT ${t}.is_archived THEN workspace.wire_time(${t}.next_occurrence) END`,
      },
      platform_event: { source_entity: configured('source_entity'), target_events: configured('target_events') },
      webhook: { configuration: configured('configuration'), webhook_id: 'webhook_id' },
    },
  },
  metadata: {},
  resources: {
    snapshots: attached(display),
    executable_snapshots: attached((s, render) => nested(snapshot, s, render)),
    latest_run: toOne((): Resource => run, latestRunId),
    webhook: toOne(() => webhook, 'webhook_id'),
    snapshot_dispatch_states: dispatchStates,
  },
  filter: TriggerFilter,
  // These are about one and the same attached snapshot, or take several values as alternatives; the list itself handles them (`narrowing`).
  filters: { type: () => null, flavor: () => null, pipeline_id: () => null, snapshot_id: () => null },
  hardFilters: ['is_archived'],
  conflict: ({ name }) => `There is already a trigger named '${name}' in this project.`,
});
