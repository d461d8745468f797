import { identifier, raw, type Sql, sql } from '#libs/database/sql.js';
import type { Predicate } from '#libs/resource/predicate.js';
import { constant, oneOf, toOne } from '#libs/resource/render.js';
import { column, type DocumentRender, type Expression, type Resource, resource, resourceNamed } from '#libs/resource/resource.js';
import { PipelineSnapshotFilter } from '#libs/wire/filters.js';
import { visualizationsOf } from '../artifacts/curated-visualization.js';
import { stack } from '../stacks/stack.js';
import { build } from './build.js';
import { codeReference } from './code-reference.js';
import { codeRepository } from './code-repository.js';
import { latestRun } from './latest-run.js';
import { pipeline } from './pipeline.js';
import { isRunnable } from './runnable.js';
import { schedule } from './schedule.js';

/** It has images and a stack that can serve them. Clients deploy, not the server, so its runner makes no difference. */
const isDeployable: Expression = (t) =>
  sql`(${t}.build_id IS NOT NULL AND EXISTS (SELECT 1 FROM workspace.stack_composition c JOIN workspace.stack_component x ON x.workspace_id = c.workspace_id AND x.id = c.component_id WHERE c.workspace_id = ${t}.workspace_id AND c.stack_id = ${t}.stack_id AND x.type = 'deployer'))`;

const isDeployed: Expression = (t) => sql`EXISTS (SELECT 1 FROM workspace.deployment d WHERE d.workspace_id = ${t}.workspace_id AND d.snapshot_id = ${t}.id)`;

/** Steps in the order of the pipeline, all of them or those that are named. */
export function stepConfigurations(names: readonly string[] | null | undefined): Expression {
  return (t) =>
    sql`coalesce((SELECT json_object_agg(c.name, c.config ORDER BY c.index) FROM workspace.step_configuration c WHERE c.workspace_id = ${t}.workspace_id AND c.snapshot_id = ${t}.id${names && names.length > 0 ? sql` AND c.name = ANY(${names}::text[])` : raw('')}), '{}'::json)`;
}

/** A switch that narrows when it is on and asks for nothing when it is off. */
function whenOn(condition: Expression) {
  return (predicate: Predicate, t: Sql, render: DocumentRender) => (predicate.flag() ? condition(t, render) : null);
}

/** By name or id of what a column points to. */
function byNameOrId(table: string, id: string) {
  return (predicate: Predicate, t: Sql) =>
    sql`EXISTS (SELECT 1 FROM ${identifier('workspace', table)} x WHERE x.workspace_id = ${t}.workspace_id AND x.id = ${column(t, id)} AND ${predicate.nameOrId(sql`x.id`, sql`x.name`)})`;
}

function nameOf(table: string, condition: (x: Sql, t: Sql) => Sql): Expression {
  return (t) =>
    sql`(SELECT x.name FROM ${identifier('workspace', table)} x WHERE x.workspace_id = ${t}.workspace_id AND ${condition(sql`x`, t)} ORDER BY x.name LIMIT 1)`;
}

/** Deployments show their snapshot as well. */
const deployment = () => resourceNamed('deployment');

/** A pipeline as it was when it was run: its configuration and steps, and where they run. Never changed but for name, description and tags. */
export const snapshot: Resource = resource({
  name: 'snapshot',
  table: 'pipeline_snapshot',
  access: 'pipeline_deployment',
  body: { runnable: isRunnable, deployable: isDeployable, is_dynamic: 'is_dynamic', pipeline_id: 'pipeline_id' },
  metadata: {
    description: 'description',
    source_code: 'source_code',
    run_name_template: 'run_name_template',
    pipeline_configuration: 'pipeline_configuration',
    step_configurations: stepConfigurations(null),
    client_environment: (t) => sql`workspace.json_without(${t}.client_environment, 'python_packages')`,
    client_version: 'client_version',
    server_version: 'server_version',
    pipeline_version_hash: 'pipeline_version_hash',
    pipeline_spec: 'pipeline_spec',
    code_path: 'code_path',
    template_id: 'template_id',
    source_snapshot_id: 'source_snapshot_id',
    config_template: constant('null'),
    config_schema: constant('null'),
  },
  resources: {
    pipeline: toOne(() => pipeline, 'pipeline_id'),
    stack: toOne(() => stack, 'stack_id'),
    build: toOne(() => build, 'build_id'),
    schedule: toOne(() => schedule, 'schedule_id'),
    code_reference: toOne(() => codeReference, 'code_reference_id'),
    deployment: (t, render) => {
      const d = render.alias();
      return oneOf(deployment(), d, render, sql`${d}.workspace_id = ${t}.workspace_id AND ${d}.snapshot_id = ${t}.id ORDER BY ${d}.created, ${d}.id LIMIT 1`);
    },
    // Runs of what was made from it, such as runs started from the server; not those of the very run it was taken from.
    ...latestRun(
      (t) =>
        sql`FROM workspace.pipeline_run r JOIN workspace.pipeline_snapshot s ON s.workspace_id = r.workspace_id AND s.id = r.snapshot_id WHERE s.workspace_id = ${t}.workspace_id AND s.source_snapshot_id = ${t}.id`,
    ),
    visualizations: visualizationsOf('pipeline_snapshot'),
  },
  taggable: 'pipeline_snapshot',
  counted: true,
  filter: PipelineSnapshotFilter,
  filters: {
    named_only: whenOn((t) => sql`${t}.name IS NOT NULL`),
    pipeline: byNameOrId('pipeline', 'pipeline_id'),
    stack: byNameOrId('stack', 'stack_id'),
    runnable: whenOn(isRunnable),
    deployable: whenOn(isDeployable),
    deployed: (predicate, t, render) => (predicate.flag() ? isDeployed(t, render) : sql`NOT ${isDeployed(t, render)}`),
    // A trigger runs a snapshot made from the one that people know.
    trigger_id: (predicate, t) =>
      sql`${t}.id IN (SELECT coalesce(s.source_snapshot_id, s.id) FROM workspace.trigger_snapshot x JOIN workspace.pipeline_snapshot s ON s.workspace_id = x.workspace_id AND s.id = x.snapshot_id WHERE x.workspace_id = ${t}.workspace_id AND ${predicate.on(sql`x.trigger_id`, 'uuid')})`,
  },
  hardFilters: ['trigger_id'],
  sorts: {
    pipeline: nameOf('pipeline', (x, t) => sql`${x}.id = ${t}.pipeline_id`),
    stack: nameOf('stack', (x, t) => sql`${x}.id = ${t}.stack_id`),
    deployment: nameOf('deployment', (x, t) => sql`${x}.snapshot_id = ${t}.id`),
  },
  references: {
    stack: { to: () => stack },
    pipeline: { to: () => pipeline, inProject: true },
    build: { to: () => build, inProject: true },
    schedule: { to: () => schedule, inProject: true },
    code_repository: { to: () => codeRepository, inProject: true },
    template: { to: () => resourceNamed('run template'), inProject: true },
    source_snapshot: { to: (): Resource => snapshot, inProject: true },
  },
  columns: { step_configurations: null, replace: null, tags: null, add_tags: null, remove_tags: null, code_reference: null, code_repository: null },
  conflict: ({ name }) => `There is already a snapshot named '${name}' of this pipeline. To take its name over, send the request with replace set to true.`,
});
