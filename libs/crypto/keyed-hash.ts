import { createHmac } from 'node:crypto';
import { equalsInConstantTime } from './constant-time.js';
import type { MasterKeys } from './master-key.js';

/**
 * What is stored of a token instead of the token: HMAC-SHA-256 under a key of its own purpose. A stolen table is useless without the master key.
 * A slow hash would add nothing: our tokens carry 256 random bits. (Passwords do not, they go through Argon2id.)
 */
export class KeyedHash {
  constructor(
    private readonly master: MasterKeys,
    private readonly purpose: string,
  ) {}

  /** `<master key id>.<base64url>`, to be stored. */
  of(token: string): string {
    return this.#under(this.master.currentId, token);
  }

  /** The hash under each master key, the current one first: for finding a row by its hash while a key rotation is under way. */
  candidates(token: string): string[] {
    return this.master.ids.map((id) => this.#under(id, token));
  }

  matches(token: string, stored: string): boolean {
    const id = stored.slice(0, Math.max(0, stored.indexOf('.')));
    return this.master.has(id) && equalsInConstantTime(this.#under(id, token), stored);
  }

  #under(id: string, token: string): string {
    return `${id}.${createHmac('sha256', this.master.derive(this.purpose, id)).update(token).digest('base64url')}`;
  }
}
