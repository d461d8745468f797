import { Controller, Inject } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { nested, orEmpty } from '#libs/resource/render.js';
import { allowed, Render, resource, tableOf } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { StackFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { stacks } from '#libs/wire/operations/stacks.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { Installation } from '../installation.js';
import { component, defaultName } from './component.js';
import { createStack } from './create-stack.js';
import { linkedSecrets, linkSecrets } from './linked-secrets.js';
import { assertComplete } from './stack.rules.js';

export const stack = resource({
  name: 'stack',
  table: 'stack',
  access: 'stack',
  metadata: {
    description: 'description',
    stack_spec_path: 'stack_spec_path',
    environment: orEmpty('environment'),
    labels: 'labels',
    components: (t, render) => {
      const x = render.alias();
      return sql`coalesce((SELECT json_object_agg(g.type, g.list) FROM (SELECT ${x}.type, json_agg(${nested(component, x, render)} ORDER BY c.default_for_type IS NULL, ${x}.created, ${x}.id) AS list FROM workspace.stack_composition c JOIN ${tableOf(component)} ${x} ON ${x}.workspace_id = c.workspace_id AND ${x}.id = c.component_id WHERE c.workspace_id = ${t}.workspace_id AND c.stack_id = ${t}.id GROUP BY ${x}.type) g), '{}'::json)`;
    },
    secrets: linkedSecrets('stack'),
  },
  filter: StackFilter,
  filters: {
    component_id: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.stack_composition c WHERE c.workspace_id = ${t}.workspace_id AND c.stack_id = ${t}.id AND ${predicate.on(sql`c.component_id`, 'uuid')})`,
    component: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.stack_composition c JOIN workspace.stack_component x ON x.workspace_id = c.workspace_id AND x.id = c.component_id WHERE c.workspace_id = ${t}.workspace_id AND c.stack_id = ${t}.id AND ${predicate.nameOrId(sql`x.id`, sql`x.name`)})`,
  },
  columns: { components: null, secrets: null, add_secrets: null, remove_secrets: null, service_connectors: null },
  conflict: ({ name }) => `There is already a stack named '${name}'.`,
});

@Controller()
export class StackController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation([stacks.list_stacks, workspaces.list_stacks], { action: 'read', on: 'stack' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof stacks.list_stacks>) {
    return this.store.list(caller, stack, input);
  }

  @Operation(stacks.get_stack, { action: 'read', on: 'stack' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof stacks.get_stack>) {
    return this.store.get(caller, stack, path.stack_id, query);
  }

  @Operation([stacks.create_stack, workspaces.create_stack], { action: 'create', on: 'stack' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof stacks.create_stack>) {
    return createStack(this.installation, this.store, caller, body);
  }

  @Operation(stacks.update_stack, { action: 'update', on: 'stack' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof stacks.update_stack>) {
    if (body.components) assertComplete(body.components);
    return this.store.write(caller, async (tx) => {
      const id = path.stack_id;
      const row = await this.store.row<{ name: string }>(tx, caller, stack, id, 'update', { columns: ['name'], lock: true });
      if (row.name === defaultName) throw new Problem('forbidden', 'The default stack cannot be updated.');
      await this.store.updateFrom(tx, caller, stack, id, body);
      if (body.components) {
        await tx.query(sql`DELETE FROM workspace.stack_composition WHERE workspace_id = ${caller.workspaceId} AND stack_id = ${id}`);
        await compose(tx, caller, id, body.components);
      }
      await linkSecrets(tx, caller, 'stack', id, { add: body.add_secrets, remove: body.remove_secrets });
      return this.store.get(caller, stack, id, {}, tx);
    });
  }

  @Operation(stacks.delete_stack, { action: 'delete', on: 'stack' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof stacks.delete_stack>) {
    return this.store.delete(caller, stack, path.stack_id, async (_tx, row) => {
      if (row.name === defaultName) throw new Problem('forbidden', 'The default stack cannot be deleted.');
    });
  }
}

/**
 * Links components to a stack, by type; the first one of a type is that type's default.
 * @returns the flavor of each type's default
 * @throws Problem 400, 404, AccessDenied
 */
export async function compose(tx: Tx, caller: Caller, stackId: string, components: Partial<Record<string, string[]>>): Promise<Record<string, string>> {
  const links = Object.entries(components).flatMap(([type, ids]) =>
    (ids ?? []).map((id, index) => ({ id, type, default_for_type: index === 0 ? type : null })),
  );
  const render = new Render(caller);
  const x = render.alias();
  const readable = allowed(component, 'read', x, render) ?? raw('true');
  const rows = await tx.query<{ id: string; type: string; flavor: string; readable: boolean }>(
    sql`SELECT ${x}.id, ${x}.type, ${x}.flavor, ${readable} AS readable FROM ${tableOf(component)} ${x} WHERE ${x}.workspace_id = ${caller.workspaceId} AND ${x}.id = ANY(${links.map((link) => link.id)}::uuid[])`,
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  const flavors: Record<string, string> = {};
  for (const { id, type } of links) {
    const row = found.get(id);
    if (!row) throw new Problem('not_found', `No component with the ID ${id} found.`);
    if (!row.readable) throw new AccessDenied('read', 'stack_component', id);
    if (row.type !== type) throw new Problem('invalid', `The component ${id} is of type ${row.type} and cannot be the ${type} of a stack.`);
    flavors[type] ??= row.flavor;
  }
  await tx.query(
    sql`INSERT INTO workspace.stack_composition (workspace_id, stack_id, component_id, default_for_type) SELECT ${caller.workspaceId}::uuid, ${stackId}::uuid, l.id, l.default_for_type FROM json_to_recordset(${JSON.stringify(links)}::json) AS l(id uuid, default_for_type text) ON CONFLICT DO NOTHING`,
  );
  return flavors;
}
