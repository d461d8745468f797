import { MasterKeys } from '#libs/crypto/master-key.js';
import { type ApiKeyState, isApiKeyTokenValid, judgeApiKey, rotateApiKey } from './api-key.rules.js';
import { identityHashes } from './hashes.js';

const hashes = identityHashes(MasterKeys.parse('a1'.repeat(32))).proKey;
const minute = 60_000;
const now = Date.UTC(2026, 10, 22);
const fresh: ApiKeyState = { hash: hashes.of('first'), previousHash: null, retainUntilMs: null, generation: 1, isActive: true, expiresAtMs: null };

describe('an API key', () => {
  it('is accepted as long as it is active and not expired', () => {
    expect(judgeApiKey(hashes, fresh, 'first', now)).toEqual({ accepted: true, generation: 1 });
    expect(judgeApiKey(hashes, { ...fresh, isActive: false }, 'first', now)).toEqual({ accepted: false, because: 'inactive' });
    expect(judgeApiKey(hashes, { ...fresh, expiresAtMs: now + 1 }, 'first', now)).toMatchObject({ accepted: true });
    expect(judgeApiKey(hashes, { ...fresh, expiresAtMs: now }, 'first', now)).toEqual({ accepted: false, because: 'expired' });
  });

  it('tells whoever guesses nothing but that the guess was wrong', () => {
    for (const state of [fresh, { ...fresh, isActive: false }, { ...fresh, expiresAtMs: now }]) {
      expect(judgeApiKey(hashes, state, 'guess', now)).toEqual({ accepted: false, because: 'mismatch' });
    }
  });

  describe('after a rotation', () => {
    const rotated = rotateApiKey(fresh, hashes.of('second'), 10, now);

    it('works with the new value and, until the retain period ends, with the old one', () => {
      expect(judgeApiKey(hashes, rotated, 'second', now)).toEqual({ accepted: true, generation: 2 });
      expect(judgeApiKey(hashes, rotated, 'first', now + 10 * minute - 1)).toEqual({ accepted: true, generation: 1 });
      expect(judgeApiKey(hashes, rotated, 'first', now + 10 * minute)).toMatchObject({ accepted: false });
    });

    it('keeps tokens of the old value alive for just as long', () => {
      expect(isApiKeyTokenValid(rotated, 2, now)).toBe(true);
      expect(isApiKeyTokenValid(rotated, 1, now + 10 * minute - 1)).toBe(true);
      expect(isApiKeyTokenValid(rotated, 1, now + 10 * minute)).toBe(false);
      expect(isApiKeyTokenValid(rotated, undefined, now + 10 * minute)).toBe(true);
      expect(isApiKeyTokenValid({ ...rotated, isActive: false }, 2, now)).toBe(false);
      expect(isApiKeyTokenValid({ ...rotated, expiresAtMs: now }, 2, now)).toBe(false);
    });

    it('without a retain period ends the old value at once', () => {
      const hard = rotateApiKey(fresh, hashes.of('second'), 0, now);
      expect(judgeApiKey(hashes, hard, 'first', now)).toMatchObject({ accepted: false });
      expect(isApiKeyTokenValid(hard, 1, now)).toBe(false);
    });

    it('and a second one ends the value before last, even if it was still retained', () => {
      const twice = rotateApiKey(rotated, hashes.of('third'), 10, now + 1);
      expect(judgeApiKey(hashes, twice, 'first', now + 2)).toMatchObject({ accepted: false });
      expect(judgeApiKey(hashes, twice, 'second', now + 2)).toEqual({ accepted: true, generation: 2 });
      expect(isApiKeyTokenValid(twice, 1, now + 2)).toBe(false);
    });
  });
});
