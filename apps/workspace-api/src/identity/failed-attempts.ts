import { Problem } from '#libs/http/problem.js';
import { onSiblings, tellSiblings } from '#libs/http/siblings.js';
import type { Clock } from '#libs/identity/clock.js';

export type AttemptLimits = { perMinute: number; perDay: number };

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Enough for a whole day of attacks from many addresses, and little memory. */
const maxAddresses = 50_000;
const topic = 'failed attempt';

/**
 * Wrong passwords and keys, counted by address. Right ones do not count, and do not forgive either: whoever has one account must not be able to guess
 * at others without end. In memory: the worker processes of one start count together, those of other machines for themselves.
 */
export class FailedAttempts {
  readonly #byAddress = new Map<string, number[]>();

  /** `limits: null` counts nothing. */
  constructor(
    private readonly limits: AttemptLimits | null,
    private readonly clock: Clock,
  ) {
    if (limits) onSiblings<string>(topic, (address) => this.#remember(address));
  }

  /** @throws Problem 429 */
  assertAllowed(address: string): void {
    if (!this.limits) return;
    const nowMs = this.clock();
    const recent = this.#recent(address, nowMs);
    const inMinute = recent.filter((at) => at > nowMs - minuteMs);
    const waitMs =
      recent.length >= this.limits.perDay
        ? (recent[0] as number) + dayMs - nowMs
        : inMinute.length >= this.limits.perMinute
          ? (inMinute[0] as number) + minuteMs - nowMs
          : 0;
    if (waitMs <= 0) return;
    const seconds = Math.ceil(waitMs / 1_000);
    throw new Problem('busy', `Too many failed attempts from this address. Try again in ${seconds} seconds.`, {
      shape: 'plain',
      headers: { 'Retry-After': String(seconds) },
    });
  }

  note(address: string): void {
    this.#remember(address);
    tellSiblings(topic, address);
  }

  #remember(address: string): void {
    if (!this.limits) return;
    const nowMs = this.clock();
    if (this.#byAddress.size >= maxAddresses) this.#forget(nowMs);
    this.#byAddress.set(address, [...this.#recent(address, nowMs), nowMs].slice(-this.limits.perDay));
  }

  #recent(address: string, nowMs: number): number[] {
    return (this.#byAddress.get(address) ?? []).filter((at) => at > nowMs - dayMs);
  }

  /** Drops what no longer counts, and then the oldest. */
  #forget(nowMs: number): void {
    for (const [address, times] of this.#byAddress) if ((times.at(-1) as number) <= nowMs - dayMs) this.#byAddress.delete(address);
    for (const address of this.#byAddress.keys()) {
      if (this.#byAddress.size < maxAddresses) return;
      this.#byAddress.delete(address);
    }
  }
}
