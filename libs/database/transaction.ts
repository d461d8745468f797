import type pg from 'pg';
import type { Sql } from './sql.js';

/** What runs statements: the pool for single reads, a transaction for more. */
export type Runner = {
  /** Rows of one statement, prepared under a stable name. */
  query<T = Record<string, unknown>>(query: Sql): Promise<T[]>;
};

/** Makes of an error of the database what the caller should know. */
export type Explain = (error: unknown) => unknown;

export type Tx = Runner & {
  /**
   * A statement whose rows nobody needs. It is sent together with the next one, or with COMMIT, and that is where its failure appears;
   * whatever is to be done with that is `explain`'s to say.
   */
  execute(query: Sql, explain?: Explain): void;
  /** Runs after COMMIT succeeded; never when the transaction rolled back. For jobs, webhooks, files. */
  afterCommit(effect: () => void | Promise<void>): void;
};

/**
 * The last statement of a transaction, for its work to return: it is sent together with COMMIT. Therefore `map`, which makes the transaction's result of the
 * rows, must not refuse anything any more.
 */
export class Last<T> {
  constructor(
    readonly query: Sql,
    readonly map: (rows: Record<string, unknown>[]) => T,
  ) {}
}

type Statement = { config: pg.QueryConfig; explain?: Explain | undefined };
type Result = pg.QueryResult<Record<string, unknown>>;

/** One transaction on one connection, in as few round trips as its decisions need: what waits for no answer is sent with what does. */
export class Transaction implements Tx {
  readonly effects: (() => void | Promise<void>)[] = [];
  #waiting: Statement[] = [{ config: { text: 'BEGIN' } }];
  #isOpen = false;

  /**
   * @param prepare the statement as the connection takes it
   * @param client a connection in pipeline mode
   */
  constructor(
    private readonly client: pg.PoolClient,
    private readonly prepare: (query: Sql) => pg.QueryConfig,
  ) {}

  /** Whether the connection is inside the transaction. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  async query<T = Record<string, unknown>>(query: Sql): Promise<T[]> {
    return (await this.#send({ config: this.prepare(query) })).rows as T[];
  }

  execute(query: Sql, explain?: Explain): void {
    this.#waiting.push({ config: this.prepare(query), explain });
  }

  afterCommit(effect: () => void | Promise<void>): void {
    this.effects.push(effect);
  }

  /** The rows of the last statement, if there is one. */
  async commit(last?: Sql): Promise<Record<string, unknown>[]> {
    if (last) this.#waiting.push({ config: this.prepare(last) });
    // Nothing was asked, so nothing was begun.
    if (!this.#isOpen && this.#waiting.length === 1) return [];
    let rows: Record<string, unknown>[] = [];
    const { command } = await this.#send({ config: { text: 'COMMIT' } }, (results) => {
      rows = results.at(-2)?.rows ?? [];
    });
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error; somebody caught the statement's error and went on.
    if (command !== 'COMMIT') throw new Error('A statement of this transaction failed, so it was rolled back instead of committed.');
    return rows;
  }

  /** Sends what waits and then this. @throws what the first of them fails with: the others fail because it did */
  async #send(last: Statement, all: (results: Result[]) => void = () => {}): Promise<Result> {
    const statements = [...this.#waiting, last];
    this.#waiting = [];
    this.#isOpen = last.config.text !== 'COMMIT';
    const { stream } = (this.client as unknown as { connection: { stream: { cork(): void; uncork(): void } } }).connection;
    stream.cork();
    const answers = statements.map(({ config }) => this.client.query<Record<string, unknown>>(config));
    // What else is asked in this turn goes along.
    process.nextTick(() => stream.uncork());
    const settled = await Promise.allSettled(answers);
    for (const [i, answer] of settled.entries()) {
      if (answer.status === 'fulfilled') continue;
      const { explain } = statements[i] as Statement;
      throw explain ? explain(answer.reason) : answer.reason;
    }
    const results = settled.map((answer) => (answer as PromiseFulfilledResult<Result>).value);
    all(results);
    return results.at(-1) as Result;
  }
}
