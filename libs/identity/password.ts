import { hash, parseOptions, verify } from '@node-rs/argon2';

/** The minimum that OWASP's password storage cheat sheet gives for Argon2id; @node-rs/argon2 hashes with Argon2id unless told otherwise. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Longer input is refused before it is hashed. */
export const maxPasswordLength = 1_024;

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

  constructor(private readonly limits: { concurrency: number; maxWaiting: number } = { concurrency: 2, maxWaiting: 100 }) {}

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, cost));
  }

  /**
   * `stored` is null for an unknown user or one without a password: the answer is no, after the same work as for a wrong password,
   * so that timing does not tell which names exist. `needsRehash`: right, but hashed with other cost than today's.
   */
  async verify(stored: string | null, password: string): Promise<{ isValid: boolean; needsRehash: boolean }> {
    const dummy = await (this.#dummy ??= hash('no password has this hash', cost));
    const fits = await this.#inTurn(() => verify(stored ?? dummy, password.slice(0, maxPasswordLength)));
    const isValid = fits && stored !== null && password.length <= maxPasswordLength;
    return { isValid, needsRehash: isValid && isOutdated(stored) };
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

function isOutdated(stored: string): boolean {
  const used = parseOptions(stored);
  return used.memoryCost !== cost.memoryCost || used.timeCost !== cost.timeCost || used.parallelism !== cost.parallelism;
}
