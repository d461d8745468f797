import { Logger } from '@nestjs/common';
import type { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';

const intervalMs = 15_000;
const batch = 1_000;
const budgetMs = 1_000;

/** Removes stored replies whose time is over, of all workspaces, a little at a time, until stopped. */
export function startHousekeeping(db: Db): { stop(): Promise<void> } {
  const log = new Logger('housekeeping');
  let isStopped = false;
  let round: Promise<void> = Promise.resolve();
  // Processes that started together should not do this together.
  const pause = () => intervalMs * (0.75 + Math.random() / 2);
  const next = () => {
    if (isStopped) return;
    round = purgeReplies(db)
      .catch((error) => log.warn({ err: error }, 'expired replies could not be removed; trying again'))
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

/** Batches, so that no statement holds many locks, within a second, so that nothing else waits for it. */
export async function purgeReplies(db: Db): Promise<void> {
  const endMs = Date.now() + budgetMs;
  for (;;) {
    const [row] = await db.read<{ gone: number }>({ workspaceId: null }, sql`SELECT workspace.purge_requests(${batch}) AS gone`);
    if ((row?.gone ?? 0) < batch || Date.now() >= endMs) return;
  }
}
