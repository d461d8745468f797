import { KeyedHash } from '#libs/crypto/keyed-hash.js';
import type { MasterKeys } from '#libs/crypto/master-key.js';

/** One keyed hash for each kind of stored token, so that a hash of one kind never passes for another. */
export function identityHashes(master: MasterKeys) {
  return {
    /** `ZENPROKEY_…`, the whole text */
    proKey: new KeyedHash(master, 'pro-key'),
    /** the `key` inside `ZENKEY_…` */
    localKey: new KeyedHash(master, 'local-key'),
    enrollmentKey: new KeyedHash(master, 'enrollment-key'),
    invitation: new KeyedHash(master, 'invitation'),
    activation: new KeyedHash(master, 'activation'),
    deviceCode: new KeyedHash(master, 'device-code'),
    userCode: new KeyedHash(master, 'user-code'),
    /** of a session's id: what the browser sends back as X-CSRF-Token; nothing is stored */
    csrf: new KeyedHash(master, 'csrf'),
    /** of a name or address that failed to sign in: the counters hold no names */
    signInSubject: new KeyedHash(master, 'sign-in-subject'),
  };
}

export type IdentityHashes = ReturnType<typeof identityHashes>;
