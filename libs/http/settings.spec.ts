import { parseTrustProxy } from './settings.js';

describe('whose word counts for where a request comes from', () => {
  it('is nobody unless said otherwise', () => {
    for (const text of [undefined, '', 'off', 'OFF', 'false', '0']) expect(parseTrustProxy(text)).toBe(false);
  });
  it('is everybody, a number of proxies, or those at given addresses', () => {
    expect(parseTrustProxy('on')).toBe(true);
    expect(parseTrustProxy('2')).toBe(2);
    expect(parseTrustProxy('10.0.0.0/8, ::1,loopback')).toEqual(['10.0.0.0/8', '::1', 'loopback']);
  });
  it('is not guessed from what cannot be understood', () => {
    for (const text of ['maybe', '10.0.0.0/33', '10.0.0.1,proxy.example.com', '1.5', '-1', '::1/129', ','])
      expect(() => parseTrustProxy(text)).toThrow('is neither on, off, a number of proxies');
  });
});
