import { Controller } from '@nestjs/common';
import { type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import type { Caller } from '#libs/resource/caller.js';
import type { Predicate } from '#libs/resource/predicate.js';
import { constant, oneOf, toOne } from '#libs/resource/render.js';
import { column, type DocumentRender, type Expression, type Resource, resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { RunTemplateFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { extra } from '#libs/wire/operations/extra.js';
import { runTemplates } from '#libs/wire/operations/run-templates.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { Installation } from '../installation.js';
import { attachTags, detachTags } from '../metadata/tag-resource.js';
import { assertRunnable, loadSource } from '../workloads/source-snapshot.js';
import { build } from './build.js';
import { codeReference } from './code-reference.js';
import { latestRun } from './latest-run.js';
import { pipeline } from './pipeline.js';
import { ofTemplates, withRunConfiguration } from './run-configuration.js';
import { isRunnable } from './runnable.js';
import { snapshot } from './snapshot.js';
import { assertTemplatable } from './templatable.js';

/** Something of the snapshot that a template is made from. */
function ofSnapshot(value: (s: Sql, render: DocumentRender) => Sql): Expression {
  return (t, render) => {
    const s = render.alias();
    return sql`(SELECT ${value(s, render)} FROM workspace.pipeline_snapshot ${s} WHERE ${s}.workspace_id = ${t}.workspace_id AND ${s}.id = ${t}.source_snapshot_id)`;
  };
}

function throughSnapshot(target: () => Resource, id: string): Expression {
  return (t, render) => {
    const x = render.alias();
    return oneOf(target(), x, render, sql`${x}.workspace_id = ${t}.workspace_id AND ${x}.id = ${ofSnapshot((s) => column(s, id))(t, render)}`);
  };
}

/** A condition on that snapshot, with tables joined to it. */
function onSnapshot(condition: (predicate: Predicate) => Sql, joins: Sql = sql``) {
  return (predicate: Predicate, t: Sql) =>
    sql`EXISTS (SELECT 1 FROM workspace.pipeline_snapshot s ${joins} WHERE s.workspace_id = ${t}.workspace_id AND s.id = ${t}.source_snapshot_id AND ${condition(predicate)})`;
}

const { latest_run_id, latest_run_status } = latestRun(
  (t) =>
    sql`FROM workspace.pipeline_run r JOIN workspace.pipeline_snapshot s ON s.workspace_id = r.workspace_id AND s.id = r.snapshot_id WHERE s.workspace_id = ${t}.workspace_id AND s.template_id = ${t}.id`,
);

/** An older way to offer a snapshot for runs started from the server. */
export const runTemplate: Resource = resource({
  name: 'run template',
  table: 'run_template',
  access: 'run_template',
  body: { runnable: (t, render) => sql`coalesce(${ofSnapshot(isRunnable)(t, render)}, false)`, hidden: 'hidden' },
  metadata: {
    description: 'description',
    pipeline_spec: ofSnapshot((s) => sql`${s}.pipeline_spec`),
    config_template: constant('null'),
    config_schema: constant('null'),
  },
  resources: {
    source_snapshot: toOne((): Resource => snapshot, 'source_snapshot_id'),
    pipeline: throughSnapshot(() => pipeline, 'pipeline_id'),
    build: throughSnapshot(() => build, 'build_id'),
    code_reference: throughSnapshot(() => codeReference, 'code_reference_id'),
    latest_run_id,
    latest_run_status,
  },
  taggable: 'run_template',
  filter: RunTemplateFilter,
  filters: {
    pipeline_id: onSnapshot((predicate) => predicate.on(sql`s.pipeline_id`, 'uuid')),
    build_id: onSnapshot((predicate) => predicate.on(sql`s.build_id`, 'uuid')),
    stack_id: onSnapshot((predicate) => predicate.on(sql`s.stack_id`, 'uuid')),
    code_repository_id: onSnapshot(
      (predicate) => predicate.on(sql`c.code_repository_id`, 'uuid'),
      sql`JOIN workspace.code_reference c ON c.workspace_id = s.workspace_id AND c.id = s.code_reference_id`,
    ),
    pipeline: onSnapshot(
      (predicate) => predicate.nameOrId(sql`x.id`, sql`x.name`),
      sql`JOIN workspace.pipeline x ON x.workspace_id = s.workspace_id AND x.id = s.pipeline_id`,
    ),
    stack: onSnapshot(
      (predicate) => predicate.nameOrId(sql`x.id`, sql`x.name`),
      sql`JOIN workspace.stack x ON x.workspace_id = s.workspace_id AND x.id = s.stack_id`,
    ),
  },
  references: { source_snapshot_id: { to: (): Resource => snapshot, inProject: true } },
  columns: { tags: null, add_tags: null, remove_tags: null },
  nullKeeps: ['name', 'description', 'hidden'],
  conflict: ({ name }) => `There is already a run template named '${name}' in this project.`,
});

@Controller()
export class RunTemplateController {
  constructor(
    private readonly store: ResourceStore,
    private readonly installation: Installation,
  ) {}

  @Operation([runTemplates.list_run_templates, workspaces.list_run_templates], { action: 'read', on: 'run_template' })
  async list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof runTemplates.list_run_templates>) {
    const page = await this.store.list(caller, runTemplate, input);
    return input.query.hydrate ? withRunConfiguration(this.store.reader(caller), caller, page, ofTemplates) : page;
  }

  @Operation(runTemplates.get_run_template, { action: 'read', on: 'run_template' })
  async get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof runTemplates.get_run_template>) {
    const document = await this.store.get(caller, runTemplate, path.template_id, query);
    return query.hydrate ? withRunConfiguration(this.store.reader(caller), caller, document, ofTemplates) : document;
  }

  @Operation([runTemplates.create_run_template, workspaces.create_run_template], { action: 'create', on: 'run_template' })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof runTemplates.create_run_template>) {
    return this.store.write(caller, async (tx) => {
      const body = await this.store.inProject(tx, caller, input);
      const id = await this.store.insert(tx, caller, runTemplate, body);
      const { serverSideRuns } = this.installation;
      if (serverSideRuns) assertRunnable(await loadSource(tx, caller, body.source_snapshot_id, serverSideRuns.runnerName), serverSideRuns);
      else await assertTemplatable(tx, caller, body.source_snapshot_id);
      // People who look at snapshots see a template that is not hidden as the snapshot it is made from.
      if (!body.hidden) await this.store.updateRow(tx, caller, snapshot, body.source_snapshot_id, { name: body.name, description: body.description ?? null });
      await attachTags(tx, caller, 'run_template', id, body.tags);
      return withRunConfiguration(tx, caller, await this.store.get(caller, runTemplate, id, {}, tx), ofTemplates);
    });
  }

  @Operation(runTemplates.update_run_template, { action: 'update', on: 'run_template' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof runTemplates.update_run_template>) {
    return this.store.write(caller, async (tx) => {
      const id = path.template_id;
      await this.store.row(tx, caller, runTemplate, id, 'update', { columns: ['id'], lock: true });
      await this.store.updateFrom(tx, caller, runTemplate, id, body);
      await attachTags(tx, caller, 'run_template', id, body.add_tags);
      await detachTags(tx, caller, 'run_template', id, body.remove_tags);
      return withRunConfiguration(tx, caller, await this.store.get(caller, runTemplate, id, {}, tx), ofTemplates);
    });
  }

  @Operation(extra.patch_run_template, { action: 'update', on: 'run_template' })
  patch(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof extra.patch_run_template>) {
    return this.update(caller, input);
  }

  @Operation(runTemplates.delete_run_template, { action: 'delete', on: 'run_template' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof runTemplates.delete_run_template>) {
    return this.store.delete(caller, runTemplate, path.template_id, async (tx) => {
      await tx.query(
        sql`UPDATE workspace.pipeline_snapshot SET template_id = NULL WHERE workspace_id = ${caller.workspaceId} AND template_id = ${path.template_id}`,
      );
    });
  }
}
