import { randomUUID } from 'node:crypto';
import { AccessDenied } from '#libs/access/access.js';
import type { Action } from '#libs/access/vocabulary.js';
import { type Db, Last, type Runner, type Tx } from '#libs/database/db.js';
import { databaseFault } from '#libs/database/errors.js';
import { identifier, join, raw, type Sql, sql } from '#libs/database/sql.js';
import { tables } from '#libs/database/tables.js';
import { Problem } from '#libs/http/problem.js';
import { JsonText, Replayed, toJsonText } from '#libs/http/reply.js';
import type { RawQuery } from '#libs/wire/operation.js';
import { audited, isAudited, isWanted, lookedAt } from './audit.js';
import type { Caller } from './caller.js';
import { type ListOptions, listStatement } from './list.js';
import { assertNameFits } from './name.js';
import { assertRoom, countMade } from './plan.js';
import { uuidOf } from './predicate.js';
import { mainDocument } from './render.js';
import { allowed, column, Render, type Resource, tableOf } from './resource.js';
import { replyKey, type SealerOf, sealReply, storedReply } from './stored-reply.js';

type Row = Record<string, unknown>;
type PageRow = { total: number; items: string; project_id?: string | null };
type One = { allowed: boolean | null; doc: string };

/** How long a finished write can be replayed by its idempotency key. */
const replaySeconds = 300;

export type GetOptions = {
  hydrate?: boolean;
  /** Conditions beside the id; a row that misses them is not found. */
  where?: (t: Sql) => Sql;
  document?: (t: Sql, render: Render) => Sql;
  action?: Action;
};

/** What a list handler passes on of its input. */
export type ListInput = {
  query: { hydrate?: boolean; project_name_or_id?: string | null };
  path: { project_name_or_id?: string } | object;
  rawQuery: RawQuery;
};

/** The project that a legacy path or parameter names, if any. */
export function projectOverride(input: { query: object; path: object }): string | null {
  return (
    (input.path as { project_name_or_id?: string }).project_name_or_id ?? (input.query as { project_name_or_id?: string | null }).project_name_or_id ?? null
  );
}

/** Reads and writes declared resources. Every method takes the caller first and stays inside the caller's workspace. */
export class ResourceStore {
  constructor(
    readonly db: Db,
    private readonly sealerOf: SealerOf,
  ) {}

  // ---------------------------------------------------------------- reads

  /** A page as JSON text, in one statement. A project in the path or as `project_name_or_id` wins over the filter's. */
  async list(caller: Caller, resource: Resource, input: ListInput, options: Partial<ListOptions> = {}): Promise<JsonText> {
    const render = new Render(caller);
    const query = input.rawQuery as URLSearchParams;
    const project = options.project ?? projectOverride(input);
    const { statement, count, page } = listStatement(resource, query, render, { hydrate: input.query.hydrate ?? false, ...options, project });
    const ask = async (one: Sql) => (await this.db.readKept<PageRow>(caller, one))[0] as PageRow;
    const counted = options.isMostlyEmpty ? await ask(count) : null;
    const { total, items, project_id } = counted?.total === 0 ? counted : await ask(statement);
    if (project_id === null) throw noProject(project ?? query.get('project'));
    const pages = Math.max(1, Math.ceil(total / page.size));
    if (page.page > pages) throw new Problem('invalid', `Page ${page.page} does not exist: there are ${pages} pages of ${page.size}.`);
    return new JsonText(`{"index":${page.page},"max_size":${page.size},"total_pages":${pages},"total":${total},"items":${items}}`);
  }

  /** One document by id. @throws Problem 404, AccessDenied */
  async get(caller: Caller, resource: Resource, id: string, options: GetOptions = {}, runner: Runner | null = null): Promise<JsonText> {
    const { statement, read } = this.#one(caller, resource, id, options);
    return read(await this.#on(caller, runner).query<One>(statement));
  }

  /**
   * The hydrated document of a row that a transaction has just made or changed, as the transaction's result. @throws Problem 404, AccessDenied
   * It is read together with COMMIT where nothing can be refused any more and nobody else in the transaction wants to know it.
   */
  async reply(caller: Caller, resource: Resource, id: string, tx: Tx, options: GetOptions = {}): Promise<JsonText | Last<JsonText>> {
    const { statement, read, isAllowed } = this.#one(caller, resource, id, options);
    if (isAllowed && !isAudited(caller)) return new Last(statement, (rows) => read(rows as One[]));
    return read(await tx.query<One>(statement));
  }

  #one(caller: Caller, resource: Resource, id: string, options: GetOptions = {}) {
    const render = new Render(caller);
    const t = render.alias();
    const condition = allowed(resource, options.action ?? 'read', t, render);
    const document = options.document ? options.document(t, render) : mainDocument(resource, render, { metadata: options.hydrate ?? true, resources: true });
    const filters = [resource.where?.(t, render), options.where?.(t)].filter((one): one is Sql => one !== undefined);
    const statement = sql`SELECT ${condition ?? raw('true')} AS allowed, ${condition ? sql`CASE WHEN ${condition} THEN ${document} END` : document}::text AS doc FROM ${tableOf(resource)} ${t} WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${t}.id = ${id}${filters.length > 0 ? sql` AND ${join(filters, ' AND ')}` : raw('')}`;
    const read = ([row]: readonly One[]): JsonText => {
      if (!row) throw missing(resource, id);
      if (!row.allowed) throw new AccessDenied(options.action ?? 'read', resource.rule.type ?? resource.name, id);
      return new JsonText(row.doc);
    };
    return { statement, read, isAllowed: condition === null };
  }

  /**
   * A row for a decision or a change: its columns as PostgreSQL values, after checking the action on it.
   * @param options.lock takes the row lock; only inside a transaction
   */
  async row<T extends Row = Row>(
    runner: Runner,
    caller: Caller,
    resource: Resource,
    id: string,
    action: Action | null,
    options: { columns?: readonly string[]; lock?: boolean; where?: (t: Sql) => Sql } = {},
  ): Promise<T> {
    const render = new Render(caller);
    const t = render.alias();
    const condition = action ? allowed(resource, action, t, render) : null;
    const columns = options.columns ? join(options.columns.map((name) => column(t, name))) : sql`${t}.*`;
    const filters = [resource.where?.(t, render), options.where?.(t)].filter((one): one is Sql => one !== undefined);
    const isTarget = action !== null && action !== 'read' && isWanted(runner);
    const known = tables[resource.table] as Record<string, unknown>;
    const facts = isTarget
      ? sql`, ${'name' in known ? column(t, 'name') : raw('NULL')} AS name__, ${'project_id' in known ? column(t, 'project_id') : raw('NULL')} AS project__`
      : raw('');
    const [row] = await runner.query<T & { allowed__: boolean | null; name__?: string | null; project__?: string | null }>(
      sql`SELECT ${columns}, ${condition ?? raw('true')} AS allowed__${facts} FROM ${tableOf(resource)} ${t} WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${t}.id = ${id}${filters.length > 0 ? sql` AND ${join(filters, ' AND ')}` : raw('')}${options.lock ? sql` FOR UPDATE OF ${t}` : raw('')}`,
    );
    if (!row) throw missing(resource, id);
    const { allowed__, name__, project__, ...rest } = row;
    if (!allowed__) throw new AccessDenied(action as Action, resource.rule.type ?? resource.name, id);
    if (isTarget) lookedAt(runner, { id, name: name__ ?? null, projectId: project__ ?? null });
    return rest as unknown as T;
  }

  /** The id behind a name or id. @throws Problem 404 */
  async idOf(runner: Runner, caller: Caller, resource: Resource, nameOrId: string, where?: (t: Sql) => Sql): Promise<string> {
    const id = uuidOf(nameOrId);
    const t = raw('t');
    const filters = [resource.where?.(t, new Render(caller)), where?.(t)].filter((one): one is Sql => one !== undefined);
    const match = id ? sql`t.id = ${id}::uuid` : sql`t.name = ${nameOrId}`;
    const [row] = await runner.query<{ id: string }>(
      sql`SELECT t.id FROM ${tableOf(resource)} t WHERE t.workspace_id = ${caller.workspaceId} AND ${match}${filters.length > 0 ? sql` AND ${join(filters, ' AND ')}` : raw('')}`,
    );
    if (!row) throw missing(resource, nameOrId);
    return row.id;
  }

  /** The body of a create with the project that is meant: one named in the path or as `project_name_or_id` wins over the body's. @throws Problem 404 */
  async inProject<T extends { project: string }>(runner: Runner, caller: Caller, input: { body: T; path: object; query: object }): Promise<T> {
    const named = projectOverride(input);
    if (!named) return input.body;
    const id = uuidOf(named);
    if (id) return { ...input.body, project: id };
    const [row] = await runner.query<{ id: string }>(sql`SELECT id FROM workspace.project WHERE workspace_id = ${caller.workspaceId} AND name = ${named}`);
    if (!row) throw noProject(named);
    return { ...input.body, project: row.id };
  }

  /** One document by name or id. @throws Problem 404, AccessDenied */
  async getByNameOrId(caller: Caller, resource: Resource, nameOrId: string, options: GetOptions = {}): Promise<JsonText> {
    const id = uuidOf(nameOrId) ?? (await this.idOf(this.reader(caller), caller, resource, nameOrId, options.where));
    return this.get(caller, resource, id, options);
  }

  /** Single statements in the caller's workspace, outside a transaction. */
  reader(caller: Caller): Runner {
    return { query: (query) => this.db.readKept(caller, query) as never };
  }

  // ---------------------------------------------------------------- writes

  /**
   * One transaction, and with an idempotency key one effect: the reply is stored with it, and a repeated request gets that reply.
   * What `work` returns is the reply. The audit log's record of it is part of the transaction, too.
   * @param options.isSecret the reply shows what the database otherwise holds sealed or hashed only, so it is stored sealed
   */
  async write<T>(caller: Caller, work: (tx: Tx) => Promise<T | Last<T>>, options: { isSecret?: boolean } = {}): Promise<T> {
    const key = caller.request.idempotencyKey;
    if (!key) return this.db.tx(caller, (tx) => audited(caller, tx, work));
    // Loaded here, since a transaction must not wait for a second connection.
    if (options.isSecret) await this.sealerOf(caller.workspaceId);
    try {
      return await this.db.tx(caller, async (tx) => {
        const result = await audited(caller, tx, work);
        if (result instanceof Last && !options.isSecret) return new Last(this.#remembering(caller, key, result.query), result.map);
        const reply = result instanceof Last ? result.map(await tx.query(result.query)) : result;
        const text = toJsonText(reply);
        const kept = options.isSecret ? await sealReply(this.sealerOf, caller.workspaceId, key, text) : text;
        tx.execute(this.#remember(caller, key, sql`(SELECT ${kept}::json AS reply)`));
        return reply;
      });
    } catch (error) {
      const fault = databaseFault(error);
      if (fault?.kind !== 'unique' || fault.constraint !== replyKey) throw error;
      const earlier = await storedReply(this.db, this.sealerOf, caller, key);
      if (earlier !== null) throw new Replayed(earlier);
      // A key that serves another request already is ignored, as clients know it.
      return this.db.tx(caller, (tx) => audited(caller, tx, work));
    }
  }

  /** A statement that gives a document as `doc`, and stores it as the reply. */
  #remembering(caller: Caller, key: string, query: Sql): Sql {
    return sql`WITH reply AS MATERIALIZED (${query}), kept AS (${this.#remember(caller, key, sql`(SELECT doc::json AS reply FROM reply)`)}) SELECT * FROM reply`;
  }

  /** Stores the reply under the key; a key that has one violates {@link replyKey}. */
  #remember(caller: Caller, key: string, from: Sql): Sql {
    const { method, url } = caller.request;
    return sql`INSERT INTO workspace.api_transaction (workspace_id, id, method, url, completed, expired, user_id, result) SELECT ${caller.workspaceId}::uuid, ${key}::uuid, ${method}, ${url}, true, (now() AT TIME ZONE 'utc') + make_interval(secs => ${replaySeconds}), ${caller.userId}::uuid, x.reply FROM ${from} x`;
  }

  /** Checks CREATE, checks references, inserts, attaches tags, and returns the hydrated document. The whole of a plain create. */
  async create(caller: Caller, resource: Resource, body: Row, extra: Row = {}): Promise<JsonText> {
    return this.write(caller, async (tx) => {
      const id = await this.insert(tx, caller, resource, body, extra);
      return this.reply(caller, resource, id, tx);
    });
  }

  /** The create of a plain resource inside a transaction of the caller's. Returns the new id. */
  async insert(tx: Tx, caller: Caller, resource: Resource, body: Row, extra: Row = {}): Promise<string> {
    const projectId = resource.isProjectScoped ? (body.project as string) : null;
    if (resource.rule.type) caller.access.require('create', resource.rule.type, { projectId });
    await this.checkReferences(tx, caller, resource, body);
    const values = {
      ...columnsOf(resource, body),
      ...(resource.isOwned ? { user_id: caller.userId } : {}),
      ...(projectId ? { project_id: projectId } : {}),
      ...extra,
    };
    const { planned } = resource;
    if (planned && !planned.isCounted) await assertRoom(tx, caller, planned.feature);
    const id = this.insertLater(tx, caller, resource, values);
    if (planned?.isCounted) await countMade(tx, caller, planned.feature, id);
    return id;
  }

  /** INSERT of ready column values; unique violations become the resource's 409. */
  async insertRow(tx: Runner, caller: Caller, resource: Resource, values: Row): Promise<string> {
    const { id, statement } = insertion(caller, resource, values);
    try {
      await tx.query(statement);
    } catch (error) {
      throw conflictOf(resource, values, error);
    }
    return id;
  }

  /** The same, sent with the next statement. */
  insertLater(tx: Tx, caller: Caller, resource: Resource, values: Row): string {
    const { id, statement } = insertion(caller, resource, values);
    tx.execute(statement, (error) => conflictOf(resource, values, error));
    return id;
  }

  /** Checks UPDATE, changes what was sent, and returns the hydrated document. The whole of a plain update. */
  async update(caller: Caller, resource: Resource, id: string, body: Row, extra: Row = {}): Promise<JsonText> {
    return this.write(caller, async (tx) => {
      const row = await this.row<{ project_id?: string }>(tx, caller, resource, id, 'update', {
        columns: resource.isProjectScoped ? ['id', 'project_id'] : ['id'],
      });
      await this.checkReferences(tx, caller, resource, { ...body, ...(row.project_id ? { project: row.project_id } : {}) });
      this.updateFrom(tx, caller, resource, id, body, extra);
      return this.reply(caller, resource, id, tx);
    });
  }

  /** The change that an update request asks for, without any check, sent with the next statement. */
  updateFrom(tx: Tx, caller: Caller, resource: Resource, id: string, body: Row, extra: Row = {}): void {
    assertNameFits(body.name);
    const values = { ...columnsOf(resource, body, true), ...extra };
    tx.execute(change(caller, resource, id, values), (error) => conflictOf(resource, values, error));
  }

  /** UPDATE of ready column values; `updated` moves even when nothing else does. */
  async updateRow(tx: Runner, caller: Caller, resource: Resource, id: string, values: Row): Promise<void> {
    try {
      await tx.query(change(caller, resource, id, values));
    } catch (error) {
      throw conflictOf(resource, values, error);
    }
  }

  /** Checks DELETE and deletes; what hangs on the row goes with it by foreign keys and triggers. */
  async delete(caller: Caller, resource: Resource, id: string, guard?: (tx: Tx, row: Row) => Promise<void>): Promise<null> {
    return this.write(caller, async (tx) => {
      const row = await this.row(tx, caller, resource, id, 'delete', { lock: true });
      await guard?.(tx, row);
      await this.deleteRow(tx, caller, resource, id);
      return null;
    });
  }

  async deleteRow(tx: Runner, caller: Caller, resource: Resource, id: string): Promise<void> {
    try {
      await tx.query(sql`DELETE FROM ${tableOf(resource)} WHERE workspace_id = ${caller.workspaceId} AND id = ${id}`);
    } catch (error) {
      if (databaseFault(error)?.kind === 'foreign_key')
        throw new Problem('forbidden', `The ${resource.name} ${id} cannot be deleted because other entities still use it.`, { cause: error });
      throw error;
    }
  }

  /** Every referenced row exists (in the same project where that is asked) and is readable. One statement for all of them. */
  async checkReferences(runner: Runner, caller: Caller, resource: Resource, body: Row): Promise<void> {
    const render = new Render(caller);
    const project = resource.isProjectScoped ? (body.project as string | undefined) : undefined;
    const wanted: { field: string; name: string; value: string; found: Sql }[] = [];
    for (const [field, reference] of Object.entries(resource.references ?? {})) {
      const value = body[field];
      if (typeof value !== 'string') continue;
      const to = reference.to();
      const x = render.alias();
      const readable = reference.readable === false ? null : allowed(to, 'read', x, render);
      const inProject = reference.inProject && project ? sql` AND ${x}.project_id = ${project}` : raw('');
      wanted.push({
        field,
        name: to.name,
        value,
        found: sql`(SELECT ${readable ?? raw('true')} FROM ${tableOf(to)} ${x} WHERE ${x}.workspace_id = ${caller.workspaceId} AND ${x}.id = ${value}${inProject})`,
      });
    }
    if (project)
      wanted.push({
        field: 'project',
        name: 'project',
        value: project,
        found: sql`(SELECT true FROM workspace.project WHERE workspace_id = ${caller.workspaceId} AND id = ${project})`,
      });
    if (wanted.length === 0) return;
    const [found] = await runner.query<Record<string, boolean | null>>(sql`SELECT ${join(wanted.map((one) => sql`${one.found} AS ${identifier(one.field)}`))}`);
    for (const one of wanted) {
      const state = found?.[one.field] ?? null;
      if (state === null)
        throw new Problem('not_found', `No ${one.name} with the ID ${one.value} found${one.name === 'project' || !project ? '' : ' in the project'}.`);
      if (!state) throw new AccessDenied('read', one.name, one.value);
    }
  }

  #on(caller: Caller, runner: Runner | null): Runner {
    return runner ?? this.reader(caller);
  }
}

function insertion(caller: Caller, resource: Resource, values: Row): { id: string; statement: Sql } {
  const id = (values.id as string | undefined) ?? randomUUID();
  const all: Row = { ...values, workspace_id: caller.workspaceId, id };
  const names = Object.keys(all).filter((name) => all[name] !== undefined);
  const statement = sql`INSERT INTO ${tableOf(resource)} (${join(names.map((name) => identifier(name)))}) VALUES (${join(names.map((name) => parameter(resource, name, all[name])))})`;
  return { id, statement };
}

function change(caller: Caller, resource: Resource, id: string, values: Row): Sql {
  const sets = Object.keys(values)
    .filter((name) => values[name] !== undefined)
    .map((name) => sql`${identifier(name)} = ${parameter(resource, name, values[name])}`);
  if ('updated' in tables[resource.table] && !('updated' in values)) sets.push(sql`updated = (now() AT TIME ZONE 'utc')`);
  return sql`UPDATE ${tableOf(resource)} SET ${join(sets)} WHERE workspace_id = ${caller.workspaceId} AND id = ${id}`;
}

/** Column values of a request: same names, `<field>_id` for references, or what the declaration says. Undefined fields stay out. */
export function columnsOf(resource: Resource, body: Row, isUpdate = false): Row {
  const known = tables[resource.table] as Record<string, unknown>;
  const out: Row = {};
  for (const [field, value] of Object.entries(body)) {
    if (value === undefined || field === 'user' || field === 'project') continue;
    if (isUpdate && value === null && resource.nullKeeps?.includes(field)) continue;
    const mapped = resource.columns?.[field];
    if (mapped === null) continue;
    const name = mapped ?? (field in known ? field : `${field}_id` in known ? `${field}_id` : null);
    if (name) out[name] = value;
  }
  return out;
}

/** A parameter as its column stores it. */
export function parameter(resource: Pick<Resource, 'table'>, name: string, value: unknown): unknown {
  const known = (tables[resource.table] as Record<string, { type: string }>)[name];
  if (!known) throw new Error(`${resource.table} has no column ${name}.`);
  if (known.type === 'json') return value === null ? null : sql`${toJsonText(value)}::json`;
  return value;
}

export function missing(resource: Pick<Resource, 'name'>, id: string): Problem {
  return new Problem('not_found', `No ${resource.name} with the ID or name '${id}' found.`);
}

export function noProject(nameOrId: string | null | undefined): Problem {
  return nameOrId
    ? new Problem('not_found', `No project with the ID or name '${nameOrId}' found.`)
    : new Problem('invalid', 'No project was given and the workspace has no default project. Name one with the project parameter.');
}

function conflictOf(resource: Resource, values: Row, error: unknown): unknown {
  const fault = databaseFault(error);
  if (fault?.kind === 'unique') {
    const text =
      resource.conflict?.(values) ??
      `There is already a ${resource.name} ${values.name === undefined ? 'with these properties' : `named '${String(values.name)}'`}.`;
    return new Problem('exists', text, { cause: error });
  }
  if (fault?.kind === 'foreign_key') return new Problem('not_found', `The ${resource.name} refers to an entity that does not exist.`, { cause: error });
  return error;
}
