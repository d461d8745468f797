import { proKeys } from './key-format.js';
import { parseLocalKey } from './local-key.js';

/** What came as a bearer or as the password of a key login, told apart without asking the database. */
export type Credential =
  | { kind: 'pro_key'; id: string; key: string }
  | { kind: 'local_key'; id: string; key: string }
  | { kind: 'token'; token: string }
  /** Has the prefix of a key but is none: mistyped, cut off or made up. */
  | { kind: 'broken_key' };

export function credentialOf(text: string): Credential {
  if (text.startsWith(proKeys.prefix)) {
    const parsed = proKeys.parse(text);
    return parsed ? { kind: 'pro_key', id: parsed.id, key: text } : { kind: 'broken_key' };
  }
  if (text.startsWith('ZENKEY_')) {
    const parsed = parseLocalKey(text);
    return parsed ? { kind: 'local_key', id: parsed.id, key: parsed.key } : { kind: 'broken_key' };
  }
  return { kind: 'token', token: text };
}

/** The credential of an `Authorization` header; undefined when there is none of the scheme Bearer. */
export function bearerOf(header: string | undefined): string | undefined {
  return header?.match(/^bearer +(\S+) *$/i)?.[1];
}
