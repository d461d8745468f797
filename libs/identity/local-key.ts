import { z } from 'zod';
import { randomHex } from '#libs/crypto/random.js';

const prefix = 'ZENKEY_';
const maxLength = 512;
const content = z.object({ id: z.guid(), key: z.string().regex(/^[0-9a-f]{64}$/) });

/** The key of a workspace's own service account. The form is fixed by existing clients: `ZENKEY_` and base64 of `{"id": …, "key": …}`. */
export type LocalKey = z.infer<typeof content>;

/** `wire` is shown once, the hash of `key` is stored. */
export function mintLocalKey(id: string): LocalKey & { wire: string } {
  const key = randomHex(32);
  return { id, key, wire: prefix + Buffer.from(JSON.stringify({ id, key })).toString('base64') };
}

/** The id and the secret part; null when it is no such key. */
export function parseLocalKey(wire: string): LocalKey | null {
  if (!wire.startsWith(prefix) || wire.length > maxLength) return null;
  try {
    return content.parse(JSON.parse(Buffer.from(wire.slice(prefix.length), 'base64').toString('utf8')));
  } catch {
    return null;
  }
}
