import { safeNext } from './page.js';

describe('where a page may lead', () => {
  it('keeps paths of this site', () => expect(safeNext('/devices/verify?user_code=ABCD-EFGH')).toBe('/devices/verify?user_code=ABCD-EFGH'));

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/a\nb', '/ \t/evil', '', null, undefined])(
    'leads home instead of to %j',
    (next) => expect(safeNext(next)).toBe('/'),
  );
});
