import { randomUUID } from 'node:crypto';
import { mintLocalKey, parseLocalKey } from './local-key.js';

describe("a workspace's own API key", () => {
  const id = randomUUID();

  it('has the form that clients know', () => {
    const { wire, key } = mintLocalKey(id);
    expect(wire).toMatch(/^ZENKEY_/);
    expect(JSON.parse(Buffer.from(wire.slice(7), 'base64').toString())).toEqual({ id, key });
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(parseLocalKey(wire)).toEqual({ id, key });
  });

  it('is nothing else', () => {
    const encode = (value: unknown) => `ZENKEY_${Buffer.from(JSON.stringify(value)).toString('base64')}`;
    const key = 'ab'.repeat(32);
    for (const text of [
      '',
      'ZENKEY_',
      'ZENKEY_!!!',
      encode(null),
      encode({ id }),
      encode({ id: 'x', key }),
      encode({ id, key: 'short' }),
      encode({ id, key, padding: 'x'.repeat(600) }),
    ]) {
      expect(parseLocalKey(text)).toBeNull();
    }
  });
});
