import { Controller, Inject } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { orEmpty } from '#libs/resource/render.js';
import { resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { ProjectFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { projects } from '#libs/wire/operations/projects.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { Installation } from '../installation.js';
import { markOnboarding } from '../server/onboarding.js';
import { grantToCreator, revokeInProject } from './project-roles.js';

export const project = resource({
  name: 'project',
  table: 'project',
  access: 'project',
  body: { display_name: 'display_name' },
  metadata: { description: 'description', project_metadata: orEmpty('project_metadata') },
  resources: false,
  filter: ProjectFilter,
  planned: { feature: 'project', isCounted: true },
  nullKeeps: ['project_metadata'],
  conflict: ({ name }) => `Unable to create or rename a project to '${name}': a project with this name exists already.`,
});

@Controller()
export class ProjectController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation([projects.list_projects, workspaces.list_projects], { action: 'read', on: 'project' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof projects.list_projects>) {
    return this.store.list(caller, project, input);
  }

  @Operation([projects.get_project, workspaces.get_project], { action: 'read', on: 'project' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof projects.get_project>) {
    return this.store.getByNameOrId(caller, project, path.project_name_or_id, { hydrate: query.hydrate });
  }

  @Operation([projects.create_project, workspaces.create_project], { action: 'create', on: 'project' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof projects.create_project>) {
    return this.store.write(caller, async (tx) => {
      caller.access.require('create', 'project');
      const id = await this.store.insert(tx, caller, project, body);
      await grantToCreator(tx, caller, id);
      await markOnboarding(tx, caller.workspaceId, 'project_created');
      // A role in the new project counts from the next request on; whoever may create it may see it now.
      return this.store.get(caller, project, id, { action: 'create' }, tx);
    });
  }

  @Operation([projects.update_project, workspaces.update_project], { action: 'update', on: 'project' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof projects.update_project>) {
    return this.store.write(caller, async (tx) => {
      const id = path.project_name_or_id;
      const row = await this.store.row<{ name: string }>(tx, caller, project, id, 'update', { columns: ['name'], lock: true });
      if (this.#isDefault(row) && body.name !== undefined && body.name !== row.name) throw new Problem('forbidden', 'The default project cannot be renamed.');
      await this.store.updateFrom(tx, caller, project, id, body);
      return this.store.reply(caller, project, id, tx);
    });
  }

  @Operation([projects.delete_project, workspaces.delete_project], { action: 'delete', on: 'project' })
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof projects.delete_project>) {
    return this.store.write(caller, async (tx) => {
      const id = await this.store.idOf(tx, caller, project, path.project_name_or_id);
      const row = await this.store.row<{ name: string }>(tx, caller, project, id, 'delete', { columns: ['name'], lock: true });
      if (this.#isDefault(row)) throw new Problem('forbidden', 'The default project cannot be deleted.');
      const secrets = await tx.query<{ secret_id: string }>(
        sql`SELECT secret_id FROM workspace.webhook WHERE workspace_id = ${caller.workspaceId} AND project_id = ${id}`,
      );
      // What a run returned cannot be deleted before the run, and nothing says in which order they go.
      await tx.query(
        sql`DELETE FROM workspace.pipeline_run_output o USING workspace.pipeline_run r WHERE o.workspace_id = ${caller.workspaceId} AND r.workspace_id = o.workspace_id AND r.id = o.pipeline_run_id AND r.project_id = ${id}`,
      );
      await this.store.deleteRow(tx, caller, project, id);
      // What webhooks are signed with belongs to the workspace, so it does not go with the project by itself.
      if (secrets.length > 0)
        await tx.query(
          sql`DELETE FROM workspace.secret WHERE workspace_id = ${caller.workspaceId} AND id = ANY(${secrets.map((one) => one.secret_id)}::uuid[])`,
        );
      await revokeInProject(tx, caller, id);
      return null;
    });
  }

  @Operation([projects.get_project_statistics, workspaces.get_project_statistics], { action: 'read', on: 'project', also: 'counts what the caller may read' })
  async statistics(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof projects.get_project_statistics>) {
    const reader = this.store.reader(caller);
    const id = await this.store.idOf(reader, caller, project, path.project_name_or_id);
    await this.store.row(reader, caller, project, id, 'read', { columns: ['id'] });
    const scoped = (type: 'pipeline' | 'pipeline_run') =>
      caller.access.condition('read', type, { id: sql`t.id`, userId: sql`t.user_id`, projectId: sql`t.project_id` }) ?? sql`true`;
    const [counts] = await reader.query(
      sql`SELECT (SELECT count(*) FROM workspace.pipeline t WHERE t.workspace_id = ${caller.workspaceId} AND t.project_id = ${id} AND ${scoped('pipeline')})::int AS pipelines, (SELECT count(*) FROM workspace.pipeline_run t WHERE t.workspace_id = ${caller.workspaceId} AND t.project_id = ${id} AND ${scoped('pipeline_run')})::int AS runs`,
    );
    return counts;
  }

  /** The project that every workspace starts with; clients fall back to it by its name. */
  #isDefault({ name }: { name: string }): boolean {
    return name === this.installation.options.defaultProject;
  }
}
