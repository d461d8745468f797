import { and, join, literal, or, raw, type Sql, sql } from '#libs/database/sql.js';
import { tables } from '#libs/database/tables.js';
import { Problem } from '#libs/http/problem.js';
import { type Filter, type FilterKind, isSortable, kindOf } from '#libs/wire/filter.js';
import { aggregatedList, Json } from './json.js';
import { type Order, pageRows, rowCount } from './page-rows.js';
import { filterProblem, Predicate, uuidOf, type ValueKind } from './predicate.js';
import { mainDocument } from './render.js';
import { allowedAmong, column, isWhollyAllowed, type Render, type Resource } from './resource.js';

export type ListOptions = {
  hydrate: boolean;
  /** Conditions of a single list, such as the parent in the path; they always narrow. */
  where?: (t: Sql, render: Render) => Sql;
  /** The project a project-scoped list is about, by name or id; the default project otherwise. */
  project?: string | null;
  /** Renders rows another way. */
  document?: (t: Sql, render: Render) => Sql;
  /** Most answers have no rows, so it is worth counting first: beginning the statement of a page is most of its cost. */
  isMostlyEmpty?: boolean;
};

export type Page = { page: number; size: number };

const reserved = new Set(['sort_by', 'logical_operator', 'page', 'size', 'hydrate', 'project']);
const defaultSize = 20;
const maxSize = 10_000;

/** One statement for a whole page: how many rows there are, the page itself as JSON text, and the project that was meant. And one that only counts. */
export function listStatement(resource: Resource, query: URLSearchParams, render: Render, options: ListOptions): { statement: Sql; count: Sql; page: Page } {
  const page = pageOf(query);
  const t = render.alias();
  const { filter, where, project, asked } = selection(resource, query, t, render, options);
  const order = orderOf(resource, filter, query, t, render);
  const document = options.document ? options.document(t, render) : mainDocument(resource, render, { metadata: options.hydrate, resources: true });
  const inProject = project ? sql`, ${project} AS project_id` : raw('');
  const { found, rows, total } = pageRows({ resource, workspaceId: render.caller.workspaceId, t, where, order, page, project, asked });
  const items = sql`(SELECT ${aggregatedList(Json.text(raw('d.doc')), null)} FROM (SELECT ${document} AS doc FROM ${rows}) d)`;
  return {
    statement: sql`${found}SELECT ${total}::int AS total, ${items} AS items${inProject}`,
    count: sql`SELECT ${rowCount({ resource, t, where })}::int AS total, '[]' AS items${inProject}`,
    page,
  };
}

/** Which rows a query is about: what it filters by, inside the project and what the caller may read. Also for what counts rows instead of listing them. `asked` are its filters, if nothing else narrows it and all of them must have one value. */
export function selection(
  resource: Resource,
  query: URLSearchParams,
  t: Sql,
  render: Render,
  options: Pick<ListOptions, 'where' | 'project'> = {},
): { filter: Filter; where: Sql; project: Sql | null; asked: Map<string, Predicate> | null } {
  const filter = resource.filter;
  if (!filter) throw new Error(`${resource.name} has no filter.`);
  const { soft, hard } = predicates(resource, filter, query, t, render);
  const conditions: Sql[] = [sql`${t}.workspace_id = ${render.caller.workspaceId}`];
  const named = options.project ?? query.get('project');
  const project = resource.isProjectScoped ? projectOf(render, named) : null;
  if (project) conditions.push(sql`${t}.project_id = ${project}`);
  const narrowest = conditions.length;
  if (resource.where) conditions.push(resource.where(t, render));
  if (options.where) conditions.push(options.where(t, render));
  // Whoever may read all of the project is asked no more than an administrator, so that rows are counted and sorted as for one.
  const projectId = project && named ? uuidOf(named) : null;
  const scope = projectId && isWhollyAllowed(resource, 'read', projectId, render) ? null : allowedAmong(resource, 'read', t, render, project);
  if (scope) conditions.push(scope);
  const operator = operatorOf(query);
  const isUnfiltered = hard.length + soft.length === 0;
  const asked = conditions.length > narrowest ? null : isUnfiltered ? new Map() : valuesAsked(resource, filter, query);
  conditions.push(...hard);
  if (soft.length > 0) conditions.push(operator === 'or' ? or(soft) : and(soft));
  return { filter, where: join(conditions, ' AND '), project, asked };
}

/** The value of each filter, unless one is none of those that an index may know, or asks for something else than a value, or one of them is enough. */
function valuesAsked({ inOrder = {} }: Resource, filter: Filter, query: URLSearchParams): Map<string, Predicate> | null {
  const asked = new Map<string, Predicate>();
  for (const [name, value] of valuesOf(filter, query)) {
    if (kindOf(filter, name) === undefined || reserved.has(name)) continue;
    if (name !== 'tags' && !Object.entries(inOrder).flat(2).includes(name)) return null;
    const predicate = Predicate.parse(name, value);
    if (predicate.operator !== 'equals' || asked.has(name)) return null;
    asked.set(name, predicate);
  }
  return operatorOf(query) === 'or' ? null : asked;
}

/** The project's id as a subquery, so that naming it costs no round trip. */
export function projectOf(render: Render, nameOrId: string | null | undefined): Sql {
  const { workspaceId, defaultProject = null } = render.caller;
  const id = nameOrId ? uuidOf(nameOrId) : null;
  const match = id ? sql`id = ${id}::uuid` : sql`name = ${nameOrId || defaultProject}`;
  return sql`(SELECT id FROM workspace.project WHERE workspace_id = ${workspaceId} AND ${match})`;
}

function pageOf(query: URLSearchParams): Page {
  return { page: whole(query, 'page', 1, 1, Number.MAX_SAFE_INTEGER), size: whole(query, 'size', defaultSize, 1, maxSize) };
}

function whole(query: URLSearchParams, name: string, fallback: number, min: number, max: number): number {
  // Of a repeated parameter that takes one value, the last counts.
  const text = query.getAll(name).at(-1);
  if (text === undefined) return fallback;
  const number = /^\s*\+?\d+(\.0*)?\s*$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new Problem(
      'unprocessable',
      `1 validation error:\n  ('query', '${name}'): The value must be a whole number from ${min}${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''}; got '${text}'.`,
      { shape: 'validation' },
    );
  }
  return number;
}

function operatorOf(query: URLSearchParams): 'and' | 'or' {
  const operator = query.getAll('logical_operator').at(-1) ?? 'and';
  if (operator !== 'and' && operator !== 'or')
    throw new Problem('unprocessable', `1 validation error:\n  ('query', 'logical_operator'): The value must be 'and' or 'or'.`, { shape: 'validation' });
  return operator;
}

function predicates(resource: Resource, filter: Filter, query: URLSearchParams, t: Sql, render: Render): { soft: Sql[]; hard: Sql[] } {
  const soft: Sql[] = [];
  const hard: Sql[] = [];
  for (const [name, value] of valuesOf(filter, query)) {
    const kind = kindOf(filter, name);
    if (kind === undefined || reserved.has(name)) continue;
    if (filter.plain.includes(name)) assertPlain(name, kind, value);
    if (name === 'scope_user' && !resource.filters?.scope_user) {
      hard.push(Predicate.parse(name, value).on(column(t, 'user_id'), 'uuid'));
      continue;
    }
    const condition = conditionOf(resource, name, kind, value, t, render);
    if (condition === null) continue;
    (resource.hardFilters?.includes(name) ? hard : soft).push(condition);
  }
  return { soft, hard };
}

const booleans = new Set(['1', '0', 'true', 'false', 't', 'f', 'yes', 'no', 'y', 'n', 'on', 'off']);

/** Fields without operators are read like any other query parameter, and refused like one. */
function assertPlain(name: string, kind: FilterKind, value: string): void {
  if ((kind === 'bool' && !booleans.has(value.toLowerCase())) || (kind === 'uuid' && uuidOf(value) === null))
    throw new Problem(
      'unprocessable',
      `1 validation error:\n  ('query', '${name}'): The value must be ${kind === 'bool' ? 'true or false' : 'a UUID'}; got '${value}'.`,
      {
        shape: 'validation',
      },
    );
}

/** Every value of repeatable fields; of single ones the last, or the filter's default. */
function valuesOf(filter: Filter, query: URLSearchParams): [string, string][] {
  const single = new Set(filter.single);
  const out = [...query].filter(([name]) => !single.has(name));
  for (const name of filter.single) {
    const value = query.getAll(name).at(-1) ?? filter.defaults[name];
    if (value !== undefined && value !== null) out.push([name, String(value)]);
  }
  return out;
}

function conditionOf(resource: Resource, name: string, kind: FilterKind, value: string, t: Sql, render: Render): Sql | null {
  const rule = resource.filters?.[name];
  if (rule) return rule(resource.filter?.special[name] === 'str' ? parseLate(name, value) : Predicate.parse(name, value).ruled(), t, render);
  if (name === 'tags' && resource.taggable) return tagCondition(resource.taggable, parseLate(name, value), t, render);
  if (name === 'run_metadata' && resource.runMetadata) return metadataCondition(resource.runMetadata, value, t, render);
  if (name === 'user' && resource.isOwned) return userCondition(Predicate.parse(name, value).ruled(), t, render);
  const known = (tables[resource.table] as Record<string, unknown>)[name];
  if (!known) throw new Error(`The filter ${name} of ${resource.name} is neither a column nor a rule.`);
  // Booleans and numbers come as plain values; everything else speaks the operator language.
  return Predicate.parse(name, value).on(column(t, name), valueKind(kind));
}

function valueKind(kind: FilterKind): ValueKind {
  if (typeof kind !== 'string' || kind === 'tags' || kind === 'run_metadata') return 'str';
  return kind;
}

function userCondition(predicate: Predicate, t: Sql, render: Render): Sql {
  const u = render.alias();
  return sql`EXISTS (SELECT 1 FROM workspace."user" ${u} WHERE ${u}.workspace_id = ${t}.workspace_id AND ${u}.id = ${t}.user_id AND ${predicate.nameOrId(sql`${u}.id`, sql`${u}.name`, sql`${u}.full_name`)})`;
}

/** Tags and names of linked rows are read after the model of the filter, so whatever is wrong with them has another status. */
function parseLate(name: string, value: string): Predicate {
  try {
    return Predicate.parse(name, value).ruled();
  } catch (error) {
    throw error instanceof Problem ? new Problem('invalid', error.message) : error;
  }
}

function tagCondition(type: string, predicate: Predicate, t: Sql, render: Render): Sql {
  const link = render.alias();
  const tag = render.alias();
  const some = (condition: Sql) =>
    sql`EXISTS (SELECT 1 FROM workspace.tag_resource ${link} JOIN workspace.tag ${tag} ON ${tag}.workspace_id = ${link}.workspace_id AND ${tag}.id = ${link}.tag_id WHERE ${link}.workspace_id = ${t}.workspace_id AND ${link}.resource_type = ${literal(type)} AND ${link}.resource_id = ${t}.id AND ${condition})`;
  if (predicate.operator === 'isnull') return sql`NOT ${some(raw('true'))}`;
  if (predicate.operator === 'isnotnull') return some(raw('true'));
  return some(predicate.on(sql`${tag}.name`, 'str'));
}

/** `key:value` or `key:op:value`, on the JSON text of a value. */
function metadataCondition(type: string, text: string, t: Sql, render: Render): Sql {
  const colon = text.indexOf(':');
  if (colon < 0) throw filterProblem(`The filter run_metadata takes 'key:value' or 'key:operator:value'; got '${text}'.`);
  const key = text.slice(0, colon);
  const predicate = Predicate.parse('run_metadata', text.slice(colon + 1));
  const m = render.alias();
  const link = render.alias();
  return sql`EXISTS (SELECT 1 FROM workspace.run_metadata_resource ${link} JOIN workspace.run_metadata ${m} ON ${m}.workspace_id = ${link}.workspace_id AND ${m}.id = ${link}.run_metadata_id WHERE ${link}.workspace_id = ${t}.workspace_id AND ${link}.resource_type = ${literal(type)} AND ${link}.resource_id = ${t}.id AND ${m}.key = ${key} AND ${onJsonText(predicate, sql`${m}.value::text`)})`;
}

/** Strings are stored with their JSON quotes; equality and prefixes match with and without them. */
function onJsonText(predicate: Predicate, value: Sql): Sql {
  const { operator, value: text } = predicate;
  const quoted = (inner: string) => new Predicate(predicate.field, operator, inner).on(value, 'str');
  switch (operator) {
    case 'equals':
      return or([quoted(text), quoted(JSON.stringify(text))]);
    case 'notequals':
      return and([quoted(text), quoted(JSON.stringify(text))]);
    case 'startswith':
      return or([quoted(text), quoted(`"${text}`)]);
    case 'endswith':
      return or([quoted(text), quoted(`${text}"`)]);
    case 'oneof':
    case 'notoneof': {
      const all = predicate.list().flatMap((item) => [item, JSON.stringify(item)]);
      return quoted(JSON.stringify(all));
    }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return sql`(json_typeof(${value}::json) = 'number' AND ${predicate.on(value, 'str')})`;
    default:
      return predicate.on(value, 'str');
  }
}

/** `[asc:|desc:]key`; ties are broken by id in the same direction, so that pages never overlap. */
function orderOf(resource: Resource, filter: Filter, query: URLSearchParams, t: Sql, render: Render): Order {
  const text = query.get('sort_by') ?? 'created';
  const colon = text.indexOf(':');
  const key = colon < 0 ? text : text.slice(colon + 1);
  const isDescending = colon >= 0 && text.slice(0, colon) === 'desc';
  const direction = raw(isDescending ? ' DESC' : ' ASC');
  const custom = resource.sorts?.[key] ?? builtInSort(resource, key);
  const known = (tables[resource.table] as Record<string, { nullable: boolean; type: string }>)[key];
  let by: Sql;
  let isNullable = true;
  if (custom) by = custom(t, render);
  else if (known && isSortable(filter, key)) {
    by = column(t, key);
    isNullable = known.nullable;
  } else throw filterProblem(`'${key}' is not something to sort by.`);
  if (key === 'id') return { by, isOfCreation: false, of: (_, id) => sql`${id}${direction}` };
  // The original's databases take NULL as the lowest value; PostgreSQL takes it as the highest.
  const nulls = raw(isNullable ? (isDescending ? ' NULLS LAST' : ' NULLS FIRST') : '');
  return { by, isOfCreation: key === 'created' && !custom, of: (expression, id) => sql`${expression}${direction}${nulls}, ${id}${direction}` };
}

function builtInSort(resource: Resource, key: string): ((t: Sql, render: Render) => Sql) | null {
  if (key === 'user' && resource.isOwned) {
    return (t, render) => {
      const u = render.alias();
      return sql`(SELECT ${u}.name FROM workspace."user" ${u} WHERE ${u}.workspace_id = ${t}.workspace_id AND ${u}.id = ${t}.user_id)`;
    };
  }
  if (key === 'tags' && resource.taggable) {
    const type = resource.taggable;
    return (t, render) => {
      const link = render.alias();
      const tag = render.alias();
      return sql`(SELECT string_agg(${tag}.name, ',' ORDER BY ${tag}.name) FROM workspace.tag_resource ${link} JOIN workspace.tag ${tag} ON ${tag}.workspace_id = ${link}.workspace_id AND ${tag}.id = ${link}.tag_id WHERE ${link}.workspace_id = ${t}.workspace_id AND ${link}.resource_type = ${literal(type)} AND ${link}.resource_id = ${t}.id)`;
    };
  }
  return null;
}
