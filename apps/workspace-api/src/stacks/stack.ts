import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { aggregatedList, Json } from '#libs/resource/json.js';
import { nested, orEmpty } from '#libs/resource/render.js';
import { allowed, Render, resource, tableOf } from '#libs/resource/resource.js';
import { StackFilter } from '#libs/wire/filters.js';
import { component } from './component.js';
import { linkedSecrets } from './linked-secrets.js';

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
      const list = aggregatedList(nested(component, x, render), sql`c.default_for_type IS NULL, ${x}.created, ${x}.id`);
      return Json.map(
        sql`g.type`,
        Json.text(sql`g.list`),
        null,
        sql`FROM (SELECT ${x}.type, ${list} AS list FROM workspace.stack_composition c JOIN ${tableOf(component)} ${x} ON ${x}.workspace_id = c.workspace_id AND ${x}.id = c.component_id WHERE c.workspace_id = ${t}.workspace_id AND c.stack_id = ${t}.id GROUP BY ${x}.type) g`,
      );
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
