import { randomUUID } from 'node:crypto';
import { bearerOf, credentialOf } from './credential.js';
import { proKeys } from './key-format.js';
import { mintLocalKey } from './local-key.js';

describe('a credential', () => {
  const id = randomUUID();

  it('is told apart by what it looks like', () => {
    const [pro, local] = [proKeys.mint(id), mintLocalKey(id)];
    expect(credentialOf(pro)).toEqual({ kind: 'pro_key', id, key: pro });
    expect(credentialOf(local.wire)).toEqual({ kind: 'local_key', id, key: local.key });
    expect(credentialOf('a.b.c')).toEqual({ kind: 'token', token: 'a.b.c' });
    for (const broken of ['ZENPROKEY_abc', 'ZENKEY_abc']) expect(credentialOf(broken)).toEqual({ kind: 'broken_key' });
  });

  it('is taken from an Authorization header of the scheme Bearer only', () => {
    expect(bearerOf('Bearer abc')).toBe('abc');
    expect(bearerOf('bearer  abc ')).toBe('abc');
    for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic abc', 'abc', 'Bearer a b']) expect(bearerOf(header)).toBeUndefined();
  });
});
