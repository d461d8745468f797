import { randomHex, randomLetters, randomToken } from './random.js';

describe('random texts', () => {
  it('have the asked length and alphabet', () => {
    expect(randomHex(16)).toMatch(/^[0-9a-f]{32}$/);
    expect(randomToken()).toMatch(/^[0-9A-Za-z]{43}$/);
    expect(randomLetters('ABC', 12)).toMatch(/^[ABC]{12}$/);
  });

  it('draw every letter about equally often', () => {
    const counts = new Map<string, number>();
    for (const letter of randomLetters('ABCDEFGHIJKLMNOPQRSTUVWXYZ01234', 31_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(31);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(250); // about eight standard deviations
  });
});
