import { createHmac, randomBytes } from 'node:crypto';
import { hash, parseOptions, verify } from '@node-rs/argon2';

/** The minimum that OWASP's password storage cheat sheet gives for Argon2id; @node-rs/argon2 hashes with Argon2id unless told otherwise. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Longer input is refused before it is hashed. */
export const maxPasswordLength = 1_024;

/** How long a password that was right need not be hashed again, and of how many that is remembered. */
const provenMs = 5 * 60_000;
const mostProven = 1_000;

/** More people are signing in than passwords can be checked. Becomes 503 with `Retry-After`. */
export class PasswordsBusy extends Error {
  constructor() {
    super('Too many sign-ins are being checked at the moment. Try again in a few seconds.');
  }
}

/** Argon2id hashes in the PHC string form, a bounded number at a time: each takes 19 MiB and a thread for some 20 ms. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #dummy: Promise<string> | undefined;
  readonly #proven = new ProvenPasswords();

  constructor(private readonly limits: { concurrency: number; maxWaiting: number } = { concurrency: 2, maxWaiting: 100 }) {}

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, cost));
  }

  /**
   * `stored` is null for an unknown user or one without a password: the answer is no, after the same work as for a wrong password,
   * so that timing does not tell which names exist. `needsRehash`: right, but hashed with other cost than today's.
   * One that was right some minutes ago is known to be: pipelines and scripts sign in again and again. Wrong ones are hashed each time.
   */
  async verify(stored: string | null, password: string): Promise<{ isValid: boolean; needsRehash: boolean }> {
    if (stored !== null && this.#proven.has(stored, password)) return { isValid: true, needsRehash: false };
    const dummy = await (this.#dummy ??= hash('no password has this hash', cost));
    const fits = await this.#inTurn(() => verify(stored ?? dummy, password.slice(0, maxPasswordLength)));
    const isValid = fits && stored !== null && password.length <= maxPasswordLength;
    const needsRehash = isValid && isOutdated(stored);
    if (isValid && !needsRehash) this.#proven.add(stored, password);
    return { isValid, needsRehash };
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.limits.concurrency) {
      if (this.#waiting.length >= this.limits.maxWaiting) throw new PasswordsBusy();
      await new Promise<void>((go) => this.#waiting.push(go));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      // The turn passes to the next in line, so a newcomer cannot slip in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

/**
 * Which passwords were found to fit which hashes lately, under a key that lives as long as the process: no password can be read here. A changed password has
 * another hash, so nothing must be forgotten when it changes.
 */
class ProvenPasswords {
  readonly #key = randomBytes(32);
  /** When each was proven, oldest first. */
  readonly #since = new Map<string, number>();

  has(stored: string, password: string): boolean {
    const since = this.#since.get(this.#mark(stored, password));
    return since !== undefined && performance.now() - since < provenMs;
  }

  add(stored: string, password: string): void {
    const mark = this.#mark(stored, password);
    this.#since.delete(mark);
    this.#since.set(mark, performance.now());
    if (this.#since.size > mostProven) this.#since.delete(this.#since.keys().next().value as string);
  }

  /** Hashes hold no NUL, so it is clear where the password begins. */
  #mark(stored: string, password: string): string {
    return createHmac('sha256', this.#key).update(`${stored}\0${password}`).digest('base64');
  }
}

function isOutdated(stored: string): boolean {
  const used = parseOptions(stored);
  return used.memoryCost !== cost.memoryCost || used.timeCost !== cost.timeCost || used.parallelism !== cost.parallelism;
}
