import { Logger } from '@nestjs/common';

export type RoundsOptions = {
  /** For the log. */
  name: string;
  /** The longest pause between two rounds: how late work is found when nobody told of it. */
  atMostMs: number;
  /** One round; it should end soon after the signal. @returns in how many milliseconds there is more to do, or null when nothing is known to come */
  work(signal: AbortSignal): Promise<number | null>;
};

const afterFailureMs = 1_000;
/** Timers that wait longer than this fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** Does work when it is time for it: when woken, when the last round said so, and in any case from time to time. One round after the other, until stopped. */
export class Rounds {
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #isWoken = false;
  #round: Promise<void> | null = null;

  constructor(private readonly options: RoundsOptions) {
    this.#log = new Logger(options.name);
  }

  /** Something has changed: looks now, or again after the round under way. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    this.#isWoken = true;
    if (this.#round) return;
    clearTimeout(this.#timer);
    this.#round = this.#go().finally(() => {
      this.#round = null;
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#round;
    clearTimeout(this.#timer);
  }

  async #go(): Promise<void> {
    const { atMostMs, work } = this.options;
    let pauseMs = atMostMs;
    while (this.#isWoken && !this.#stopping.signal.aborted) {
      this.#isWoken = false;
      try {
        pauseMs = Math.min((await work(this.#stopping.signal)) ?? atMostMs, atMostMs);
      } catch (error) {
        this.#log.warn({ err: error }, 'this round failed; trying again');
        pauseMs = Math.min(afterFailureMs, atMostMs);
      }
    }
    if (this.#stopping.signal.aborted) return;
    // Woken between the last look at it and here is impossible: nothing waits in between.
    this.#timer = setTimeout(() => this.wake(), Math.min(Math.max(pauseMs, 0), maxTimerMs)).unref();
  }
}
