import fc from 'fast-check';
import { base62Length, fromBase62, toBase62 } from './base62.js';

describe('base62', () => {
  it('gives back what went in, always in the same number of letters', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const text = toBase62(bytes);
        expect(text).toMatch(/^[0-9A-Za-z]+$/);
        expect(text).toHaveLength(base62Length(bytes.length));
        expect(fromBase62(text, bytes.length)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('refuses texts of another length, with foreign letters, or beyond the number of bytes', () => {
    expect(fromBase62('abc', 4)).toBeNull();
    expect(fromBase62('00000-', 4)).toBeNull();
    expect(fromBase62('zzzzzz', 4)).toBeNull();
    expect(fromBase62('', 4)).toBeNull();
  });
});
