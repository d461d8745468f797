import { randomUUID } from 'node:crypto';
import { activationKeys, enrollmentKeys, invitationKeys, proKeys } from './key-format.js';

describe('a key', () => {
  const id = randomUUID();
  const key = proKeys.mint(id);

  it('has the prefix that clients look for and names its row', () => {
    expect(key).toMatch(/^ZENPROKEY_[0-9A-Za-z]{71}$/);
    expect(proKeys.parse(key)).toEqual({ id });
  });

  it('is new each time', () => {
    expect(proKeys.mint(id)).not.toBe(key);
  });

  it('is told from a mistyped one before any database is asked', () => {
    for (let i = 0; i < key.length; i++) expect(proKeys.parse(key.slice(0, i) + (key[i] === 'a' ? 'b' : 'a') + key.slice(i + 1))).toBeNull();
    for (const text of ['', 'ZENPROKEY_', 'ZENPROKEY_abc', `${key}x`, key.slice(0, -1), ` ${key}`]) expect(proKeys.parse(text)).toBeNull();
  });

  it('of one kind does not pass for another', () => {
    expect(enrollmentKeys.parse(`ZENWSKEY_${key.slice('ZENPROKEY_'.length)}`)).toBeNull();
    for (const format of [enrollmentKeys, invitationKeys, activationKeys]) {
      expect(format.parse(format.mint(id))).toEqual({ id });
      expect(proKeys.parse(format.mint(id))).toBeNull();
    }
  });

  it('is found in other text by the published pattern', () => {
    expect(`export KEY="${key}" # secret`.match(proKeys.pattern)).toEqual([key]);
  });
});
