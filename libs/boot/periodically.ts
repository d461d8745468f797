import { Logger } from '@nestjs/common';

export type Periodic = {
  /** For the log. */
  name: string;
  everyMs: number;
  /** One round; it should end soon after the signal. Failures are logged, and the next round tries again. */
  work(signal: AbortSignal): Promise<void>;
};

/** Does something again and again, one round after the other, until stopped. The pauses vary, so that processes that started together do not act together. */
export function periodically({ name, everyMs, work }: Periodic): { stop(): Promise<void> } {
  const log = new Logger(name);
  const stopping = new AbortController();
  let round: Promise<void> = Promise.resolve();
  const next = () => {
    if (stopping.signal.aborted) return;
    round = work(stopping.signal)
      .catch((error) => log.warn({ err: error }, 'this round failed; trying again'))
      .then(() => void (timer = setTimeout(next, pause()).unref()));
  };
  const pause = () => everyMs * (0.75 + Math.random() / 2);
  let timer = setTimeout(next, pause()).unref();
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await round;
      clearTimeout(timer);
    },
  };
}
