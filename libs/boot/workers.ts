import cluster, { type Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import { relayBetweenWorkers } from '#libs/http/siblings.js';
import type { Stoppable } from './run.js';

/**
 * What this process does of the program: all of it; the database, the first data, periodic work and the worker processes; or requests. One worker is
 * no process of its own: a second one would only cost memory.
 */
export type Part = 'everything' | 'primary' | 'worker';

export function partOf({ WORKERS }: { WORKERS: number }): Part {
  if (cluster.isWorker) return 'worker';
  return WORKERS > 1 ? 'primary' : 'everything';
}

/** What takes requests, and where. */
export type Served = Stoppable & { address: string };

/** Takes requests with `listen`, or has as many workers do that as the settings say. */
export async function serve(settings: { WORKERS: number }, { databaseUrl }: { databaseUrl: string }, listen: () => Promise<Served>): Promise<Served> {
  const part = partOf(settings);
  if (part === 'primary') return startWorkers({ count: settings.WORKERS, settings: { DATABASE_URL: databaseUrl } });
  const served = await listen();
  if (part === 'worker') process.send?.({ readyAt: served.address } satisfies Report);
  return served;
}

type Report = { readyAt: string };

export type WorkersOptions = {
  count: number;
  /** Settings that differ from the primary's own. */
  settings: Record<string, string>;
};

/** A worker that lived this long did not die of how it starts, so the next one may start at once. */
const stableMs = 10_000;
const longestPauseMs = 30_000;

/**
 * Starts worker processes of this same program, which share its ports, and replaces those that die, until stopped. Resolves when all of them take requests.
 * @throws Error when one ends before that; it has printed why
 */
export async function startWorkers({ count, settings }: WorkersOptions): Promise<Served> {
  cluster.setupPrimary({ exec: process.argv[1] as string, args: process.argv.slice(2), execArgv: [...process.execArgv, '--enable-source-maps'] });
  const stopping = new AbortController();
  const living = new Set<Worker>();
  let failures = 0;

  const start = (): Promise<string> => {
    const startedMs = performance.now();
    const worker = cluster.fork(settings);
    living.add(worker);
    relayBetweenWorkers(worker, living);
    return new Promise<string>((resolve, reject) => {
      let isReady = false;
      worker.on('message', (message: Report) => {
        if (typeof message?.readyAt !== 'string') return;
        isReady = true;
        resolve(message.readyAt);
      });
      worker.once('exit', (code, signal) => {
        living.delete(worker);
        const ended = `worker process ${worker.process.pid} ended with ${signal ?? code}`;
        if (!isReady) reject(new Error(`A ${ended} before it took requests.`));
        if (!isReady || stopping.signal.aborted) return;
        failures = performance.now() - startedMs > stableMs ? 0 : failures + 1;
        console.error(`${ended}; starting another`);
        void replace();
      });
    });
  };

  const replace = async (): Promise<void> => {
    const pauseMs = failures === 0 ? 0 : Math.min(longestPauseMs, 500 * 2 ** failures);
    await sleep(pauseMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    if (stopping.signal.aborted) return;
    await start().catch((error: Error) => {
      if (stopping.signal.aborted) return;
      failures += 1;
      console.error(`${error.message} Trying again.`);
      return replace();
    });
  };

  const stop = async (): Promise<void> => {
    stopping.abort();
    const ended = [...living].map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())));
    for (const worker of living) worker.process.kill('SIGTERM');
    await Promise.all(ended);
  };

  try {
    const addresses = await Promise.all(Array.from({ length: count }, start));
    return { address: addresses[0] as string, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
