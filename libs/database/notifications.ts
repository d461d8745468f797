import type pg from 'pg';

/** What is heard: the payload of a NOTIFY, or null when something may have been missed: at the beginning, and when the connection was made again. */
export type Heard = (payload: string | null) => void;

const firstRetryMs = 500;
const maxRetryMs = 30_000;

/**
 * One connection that listens, however many channels and listeners there are; it is made for the first of them. NOTIFY is a hint to look at a table
 * sooner, never the news itself: notifications are lost while the connection is, and behind a pooler that shares connections they never come.
 * So whoever listens also looks from time to time.
 */
export class Notifications {
  readonly #listeners = new Map<string, Set<Heard>>();
  #client: pg.Client | null = null;
  #isOpening = false;
  #isClosed = false;
  #retryMs = firstRetryMs;
  #retry: NodeJS.Timeout | undefined;

  constructor(private readonly connect: () => pg.Client) {}

  /** @returns what ends it */
  listen(channel: string, heard: Heard): () => void {
    if (!/^[a-z_]+$/.test(channel)) throw new Error(`'${channel}' is no name of a channel.`);
    const known = this.#listeners.get(channel);
    if (known) known.add(heard);
    else this.#listeners.set(channel, new Set([heard]));
    if (!this.#client) void this.#open();
    else if (!known) this.#subscribe(this.#client, channel);
    else queueMicrotask(() => heard(null));
    return () => void this.#listeners.get(channel)?.delete(heard);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }

  async #open(): Promise<void> {
    if (this.#isOpening || this.#isClosed) return;
    this.#isOpening = true;
    const client = this.connect();
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    client.on('notification', ({ channel, payload }) => this.#tell(channel, payload ?? ''));
    try {
      await client.connect();
      this.#client = client;
      for (const channel of this.#listeners.keys()) await client.query(`LISTEN ${channel}`);
      this.#retryMs = firstRetryMs;
      this.#isOpening = false;
      if (this.#isClosed) return void client.end().catch(() => {});
      for (const channel of this.#listeners.keys()) this.#tell(channel, null);
    } catch {
      this.#isOpening = false;
      this.#client = client;
      this.#lose(client);
      client.end().catch(() => {});
    }
  }

  #subscribe(client: pg.Client, channel: string): void {
    client.query(`LISTEN ${channel}`).then(
      () => this.#tell(channel, null),
      // A connection on which this fails is broken; the next one listens to everything again.
      () => client.end().catch(() => {}),
    );
  }

  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    if (this.#isClosed) return;
    this.#retry = setTimeout(() => void this.#open(), this.#retryMs * (0.75 + Math.random() / 2));
    this.#retry.unref();
    this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
  }

  #tell(channel: string, payload: string | null): void {
    for (const heard of this.#listeners.get(channel) ?? []) heard(payload);
  }
}
