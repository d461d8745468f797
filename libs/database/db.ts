import pg from 'pg';
import { writeExact } from '#libs/json/exact.js';
import { KeptReads, type Moment } from './kept-reads.js';
import { type Heard, Notifications } from './notifications.js';
import { type Query, type Sql, sql } from './sql.js';
import { Last, Transaction, type Tx } from './transaction.js';
import { DatabaseUnavailable, throughConflicts } from './unavailable.js';

/**
 * Whose rows a statement may see. Without a workspace, row-level security shows none of the `workspace` schema; the control plane's tables ask for an
 * organization, or for `platform`: work across organizations, such as finding out who signs in.
 */
export type Scope = {
  workspaceId: string | null;
  organizationId?: string | null;
  isPlatform?: boolean;
  /** Of a request that so far only reads: the point of time at which it does; see `Db.moment`. */
  moment?: Moment | undefined;
};

export { Last, type Runner, type Tx } from './transaction.js';

export type DbOptions = {
  url: string;
  /** Role taken at connect; it owns nothing and cannot bypass row-level security. */
  role: 'workspace_api' | 'cloudapi';
  /** Connections at most. */
  max?: number;
  /** How long a request may wait for a free connection. */
  connectTimeoutMs?: number;
  statementTimeoutMs?: number;
  /** Memory for what reads have found, about; none by default. */
  keptBytes?: number;
};

type Client = pg.PoolClient & { tenant?: string | undefined };

const setTenant = "SELECT set_config('app.workspace_id', $1, false), set_config('app.organization_id', $2, false), set_config('app.platform', $3, false)";

// Times and numbers reach the code as PostgreSQL wrote them: the wire needs microseconds, which Date would cut off.
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === 1114 || oid === 1184 || oid === 114 || oid === 3802) return (value: string) => value;
    if (oid === 20) return Number;
    return pg.types.getTypeParser(oid, format as 'text');
  },
};

/** The only way to tenant tables. Every call names its scope; the scope is set on the connection before the statement runs. */
export class Db {
  readonly #pool: pg.Pool;
  readonly #notifications: Notifications;
  readonly #kept: KeptReads | null;
  /** Statements sent so far; tests compare it around a request. */
  statements = 0;

  constructor(options: DbOptions) {
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.max ?? 10,
      // A new connection has prepared nothing: with pg's ten seconds every burst after a pause plans all of its statements again, on each connection.
      idleTimeoutMillis: 60_000,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
      // What a filtered list found is counted and sorted in memory (libs/resource/list.ts): a hundred thousand rows take 6 MB.
      options: `-c role=${options.role} -c work_mem=16MB -c statement_timeout=${options.statementTimeoutMs ?? 30_000} -c search_path=workspace,cloud,public -c jit=off -c plan_cache_mode=force_generic_plan -c idle_in_transaction_session_timeout=60000`,
      application_name: options.role,
      // Statements are sent before earlier ones have answered; see Transaction.
      pipeline: true,
      types: types as never, // pg's own type narrows the format argument further than it calls us with
      keepAlive: true,
    });
    const single = (purpose: string) => () =>
      new pg.Client({
        connectionString: options.url,
        connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
        // What is looked for is a few rows at the end of an index, whatever statistics say of a table that is written and emptied all the time.
        options: `-c role=${options.role} -c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off -c enable_bitmapscan=off`,
        application_name: `${options.role} ${purpose}`,
        keepAlive: true,
        ...(purpose === 'looking' ? { query_timeout: 5_000 } : {}),
      });
    this.#notifications = new Notifications(single('listening'));
    this.#kept = options.keptBytes ? new KeptReads(single('looking'), options.keptBytes) : null;
    // A connection that dies while idle must not end the process; the next checkout opens another.
    this.#pool.on('error', () => {});
    // One that dies between two statements of a transaction is in nobody's hands either; the next statement on it fails.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  /**
   * The point of time of a request that reads: what it reads by `readKept` may have been read before, if nothing of it was changed until now.
   * Undefined where nothing is kept.
   */
  async moment(): Promise<Moment | undefined> {
    return this.#kept?.moment();
  }

  /** Lets the next reads ask the database. Nothing needs that to be right; it is for measuring what a read costs. */
  forgetKept(): void {
    this.#kept?.clear();
  }

  /** Rows of one statement outside a transaction. */
  async read<T = Record<string, unknown>>(scope: Scope, query: Sql): Promise<T[]> {
    scope.moment?.end();
    return this.#read(scope, query.toQuery());
  }

  /** The same for rows that the caller does not change. Answered from memory where the scope's moment allows. */
  async readKept<T = Record<string, unknown>>(scope: Scope, query: Sql): Promise<readonly T[]> {
    if (!this.#kept || !scope.moment || scope.moment.isOver || scope.organizationId || scope.isPlatform) return this.read(scope, query);
    const asked = query.toQuery();
    const kept = this.#kept.read(scope.workspaceId, asked, () => this.#read(scope, asked));
    if (kept) return (await kept) as readonly T[];
    scope.moment.end();
    return this.#read(scope, asked);
  }

  async #read<T>(scope: Scope, query: Query): Promise<T[]> {
    const client = await this.#checkout(scope);
    let failure: Error | undefined;
    try {
      return await throughConflicts(() => this.#run<T>(client, query));
    } catch (error) {
      failure = error as Error;
      throw DatabaseUnavailable.from(error);
    } finally {
      client.release(isBroken(failure));
    }
  }

  /**
   * One transaction: everything `work` wrote is committed when this resolves, nothing when it rejects.
   * In a conflict with another transaction it is made again, so `work` may run more than once.
   */
  async tx<T>(scope: Scope, work: (tx: Tx) => Promise<T | Last<T>>): Promise<T> {
    scope.moment?.end();
    const { result, effects } = await throughConflicts(() => this.#attempt(scope, work)).catch((error) => {
      throw DatabaseUnavailable.from(error);
    });
    for (const effect of effects) await effect();
    return result;
  }

  async #attempt<T>(scope: Scope, work: (tx: Tx) => Promise<T | Last<T>>): Promise<{ result: T; effects: Transaction['effects'] }> {
    const client = await this.#checkout(scope);
    const tx = new Transaction(client, (query) => this.#prepared(query.toQuery()));
    let failure: Error | undefined;
    let result: T;
    try {
      const made = await work(tx);
      if (made instanceof Last) result = made.map(await tx.commit(made.query));
      else {
        await tx.commit();
        result = made;
      }
      this.statements += 2;
    } catch (error) {
      failure = error as Error;
      if (tx.isOpen && !isBroken(failure)) await client.query('ROLLBACK').catch((cause: Error) => (failure = Object.assign(cause, { fatal: true })));
      throw error;
    } finally {
      client.release(isBroken(failure));
    }
    return { result, effects: tx.effects };
  }

  /** Hears NOTIFY on a channel, on one connection beside the pool; see {@link Notifications}. @returns what ends it */
  listen(channel: string, heard: Heard): () => void {
    return this.#notifications.listen(channel, heard);
  }

  async isUp(): Promise<boolean> {
    try {
      await this.read({ workspaceId: null }, sql`SELECT 1`);
      return true;
    } catch {
      return false;
    }
  }

  /** Connections that exist, and those of them that somebody uses. */
  get load(): { total: number; active: number } {
    const { totalCount, idleCount } = this.#pool;
    return { total: totalCount, active: totalCount - idleCount };
  }

  async close(): Promise<void> {
    await Promise.all([this.#notifications.close(), this.#kept?.close()]);
    await this.#pool.end();
  }

  async #checkout(scope: Scope): Promise<Client> {
    let client: Client;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw DatabaseUnavailable.from(error, true);
    }
    const { workspaceId, organizationId, isPlatform } = scope;
    const tenant = `${workspaceId ?? ''} ${organizationId ?? ''} ${isPlatform ?? false}`;
    if (client.tenant !== tenant) {
      // Until the new tenant is confirmed the connection belongs to nobody: a failure in between must not leave the old one in place.
      client.tenant = undefined;
      try {
        await client.query({ name: 'set_tenant', text: setTenant, values: [workspaceId ?? '', organizationId ?? '', isPlatform ? 'on' : ''] });
        this.statements += 1;
        client.tenant = tenant;
      } catch (error) {
        client.release(true);
        throw DatabaseUnavailable.from(error);
      }
    }
    return client;
  }

  async #run<T>(client: Client, query: Query): Promise<T[]> {
    return (await client.query(this.#prepared(query))).rows as T[];
  }

  #prepared({ text, name, values }: Query): pg.QueryConfig {
    this.statements += 1;
    // Numbers of documents that were kept in their own characters (libs/json) are written so, whoever made the JSON.
    return { name: name as string /* undefined means unnamed, which pg's type does not say */, text, values: values.map(exact) };
  }
}

/** Whether the connection itself is lost (so the pool must drop it), as opposed to a statement that failed. */
function isBroken(failure: (Error & { code?: string; fatal?: boolean }) | undefined): boolean {
  if (!failure) return false;
  if (failure.fatal || failure instanceof DatabaseUnavailable) return true;
  const code = failure.code ?? '';
  return code.startsWith('57P') || code.startsWith('08') || code.startsWith('E') || /Connection terminated|Client has encountered/.test(failure.message);
}

function exact(value: unknown): unknown {
  if (typeof value === 'string') return writeExact(value);
  return Array.isArray(value) ? value.map(exact) : value;
}
