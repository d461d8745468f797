import { literal, raw, type Sql, sql } from '#libs/database/sql.js';
import type { Predicate } from './predicate.js';
import { type Resource, tableOf } from './resource.js';

/** What rows are sorted by, and the order of rows that have the key and the id in the given places. */
export type Order = { by: Sql; isOfCreation: boolean; of(key: Sql, id: Sql): Sql };

/** What a list looks for. */
export type Search = {
  resource: Resource;
  workspaceId: string;
  /** The alias of the table in `where` and in the document of a row. */
  t: Sql;
  where: Sql;
  order: Order;
  page: { page: number; size: number };
  /** The id of the project, for lists of one that only filters narrow further. */
  project: Sql | null;
  /** These filters, if each asks for one value and all must fit. */
  asked: ReadonlyMap<string, Predicate> | null;
};

/** `rows` goes behind FROM and gives the rows of the page, in order, as `t`; a statement that has them begins with `found`. */
export type PageRows = { found: Sql; rows: Sql; total: Sql };

/** Where the rows of a page come from: an index that has them in order, if there is one, so that all others are at most counted. */
export function pageRows(search: Search): PageRows {
  const { resource, project, asked, order } = search;
  if (!project || !asked) return inMemory(search);
  if (resource.counted && asked.size === 0) return fromTable(search, keptCount(search, project, resource.table, raw('IS NULL')));
  if (!order.isOfCreation) return inMemory(search);
  const tag = asked.get('tags');
  if (resource.taggable && tag && asked.size === 1) return fromLinks(search, project, resource.taggable, tag);
  const isInOrder = Object.entries(resource.inOrder ?? {}).some(
    ([name, others]) => asked.has(name) && [...asked.keys()].every((one) => one === name || others.includes(one)),
  );
  return isInOrder ? fromTable(search, rowCount(search)) : inMemory(search);
}

/** What triggers of the table, or of links, have counted. A statement with it reads what they hang on, too, so that it is not kept when that changes (tables-read.ts). */
const keptCount = ({ workspaceId }: Search, project: Sql, of: string, tag: Sql): Sql =>
  sql`(SELECT coalesce(sum(n.delta), 0) FROM workspace.row_count n WHERE n.workspace_id = ${workspaceId} AND n.project_id = ${project} AND n.table_name = ${literal(of)} AND n.tag_id ${tag})`;

export const rowCount = ({ resource, t, where }: Pick<Search, 'resource' | 't' | 'where'>): Sql =>
  sql`(SELECT count(*) FROM ${tableOf(resource)} ${t} WHERE ${where})`;

const limitOf = ({ page: { page, size } }: Search): Sql => sql`LIMIT ${size} OFFSET ${(page - 1) * size}`;

function fromTable(search: Search, total: Sql): PageRows {
  const { resource, t, where, order } = search;
  const sorted = order.of(order.by, sql`${t}.id`);
  const rows = sql`(SELECT ${t}.* FROM ${tableOf(resource)} ${t} WHERE ${where} ORDER BY ${sorted} ${limitOf(search)}) ${t} ORDER BY ${sorted}`;
  return { found: raw(''), rows, total };
}

/** Links say when what they tag was created, and in which project. */
function fromLinks(search: Search, project: Sql, type: string, tag: Predicate): PageRows {
  const { workspaceId, order } = search;
  const tagged = sql`(SELECT g.id FROM workspace.tag g WHERE g.workspace_id = ${workspaceId} AND ${tag.on(raw('g.name'), 'str')})`;
  const links = sql`workspace.tag_resource l WHERE l.workspace_id = ${workspaceId} AND l.tag_id = ${tagged} AND l.resource_type = ${literal(type)} AND l.project_id = ${project}`;
  const sorted = order.of(raw('l.resource_created'), raw('l.resource_id'));
  const shown = sql`SELECT l.resource_id AS id, l.resource_created AS sort_key FROM ${links} ORDER BY ${sorted} ${limitOf(search)}`;
  return { found: raw(''), rows: rowsOf(search, shown), total: keptCount(search, project, type, sql`= ${tagged}`) };
}

/** What is looked for once is counted and sorted without its other columns, which an index often has. */
function inMemory(search: Search): PageRows {
  const { resource, t, where, order } = search;
  const found = sql`WITH found AS MATERIALIZED (SELECT ${t}.id, ${order.by} AS sort_key FROM ${tableOf(resource)} ${t} WHERE ${where}) `;
  const shown = sql`SELECT f.id, f.sort_key FROM found f ORDER BY ${order.of(raw('f.sort_key'), raw('f.id'))} ${limitOf(search)}`;
  return { found, rows: rowsOf(search, shown), total: raw('(SELECT count(*) FROM found)') };
}

/** The rows of a page whose ids and sort keys are known. */
function rowsOf({ resource, workspaceId, t, order, page }: Search, shown: Sql): Sql {
  const sorted = order.of(raw('f.sort_key'), raw('f.id'));
  return sql`(SELECT * FROM (${shown}) f LIMIT ${raw(String(atMost(page.size)))}) f JOIN ${tableOf(resource)} ${t} ON ${t}.workspace_id = ${workspaceId} AND ${t}.id = f.id ORDER BY ${sorted}`;
}

/** A limit that the planner sees: plans are made for any page, and it would take a parameter for a tenth of all rows. */
function atMost(size: number): number {
  return [20, 100, 1_000].find((limit) => size <= limit) ?? 10_000;
}
