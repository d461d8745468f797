import { Controller } from '@nestjs/common';
import { literal, raw, type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import type { Caller } from '#libs/resource/caller.js';
import { selection } from '#libs/resource/list.js';
import { Render, tableOf } from '#libs/resource/resource.js';
import { noProject, ResourceStore } from '#libs/resource/store.js';
import type { RunStatisticsRequest } from '#libs/wire/models/run-statistics.js';
import type { InputOf } from '#libs/wire/operation.js';
import { runs } from '#libs/wire/operations/runs.js';
import { run } from './run.js';

type Grouping = RunStatisticsRequest['groupings'][number];
type Metric = RunStatisticsRequest['metrics'][number];

/** Bucket names that sort as time does. Weeks are named by their Monday. */
const buckets: Record<'hour' | 'day' | 'week' | 'month', Sql> = {
  hour: raw("to_char(t.start_time, 'YYYY-MM-DD HH24:00:00')"),
  day: raw("to_char(t.start_time, 'YYYY-MM-DD')"),
  week: raw("to_char(date_trunc('week', t.start_time), 'YYYY-MM-DD')"),
  month: raw("to_char(t.start_time, 'YYYY-MM-01')"),
};

const ofSnapshot = (column: 'source_snapshot_id' | 'stack_id') =>
  raw(`(SELECT s.${column} FROM workspace.pipeline_snapshot s WHERE s.workspace_id = t.workspace_id AND s.id = t.snapshot_id)::text`);

const simple = {
  status: raw('t.status'),
  pipeline: raw('t.pipeline_id::text'),
  snapshot: raw('t.snapshot_id::text'),
  source_snapshot: ofSnapshot('source_snapshot_id'),
  stack: ofSnapshot('stack_id'),
  user: raw('t.user_id::text'),
  trigger: raw('(SELECT e.trigger_id FROM workspace.trigger_execution e WHERE e.workspace_id = t.workspace_id AND e.pipeline_run_id = t.id LIMIT 1)::text'),
  tag: raw('tag.name'),
} as const;

const steps = (count: string) =>
  raw(`(SELECT count(DISTINCT ${count}) FROM workspace.step_run x WHERE x.workspace_id = t.workspace_id AND x.pipeline_run_id = t.id)`);

const values = {
  duration: raw('extract(epoch FROM t.end_time - t.start_time)'),
  step_count: steps('x.name'),
  cached_step_count: steps("CASE WHEN x.status = 'cached' THEN x.name END"),
  output_artifact_count: raw(
    '(SELECT count(DISTINCT o.artifact_id) FROM workspace.step_run x JOIN workspace.step_run_output_artifact o ON o.workspace_id = x.workspace_id AND o.step_id = x.id WHERE x.workspace_id = t.workspace_id AND x.pipeline_run_id = t.id)',
  ),
} as const;

/** A column of the newest metadata value under a key. */
function newest(key: string, column: Sql): Sql {
  return sql`(SELECT ${column} FROM workspace.run_metadata_resource l JOIN workspace.run_metadata m ON m.workspace_id = l.workspace_id AND m.id = l.run_metadata_id WHERE l.workspace_id = t.workspace_id AND l.resource_type = 'pipeline_run' AND l.resource_id = t.id AND m.key = ${key} ORDER BY m.created DESC, m.id DESC LIMIT 1)`;
}

function groupExpression(grouping: Grouping): Sql {
  switch (grouping.type) {
    case 'time':
      return buckets[grouping.granularity];
    case 'metadata':
      return newest(grouping.metadata_key, raw('m.value::text'));
    default:
      return simple[grouping.type];
  }
}

function metricExpression(metric: Metric): Sql {
  if (metric.source === 'metadata') return newest(metric.metadata_key, raw("CASE WHEN m.type IN ('int', 'float') THEN (m.value #>> '{}')::float8 END"));
  return values[metric.source];
}

/** The filter of the body, as a list would get it in its query. */
function queryOf(filter: RunStatisticsRequest['filter']): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null) query.append(name, asFilter(String(one)));
  }
  return query;
}

/** Times in a body may have the form of the wire; filters know only theirs. */
function asFilter(value: string): string {
  const time = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?$/.exec(value);
  return time ? `${time[1]} ${time[2]}` : value;
}

@Controller()
export class RunStatisticsController {
  constructor(private readonly store: ResourceStore) {}

  /** Groups and numbers in one statement. */
  @Operation(runs.get_run_statistics, { action: 'read', on: 'pipeline_run' })
  async statistics(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof runs.get_run_statistics>) {
    const { groupings, metrics, max_groups } = body;
    const query = queryOf(body.filter);
    const { where, project } = selection(run, query, raw('t'), new Render(caller));
    const columns = [
      ...groupings.map((grouping, i) => sql`${groupExpression(grouping)} AS ${raw(`g${i}`)}`),
      ...metrics.map((metric, i) => sql`${metricExpression(metric)}::float8 AS ${raw(`v${i}`)}`),
    ];
    const tags = groupings.some((grouping) => grouping.type === 'tag')
      ? raw(
          "LEFT JOIN workspace.tag_resource l ON l.workspace_id = t.workspace_id AND l.resource_type = 'pipeline_run' AND l.resource_id = t.id LEFT JOIN workspace.tag tag ON tag.workspace_id = l.workspace_id AND tag.id = l.tag_id",
        )
      : raw('');
    const keys = groupings.map((_, i) => `g${i}`);
    const time = groupings.findIndex((grouping) => grouping.type === 'time');
    const numbers = metrics.map((metric, i) => sql`, ${raw(metric.aggregation)}(${raw(`v${i}`)}) AS ${raw(`m${i}`)}`);
    const select = sql`SELECT ${raw(keys.map((key) => `${key}, `).join(''))}count(DISTINCT id)::int AS run_count${numbers.reduce((all, one) => sql`${all}${one}`, raw(''))}`;
    const statement = sql`${select} FROM (SELECT t.id${columns.reduce((all, one) => sql`${all}, ${one}`, raw(''))} FROM ${tableOf(run)} t ${tags} WHERE ${where}) r ${raw(keys.length > 0 ? `GROUP BY ${keys.join(', ')}` : '')} ORDER BY ${raw(orderOf(keys, time))} LIMIT ${max_groups + 1}`;
    const [found] = await this.store
      .reader(caller)
      .query<{ project: string | null; rows: string }>(
        sql`SELECT ${project ?? literal('')} AS project, (SELECT coalesce(json_agg(g), '[]'::json) FROM (${statement}) g)::text AS rows`,
      );
    if (!found?.project) throw noProject(query.get('project'));
    const all = JSON.parse(found.rows) as Record<string, never>[];
    const shown = all.slice(0, max_groups);
    // The newest buckets are kept, and shown from old to new.
    if (time >= 0) shown.reverse();
    return { groups: shown.map((row) => toGroup(row, groupings, metrics)), truncated: all.length > max_groups };
  }
}

function orderOf(keys: string[], time: number): string {
  const text = (key: string) => `${key} COLLATE "C"`;
  if (time < 0) return ['run_count DESC', ...keys.map((key) => `${text(key)} NULLS FIRST`)].join(', ');
  const first = keys[time] as string;
  return [first, ...keys.filter((key) => key !== first)].map((key) => `${text(key)} DESC NULLS LAST`).join(', ');
}

function toGroup(row: Record<string, unknown>, groupings: Grouping[], metrics: Metric[]) {
  return {
    group_keys: Object.fromEntries(groupings.map((grouping, i) => [grouping.name, grouping.type === 'metadata' ? scalar(row[`g${i}`]) : row[`g${i}`]])),
    metrics: Object.fromEntries(metrics.map((metric, i) => [metric.name, row[`m${i}`]])),
    run_count: row.run_count,
  };
}

/** Metadata values group by their JSON text; lists and objects show as nothing. */
function scalar(text: unknown): unknown {
  const value = typeof text === 'string' ? (JSON.parse(text) as unknown) : null;
  return typeof value === 'object' ? null : value;
}
