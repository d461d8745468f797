import cluster from 'node:cluster';
import { MasterKeyProblem } from '#libs/crypto/master-key.js';
import { SettingsError } from '#libs/http/settings.js';

/** Something that was started and must be stopped, in reverse order of starting. */
export type Stoppable = { drain?(): void; stop(): Promise<void> };

/** How long requests under way may take after a signal. A worker gives up first, so that the database outlives it. */
const drainTimeoutMs = cluster.isWorker ? 15_000 : 20_000;

/**
 * Runs a program until it is told to stop. On SIGINT or SIGTERM: readiness goes to 503, parts stop in reverse order (listeners first, the
 * database last), and the process ends with 0. A failure to start is printed without a stack when it is the user's to solve, and ends with 1.
 */
export async function run(start: (started: (part: Stoppable) => void) => Promise<void>): Promise<void> {
  const parts: Stoppable[] = [];
  let stopping: Promise<void> | null = null;
  const stop = (code: number) => {
    stopping ??= stopAll(parts).then(
      () => process.exit(code),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));
  try {
    await start((part) => parts.push(part));
  } catch (error) {
    if (stopping) return;
    console.error(error instanceof SettingsError || error instanceof MasterKeyProblem ? error.message : error);
    await stop(1);
  }
}

async function stopAll(parts: Stoppable[]): Promise<void> {
  const timer = setTimeout(() => process.exit(1), drainTimeoutMs);
  timer.unref();
  for (const part of parts) part.drain?.();
  for (const part of parts.reverse()) await part.stop();
  clearTimeout(timer);
}
