import { identifier, join, literal, raw, type Sql, sql } from '#libs/database/sql.js';
import { tables } from '#libs/database/tables.js';
import { allowed, column, type Expression, type Field, type Render, type Resource, tableOf } from './resource.js';

type ColumnType = 'uuid' | 'text' | 'int' | 'float' | 'bool' | 'timestamp' | 'json' | 'bytes';

/** How much of a resource is rendered. Nested resources are always bare. */
export type Depth = { metadata: boolean; resources: boolean };

export const bareDepth: Depth = { metadata: false, resources: false };

/** A column as the wire shows it: times as naive UTC with microseconds, everything else as PostgreSQL's own JSON. */
export function wireColumn(resource: Pick<Resource, 'table'>, name: string, t: Sql): Sql {
  const known = (tables[resource.table] as Record<string, { type: ColumnType }>)[name];
  if (!known) throw new Error(`${resource.table} has no column ${name}.`);
  return known.type === 'timestamp' ? sql`workspace.wire_time(${column(t, name)})` : column(t, name);
}

/** `json_build_object` of wire fields; objects of more than 40 fields are built in parts, since a call takes at most 100 arguments. */
export function object(fields: Record<string, Sql>): Sql {
  const entries = Object.entries(fields);
  if (entries.length === 0) return raw("'{}'::json");
  if (entries.length <= 45) return sql`json_build_object(${join(entries.map(([name, value]) => sql`${literal(name)}, ${value}`))})`;
  const half = Math.ceil(entries.length / 2);
  const parts = [entries.slice(0, half), entries.slice(half)].map((part) => sql`${object(Object.fromEntries(part))}::jsonb`);
  return sql`(${join(parts, ' || ')})::json`;
}

function fieldsOf(resource: Resource, fields: Record<string, Field>, t: Sql, render: Render): Record<string, Sql> {
  const out: Record<string, Sql> = {};
  for (const [name, field] of Object.entries(fields)) out[name] = typeof field === 'string' ? wireColumn(resource, field, t) : field(t, render);
  return out;
}

/** The JSON document of a row. */
export function documentOf(resource: Resource, t: Sql, render: Render, depth: Depth): Sql {
  const columns = tables[resource.table] as Record<string, unknown>;
  const body: Record<string, Sql> = {};
  for (const name of ['created', 'updated'] as const) if (name in columns) body[name] = wireColumn(resource, name, t);
  if (resource.isOwned) body.user_id = column(t, 'user_id');
  if (resource.isProjectScoped) body.project_id = column(t, 'project_id');
  Object.assign(body, fieldsOf(resource, resource.body ?? {}, t, render));

  const out: Record<string, Sql> = { id: sql`${t}.id`, permission_denied: raw('false') };
  const name = nameOf(resource, t, render);
  if (name) out.name = name;
  out.body = resource.kinds ? bodyOfKind(resource, resource.kinds, body, t, render) : object(body);
  out.metadata = depth.metadata && resource.metadata !== false ? object(fieldsOf(resource, metadataFields(resource), t, render)) : raw('null');
  out.resources = depth.resources && resource.resources !== false ? object(fieldsOf(resource, resourceFields(resource), t, render)) : raw('null');
  return object(out);
}

function bodyOfKind(resource: Resource, { column: kind, bodies }: NonNullable<Resource['kinds']>, common: Record<string, Sql>, t: Sql, render: Render): Sql {
  const cases = Object.entries(bodies).map(
    ([value, fields]) => sql`WHEN ${literal(value)} THEN ${object({ ...common, ...fieldsOf(resource, fields, t, render) })}`,
  );
  return sql`CASE ${column(t, kind)} ${join(cases, ' ')} END`;
}

function nameOf(resource: Resource, t: Sql, render: Render): Sql | null {
  if (resource.named === false) return null;
  const field = resource.named ?? 'name';
  return typeof field === 'string' ? column(t, field) : field(t, render);
}

function metadataFields(resource: Resource): Record<string, Field> {
  const fields = { ...resource.metadata };
  if (resource.runMetadata) fields.run_metadata = runMetadata(resource.runMetadata);
  return fields;
}

function resourceFields(resource: Resource): Record<string, Field> {
  const fields: Record<string, Field> = {};
  if (resource.isOwned) fields.user = toOne(userResource, 'user_id');
  Object.assign(fields, resource.resources);
  if (resource.taggable) fields.tags = tags(resource.taggable);
  return fields;
}

/** The bare document of a nested row, or its redacted stand-in where the caller may not read it. */
export function nested(resource: Resource, t: Sql, render: Render, depth: Depth = bareDepth): Sql {
  const full = documentOf(resource, t, render, depth);
  const condition = allowed(resource, 'read', t, render);
  if (condition === null) return full;
  const name = nameOf(resource, t, render);
  const denied = object({
    id: sql`${t}.id`,
    permission_denied: raw('true'),
    ...(name ? { name } : {}),
    body: raw('null'),
    metadata: raw('null'),
    resources: raw('null'),
  });
  return sql`CASE WHEN ${condition} THEN ${full} ELSE ${denied} END`;
}

/** The row that a column points to, bare; null when it points nowhere. */
export function toOne(target: () => Resource, by: string | Expression): Expression {
  return (t, render) => {
    const resource = target();
    const x = render.alias();
    const id = typeof by === 'string' ? column(t, by) : by(t, render);
    const row = sql`(SELECT ${nested(resource, x, render)} FROM ${tableOf(resource)} ${x} WHERE ${x}.workspace_id = ${t}.workspace_id AND ${x}.id = ${id})`;
    // Most references of most rows are empty; not starting the subquery for them halves the cost of a page of runs.
    return typeof by === 'string' ? sql`CASE WHEN ${id} IS NOT NULL THEN ${row} END` : row;
  };
}

/** All rows that match, bare, as a list. `where` and `order` see the nested row and the outer one. */
export function toMany(target: () => Resource, where: (x: Sql, t: Sql) => Sql, order: (x: Sql) => Sql = (x) => sql`${x}.created, ${x}.id`): Expression {
  return (t, render) => {
    const resource = target();
    const x = render.alias();
    return sql`coalesce((SELECT json_agg(${nested(resource, x, render)} ORDER BY ${order(x)}) FROM ${tableOf(resource)} ${x} WHERE ${x}.workspace_id = ${t}.workspace_id AND ${where(x, t)}), '[]'::json)`;
  };
}

/** A list of single values, such as the ids of attached secrets. */
export function listOf(select: (t: Sql, render: Render) => Sql): Expression {
  return (t, render) => sql`coalesce((SELECT json_agg(v) FROM (${select(t, render)}) AS l(v)), '[]'::json)`;
}

/** A constant. */
export function constant(text: string): Expression {
  return () => raw(text);
}

/** A JSON column whose null shows as an empty object. */
export function orEmpty(name: string): Expression {
  return (t) => sql`coalesce(${column(t, name)}, '{}'::json)`;
}

let userResource: () => Resource = () => {
  throw new Error('No resource stands for users yet.');
};
let tagResource: () => Resource = () => {
  throw new Error('No resource stands for tags yet.');
};

/** The resources that the engine itself nests. Called once by the application that declares them. */
export function nestUsersAndTags(user: () => Resource, tag: () => Resource): void {
  userResource = user;
  tagResource = tag;
}

function tags(type: string): Expression {
  return (t, render) => {
    const x = render.alias();
    const link = render.alias();
    return sql`coalesce((SELECT json_agg(${nested(tagResource(), x, render)} ORDER BY ${x}.name) FROM workspace.tag_resource ${link} JOIN workspace.tag ${x} ON ${x}.workspace_id = ${link}.workspace_id AND ${x}.id = ${link}.tag_id WHERE ${link}.workspace_id = ${t}.workspace_id AND ${link}.resource_type = ${literal(type)} AND ${link}.resource_id = ${t}.id), '[]'::json)`;
  };
}

/** Newest value per key; where every value of a key is an object, all of them merged from oldest to newest (a database function knows how). */
function runMetadata(type: string): Expression {
  return (t) => sql`workspace.run_metadata_of(${t}.workspace_id, ${literal(type)}, ${t}.id)`;
}

/** For hand-written statements: the quoted name of a column. */
export function quoted(name: string): Sql {
  return identifier(name);
}
