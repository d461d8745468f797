import { Problem } from '#libs/http/problem.js';
import type { SecretValues } from '#libs/secret-stores/secret-store.js';

/** Values as requests carry them: null means "no such key". */
export type SentValues = Record<string, string | null>;

const maxBytes = 64 * 1024;

/** What a new secret, or one whose values are replaced as a whole, holds. */
export function presentValues(sent: SentValues): SecretValues {
  return Object.fromEntries(Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** Values after some of them were set, and those sent as null removed. */
export function patchedValues(current: SecretValues, sent: SentValues): SecretValues {
  return presentValues({ ...current, ...sent });
}

/** @throws Problem 400 */
export function assertValuesFit(values: SecretValues): void {
  const bytes = Object.entries(values).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (bytes > maxBytes)
    throw new Problem(
      'invalid',
      `The keys and values of a secret may have at most ${maxBytes} bytes together; these have ${bytes}. Split them, or keep large files in an artifact store.`,
    );
}
