import { randomUUID } from 'node:crypto';
import { Controller, Logger } from '@nestjs/common';
import { identifier, raw, type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertName } from '#libs/resource/name.js';
import type { Predicate } from '#libs/resource/predicate.js';
import { constant, nested, toOne } from '#libs/resource/render.js';
import { column, type Expression, type Resource, resource, tableOf } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { PipelineSnapshotFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { snapshots } from '#libs/wire/operations/snapshots.js';
import { attachTags, detachTags } from '../metadata/tag-resource.js';
import { deployment } from '../serving/deployment.js';
import { stack } from '../stacks/stack.js';
import { build } from './build.js';
import { codeReference } from './code-reference.js';
import { codeRepository } from './code-repository.js';
import { createSnapshot, replace } from './create-snapshot.js';
import { latestRun } from './latest-run.js';
import { pipeline } from './pipeline.js';
import { ofSnapshots, withRunConfiguration } from './run-configuration.js';
import { runTemplate } from './run-template.js';
import { schedule } from './schedule.js';
import { countPrunable, detachTriggers, prune } from './snapshot-cleanup.js';
import { visualizationsOf } from './visualizations.js';

/** Its images are where any machine finds them, and the stack they were built for still exists. */
export const isRunnable: Expression = (t) =>
  sql`EXISTS (SELECT 1 FROM workspace.pipeline_build b WHERE b.workspace_id = ${t}.workspace_id AND b.id = ${t}.build_id AND NOT b.is_local AND b.stack_id IS NOT NULL)`;

/** It has images and a stack that can serve them. */
const isDeployable: Expression = (t) =>
  sql`(${t}.build_id IS NOT NULL AND EXISTS (SELECT 1 FROM workspace.stack_composition c JOIN workspace.stack_component x ON x.workspace_id = c.workspace_id AND x.id = c.component_id WHERE c.workspace_id = ${t}.workspace_id AND c.stack_id = ${t}.stack_id AND x.type = 'deployer'))`;

const isDeployed: Expression = (t) => sql`EXISTS (SELECT 1 FROM workspace.deployment d WHERE d.workspace_id = ${t}.workspace_id AND d.snapshot_id = ${t}.id)`;

/** Steps in the order of the pipeline, all of them or those that are named. */
function stepConfigurations(names: readonly string[] | null | undefined): Expression {
  return (t) =>
    sql`coalesce((SELECT json_object_agg(c.name, c.config ORDER BY c.index) FROM workspace.step_configuration c WHERE c.workspace_id = ${t}.workspace_id AND c.snapshot_id = ${t}.id${names && names.length > 0 ? sql` AND c.name = ANY(${names}::text[])` : raw('')}), '{}'::json)`;
}

/** A switch that narrows when it is on and asks for nothing when it is off. */
function whenOn(condition: Expression) {
  return (predicate: Predicate, t: Sql, render: Parameters<Expression>[1]) => (predicate.flag() ? condition(t, render) : null);
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
      return sql`(SELECT ${nested(deployment, d, render)} FROM ${tableOf(deployment)} ${d} WHERE ${d}.workspace_id = ${t}.workspace_id AND ${d}.snapshot_id = ${t}.id ORDER BY ${d}.created, ${d}.id LIMIT 1)`;
    },
    // Runs of what was made from it, such as runs started from the server; not those of the very run it was taken from.
    ...latestRun(
      (t) =>
        sql`FROM workspace.pipeline_run r JOIN workspace.pipeline_snapshot s ON s.workspace_id = r.workspace_id AND s.id = r.snapshot_id WHERE s.workspace_id = ${t}.workspace_id AND s.source_snapshot_id = ${t}.id`,
    ),
    visualizations: visualizationsOf('pipeline_snapshot'),
  },
  taggable: 'pipeline_snapshot',
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
    template: { to: () => runTemplate, inProject: true },
    source_snapshot: { to: (): Resource => snapshot, inProject: true },
  },
  columns: { step_configurations: null, replace: null, tags: null, add_tags: null, remove_tags: null, code_reference: null, code_repository: null },
  conflict: ({ name }) => `There is already a snapshot named '${name}' of this pipeline. To take its name over, send the request with replace set to true.`,
});

/** Old snapshots are deleted in the background, one job at a time in this process. */
let pruning: Promise<void> | null = null;

@Controller()
export class SnapshotController {
  readonly #log = new Logger('snapshots');

  constructor(private readonly store: ResourceStore) {}

  @Operation(snapshots.list_pipeline_snapshots, { action: 'read', on: 'pipeline_deployment' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof snapshots.list_pipeline_snapshots>) {
    return this.store.list(caller, snapshot, input);
  }

  @Operation(snapshots.get_pipeline_snapshot, { action: 'read', on: 'pipeline_deployment' })
  async get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof snapshots.get_pipeline_snapshot>) {
    const shown: Resource = { ...snapshot, metadata: { ...snapshot.metadata, step_configurations: stepConfigurations(query.step_configuration_filter) } };
    const document = await this.store.get(caller, shown, path.snapshot_id, query);
    if (!query.hydrate || !query.include_config_schema) return document;
    return withRunConfiguration(this.store.reader(caller), caller, document, ofSnapshots);
  }

  @Operation(snapshots.create_pipeline_snapshot, { action: 'create', on: 'pipeline_deployment' })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof snapshots.create_pipeline_snapshot>) {
    return this.store.write(caller, async (tx) => {
      const body = await this.store.inProject(tx, caller, input);
      const id = await createSnapshot(tx, this.store, caller, body);
      return this.store.get(caller, snapshot, id, {}, tx);
    });
  }

  @Operation(snapshots.update_pipeline_snapshot, { action: 'update', on: 'pipeline_deployment' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof snapshots.update_pipeline_snapshot>) {
    return this.store.write(caller, async (tx) => {
      const id = path.snapshot_id;
      const row = await this.store.row<{ name: string | null; pipeline_id: string }>(tx, caller, snapshot, id, 'update', {
        columns: ['name', 'pipeline_id'],
        lock: true,
      });
      const name = typeof body.name === 'string' ? body.name : body.name === false ? null : undefined;
      if (typeof name === 'string') {
        assertName('snapshot', name);
        if (body.replace) await replace(tx, this.store, caller, row.pipeline_id, name, id);
      }
      await this.store.updateRow(tx, caller, snapshot, id, { name, description: body.description || undefined });
      await attachTags(tx, caller, 'pipeline_snapshot', id, body.add_tags);
      await detachTags(tx, caller, 'pipeline_snapshot', id, body.remove_tags);
      if (name === null || (name === undefined && row.name === null)) await detachTriggers(tx, caller, id);
      return this.store.get(caller, snapshot, id, {}, tx);
    });
  }

  @Operation(snapshots.delete_pipeline_snapshot, { action: 'delete', on: 'pipeline_deployment' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof snapshots.delete_pipeline_snapshot>) {
    const id = path.snapshot_id;
    return this.store.delete(caller, snapshot, id, async (tx) => {
      await detachTriggers(tx, caller, id);
      await tx.query(
        sql`UPDATE workspace.pipeline_snapshot SET source_snapshot_id = NULL WHERE workspace_id = ${caller.workspaceId} AND source_snapshot_id = ${id}`,
      );
    });
  }

  @Operation(snapshots.prune_pipeline_snapshots, { action: 'prune', on: 'pipeline_deployment' })
  async prune(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof snapshots.prune_pipeline_snapshots>) {
    caller.access.require('prune', 'pipeline_deployment', { projectId: body.project });
    const what = { workspaceId: caller.workspaceId, projectId: body.project, olderThan: body.older_than };
    if (!body.apply) return { snapshot_count: await countPrunable(this.store.reader(caller), what), task_id: null };
    if (pruning) throw new Problem('busy', 'Snapshots are being pruned already. Try again when that is finished.');
    const taskId = randomUUID();
    pruning = prune(this.store.db, what)
      .then(
        (count) => this.#log.log({ message: 'snapshots pruned', taskId, count }),
        (error: Error) => this.#log.error({ message: 'pruning snapshots failed', taskId, error: error.message }),
      )
      .finally(() => {
        pruning = null;
      });
    return { snapshot_count: null, task_id: taskId };
  }
}
