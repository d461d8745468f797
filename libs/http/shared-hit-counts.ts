import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Logger } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { Redis } from 'ioredis';
import type { HitCounts } from './hit-counts.js';

/** How long a request may wait for a count. */
const patienceMs = 500;

/**
 * Hits per key in a Redis that all processes share. While it cannot be reached every process counts for itself: limits then are as many times larger as there
 * are processes, which is better than none, and than an outage of everything because of what is only there to prevent one.
 */
export class SharedHitCounts implements ThrottlerStorage {
  readonly #log = new Logger('limits');
  readonly #redis: Redis;
  readonly #shared: ThrottlerStorageRedisService;
  #isAway = false;

  constructor(
    url: string,
    private readonly own: HitCounts,
  ) {
    this.#redis = new Redis(url, { commandTimeout: patienceMs, maxRetriesPerRequest: 0 });
    // Reported once, where it matters.
    this.#redis.on('error', () => {});
    this.#shared = new ThrottlerStorageRedisService(this.#redis as never); // its types come from a copy of the package under another path
  }

  async increment(...hit: Parameters<ThrottlerStorage['increment']>): ReturnType<ThrottlerStorage['increment']> {
    const [key, windowMs, limit] = hit;
    // Nobody waits for a connection that was lost; it comes back by itself.
    if (this.#isAway && this.#redis.status !== 'ready') return this.own.increment(key, windowMs, limit);
    try {
      const counted = await this.#shared.increment(...hit);
      if (this.#isAway) this.#log.log('Redis is back: limits are counted together again');
      this.#isAway = false;
      return counted;
    } catch (error) {
      if (!this.#isAway) this.#log.warn({ err: error }, 'Redis cannot be reached: every process counts limits for itself');
      this.#isAway = true;
      return this.own.increment(key, windowMs, limit);
    }
  }

  onApplicationShutdown(): void {
    this.#redis.disconnect();
    this.own.onApplicationShutdown();
  }
}
