import type pg from 'pg';
import type { Query } from './sql.js';
import { everyWorkspace, type TableChange, TableChanges } from './table-changes.js';
import { tablesReadBy } from './tables-read.js';

/** How long a request may go on reading what was so when it came. */
const longestMs = 1_000;

/**
 * A point of time for which it is known what was changed before. Reads of one request share it; it is over as soon as the request does anything else, since
 * that may change something.
 */
export class Moment {
  #isOver = false;
  readonly #untilMs = performance.now() + longestMs;

  get isOver(): boolean {
    return this.#isOver || performance.now() > this.#untilMs;
  }

  end(): void {
    this.#isOver = true;
  }
}

type Rows = readonly Record<string, unknown>[];

type Kept = {
  key: string;
  of: Workspace;
  /** What is known to have changed when the statement was sent; later changes count. */
  tick: number;
  tables: readonly string[];
  rows: Promise<Rows>;
  bytes: number;
  /** On the monotonic clock; for answers that depend on the time. */
  untilMs: number;
};

/** When which tables changed. */
class Changes {
  readonly #of = new Map<string, number>();
  #last = 0;

  note(table: string, tick: number): void {
    this.#of.set(table, tick);
    this.#last = tick;
  }

  isAnyLater(tables: readonly string[], tick: number): boolean {
    return this.#last > tick && tables.some((table) => (this.#of.get(table) ?? 0) > tick);
  }
}

/** What is kept of one workspace. */
class Workspace {
  readonly kept = new Map<string, Kept>();
  readonly changes = new Changes();

  constructor(readonly id: string) {}
}

/** How late a read may notice that something has expired. */
const timedMs = 1_000;
/** Beside the rows: the key, and the objects that hold them. */
const overheadBytes = 500;
const nobody = '';

/**
 * Answers a statement with the rows it gave before, as long as no transaction has changed a table that it reads. That is exact, not a guess by age: before a
 * request reads anything, `moment` finds out what was committed until then. The statement's text and parameters and the workspace whose rows it may see
 * are all that its answer depends on, and all of them are the key; who asks and what they may read is part of text and parameters.
 */
export class KeptReads {
  readonly #changes: TableChanges;
  readonly #workspaces = new Map<string, Workspace>();
  /** Changes that concern all workspaces. */
  readonly #everywhere = new Changes();
  /** Least recently used first. */
  readonly #order = new Set<Kept>();
  #bytes = 0;
  #tick = 0;

  /** @param maxBytes of kept rows, about */
  constructor(
    connect: () => pg.Client,
    private readonly maxBytes: number,
  ) {
    this.#changes = new TableChanges(connect, (changes) => this.#apply(changes));
  }

  /** How much is kept: statements, and about how many bytes. */
  get size(): { statements: number; bytes: number } {
    return { statements: this.#order.size, bytes: this.#bytes };
  }

  /** Now, with everything known that was committed before. Undefined when that cannot be found out; then nothing kept can be used. */
  async moment(): Promise<Moment | undefined> {
    return (await this.#changes.upToDate()) ? new Moment() : undefined;
  }

  /** The rows of a statement as they are, or as they would be. Null: this statement is not one to keep. Rows are shared, so nobody may change them. */
  read(workspaceId: string | null, { name, text, values }: Query, run: () => Promise<Rows>): Promise<Rows> | null {
    const reads = name === undefined ? null : tablesReadBy(text);
    if (!reads) return null;
    const of = this.#workspace(workspaceId ?? nobody);
    const key = keyOf(name as string, values);
    const known = of.kept.get(key);
    if (known && this.#stillHolds(known)) {
      this.#order.delete(known);
      this.#order.add(known);
      return known.rows;
    }
    if (known) this.#drop(known);
    const untilMs = reads.isTimed ? performance.now() + timedMs : Number.POSITIVE_INFINITY;
    const made: Kept = { key, of, tick: this.#tick, tables: reads.tables, rows: run(), bytes: 0, untilMs };
    made.rows.then(
      (rows) => this.#weigh(made, rows),
      () => this.#forget(made),
    );
    // Others may wait for it already while it runs.
    return this.#add(made);
  }

  clear(): void {
    this.#workspaces.clear();
    this.#order.clear();
    this.#bytes = 0;
  }

  close(): Promise<void> {
    return this.#changes.close();
  }

  #workspace(id: string): Workspace {
    let of = this.#workspaces.get(id);
    if (!of) this.#workspaces.set(id, (of = new Workspace(id)));
    return of;
  }

  #stillHolds({ of, tick, tables, untilMs }: Kept): boolean {
    return untilMs > performance.now() && !of.changes.isAnyLater(tables, tick) && !this.#everywhere.isAnyLater(tables, tick);
  }

  #apply(changes: TableChange[] | null): void {
    this.#tick += 1;
    if (changes === null || changes.some(({ table }) => table === '*')) {
      this.clear();
      return;
    }
    for (const { workspaceId, table } of changes) {
      // A workspace of which nothing is kept has nothing to be told.
      const concerned = workspaceId === everyWorkspace ? this.#everywhere : this.#workspaces.get(workspaceId)?.changes;
      concerned?.note(table, this.#tick);
    }
  }

  #weigh(made: Kept, rows: Rows): void {
    if (!this.#order.has(made)) return;
    for (const row of rows) Object.freeze(row);
    made.bytes = overheadBytes + made.key.length + weightOf(rows);
    this.#bytes += made.bytes;
    if (made.bytes > this.maxBytes / 8) this.#forget(made);
    for (const oldest of this.#order) {
      if (this.#bytes <= this.maxBytes) break;
      this.#forget(oldest);
    }
  }

  #add(one: Kept): Promise<Rows> {
    one.of.kept.set(one.key, one);
    this.#order.add(one);
    this.#bytes += one.bytes;
    return one.rows;
  }

  #drop(one: Kept): void {
    if (!this.#order.delete(one)) return;
    one.of.kept.delete(one.key);
    this.#bytes -= one.bytes;
  }

  #forget(one: Kept): void {
    this.#drop(one);
    if (one.of.kept.size === 0 && this.#workspaces.get(one.of.id) === one.of) this.#workspaces.delete(one.of.id);
  }
}

/** Frozen arrays are known by their identity: there may be thousands of ids in the rights of somebody. */
const frozen = new WeakMap<object, number>();
let frozenCount = 0;

function keyOf(name: string, values: readonly unknown[]): string {
  let key = name;
  for (const value of values) {
    if (typeof value === 'string') key += `s${value.length}:${value}`;
    else if (Array.isArray(value) && Object.isFrozen(value)) {
      let id = frozen.get(value);
      if (id === undefined) frozen.set(value, (id = frozenCount += 1));
      key += `#${id};`;
    } else key += `j${JSON.stringify(value)};`;
  }
  return key;
}

function weightOf(rows: Rows): number {
  let bytes = 0;
  for (const row of rows) for (const value of Object.values(row)) bytes += typeof value === 'string' ? value.length : 16;
  return bytes;
}
