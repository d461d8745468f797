import { identifier, join, literal, raw, type Sql, sql } from '#libs/database/sql.js';
import { tables } from '#libs/database/tables.js';
import { aggregatedList, Json } from './json.js';
import { allowed, column, DocumentRender, type Expression, type Field, mainAlias, type Resource, tableOf } from './resource.js';

type ColumnType = 'uuid' | 'text' | 'int' | 'float' | 'bool' | 'timestamp' | 'json' | 'bytes';

/** How much of a resource is rendered. Nested resources are always bare. */
export type Depth = { metadata: boolean; resources: boolean };

export const bareDepth: Depth = { metadata: false, resources: false };

/** A column as the wire shows it: times as naive UTC with microseconds, everything else as PostgreSQL's own JSON. */
export function wireColumn(resource: Pick<Resource, 'table'>, name: string, t: Sql): Json {
  const known = (tables[resource.table] as Record<string, { type: ColumnType; nullable: boolean }>)[name];
  if (!known) throw new Error(`${resource.table} has no column ${name}.`);
  const x = column(t, name);
  const isNullable = known.nullable;
  switch (known.type) {
    case 'uuid':
      return isNullable ? Json.nullable(sql`'"' || ${x} || '"'`) : Json.quoted(x);
    case 'timestamp':
      return isNullable ? Json.nullable(wireTime(x)) : Json.text(wireTime(x));
    case 'bool':
      return Json.text(
        isNullable ? sql`CASE WHEN ${x} THEN 'true' WHEN NOT ${x} THEN 'false' ELSE 'null' END` : sql`CASE WHEN ${x} THEN 'true' ELSE 'false' END`,
      );
    case 'int':
    case 'json':
      return isNullable ? Json.nullable(sql`${x}::text`) : Json.text(x);
    default:
      return isNullable ? Json.value(x) : Json.text(sql`to_json(${x})`);
  }
}

/** `to_json` is four times as fast as `wire_time` but drops zeros at the end of the fraction, so it serves for times that have none: 19 + 1 + 6 characters and quotes. */
function wireTime(x: Sql): Sql {
  return sql`CASE octet_length(to_json(${x})::text) WHEN 28 THEN to_json(${x})::text ELSE '"' || workspace.wire_time(${x}) || '"' END`;
}

function fieldsOf(resource: Resource, fields: Record<string, Field>, t: Sql, render: DocumentRender): Record<string, Sql> {
  const out: Record<string, Sql> = {};
  for (const [name, field] of Object.entries(fields)) out[name] = typeof field === 'string' ? wireColumn(resource, field, t) : field(t, render);
  return out;
}

/** Main documents by the rights they are for. Composing one takes as long as running it. */
let kept = new WeakMap<object, Map<Resource, Record<string, Sql>>>();
let count = 0;
const mostKept = 1_000;

/**
 * The document, as JSON text, of the row that a statement is about, whose alias is the statement's first. It follows from the resource, the
 * caller's rights and the server's runner alone, so it is composed once for all who hold the same.
 */
export function mainDocument(resource: Resource, { caller: { access, runner } }: DocumentRender, depth: Depth): Sql {
  const { rules } = access;
  let documents = kept.get(rules);
  if (!documents) kept.set(rules, (documents = new Map()));
  let variants = documents.get(resource);
  if (!variants) documents.set(resource, (variants = {}));
  const at = `${depth.metadata} ${depth.resources} ${runner}`;
  const known = variants[at];
  if (known) return known;
  // Aliases inside are seen by nobody outside, so they may be the same as those in other parts of the statement.
  const made = documentOf(resource, mainAlias, new DocumentRender({ access, ...(runner ? { runner } : {}) }, 1), depth).flat();
  if (++count > mostKept) [kept, count] = [new WeakMap(), 0];
  variants[at] = made;
  return made;
}

/** The JSON document of a row. `more` are fields beside the usual ones. */
export function documentOf(resource: Resource, t: Sql, render: DocumentRender, depth: Depth, more: Record<string, Sql> = {}): Json {
  const columns = tables[resource.table] as Record<string, unknown>;
  const body: Record<string, Sql> = {};
  for (const name of ['created', 'updated'] as const) if (name in columns) body[name] = wireColumn(resource, name, t);
  if (resource.isOwned) body.user_id = wireColumn(resource, 'user_id', t);
  if (resource.isProjectScoped) body.project_id = wireColumn(resource, 'project_id', t);
  Object.assign(body, fieldsOf(resource, resource.body ?? {}, t, render));

  const out: Record<string, Sql> = { id: wireColumn(resource, 'id', t), permission_denied: raw('false') };
  const name = nameOf(resource, t, render);
  if (name) out.name = name;
  out.body = resource.kinds ? bodyOfKind(resource, resource.kinds, body, t, render) : Json.object(body);
  out.metadata = depth.metadata && resource.metadata !== false ? Json.object(fieldsOf(resource, metadataFields(resource), t, render)) : raw('null');
  out.resources = depth.resources && resource.resources !== false ? Json.object(fieldsOf(resource, resourceFields(resource), t, render)) : raw('null');
  return Json.object({ ...out, ...more });
}

function bodyOfKind(
  resource: Resource,
  { column: kind, bodies }: NonNullable<Resource['kinds']>,
  common: Record<string, Sql>,
  t: Sql,
  render: DocumentRender,
): Json {
  const cases = Object.entries(bodies).map(
    ([value, fields]) => sql`WHEN ${literal(value)} THEN ${Json.object({ ...common, ...fieldsOf(resource, fields, t, render) })}`,
  );
  return Json.nullable(sql`CASE ${column(t, kind)} ${join(cases, ' ')} END`);
}

function nameOf(resource: Resource, t: Sql, render: DocumentRender): Sql | null {
  if (resource.named === false) return null;
  const field = resource.named ?? 'name';
  return typeof field === 'string' ? wireColumn(resource, field, t) : field(t, render);
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

/** The bare document of a nested row, or its redacted stand-in where the caller may not read it. `more` are fields beside the usual ones. */
export function nested(resource: Resource, t: Sql, render: DocumentRender, depth: Depth = bareDepth, more: Record<string, Sql> = {}): Json {
  const full = documentOf(resource, t, render, depth, more);
  const condition = allowed(resource, 'read', t, render);
  if (condition === null) return full;
  const name = nameOf(resource, t, render);
  const denied = Json.object({
    id: sql`${t}.id`,
    permission_denied: raw('true'),
    ...(name ? { name } : {}),
    body: raw('null'),
    metadata: raw('null'),
    resources: raw('null'),
    ...more,
  });
  return Json.text(sql`CASE WHEN ${condition} THEN ${full} ELSE ${denied} END`);
}

/** The row that a column points to, bare; null when it points nowhere. */
export function toOne(target: () => Resource, by: string | Expression): Expression {
  return (t, render) => {
    const resource = target();
    const x = render.alias();
    const id = typeof by === 'string' ? column(t, by) : by(t, render);
    const row = oneOf(resource, x, render, sql`${x}.workspace_id = ${t}.workspace_id AND ${x}.id = ${id}`);
    // Most references of most rows are empty; not starting the subquery for them halves the cost of a page of runs.
    return typeof by === 'string' ? Json.nullable(sql`CASE WHEN ${id} IS NOT NULL THEN ${row} END`) : row;
  };
}

/** The one row `x` that matches, bare, or null. `rest` may order and limit. */
export function oneOf(resource: Resource, x: Sql, render: DocumentRender, rest: Sql): Json {
  return Json.nullable(sql`(SELECT ${nested(resource, x, render)} FROM ${tableOf(resource)} ${x} WHERE ${rest})`);
}

/** All rows that match, bare, as a list. `where` and `order` see the nested row and the outer one. */
export function toMany(target: () => Resource, where: (x: Sql, t: Sql) => Sql, order: (x: Sql) => Sql = (x) => sql`${x}.created, ${x}.id`): Expression {
  return (t, render) => {
    const resource = target();
    const x = render.alias();
    return Json.list(nested(resource, x, render), order(x), sql`FROM ${tableOf(resource)} ${x} WHERE ${x}.workspace_id = ${t}.workspace_id AND ${where(x, t)}`);
  };
}

/** Documents of linked rows in lists by the name that the link `l` has for them. */
export function byName(document: Sql, order: Sql, from: Sql): Json {
  return Json.map(sql`g.name`, Json.text(sql`g.list`), null, sql`FROM (SELECT l.name, ${aggregatedList(document, order)} AS list ${from} GROUP BY l.name) g`);
}

/** A list of single values, such as the ids of attached secrets. */
export function listOf(select: (t: Sql, render: DocumentRender) => Sql): Expression {
  return (t, render) => sql`coalesce((SELECT json_agg(v) FROM (${select(t, render)}) AS l(v)), '[]'::json)`;
}

/** A constant, as JSON. */
export function constant(text: string): Expression {
  return () => Json.constant(text);
}

/** A JSON column whose null shows as an empty object. */
export function orEmpty(name: string): Expression {
  return (t) => Json.text(sql`coalesce(${column(t, name)}::text, '{}')`);
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
    return Json.list(
      nested(tagResource(), x, render),
      sql`${x}.name`,
      sql`FROM workspace.tag_resource ${link} JOIN workspace.tag ${x} ON ${x}.workspace_id = ${link}.workspace_id AND ${x}.id = ${link}.tag_id WHERE ${link}.workspace_id = ${t}.workspace_id AND ${link}.resource_type = ${literal(type)} AND ${link}.resource_id = ${t}.id`,
    );
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
