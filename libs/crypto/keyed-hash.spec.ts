import { KeyedHash } from './keyed-hash.js';
import { MasterKeys } from './master-key.js';

const [firstKey, secondKey] = ['a1'.repeat(32), 'b2'.repeat(32)];

describe('the stored hash of a token', () => {
  const hash = new KeyedHash(MasterKeys.parse(firstKey), 'api-key');

  it('is always the same for a token and does not contain it', () => {
    expect(hash.of('token')).toBe(hash.of('token'));
    expect(hash.of('token')).toMatch(/^[0-9a-f]{8}\.[\w-]{43}$/);
    expect(hash.of('token')).not.toContain('token');
  });

  it('fits that token only', () => {
    expect(hash.matches('token', hash.of('token'))).toBe(true);
    expect(hash.matches('other', hash.of('token'))).toBe(false);
    for (const damaged of ['', '.', 'token', `00000000.${hash.of('token').slice(9)}`]) expect(hash.matches('token', damaged)).toBe(false);
  });

  it('differs between purposes and between installations', () => {
    expect(new KeyedHash(MasterKeys.parse(firstKey), 'session').matches('token', hash.of('token'))).toBe(false);
    expect(new KeyedHash(MasterKeys.parse(secondKey), 'api-key').of('token')).not.toBe(hash.of('token'));
  });

  it('still fits, and can still be looked up, after the master key was rotated', () => {
    const rotated = new KeyedHash(MasterKeys.parse(`${secondKey},${firstKey}`), 'api-key');
    expect(rotated.matches('token', hash.of('token'))).toBe(true);
    expect(rotated.candidates('token')).toEqual([rotated.of('token'), hash.of('token')]);
  });
});
