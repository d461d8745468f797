import type { RowColumns } from '#libs/access/access.js';
import type { Action, ResourceType } from '#libs/access/vocabulary.js';
import { identifier, raw, type Sql, sql } from '#libs/database/sql.js';
import { type TableName, tables } from '#libs/database/tables.js';
import type { Filter } from '#libs/wire/filter.js';
import type { Caller } from './caller.js';
import type { Planned } from './plan.js';
import type { Predicate } from './predicate.js';

/** The first alias of every statement. */
export const mainAlias = raw('t1');

/** What a document may know of who asks: it serves all who hold the same rights at the same server. */
export type Reader = Pick<Caller, 'access' | 'runner'>;

/** What a document may know while it is composed. */
export class DocumentRender {
  #aliases: number;

  /** @param used how many aliases the statement has already */
  constructor(
    readonly caller: Reader,
    used = 0,
  ) {
    this.#aliases = used;
  }

  /** A fresh row alias, so that nested pieces never shadow each other. */
  alias(): Sql {
    this.#aliases += 1;
    return raw(`t${this.#aliases}`);
  }
}

/** What everything else in a statement may know while it is composed. */
export class Render extends DocumentRender {
  declare readonly caller: Caller;

  constructor(caller: Caller) {
    super(caller);
  }
}

/** A value computed from a row: `t` is the row's alias in the statement being built. */
export type Expression = (t: Sql, render: DocumentRender) => Sql;

/** A wire field: the column of that name, another column, or an expression. */
export type Field = string | Expression;

/** How a filter that is no plain column becomes a condition. Null: this value asks for nothing (`root_runs_only=false`). */
export type FilterRule = (predicate: Predicate, t: Sql, render: Render) => Sql | null;

/** Decided on another row: a step is as readable as its run. */
export type Through = { parent: () => Resource; column: string };

export type ResourceAccess = {
  /** Null: the resource has no type of its own; what `through` names decides. */
  type: ResourceType | null;
  /** Rows whose decision rests on a parent row; for `read` only unless `always` is set. */
  through?: Through & { always?: boolean };
};

export type Declaration = {
  /** As messages speak of it: `stack`, `pipeline run`. */
  name: string;
  table: TableName;
  access: ResourceType | ResourceAccess | null;
  /** The top-level `name`, or none. */
  named?: Field | false;
  body?: Record<string, Field>;
  /** Rows of several kinds: what the value of a column adds to the body. */
  kinds?: { column: string; bodies: Record<string, Record<string, Field>> };
  /** False: replies carry `metadata: null` even when hydrated. */
  metadata?: Record<string, Field> | false;
  resources?: Record<string, Field> | false;
  filter?: Filter;
  filters?: Record<string, FilterRule>;
  /** Filters that narrow even under `logical_operator=or`. */
  hardFilters?: readonly string[];
  /** Sort keys that are no columns. */
  sorts?: Record<string, Expression>;
  /** Grows without end: how many there are in a project is kept (`workspace.row_count`) instead of counted for every list. */
  counted?: boolean;
  /** Filters that an index has, and behind them the order of creation: what has their value, and that of others that the index has too, is read page by page. Filter -> others. */
  inOrder?: Record<string, readonly string[]>;
  /** Always applied to reads, for tables that hold several resources and for rows that only some callers see. */
  where?: (t: Sql, render: Render) => Sql;
  /** Adds `tags` to resources, to filters and to sorts. The name under which tags are attached. */
  taggable?: string;
  /** Adds `run_metadata` to metadata and filters. The name under which values are attached. */
  runMetadata?: string;
  /** What another row refers to: request field -> resource. A missing one is 404, an unreadable one 403. */
  references?: Record<string, { to: () => Resource; inProject?: boolean; readable?: boolean }>;
  /** Request field -> column where the names differ; `null` for fields that a method of the resource handles itself. */
  columns?: Record<string, string | null>;
  /** Update fields whose `null` means "keep". */
  nullKeeps?: readonly string[];
  /** What the organization's plan says of making one. */
  planned?: Planned;
  /** What to say for a violated unique constraint. */
  conflict?: (values: Record<string, unknown>) => string;
};

export type Resource = Declaration & {
  readonly isOwned: boolean;
  readonly isProjectScoped: boolean;
  readonly rule: ResourceAccess;
};

export const resources: Resource[] = [];

/** Declares a resource once; lists, reads, writes, the tenant matrix and the mapping tests follow from it. */
export function resource(declaration: Declaration): Resource {
  const columns = tables[declaration.table] as Record<string, unknown>;
  const access = declaration.access;
  const made: Resource = Object.freeze({
    ...declaration,
    isOwned: 'user_id' in columns,
    isProjectScoped: 'project_id' in columns,
    rule: access === null ? { type: null } : typeof access === 'string' ? { type: access } : access,
  });
  resources.push(made);
  return made;
}

/** A resource by its name, for two that show each other: imports both ways would be a circle of modules. Only in functions, once all are declared. */
export function resourceNamed(name: string): Resource {
  const found = resources.find((one) => one.name === name);
  if (!found) throw new Error(`No resource is named ${name}.`);
  return found;
}

export function tableOf(resource: Resource): Sql {
  return identifier('workspace', resource.table);
}

export function column(t: Sql, name: string): Sql {
  return sql`${t}.${identifier(name)}`;
}

/** The condition under which the caller may do this with a row; null when always. */
export function allowed(resource: Resource, action: Action, t: Sql, render: DocumentRender): Sql | null {
  const { type, through } = resource.rule;
  if (through && (through.always || action === 'read' || type === null)) {
    const parent = through.parent();
    const p = render.alias();
    const condition = allowed(parent, type === null || through.always ? action : 'read', p, render);
    if (condition === null) return null;
    return sql`EXISTS (SELECT 1 FROM ${tableOf(parent)} ${p} WHERE ${p}.workspace_id = ${t}.workspace_id AND ${p}.id = ${column(t, through.column)} AND ${condition})`;
  }
  if (type === null) return null;
  return render.caller.access.condition(action, type, columnsOf(resource, t));
}

/**
 * The same condition for looking through a whole table: it starts from the ids that are allowed instead of asking for each row.
 * @param project where the rows are, and what decides on them
 */
export function allowedAmong(resource: Resource, action: Action, t: Sql, render: Render, project: Sql | null): Sql | null {
  const { type, through } = resource.rule;
  if (through && (through.always || action === 'read' || type === null)) {
    const ids = allowedIds(through.parent(), type === null || through.always ? action : 'read', render, project);
    return ids && sql`${column(t, through.column)} IN (${ids})`;
  }
  if (type === null) return null;
  const { shared, others } = render.caller.access.parts(action, type, columnsOf(resource, t)) ?? {};
  if (!others || !shared) return null;
  return shared.length === 0 ? others : sql`${t}.id IN (${allowedIds(resource, action, render, project) as Sql})`;
}

/** Ids of rows that are allowed, and perhaps of ones that are elsewhere; null when all are. */
function allowedIds(resource: Resource, action: Action, render: Render, project: Sql | null): Sql | null {
  const r = render.alias();
  const rows = (condition: Sql) =>
    sql`SELECT ${r}.id FROM ${tableOf(resource)} ${r} WHERE ${r}.workspace_id = ${render.caller.workspaceId}${project && resource.isProjectScoped ? sql` AND ${r}.project_id = ${project}` : raw('')} AND ${condition}`;
  const { type, through } = resource.rule;
  if (type === null || (through && (through.always || action === 'read'))) {
    const condition = allowedAmong(resource, action, r, render, project);
    return condition && rows(condition);
  }
  const { shared, others } = render.caller.access.parts(action, type, columnsOf(resource, r)) ?? {};
  if (!others || !shared) return null;
  return shared.length === 0 ? rows(others) : sql`${rows(others)} UNION ALL SELECT unnest(${shared}::uuid[])`;
}

/** What decisions on a row rest on. */
const columnsOf = (resource: Resource, t: Sql): RowColumns => ({
  id: sql`${t}.id`,
  userId: resource.isOwned ? sql`${t}.user_id` : null,
  projectId: resource.isProjectScoped ? sql`${t}.project_id` : null,
});

/** Whether {@link allowed} lets every row of the project pass: rows belong to the project of what decides on them. */
export function isWhollyAllowed(resource: Resource, action: Action, projectId: string, render: DocumentRender): boolean {
  const { type, through } = resource.rule;
  if (through && (through.always || action === 'read' || type === null))
    return isWhollyAllowed(through.parent(), type === null || through.always ? action : 'read', projectId, render);
  return type === null || render.caller.access.isFull(action, type, projectId);
}
