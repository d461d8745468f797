import { withoutEnd, withoutEnds } from './trim.js';

describe('trimming', () => {
  it('takes characters off the end, or off both', () => {
    expect(withoutEnd('//a//b//', '/')).toBe('//a//b');
    expect(withoutEnds(`"'a"b'"`, `'"`)).toBe('a"b');
    expect([withoutEnd('///', '/'), withoutEnds('///', '/'), withoutEnd('', '/')]).toEqual(['', '', '']);
  });

  it('is done with a long run that something else follows', () => {
    const text = `${'/'.repeat(2_000_000)}x`;
    expect(withoutEnd(text, '/').length).toBe(text.length);
    expect(withoutEnds(`x${text}`, '/').length).toBe(text.length + 1);
  });
});
