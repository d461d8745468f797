import { newDeviceCode, newLinkUserCode, newUserCode, normalizeUserCode } from './device-code.js';

describe('codes of the device flow', () => {
  it('are long for machines and short for people', () => {
    expect(newDeviceCode()).toMatch(/^[0-9a-f]{64}$/);
    expect(newLinkUserCode()).toMatch(/^[0-9a-f]{32}$/);
    expect(newUserCode()).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  });

  it('may be typed carelessly', () => {
    for (const typed of ['WDJB-MJHT', 'wdjbmjht', ' wdjb mjht ', 'WDJB–MJHT']) expect(normalizeUserCode(typed)).toBe('WDJB-MJHT');
    expect(normalizeUserCode(' abc ')).toBe('abc');
  });
});
