import { identifier, literal, type Sql, sql } from '#libs/database/sql.js';
import { Json } from '#libs/resource/json.js';
import type { Predicate } from '#libs/resource/predicate.js';
import { nested, oneOf, toMany, toOne } from '#libs/resource/render.js';
import { column, type Expression, type FilterRule, type Resource, resource, resourceNamed } from '#libs/resource/resource.js';
import { PipelineRunFilter } from '#libs/wire/filters.js';
import { artifactVersion } from '../artifacts/artifact-version.js';
import { visualizationsOf } from '../artifacts/curated-visualization.js';
import { logs } from '../logs/logs.js';
import { modelVersion } from '../models/model-version.js';
import { build } from '../pipelines/build.js';
import { codeReference } from '../pipelines/code-reference.js';
import { pipeline } from '../pipelines/pipeline.js';
import { isRunnable } from '../pipelines/runnable.js';
import { schedule } from '../pipelines/schedule.js';
import { snapshot } from '../pipelines/snapshot.js';
import { stack } from '../stacks/stack.js';
import { runWaitCondition } from './run-wait-condition.js';

/** A column of the run's snapshot. */
function ofSnapshot(name: string): Expression {
  return (t, render) => {
    const s = render.alias();
    return sql`(SELECT ${column(s, name)} FROM workspace.pipeline_snapshot ${s} WHERE ${s}.workspace_id = ${t}.workspace_id AND ${s}.id = ${t}.snapshot_id)`;
  };
}

/** Environments list every installed package; few clients want to see them. */
function environment(value: Expression): Expression {
  return (t, render) => sql`workspace.json_without(coalesce(${value(t, render)}, '{}'::json), 'python_packages')`;
}

/** Logs in the order they were opened. */
export function logCollection(column: 'pipeline_run_id' | 'step_run_id' | 'hook_invocation_id'): Expression {
  return toMany(
    () => logs,
    (x, t) => sql`${x}.${identifier(column)} = ${t}.id`,
  );
}

/** Bare artifact versions by the name they were put out under. */
const outputs: Expression = (t, render) => {
  const x = render.alias();
  return Json.map(
    sql`o.name`,
    nested(artifactVersion, x, render),
    sql`o.output_index`,
    sql`FROM workspace.pipeline_run_output o JOIN workspace.artifact_version ${x} ON ${x}.workspace_id = o.workspace_id AND ${x}.id = o.artifact_id WHERE o.workspace_id = ${t}.workspace_id AND o.pipeline_run_id = ${t}.id`,
  );
};

const activeWaitCondition: Expression = (t, render) => {
  const x = render.alias();
  return oneOf(
    runWaitCondition,
    x,
    render,
    sql`${x}.workspace_id = ${t}.workspace_id AND ${x}.run_id = ${t}.id AND ${x}.status = 'pending' ORDER BY ${x}.created DESC LIMIT 1`,
  );
};

const triggerId: Expression = (t) =>
  sql`(SELECT e.trigger_id FROM workspace.trigger_execution e WHERE e.workspace_id = ${t}.workspace_id AND e.pipeline_run_id = ${t}.id LIMIT 1)`;

const runMetadata: Expression = (t) => sql`workspace.run_metadata_of(${t}.workspace_id, 'pipeline_run', ${t}.id)`;

/** Metadata of the run, of its steps as `<step>::<key>` (the newest attempt wins) and of its schedule as `schedule:<key>`. */
const fullMetadata: Expression = (t, render) =>
  sql`coalesce((SELECT json_object_agg(a.key, a.value) FROM (SELECT m.key, m.value FROM json_each(${runMetadata(t, render)}) m UNION ALL (SELECT DISTINCT ON (1) s.name || '::' || m.key, m.value FROM workspace.step_run s, json_each(workspace.run_metadata_of(s.workspace_id, 'step_run', s.id)) m WHERE s.workspace_id = ${t}.workspace_id AND s.pipeline_run_id = ${t}.id ORDER BY 1, s.start_time DESC NULLS LAST) UNION ALL SELECT 'schedule:' || m.key, m.value FROM json_each(workspace.run_metadata_of(${t}.workspace_id, 'schedule', ${t}.schedule_id)) m) a), '{}'::json)`;

/** A condition on what a column of the run points to (`x`). */
function pointingTo(table: string, id: string, condition: (predicate: Predicate) => Sql): FilterRule {
  return (predicate, t) =>
    sql`EXISTS (SELECT 1 FROM ${identifier('workspace', table)} x WHERE x.workspace_id = ${t}.workspace_id AND x.id = ${column(t, id)} AND ${condition(predicate)})`;
}

const nameOrId = (predicate: Predicate) => predicate.nameOrId(sql`x.id`, sql`x.name`);

/** By the id of what the run has; runs without one never match, whatever the operator. */
function having(id: string): FilterRule {
  return (predicate, t) => sql`(${column(t, id)} IS NOT NULL AND ${predicate.on(column(t, id), 'uuid')})`;
}

function triggeredBy(table: 'step_run' | 'deployment'): FilterRule {
  return (predicate, t) =>
    sql`(${t}.triggered_by_type = ${literal(table)} AND EXISTS (SELECT 1 FROM ${identifier('workspace', table)} x WHERE x.workspace_id = ${t}.workspace_id AND x.id = ${t}.triggered_by AND ${predicate.on(sql`x.id`, 'uuid')}))`;
}

/** Sorts by the name of what the run belongs to. */
function byName(table: string, id: Expression): Expression {
  return (t, render) => {
    const x = render.alias();
    return sql`(SELECT ${x}.name FROM ${identifier('workspace', table)} ${x} WHERE ${x}.workspace_id = ${t}.workspace_id AND ${x}.id = ${id(t, render)})`;
  };
}

/** Of a run that waits for the server to start it, where it is in the queue at this moment. Almost no run does, so for the others nothing is looked up. */
const statusReason: Expression = (t) =>
  sql`CASE WHEN ${t}.status = 'initializing' AND (${t}.status_reason LIKE 'Queued%' OR ${t}.status_reason LIKE 'Starting%') THEN coalesce(workspace.place_in_queue(${t}.workspace_id, ${t}.id), ${t}.status_reason) ELSE ${t}.status_reason END`;

export const run: Resource = resource({
  name: 'pipeline run',
  table: 'pipeline_run',
  access: 'pipeline_run',
  body: {
    status: 'status',
    in_progress: 'in_progress',
    status_reason: statusReason,
    index: 'index',
    pipeline_id: 'pipeline_id',
    child_key: 'child_key',
    root_run_id: 'root_run_id',
  },
  metadata: {
    config: 'pipeline_configuration',
    start_time: 'start_time',
    end_time: 'end_time',
    client_environment: environment(ofSnapshot('client_environment')),
    orchestrator_environment: environment((t) => sql`${t}.orchestrator_environment`),
    orchestrator_run_id: 'orchestrator_run_id',
    code_path: ofSnapshot('code_path'),
    template_id: 'template_id',
    is_templatable: isRunnable,
    trigger_info: (t) =>
      sql`CASE ${t}.triggered_by_type WHEN 'step_run' THEN json_build_object('step_run_id', ${t}.triggered_by, 'deployment_id', null) WHEN 'deployment' THEN json_build_object('step_run_id', null, 'deployment_id', ${t}.triggered_by) END`,
    enable_heartbeat: 'enable_heartbeat',
    exception_info: 'exception_info',
    trigger_execution_info: (t) =>
      sql`(SELECT e.info FROM workspace.trigger_execution e WHERE e.workspace_id = ${t}.workspace_id AND e.pipeline_run_id = ${t}.id LIMIT 1)`,
  },
  resources: {
    snapshot: toOne(() => snapshot, 'snapshot_id'),
    source_snapshot: toOne(() => snapshot, 'source_snapshot_id'),
    stack: toOne(() => stack, 'stack_id'),
    pipeline: toOne(() => pipeline, 'pipeline_id'),
    build: toOne(() => build, 'build_id'),
    schedule: toOne(() => schedule, 'schedule_id'),
    code_reference: toOne(() => codeReference, 'code_reference_id'),
    model_version: toOne(() => modelVersion, 'model_version_id'),
    log_collection: logCollection('pipeline_run_id'),
    visualizations: visualizationsOf('pipeline_run'),
    trigger: toOne(() => resourceNamed('trigger'), triggerId),
    original_run: toOne((): Resource => run, 'original_run_id'),
    parent_run: toOne((): Resource => run, 'parent_run_id'),
    active_wait_condition: activeWaitCondition,
    outputs,
  },
  taggable: 'pipeline_run',
  runMetadata: 'pipeline_run',
  counted: true,
  inOrder: { pipeline_id: ['status'] },
  filter: PipelineRunFilter,
  filters: {
    stack_id: having('stack_id'),
    schedule_id: having('schedule_id'),
    build_id: having('build_id'),
    // Rules, since clients know another status for wrong values of these two than for columns.
    template_id: (predicate, t) => predicate.on(sql`${t}.template_id`, 'uuid'),
    source_snapshot_id: (predicate, t) => predicate.on(sql`${t}.source_snapshot_id`, 'uuid'),
    stack: pointingTo('stack', 'stack_id', nameOrId),
    code_repository_id: pointingTo('code_reference', 'code_reference_id', (predicate) => predicate.on(sql`x.code_repository_id`, 'uuid')),
    code_repository: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.code_reference c JOIN workspace.code_repository x ON x.workspace_id = c.workspace_id AND x.id = c.code_repository_id WHERE c.workspace_id = ${t}.workspace_id AND c.id = ${t}.code_reference_id AND ${nameOrId(predicate)})`,
    stack_component: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.stack_composition c JOIN workspace.stack_component x ON x.workspace_id = c.workspace_id AND x.id = c.component_id WHERE c.workspace_id = ${t}.workspace_id AND c.stack_id = ${t}.stack_id AND ${nameOrId(predicate)})`,
    pipeline: pointingTo('pipeline', 'pipeline_id', nameOrId),
    pipeline_name: pointingTo('pipeline', 'pipeline_id', (predicate) => predicate.on(sql`x.name`, 'str')),
    model: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.model_version v JOIN workspace.model x ON x.workspace_id = v.workspace_id AND x.id = v.model_id WHERE v.workspace_id = ${t}.workspace_id AND v.id = ${t}.model_version_id AND ${nameOrId(predicate)})`,
    linked_to_model_version_id: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.model_versions_runs l WHERE l.workspace_id = ${t}.workspace_id AND l.pipeline_run_id = ${t}.id AND ${predicate.on(sql`l.model_version_id`, 'uuid')})`,
    trigger_id: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.trigger_execution e WHERE e.workspace_id = ${t}.workspace_id AND e.pipeline_run_id = ${t}.id AND ${predicate.on(sql`e.trigger_id`, 'uuid')})`,
    templatable: (predicate, t, render) => (predicate.flag() ? isRunnable(t, render) : sql`NOT ${isRunnable(t, render)}`),
    root_runs_only: (predicate, t) => (predicate.flag() ? sql`${t}.parent_run_id IS NULL` : null),
    triggered_by_step_run_id: triggeredBy('step_run'),
    triggered_by_deployment_id: triggeredBy('deployment'),
  },
  sorts: {
    pipeline: byName('pipeline', (t) => sql`${t}.pipeline_id`),
    stack: byName('stack', (t) => sql`${t}.stack_id`),
    model_version: byName('model_version', (t) => sql`${t}.model_version_id`),
    model: byName(
      'model',
      (t) => sql`(SELECT v.model_id FROM workspace.model_version v WHERE v.workspace_id = ${t}.workspace_id AND v.id = ${t}.model_version_id)`,
    ),
  },
});

/** The run as single requests may ask for it. */
export function runWith(options: { include_python_packages?: boolean; include_full_metadata?: boolean }): Resource {
  if (!options.include_python_packages && !options.include_full_metadata) return run;
  const metadata = { ...(run.metadata as Record<string, Expression>) };
  if (options.include_python_packages) {
    const client = ofSnapshot('client_environment');
    metadata.client_environment = (t, render) => sql`coalesce(${client(t, render)}, '{}'::json)`;
    metadata.orchestrator_environment = (t) => sql`coalesce(${t}.orchestrator_environment, '{}'::json)`;
  }
  const full = { ...run, metadata };
  if (!options.include_full_metadata) return full;
  const { runMetadata: _, ...bare } = full;
  return { ...bare, metadata: { ...metadata, run_metadata: fullMetadata } };
}
