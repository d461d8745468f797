import { Controller } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import type { Action } from '#libs/access/vocabulary.js';
import type { Runner } from '#libs/database/db.js';
import { literal, raw, sql } from '#libs/database/sql.js';
import { tables } from '#libs/database/tables.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { constant, documentOf, toMany, toOne } from '#libs/resource/render.js';
import { allowed, type Expression, Render, type Resource, resource, resources, tableOf } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { curatedVisualizations } from '#libs/wire/operations/curated-visualizations.js';
import { artifactVisualization } from './artifact-visualization.js';

/** A visualization pinned to what people look at: a model, a run, a project. It is as readable as that, which the methods below check. */
export const curatedVisualization: Resource = resource({
  name: 'curated visualization',
  table: 'curated_visualization',
  access: null,
  named: false,
  body: {
    // Nobody owns a pin, though its model has the fields of an owned resource.
    user_id: constant('null'),
    artifact_visualization_id: 'artifact_visualization_id',
    artifact_version_id: (t) =>
      sql`(SELECT v.artifact_version_id FROM workspace.artifact_visualization v WHERE v.workspace_id = ${t}.workspace_id AND v.id = ${t}.artifact_visualization_id)`,
    display_name: 'display_name',
    display_order: 'display_order',
    layout_size: 'layout_size',
    resource_id: 'resource_id',
    resource_type: 'resource_type',
  },
  metadata: {},
  resources: { user: constant('null'), artifact_visualization: toOne(() => artifactVisualization, 'artifact_visualization_id') },
  nullKeeps: ['layout_size'],
  conflict: ({ display_order }) =>
    `The resource has this visualization already${display_order === undefined || display_order === null ? '' : `, or one at place ${display_order}`}.`,
});

/** The pins of a resource, in the order people gave them; the type is what requests call the resource. */
export function visualizationsOf(type: string): Expression {
  return toMany(
    () => curatedVisualization,
    (x, t) => sql`${x}.resource_type = ${literal(type)} AND ${x}.resource_id = ${t}.id`,
    (x) => sql`${x}.display_order NULLS FIRST, ${x}.created, ${x}.id`,
  );
}

const guard = (what: string) => ({ guarded: `the right to ${what} the resource that carries it` });

type Pin = { resource_type: string; resource_id: string };

@Controller()
export class CuratedVisualizationController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(curatedVisualizations.create_curated_visualization, guard('update'))
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof curatedVisualizations.create_curated_visualization>) {
    return this.store.write(caller, async (tx) => {
      const projectId = await this.assertMay(tx, caller, body, 'update');
      const [shown] = await tx.query<{ project_id: string }>(
        sql`SELECT v.project_id FROM workspace.artifact_visualization x JOIN workspace.artifact_version v ON v.workspace_id = x.workspace_id AND v.id = x.artifact_version_id WHERE x.workspace_id = ${caller.workspaceId} AND x.id = ${body.artifact_visualization_id}`,
      );
      if (!shown) throw new Problem('not_found', `No artifact visualization with the ID ${body.artifact_visualization_id} found.`);
      await this.store.row(tx, caller, artifactVisualization, body.artifact_visualization_id, 'read', { columns: ['id'] });
      if (shown.project_id !== body.project || (projectId && projectId !== body.project))
        throw new Problem('forbidden', 'A visualization can only be pinned to a resource of its own project.');
      const id = await this.store.insertRow(tx, caller, curatedVisualization, {
        project_id: body.project,
        artifact_visualization_id: body.artifact_visualization_id,
        display_name: body.display_name,
        display_order: body.display_order,
        layout_size: body.layout_size,
        resource_id: body.resource_id,
        resource_type: body.resource_type,
      });
      return this.store.reply(caller, curatedVisualization, id, tx);
    });
  }

  @Operation(curatedVisualizations.get_curated_visualization, guard('read'))
  async get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof curatedVisualizations.get_curated_visualization>) {
    const reader = this.store.reader(caller);
    await this.assertMay(reader, caller, await this.pin(reader, caller, path.visualization_id), 'read');
    // Unlike other resources, one that is not hydrated comes without its resources.
    const depth = { metadata: query.hydrate, resources: query.hydrate };
    return this.store.get(caller, curatedVisualization, path.visualization_id, {
      document: (t, render) => documentOf(curatedVisualization, t, render, depth),
    });
  }

  @Operation(curatedVisualizations.update_curated_visualization, guard('update'))
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof curatedVisualizations.update_curated_visualization>) {
    return this.store.write(caller, async (tx) => {
      const id = path.visualization_id;
      await this.assertMay(tx, caller, await this.pin(tx, caller, id), 'update');
      await this.store.updateFrom(tx, caller, curatedVisualization, id, body);
      return this.store.reply(caller, curatedVisualization, id, tx);
    });
  }

  @Operation(curatedVisualizations.delete_curated_visualization, guard('update'))
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof curatedVisualizations.delete_curated_visualization>) {
    return this.store.write(caller, async (tx) => {
      await this.assertMay(tx, caller, await this.pin(tx, caller, path.visualization_id), 'update');
      await this.store.deleteRow(tx, caller, curatedVisualization, path.visualization_id);
      return null;
    });
  }

  private pin(runner: Runner, caller: Caller, id: string): Promise<Pin> {
    return this.store.row<Pin>(runner, caller, curatedVisualization, id, null, { columns: ['resource_type', 'resource_id'] });
  }

  /** Checks the action on what carries the pin. @returns the project of that, if it belongs to one */
  private async assertMay(runner: Runner, caller: Caller, { resource_type, resource_id }: Pin, action: Action): Promise<string | null> {
    const target = carrier(resource_type);
    const render = new Render(caller);
    const t = render.alias();
    const project = 'project_id' in tables[target.table] ? sql`${t}.project_id` : raw('NULL::uuid');
    const [row] = await runner.query<{ project_id: string | null; may: boolean }>(
      sql`SELECT ${project} AS project_id, ${allowed(target, action, t, render) ?? raw('true')} AS may FROM ${tableOf(target)} ${t} WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${t}.id = ${resource_id}`,
    );
    if (!row) throw new Problem('not_found', `No ${target.name} with the ID ${resource_id} found.`);
    if (!row.may) throw new AccessDenied(action, target.name, resource_id);
    return row.project_id;
  }
}

/** The types that carry pins are named like their tables. */
function carrier(type: string): Resource {
  const found = resources.find((one) => one.table === type);
  if (!found) throw new Error(`No resource is declared on the table ${type}.`);
  return found;
}
