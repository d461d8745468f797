import { Logger } from '@nestjs/common';
import type { Runner } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { guardedFetch } from '#libs/outbound/guarded-fetch.js';
import { OutboundError } from '#libs/outbound/outbound-error.js';
import { signedHeaders } from '#libs/outbound/signature.js';
import type { Installation } from '../installation.js';

/** Before each further attempt; with the first one, five attempts within some three hours. */
export const retryDelaysSeconds = [30, 5 * 60, 30 * 60, 2 * 3_600] as const;
/** Deliveries that are given up in a row before the subscription is switched off. */
export const mostFailuresInARow = 5;

const timeoutMs = 10_000;
/** Longer than any attempt takes, so nobody else makes it meanwhile. */
const leaseSeconds = 60;
/** At a time in one process. */
const concurrency = 8;
/** Of them to one receiver. */
const perSubscription = 2;
const longestPauseMs = 60_000;
const shortestPauseMs = 100;
const busyPauseMs = 1_000;
const failurePauseMs = 5_000;
/** What is kept of an answer, for people who look for the reason. */
const keptResponseLength = 1_000;
const maxResponseBytes = 64 * 1024;
const nowhere = { workspaceId: null };

export const secretPlace = (workspaceId: string, id: string) => ({ workspaceId, table: 'event_subscription', column: 'secret', id });

export type DueDelivery = {
  workspace_id: string;
  id: string;
  subscription_id: string;
  attempts: number;
  payload: string;
  url: string;
  secret: string;
  previous_secret: string | null;
};

type Attempt = { status: number | null; error: string | null; response: string | null; durationMs: number };

/**
 * Sends events to their subscribers. Deliveries are rows that the database makes with the event; every process takes some that are due and brings them
 * their end or their next attempt. A process that dies in between leaves its deliveries to the others, so receivers may see one twice, under the same id.
 */
export class EventDeliveries {
  readonly #log = new Logger('event deliveries');
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #perSubscription = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #endListening = () => {};
  #isStopped = true;
  #isLooking = false;
  #isWoken = false;

  constructor(private readonly installation: Installation) {}

  start(): void {
    this.#isStopped = false;
    this.#endListening = this.installation.db.listen('event_delivery', () => void this.wake());
    this.#wakeIn(0);
  }

  /** Waits for what is being sent: it ends within seconds. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#endListening();
    await Promise.all(this.#underWay.values());
  }

  async wake(): Promise<void> {
    this.#isWoken = true;
    if (this.#isLooking || this.#isStopped) return;
    this.#isLooking = true;
    try {
      while (this.#isWoken && !this.#isStopped) {
        this.#isWoken = false;
        while (!this.#isStopped && this.#underWay.size < concurrency) {
          const due = await this.#claim(concurrency - this.#underWay.size);
          if (due.length === 0) break;
          for (const one of due) this.#take(one);
        }
      }
      this.#wakeIn(await this.#untilNext());
    } catch (error) {
      this.#log.warn({ err: error }, 'due deliveries could not be read; trying again');
      this.#wakeIn(failurePauseMs);
    } finally {
      this.#isLooking = false;
      if (this.#isWoken) void this.wake();
    }
  }

  #wakeIn(ms: number | null): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    // While all hands are full, the first one that is free looks again.
    const isFull = this.#underWay.size >= concurrency;
    // What is due for a receiver that is busy waits for it, not for us.
    const shortestMs = this.#underWay.size > 0 ? busyPauseMs : shortestPauseMs;
    const pauseMs = ms === null || isFull ? longestPauseMs : Math.min(Math.max(ms, shortestMs), longestPauseMs);
    this.#timer = setTimeout(() => void this.wake(), pauseMs * (1 + Math.random() / 4));
    this.#timer.unref();
  }

  #claim(most: number): Promise<DueDelivery[]> {
    const busy = [...this.#perSubscription].filter(([, count]) => count >= perSubscription).map(([id]) => id);
    return this.installation.db.read<DueDelivery>(
      nowhere,
      sql`SELECT * FROM workspace.claim_deliveries(${this.#present()}::timestamp, ${leaseSeconds}::int, ${most}::int, ${busy}::uuid[])`,
    );
  }

  async #untilNext(): Promise<number | null> {
    const [row] = await this.installation.db.read<{ seconds: number | null }>(
      nowhere,
      sql`SELECT workspace.seconds_to_next_delivery(${this.#present()}::timestamp) AS seconds`,
    );
    return row?.seconds == null ? null : row.seconds * 1_000;
  }

  #take(due: DueDelivery): void {
    const { subscription_id: subscription } = due;
    const count = (by: number) => {
      const now = (this.#perSubscription.get(subscription) ?? 0) + by;
      if (now > 0) this.#perSubscription.set(subscription, now);
      else this.#perSubscription.delete(subscription);
    };
    count(1);
    const done = this.deliver(due)
      .catch((error) => this.#log.warn({ err: error }, `the delivery ${due.id} could not be settled; it is made again later`))
      .finally(() => {
        count(-1);
        this.#underWay.delete(due.id);
        if (!this.#isStopped) void this.wake();
      });
    this.#underWay.set(due.id, done);
  }

  /** One attempt, and what follows from it. @param isTest neither repeated nor held against the subscription */
  async deliver(due: DueDelivery, { isTest = false } = {}): Promise<void> {
    const attempt = await this.#send(due);
    const isDelivered = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
    const delaySeconds = isTest || attempt.status === 410 ? undefined : retryDelaysSeconds[due.attempts - 1];
    const isGivenUp = !isDelivered && delaySeconds === undefined;
    const present = sql`${this.#present()}::timestamp`;
    const status = isDelivered ? 'delivered' : isGivenUp ? 'failed' : 'pending';
    const next = status === 'pending' ? sql`${present} + make_interval(secs => ${(delaySeconds as number) * (1 + Math.random() / 10)}::float8)` : sql`NULL`;
    await this.installation.db.tx({ workspaceId: due.workspace_id }, async (tx) => {
      // The subscription first, as whoever deletes it does: each would wait for the other's row.
      await this.#note(tx, due, attempt, { isDelivered, isGivenUp: isGivenUp && !isTest });
      await tx.query(
        sql`UPDATE workspace.event_delivery SET status = ${status}, next_attempt_at = ${next}, delivered_at = ${isDelivered ? present : sql`NULL`}, last_status = ${attempt.status}::int, last_error = ${attempt.error}, last_response = ${attempt.response}, last_duration_ms = ${attempt.durationMs}::int, updated = ${present} WHERE workspace_id = ${due.workspace_id} AND id = ${due.id}`,
      );
    });
  }

  /** What the subscription shows of it. Failing again and again switches it off; its deliveries wait until somebody switches it on. */
  async #note(tx: Runner, due: DueDelivery, attempt: Attempt, { isDelivered, isGivenUp }: { isDelivered: boolean; isGivenUp: boolean }): Promise<void> {
    const failures = isDelivered ? sql`0` : isGivenUp ? sql`failures_in_a_row + 1` : sql`failures_in_a_row`;
    const isOff = isGivenUp ? (attempt.status === 410 ? sql`true` : sql`failures_in_a_row + 1 >= ${mostFailuresInARow}::int`) : sql`false`;
    const reason =
      attempt.status === 410
        ? 'Switched off: the receiver answered that it is gone (410).'
        : `Switched off: ${mostFailuresInARow} deliveries in a row failed, the last one with: ${attempt.error}`;
    await tx.query(
      sql`UPDATE workspace.event_subscription SET last_delivery_at = ${this.#present()}::timestamp, last_delivery_status = ${attempt.status}::int, last_delivery_error = ${attempt.error}, failures_in_a_row = ${failures}, active = active AND NOT ${isOff}, disabled_reason = CASE WHEN active AND ${isOff} THEN ${reason} ELSE disabled_reason END WHERE workspace_id = ${due.workspace_id} AND id = ${due.subscription_id}`,
    );
  }

  /** Never throws for what the receiver does: that is the result. */
  async #send(due: DueDelivery): Promise<Attempt> {
    const startedMs = performance.now();
    const result = (status: number | null, error: string | null, response: string | null = null): Attempt => ({
      status,
      error,
      response,
      durationMs: Math.round(performance.now() - startedMs),
    });
    const sealer = await this.installation.sealers.of(due.workspace_id);
    const place = secretPlace(due.workspace_id, due.subscription_id);
    const secrets = [due.secret, due.previous_secret].filter((one) => one !== null).map((one) => sealer.open(one, place));
    try {
      const { status, text } = await guardedFetch(due.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...signedHeaders(secrets, due.id, this.installation.options.clock(), due.payload) },
        body: due.payload,
        policy: this.installation.outbound,
        timeoutMs,
        maxBytes: maxResponseBytes,
        // A redirect is an answer like any other that is no success: the address is the subscriber's to correct.
        maxRedirects: 0,
      });
      const response = text().slice(0, keptResponseLength).replaceAll('\0', '');
      return result(status, status >= 200 && status < 300 ? null : `The receiver answered ${status}.`, response);
    } catch (error) {
      if (error instanceof OutboundError) return result(null, error.message.slice(0, keptResponseLength));
      throw error;
    }
  }

  /** By this process's clock, as the database knows times. */
  #present(): string {
    return new Date(this.installation.options.clock()).toISOString().slice(0, -1);
  }
}
