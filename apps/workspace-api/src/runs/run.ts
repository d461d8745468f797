import { identifier, literal, type Sql, sql } from '#libs/database/sql.js';
import type { Predicate } from '#libs/resource/predicate.js';
import { nested, toMany, toOne } from '#libs/resource/render.js';
import { column, type Expression, type FilterRule, type Resource, resource, resourceNamed, tableOf } from '#libs/resource/resource.js';
import { PipelineRunFilter } from '#libs/wire/filters.js';
import { artifactVersion } from '../artifacts/artifact-version.js';
import { visualizationsOf } from '../artifacts/curated-visualization.js';
import { logs } from '../logs/logs.js';
import { modelVersion } from '../models/model-version.js';
import { build } from '../pipelines/build.js';
import { codeReference } from '../pipelines/code-reference.js';
import { pipeline } from '../pipelines/pipeline.js';
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
  return sql`coalesce((SELECT json_object_agg(o.name, ${nested(artifactVersion, x, render)} ORDER BY o.output_index) FROM workspace.pipeline_run_output o JOIN workspace.artifact_version ${x} ON ${x}.workspace_id = o.workspace_id AND ${x}.id = o.artifact_id WHERE o.workspace_id = ${t}.workspace_id AND o.pipeline_run_id = ${t}.id), '{}'::json)`;
};

const activeWaitCondition: Expression = (t, render) => {
  const x = render.alias();
  return sql`(SELECT ${nested(runWaitCondition, x, render)} FROM ${tableOf(runWaitCondition)} ${x} WHERE ${x}.workspace_id = ${t}.workspace_id AND ${x}.run_id = ${t}.id AND ${x}.status = 'pending' ORDER BY ${x}.created DESC LIMIT 1)`;
};

const triggerId: Expression = (t) =>
  sql`(SELECT e.trigger_id FROM workspace.trigger_execution e WHERE e.workspace_id = ${t}.workspace_id AND e.pipeline_run_id = ${t}.id LIMIT 1)`;

/** Whether the snapshot has a build that any machine could run. */
const isTemplatable: Expression = (t) =>
  sql`EXISTS (SELECT 1 FROM workspace.pipeline_snapshot s JOIN workspace.pipeline_build b ON b.workspace_id = s.workspace_id AND b.id = s.build_id WHERE s.workspace_id = ${t}.workspace_id AND s.id = ${t}.snapshot_id AND NOT b.is_local AND b.stack_id IS NOT NULL)`;

const runMetadata: Expression = (t) => sql`workspace.run_metadata_of(${t}.workspace_id, 'pipeline_run', ${t}.id)`;

/** Metadata of the run, of its steps as `<step>::<key>` (the newest attempt wins) and of its schedule as `schedule:<key>`. */
const fullMetadata: Expression = (t, render) =>
  sql`coalesce((SELECT json_object_agg(a.key, a.value) FROM (SELECT m.key, m.value FROM json_each(${runMetadata(t, render)}) m UNION ALL (SELECT DISTINCT ON (1) s.name || '::' || m.key, m.value FROM workspace.step_run s, json_each(workspace.run_metadata_of(s.workspace_id, 'step_run', s.id)) m WHERE s.workspace_id = ${t}.workspace_id AND s.pipeline_run_id = ${t}.id ORDER BY 1, s.start_time DESC NULLS LAST) UNION ALL SELECT 'schedule:' || m.key, m.value FROM workspace.pipeline_snapshot s, json_each(workspace.run_metadata_of(s.workspace_id, 'schedule', s.schedule_id)) m WHERE s.workspace_id = ${t}.workspace_id AND s.id = ${t}.snapshot_id) a), '{}'::json)`;

/** A condition on the run's snapshot (`s`), with further tables joined to it. */
function onSnapshot(condition: (predicate: Predicate) => Sql, joins = sql``): FilterRule {
  return (predicate, t) =>
    sql`EXISTS (SELECT 1 FROM workspace.pipeline_snapshot s ${joins} WHERE s.workspace_id = ${t}.workspace_id AND s.id = ${t}.snapshot_id AND ${condition(predicate)})`;
}

/** A named thing that a column of the snapshot points to. */
function joined(table: string, name: string, from = 's') {
  return sql`JOIN ${identifier('workspace', table)} x ON x.workspace_id = s.workspace_id AND x.id = ${identifier(from, name)}`;
}

const nameOrId = (predicate: Predicate) => predicate.nameOrId(sql`x.id`, sql`x.name`);
const codeReferenceOfSnapshot = sql`JOIN workspace.code_reference c ON c.workspace_id = s.workspace_id AND c.id = s.code_reference_id`;

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

export const run: Resource = resource({
  name: 'pipeline run',
  table: 'pipeline_run',
  access: 'pipeline_run',
  body: {
    status: 'status',
    in_progress: 'in_progress',
    status_reason: 'status_reason',
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
    template_id: ofSnapshot('template_id'),
    is_templatable: isTemplatable,
    trigger_info: (t) =>
      sql`CASE ${t}.triggered_by_type WHEN 'step_run' THEN json_build_object('step_run_id', ${t}.triggered_by, 'deployment_id', null) WHEN 'deployment' THEN json_build_object('step_run_id', null, 'deployment_id', ${t}.triggered_by) END`,
    enable_heartbeat: 'enable_heartbeat',
    exception_info: 'exception_info',
    trigger_execution_info: (t) =>
      sql`(SELECT e.info FROM workspace.trigger_execution e WHERE e.workspace_id = ${t}.workspace_id AND e.pipeline_run_id = ${t}.id LIMIT 1)`,
  },
  resources: {
    snapshot: toOne(() => snapshot, 'snapshot_id'),
    source_snapshot: toOne(() => snapshot, ofSnapshot('source_snapshot_id')),
    stack: toOne(() => stack, ofSnapshot('stack_id')),
    pipeline: toOne(() => pipeline, 'pipeline_id'),
    build: toOne(() => build, ofSnapshot('build_id')),
    schedule: toOne(() => schedule, ofSnapshot('schedule_id')),
    code_reference: toOne(() => codeReference, ofSnapshot('code_reference_id')),
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
  filter: PipelineRunFilter,
  filters: {
    stack_id: onSnapshot((predicate) => predicate.on(sql`x.id`, 'uuid'), joined('stack', 'stack_id')),
    stack: onSnapshot(nameOrId, joined('stack', 'stack_id')),
    schedule_id: onSnapshot((predicate) => predicate.on(sql`x.id`, 'uuid'), joined('schedule', 'schedule_id')),
    build_id: onSnapshot((predicate) => predicate.on(sql`x.id`, 'uuid'), joined('pipeline_build', 'build_id')),
    template_id: onSnapshot((predicate) => predicate.on(sql`s.template_id`, 'uuid')),
    source_snapshot_id: onSnapshot((predicate) => predicate.on(sql`s.source_snapshot_id`, 'uuid')),
    code_repository_id: onSnapshot((predicate) => predicate.on(sql`c.code_repository_id`, 'uuid'), codeReferenceOfSnapshot),
    code_repository: onSnapshot(nameOrId, sql`${codeReferenceOfSnapshot} ${joined('code_repository', 'code_repository_id', 'c')}`),
    stack_component: onSnapshot(
      nameOrId,
      sql`JOIN workspace.stack_composition c ON c.workspace_id = s.workspace_id AND c.stack_id = s.stack_id ${joined('stack_component', 'component_id', 'c')}`,
    ),
    pipeline: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.pipeline x WHERE x.workspace_id = ${t}.workspace_id AND x.id = ${t}.pipeline_id AND ${nameOrId(predicate)})`,
    pipeline_name: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.pipeline x WHERE x.workspace_id = ${t}.workspace_id AND x.id = ${t}.pipeline_id AND ${predicate.on(sql`x.name`, 'str')})`,
    model: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.model_version v JOIN workspace.model x ON x.workspace_id = v.workspace_id AND x.id = v.model_id WHERE v.workspace_id = ${t}.workspace_id AND v.id = ${t}.model_version_id AND ${nameOrId(predicate)})`,
    linked_to_model_version_id: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.model_versions_runs l WHERE l.workspace_id = ${t}.workspace_id AND l.pipeline_run_id = ${t}.id AND ${predicate.on(sql`l.model_version_id`, 'uuid')})`,
    trigger_id: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.trigger_execution e WHERE e.workspace_id = ${t}.workspace_id AND e.pipeline_run_id = ${t}.id AND ${predicate.on(sql`e.trigger_id`, 'uuid')})`,
    templatable: (predicate, t, render) => (predicate.flag() ? isTemplatable(t, render) : sql`NOT ${isTemplatable(t, render)}`),
    root_runs_only: (predicate, t) => (predicate.flag() ? sql`${t}.parent_run_id IS NULL` : null),
    triggered_by_step_run_id: triggeredBy('step_run'),
    triggered_by_deployment_id: triggeredBy('deployment'),
  },
  sorts: {
    pipeline: byName('pipeline', (t) => sql`${t}.pipeline_id`),
    stack: byName('stack', ofSnapshot('stack_id')),
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
