import type pg from 'pg';

/** A table that a transaction changed: `workspace.stack`, or `*` for any. */
export type TableChange = { workspaceId: string; table: string };

/** The workspace of changes that concern all of them. */
export const everyWorkspace = '00000000-0000-0000-0000-000000000000';

/** Hears what was committed since it heard last; null: anything may have changed. */
export type Told = (changes: TableChange[] | null) => void;

/** Between attempts to connect. */
const pauseAfterFailureMs = 1_000;

const start = { name: 'start_of_changes', text: 'SELECT pg_current_snapshot()::text AS snapshot' };
// What one snapshot shows and an earlier one ($1) does not is what was committed in between, whatever order the transactions had: what the earlier one took for
// running, and what began later. Asked like that, a transaction that runs for hours makes nobody look through the notes of hours.
export const since = {
  name: 'changes_since',
  text: `SELECT pg_current_snapshot()::text AS snapshot, (SELECT json_agg(DISTINCT n.note)::text FROM (
      SELECT c.workspace_id || ' ' || c.table_name AS note FROM cloud.table_change c WHERE c.transaction >= pg_snapshot_xmax($1::pg_snapshot)::text::bigint
      UNION ALL
      SELECT c.workspace_id || ' ' || c.table_name FROM cloud.table_change c WHERE c.transaction = ANY (ARRAY(SELECT x::text::bigint FROM pg_snapshot_xip($1::pg_snapshot) x))
      UNION ALL
      SELECT c.workspace_id || ' ' || c.table_name FROM cloud.table_change c WHERE c.table_name = '*' AND c.transaction >= pg_snapshot_xmin($1::pg_snapshot)::text::bigint
    ) n) AS changes`,
};

/**
 * Finds out what other transactions have changed (`cloud.table_change`), on a connection of its own. Whoever asks while a look is under way shares the
 * next one, so many requests cost one small statement.
 */
export class TableChanges {
  #client: Promise<pg.Client> | null = null;
  #seen: string | null = null;
  #look: Promise<boolean> | null = null;
  #nextLook: Promise<boolean> | null = null;
  #failedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(
    private readonly connect: () => pg.Client,
    private readonly told: Told,
  ) {}

  /** Everything that was committed before the call is told when this resolves to true. False: that cannot be found out now. */
  upToDate(): Promise<boolean> {
    if (!this.#look) {
      this.#look = this.#lookNow().finally(() => {
        this.#look = null;
      });
      return this.#look;
    }
    // A look that is under way may have begun before what the asker relies on was committed.
    this.#nextLook ??= this.#look.then(() => {
      this.#nextLook = null;
      return this.upToDate();
    });
    return this.#nextLook;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lose();
  }

  async #lookNow(): Promise<boolean> {
    if (this.#isClosed || performance.now() - this.#failedAtMs < pauseAfterFailureMs) return false;
    try {
      const client = await (this.#client ??= this.#open());
      if (this.#seen === null) {
        const { rows } = await client.query(start);
        this.told(null);
        this.#seen = rows[0].snapshot;
      } else {
        const { rows } = await client.query({ ...since, values: [this.#seen] });
        const { snapshot, changes } = rows[0] as { snapshot: string; changes: string | null };
        if (changes !== null) this.told((JSON.parse(changes) as string[]).map(changeOf));
        this.#seen = snapshot;
      }
      return true;
    } catch {
      await this.#lose();
      return false;
    }
  }

  async #open(): Promise<pg.Client> {
    const client = this.connect();
    // The next look fails on it, and the one after that has another.
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      this.#failedAtMs = performance.now();
      throw error;
    }
  }

  /** What is seen next may come from another server, or after a gap. */
  async #lose(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    this.#seen = null;
    this.told(null);
    const opened = await client?.catch(() => null);
    await opened?.end().catch(() => {});
  }
}

function changeOf(text: string): TableChange {
  const space = text.indexOf(' ');
  return { workspaceId: text.slice(0, space), table: text.slice(space + 1) };
}
