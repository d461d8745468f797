import { Controller } from '@nestjs/common';
import { raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { Json } from '#libs/resource/json.js';
import { assertNameFits } from '#libs/resource/name.js';
import { documentOf, toOne } from '#libs/resource/render.js';
import { type Expression, type FilterRule, type Resource, resource, tableOf } from '#libs/resource/resource.js';
import { projectOverride, ResourceStore } from '#libs/resource/store.js';
import { ModelVersionFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { modelVersions } from '#libs/wire/operations/model-versions.js';
import { models } from '#libs/wire/operations/models.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { attachTags, detachTags } from '../metadata/tag-resource.js';
import { project } from '../projects/project.js';
import { service } from '../serving/service.js';
import { createModelVersion } from './create-model-version.js';
import { model } from './model.js';
import { assertVersionName } from './model-version.rules.js';

/** Replies carry the first services of a version as a page of their own; clients fetch more through the list of services. */
const servicesShown = 5;

function services(metadata: boolean): Expression {
  return (t, render) => {
    const x = render.alias();
    const of = sql`FROM ${tableOf(service)} ${x} WHERE ${x}.workspace_id = ${t}.workspace_id AND ${x}.model_version_id = ${t}.id`;
    const document = documentOf(service, x, render, { metadata, resources: true });
    const page = Json.object({
      index: raw('1'),
      max_size: sql`${servicesShown}::int`,
      total_pages: sql`greatest(ceil(c.total / ${servicesShown}::float)::int, 1)`,
      total: sql`c.total`,
      items: Json.list(Json.text(sql`d.doc`), null, sql`FROM (SELECT ${document} AS doc ${of} ORDER BY ${x}.created, ${x}.id LIMIT ${servicesShown}) d`),
    });
    return Json.text(sql`(SELECT ${page} FROM (SELECT count(*)::int AS total ${of}) c)`);
  };
}

const byModel: FilterRule = (predicate, t) =>
  sql`EXISTS (SELECT 1 FROM workspace.model m WHERE m.workspace_id = ${t}.workspace_id AND m.id = ${t}.model_id AND ${predicate.nameOrId(sql`m.id`, sql`m.name`)})`;

export const modelVersion: Resource = resource({
  name: 'model version',
  table: 'model_version',
  access: { type: 'model_version', through: { parent: () => model, column: 'model_id' } },
  body: { stage: 'stage', number: 'number', model: toOne(() => model, 'model_id') },
  metadata: { description: 'description' },
  resources: { services: services(true) },
  taggable: 'model_version',
  runMetadata: 'model_version',
  filter: ModelVersionFilter,
  filters: { model: byModel },
  references: { model: { to: () => model, inProject: true } },
  conflict: ({ name }) => `There is already a version '${name}' of this model.`,
});

/** The services that a version lists are hydrated when it is. */
const unhydrated: Resource = { ...modelVersion, resources: { services: services(false) } };

const through = { action: 'read', on: 'model', also: 'versions are as readable as their model' } as const;

@Controller()
export class ModelVersionController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(modelVersions.list_model_versions, through)
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof modelVersions.list_model_versions>) {
    return this.store.list(caller, input.query.hydrate ? modelVersion : unhydrated, forModel(input, input.query.model_name_or_id));
  }

  @Operation(models.list_model_versions, through)
  listOfModel(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof models.list_model_versions>) {
    return this.store.list(caller, input.query.hydrate ? modelVersion : unhydrated, forModel(input, input.path.model_name_or_id));
  }

  @Operation(modelVersions.get_model_version, through)
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof modelVersions.get_model_version>) {
    return this.store.get(caller, query.hydrate ? modelVersion : unhydrated, path.model_version_id, query);
  }

  @Operation([modelVersions.create_model_version, workspaces.create_model_version], { action: 'create', on: 'model_version' })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof modelVersions.create_model_version>) {
    const { body, query } = input;
    if (body.name) assertVersionName(body.name);
    return this.store.write(caller, async (tx) => {
      const override = projectOverride(input);
      if (override) body.project = await this.store.idOf(tx, caller, project, override);
      body.model = (input.path as { model_id?: string }).model_id ?? query.model_id ?? body.model;
      caller.access.require('create', 'model_version', { projectId: body.project });
      await this.store.checkReferences(tx, caller, modelVersion, body);
      const id = await createModelVersion(tx, caller, { ...body, projectId: body.project, modelId: body.model });
      return this.store.reply(caller, modelVersion, id, tx);
    });
  }

  @Operation(modelVersions.update_model_version, { action: 'update', on: 'model_version', also: 'a new stage takes the right to promote the model' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof modelVersions.update_model_version>) {
    return this.store.write(caller, async (tx) => {
      const id = path.model_version_id;
      const { model_id } = await this.store.row<{ model_id: string }>(tx, caller, modelVersion, id, 'update', { columns: ['model_id'] });
      if (body.stage) {
        // The model's lock makes stage changes of its versions take turns.
        await this.store.row(tx, caller, model, model_id, 'promote', { columns: ['id'], lock: true });
        const others = await tx.query<{ name: string }>(
          sql`SELECT name FROM workspace.model_version WHERE workspace_id = ${caller.workspaceId} AND model_id = ${model_id} AND stage = ${body.stage} AND id <> ${id} FOR UPDATE`,
        );
        if (others.length > 0 && !body.force)
          // The command line asks whether to take the stage over when it meets a RuntimeError, and gives up on anything else.
          throw new Problem('needs_force', `The version '${others[0]?.name}' is in stage ${body.stage}. Set force to archive it and promote this one.`);
        if (others.length > 0) {
          await tx.query(
            sql`UPDATE workspace.model_version SET stage = 'archived', updated = (clock_timestamp() AT TIME ZONE 'utc') WHERE workspace_id = ${caller.workspaceId} AND model_id = ${model_id} AND stage = ${body.stage} AND id <> ${id}`,
          );
        }
      }
      assertNameFits(body.name);
      const { stage, name, description } = body;
      await this.store.updateRow(tx, caller, modelVersion, id, {
        stage: stage ?? undefined,
        name: name ?? undefined,
        description: description ?? undefined,
      });
      await attachTags(tx, caller, 'model_version', id, body.add_tags);
      await detachTags(tx, caller, 'model_version', id, body.remove_tags);
      return this.store.reply(caller, modelVersion, id, tx);
    });
  }

  @Operation(modelVersions.delete_model_version, { action: 'delete', on: 'model_version' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof modelVersions.delete_model_version>) {
    return this.store.delete(caller, modelVersion, path.model_version_id);
  }
}

/** The model in the path replaces the one in the filter. */
function forModel<T extends { rawQuery: URLSearchParams }>(input: T, nameOrId: string | null | undefined): T {
  if (!nameOrId) return input;
  const rawQuery = new URLSearchParams(input.rawQuery);
  rawQuery.set('model', nameOrId);
  return { ...input, rawQuery };
}
