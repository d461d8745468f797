import { equalsInConstantTime } from './constant-time.js';

describe('comparing secrets', () => {
  it('finds equal texts equal and all others different, whatever their length', () => {
    expect(equalsInConstantTime('secret', 'secret')).toBe(true);
    expect(equalsInConstantTime('secret', 'Secret')).toBe(false);
    expect(equalsInConstantTime('secret', 'secret ')).toBe(false);
    expect(equalsInConstantTime('', 'secret')).toBe(false);
    expect(equalsInConstantTime('', '')).toBe(true);
  });
});
