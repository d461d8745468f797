import { Controller } from '@nestjs/common';
import { type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import type { Caller } from '#libs/resource/caller.js';
import type { Predicate } from '#libs/resource/predicate.js';
import { resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { PipelineFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { pipelines } from '#libs/wire/operations/pipelines.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { visualizationsOf } from '../artifacts/curated-visualization.js';
import { attachTags, detachTags } from '../metadata/tag-resource.js';
import { latestRun } from './latest-run.js';

const runsOf = (t: Sql) => sql`FROM workspace.pipeline_run r WHERE r.workspace_id = ${t}.workspace_id AND r.pipeline_id = ${t}.id`;

/** A condition on the newest run; an empty value asks for nothing. */
function ofLatestRun(condition: (predicate: Predicate, r: Sql) => Sql) {
  return (predicate: Predicate, t: Sql) =>
    predicate.value === '' && predicate.operator === 'equals'
      ? null
      : sql`EXISTS (SELECT 1 FROM (SELECT r.status, r.user_id, r.workspace_id ${runsOf(t)} ORDER BY r.created DESC, r.id DESC LIMIT 1) l WHERE ${condition(predicate, sql`l`)})`;
}

export const pipeline = resource({
  name: 'pipeline',
  table: 'pipeline',
  access: 'pipeline',
  planned: { feature: 'pipeline', isCounted: true },
  metadata: { description: 'description' },
  resources: { ...latestRun(runsOf), visualizations: visualizationsOf('pipeline') },
  taggable: 'pipeline',
  filter: PipelineFilter,
  filters: {
    latest_run_status: ofLatestRun((predicate, r) => predicate.on(sql`${r}.status`, 'str')),
    latest_run_user: ofLatestRun(
      (predicate, r) =>
        sql`EXISTS (SELECT 1 FROM workspace."user" u WHERE u.workspace_id = ${r}.workspace_id AND u.id = ${r}.user_id AND ${predicate.nameOrId(sql`u.id`, sql`u.name`)})`,
    ),
  },
  hardFilters: ['latest_run_status', 'latest_run_user'],
  sorts: { latest_run: (t) => sql`coalesce((SELECT max(r.created) ${runsOf(t)}), ${t}.created)` },
  columns: { tags: null, add_tags: null, remove_tags: null },
  conflict: ({ name }) => `There is already a pipeline named '${name}' in this project.`,
});

@Controller()
export class PipelineController {
  constructor(private readonly store: ResourceStore) {}

  @Operation([pipelines.list_pipelines, workspaces.list_pipelines], { action: 'read', on: 'pipeline' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof pipelines.list_pipelines>) {
    return this.store.list(caller, pipeline, input);
  }

  @Operation(pipelines.get_pipeline, { action: 'read', on: 'pipeline' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof pipelines.get_pipeline>) {
    return this.store.get(caller, pipeline, path.pipeline_id, query);
  }

  @Operation([pipelines.create_pipeline, workspaces.create_pipeline], { action: 'create', on: 'pipeline' })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof pipelines.create_pipeline>) {
    return this.store.write(caller, async (tx) => {
      const body = await this.store.inProject(tx, caller, input);
      const id = await this.store.insert(tx, caller, pipeline, body);
      await attachTags(tx, caller, 'pipeline', id, body.tags);
      return this.store.reply(caller, pipeline, id, tx);
    });
  }

  @Operation(pipelines.update_pipeline, { action: 'update', on: 'pipeline' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof pipelines.update_pipeline>) {
    return this.store.write(caller, async (tx) => {
      const id = path.pipeline_id;
      await this.store.row(tx, caller, pipeline, id, 'update', { columns: ['id'], lock: true });
      // Whoever updates a pipeline says its description anew; leaving it out removes it.
      await this.store.updateRow(tx, caller, pipeline, id, { description: body.description ?? null });
      await attachTags(tx, caller, 'pipeline', id, body.add_tags);
      await detachTags(tx, caller, 'pipeline', id, body.remove_tags);
      return this.store.reply(caller, pipeline, id, tx);
    });
  }

  @Operation(pipelines.delete_pipeline, { action: 'delete', on: 'pipeline' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof pipelines.delete_pipeline>) {
    return this.store.delete(caller, pipeline, path.pipeline_id);
  }
}
