import type { ThrottlerStorage } from '@nestjs/throttler';
import { hasSiblings, onSiblings, tellSiblings } from './siblings.js';

type Hit = Awaited<ReturnType<ThrottlerStorage['increment']>>;
type Count = { window: number; hits: number; before: number; windowMs: number };
/** Window, its length, and hits by key. */
type News = [key: string, window: number, windowMs: number, hits: number][];

/** How late other worker processes may learn of a hit. */
const newsEveryMs = 100;
const sweepEveryMs = 60_000;

/**
 * Hits per key in this process and, a moment later, in its sibling workers. Two counters a key, whatever the limit: what is left of the previous
 * window counts in proportion, so nobody gets twice the limit around a full minute, and no list of times has to be kept for each caller.
 */
export class HitCounts implements ThrottlerStorage {
  readonly #counts = new Map<string, Count>();
  readonly #news = new Map<string, number>();
  readonly #deaf: () => void;
  #newsTimer: NodeJS.Timeout | undefined;
  #sweptMs = 0;

  /** @param name of the application: another one in the same process counts for itself */
  constructor(
    private readonly name: string,
    private readonly now: () => number = Date.now,
  ) {
    this.#deaf = onSiblings<News>(`hits ${name}`, (news) => this.#hear(news));
  }

  /** Counts one hit unless the limit is reached. Times are in seconds. */
  async increment(key: string, windowMs: number, limit: number): Promise<Hit> {
    const nowMs = this.now();
    const count = this.#current(key, windowMs, nowMs);
    const passed = (nowMs % windowMs) / windowMs;
    const total = count.hits + count.before * (1 - passed);
    const isBlocked = total + 1 > limit;
    if (!isBlocked) {
      count.hits += 1;
      if (hasSiblings) this.#tell(key);
    }
    const timeToExpire = Math.ceil(((1 - passed) * windowMs) / 1_000);
    return {
      totalHits: Math.ceil(total) + 1,
      timeToExpire,
      isBlocked,
      timeToBlockExpire: isBlocked ? Math.ceil(waitMs(count, limit, passed, windowMs) / 1_000) : 0,
    };
  }

  onApplicationShutdown(): void {
    clearTimeout(this.#newsTimer);
    this.#deaf();
  }

  #current(key: string, windowMs: number, nowMs: number): Count {
    const window = Math.floor(nowMs / windowMs);
    if (nowMs - this.#sweptMs > sweepEveryMs) this.#sweep(nowMs);
    let count = this.#counts.get(key);
    if (!count) {
      count = { window, hits: 0, before: 0, windowMs };
      this.#counts.set(key, count);
    } else if (window > count.window) {
      count.before = window === count.window + 1 ? count.hits : 0;
      count.hits = 0;
      count.window = window;
    }
    return count;
  }

  #sweep(nowMs: number): void {
    this.#sweptMs = nowMs;
    for (const [key, { window, windowMs }] of this.#counts) if ((window + 2) * windowMs <= nowMs) this.#counts.delete(key);
  }

  /** Several hits travel together: one message for each would cost more than the limit is worth. */
  #tell(key: string): void {
    this.#news.set(key, (this.#news.get(key) ?? 0) + 1);
    this.#newsTimer ??= setTimeout(() => {
      this.#newsTimer = undefined;
      const news: News = [];
      for (const [known, hits] of this.#news) {
        const count = this.#counts.get(known);
        if (count) news.push([known, count.window, count.windowMs, hits]);
      }
      this.#news.clear();
      tellSiblings(`hits ${this.name}`, news);
    }, newsEveryMs).unref();
  }

  #hear(news: News): void {
    const nowMs = this.now();
    for (const [key, window, windowMs, hits] of news) {
      const count = this.#current(key, windowMs, nowMs);
      if (window === count.window) count.hits += hits;
      else if (window === count.window - 1) count.before += hits;
    }
  }
}

/** Until one more hit fits: within this window as the previous one fades, or some way into the next. */
function waitMs({ hits, before }: Count, limit: number, passed: number, windowMs: number): number {
  const room = limit - 1 - hits;
  if (room >= 0 && before > 0) return Math.max(0, 1 - room / before - passed) * windowMs;
  return (1 - passed + Math.max(0, 1 - (limit - 1) / Math.max(hits, 1))) * windowMs;
}
