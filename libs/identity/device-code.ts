import { randomHex, randomLetters } from '#libs/crypto/random.js';

/** RFC 8628 section 6.1: no vowels, so no words; no letters or digits that look alike. */
const userCodeAlphabet = 'BCDFGHJKLMNPQRSTVWXZ';

/** What the waiting command line polls with. */
export function newDeviceCode(): string {
  return randomHex(32);
}

/** What a person compares or types: `WDJB-MJHT`. 34 bits: enough for the few minutes it lives and the few tries one has. */
export function newUserCode(): string {
  const letters = randomLetters(userCodeAlphabet, 8);
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** The user code of a workspace's own device flow, which travels in a link only. */
export function newLinkUserCode(): string {
  return randomHex(16);
}

/** A typed user code in the form it was issued in: case, spaces and a missing hyphen are forgiven. */
export function normalizeUserCode(typed: string): string {
  const letters = typed.toUpperCase().replace(/[^A-Z]/g, '');
  return letters.length === 8 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : typed.trim();
}
