import fc from 'fast-check';
import { parseExact, plainNumbers, ReservedCharacter, writeExact } from './exact.js';

describe('exact JSON', () => {
  const again = (text: string) => writeExact(JSON.stringify(parseExact(text)));

  it('gives numbers back in the characters they came in', () => {
    for (const text of ['{"lr":1.0,"eps":1e-05,"id":12345678901234567890,"n":-0.10}', '[1.0,2.50,3]', '1.0', '{"a":{"b":[1.0]}}'])
      expect(again(text)).toBe(text);
  });

  it('writes them inside JSON that stands in a JSON string, too', () => {
    const inner = JSON.stringify(parseExact('{"lr":1.0}'));
    expect(writeExact(JSON.stringify({ config: inner }))).toBe(JSON.stringify({ config: '{"lr":1.0}' }));
  });

  it('leaves strings alone that look like numbers', () => {
    expect(parseExact('{"version":"1.0","text":"x, 2.0]"}')).toEqual({ version: '1.0', text: 'x, 2.0]' });
  });

  it('reads what JSON.parse reads, and refuses what it refuses', () => {
    for (const text of ['{"a":01.0}', '{1.0:2}', '[1.0', '{"a":1.}', '']) expect(() => parseExact(text)).toThrow(SyntaxError);
    fc.assert(fc.property(fc.json(), (text) => expect(plainNumbers(parseExact(text))).toEqual(JSON.parse(text))));
  });

  it('takes no longer for what looks as if it went on, which would never end if each quote or backslash were looked at again', () => {
    const many = 1_000_000;
    expect(() => parseExact(`[1e5,"${'\\"'.repeat(many)}`)).toThrow(SyntaxError);
    const text = `{"a":1.0,"b":"${'\\\\'.repeat(many)}"}`;
    expect(again(text) === text).toBe(true);
  });

  it('accepts no text from outside that would pass for a number', () => {
    expect(() => parseExact('"\u{10FFFF}1.0"')).toThrow(ReservedCharacter);
    expect(() => parseExact('"\\udbff\\udfff1.0"')).toThrow(ReservedCharacter);
  });
});
