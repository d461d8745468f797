import { Controller } from '@nestjs/common';
import { identifier, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertName } from '#libs/resource/name.js';
import { type Expression, type Resource, resource } from '#libs/resource/resource.js';
import { projectOverride, ResourceStore } from '#libs/resource/store.js';
import { ModelFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { models } from '#libs/wire/operations/models.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { visualizationsOf } from '../artifacts/curated-visualization.js';
import { attachTags, detachTags } from '../metadata/tag-resource.js';
import { project } from '../projects/project.js';

/** A column of the version with the highest number. */
function latest(column: 'id' | 'name' | 'created'): Expression {
  return (t) =>
    sql`(SELECT v.${identifier(column)} FROM workspace.model_version v WHERE v.workspace_id = ${t}.workspace_id AND v.model_id = ${t}.id ORDER BY v.number DESC LIMIT 1)`;
}

export const model: Resource = resource({
  name: 'model',
  table: 'model',
  access: 'model',
  planned: { feature: 'model', isCounted: true },
  metadata: {
    license: 'license',
    description: 'description',
    audience: 'audience',
    use_cases: 'use_cases',
    limitations: 'limitations',
    trade_offs: 'trade_offs',
    ethics: 'ethics',
    save_models_to_registry: 'save_models_to_registry',
  },
  resources: { latest_version_id: latest('id'), latest_version_name: latest('name'), visualizations: visualizationsOf('model') },
  taggable: 'model',
  filter: ModelFilter,
  sorts: {
    latest_version: (t) =>
      sql`coalesce((SELECT max(v.created) FROM workspace.model_version v WHERE v.workspace_id = ${t}.workspace_id AND v.model_id = ${t}.id), ${t}.created)`,
  },
  columns: { tags: null, add_tags: null, remove_tags: null },
  nullKeeps: ['name', 'license', 'description', 'audience', 'use_cases', 'limitations', 'trade_offs', 'ethics', 'save_models_to_registry'],
  conflict: ({ name }) => `There is already a model named '${name}' in this project.`,
});

@Controller()
export class ModelController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(models.list_models, { action: 'read', on: 'model' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof models.list_models>) {
    return this.store.list(caller, model, input);
  }

  @Operation(models.get_model, { action: 'read', on: 'model' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof models.get_model>) {
    return this.store.get(caller, model, path.model_id, query);
  }

  @Operation([models.create_model, workspaces.create_model], { action: 'create', on: 'model' })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof models.create_model>) {
    const { body } = input;
    assertName('model', body.name);
    return this.store.write(caller, async (tx) => {
      const override = projectOverride(input);
      if (override) body.project = await this.store.idOf(tx, caller, project, override);
      const id = await this.store.insert(tx, caller, model, body);
      await attachTags(tx, caller, 'model', id, body.tags);
      return this.store.reply(caller, model, id, tx);
    });
  }

  @Operation(models.update_model, { action: 'update', on: 'model' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof models.update_model>) {
    return this.store.write(caller, async (tx) => {
      const id = path.model_id;
      await this.store.row(tx, caller, model, id, 'update', { columns: ['id'], lock: true });
      await this.store.updateFrom(tx, caller, model, id, body);
      await attachTags(tx, caller, 'model', id, body.add_tags);
      await detachTags(tx, caller, 'model', id, body.remove_tags);
      return this.store.reply(caller, model, id, tx);
    });
  }

  @Operation(models.delete_model, { action: 'delete', on: 'model' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof models.delete_model>) {
    return this.store.delete(caller, model, path.model_id);
  }
}
