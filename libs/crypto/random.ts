import { randomBytes } from 'node:crypto';
import { toBase62 } from './base62.js';

/** `bytes` random bytes as lower-case hex, two letters each. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/** `bytes` random bytes (32 by default, beyond guessing) as letters and digits. */
export function randomToken(bytes = 32): string {
  return toBase62(randomBytes(bytes));
}

/** `length` letters drawn evenly from `alphabet` (at most 256 letters). */
export function randomLetters(alphabet: string, length: number): string {
  // Bytes at or above the largest multiple are thrown away: taking them modulo would favour the first letters.
  const limit = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
