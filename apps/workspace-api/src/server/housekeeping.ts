import { Logger } from '@nestjs/common';
import type { Db } from '#libs/database/db.js';
import { type Sql, sql } from '#libs/database/sql.js';
import { rememberedDays } from '../automation/firing.js';
import { keptDays } from '../events/platform-event.js';

const intervalMs = 15_000;
const batch = 1_000;
const budgetMs = 1_000;

/** Removes replies, events, deliveries, firings, finished workloads and notes of changes whose time is over, and adds up counts, of all workspaces, a little at a time. */
export function startHousekeeping(db: Db): { stop(): Promise<void> } {
  const log = new Logger('housekeeping');
  const changes = new ChangeNotes(db);
  let isStopped = false;
  let round: Promise<void> = Promise.resolve();
  // Processes that started together should not do this together.
  const pause = () => intervalMs * (0.75 + Math.random() / 2);
  const next = () => {
    if (isStopped) return;
    round = Promise.all([purgeReplies(db), purgeEvents(db), purgeFirings(db), purgeDeliveries(db), purgeWorkloads(db), foldCounts(db), changes.forget()])
      .catch((error) => log.warn({ err: error }, 'what is expired could not be removed; trying again'))
      .then(() => void (timer = setTimeout(next, pause()).unref()));
  };
  let timer = setTimeout(next, pause()).unref();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}

export const purgeReplies = (db: Db): Promise<void> => inBatches(db, sql`SELECT workspace.purge_requests(${batch}) AS gone`);

export const purgeEvents = (db: Db): Promise<void> => inBatches(db, sql`SELECT workspace.purge_platform_events(${keptDays}, ${batch}) AS gone`);

export const purgeFirings = (db: Db): Promise<void> => inBatches(db, sql`SELECT workspace.purge_trigger_firings(${rememberedDays}, ${batch}) AS gone`);

export const foldCounts = (db: Db): Promise<void> => inBatches(db, sql`SELECT workspace.fold_row_counts(${batch}) AS gone`);

/** How long people can look up what was sent where. */
const deliveryDays = 30;
export const purgeDeliveries = (db: Db): Promise<void> => inBatches(db, sql`SELECT workspace.purge_deliveries(${deliveryDays}, ${batch}) AS gone`);

/** What became of a run is in the run; that it was in the queue interests nobody for longer. */
const workloadDays = 30;
export const purgeWorkloads = (db: Db): Promise<void> => inBatches(db, sql`SELECT workspace.purge_workloads(${workloadDays}, ${batch}) AS gone`);

/** How long a server process may go without a look at the notes (`TableChanges`) and still keep what it has read. */
const changesMs = 5 * 60_000;

/** Forgets notes of changes whose transactions ended so long ago. */
export class ChangeNotes {
  /** By when all transactions below which number had ended. */
  readonly #ended: { atMs: number; below: number }[] = [];

  constructor(
    private readonly db: Db,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async forget(): Promise<void> {
    const [row] = await this.db.read<{ below: number }>({ workspaceId: null }, sql`SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS below`);
    const nowMs = this.now();
    this.#ended.push({ atMs: nowMs, below: (row as { below: number }).below });
    let below: number | null = null;
    while (this.#ended[0] && this.#ended[0].atMs <= nowMs - changesMs) below = this.#ended.shift()?.below ?? null;
    if (below !== null) await this.db.read({ workspaceId: null }, sql`SELECT cloud.forget_table_changes(${below}) AS gone`);
  }
}

/** Batches, so that no statement holds many locks, within a second, so that nothing else waits for it. */
async function inBatches(db: Db, purge: Sql): Promise<void> {
  const endMs = Date.now() + budgetMs;
  for (;;) {
    const [row] = await db.read<{ gone: number }>({ workspaceId: null }, purge);
    if ((row?.gone ?? 0) < batch || Date.now() >= endMs) return;
  }
}
