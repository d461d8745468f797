import { FailedAttempts } from './failed-attempts.js';

function at(limits: { perMinute: number; perDay: number } | null) {
  const clock = { nowMs: 1_000_000_000 };
  return { clock, attempts: new FailedAttempts(limits, () => clock.nowMs) };
}

const refused = { status: 429, message: expect.stringContaining('Too many failed attempts') };

describe('FailedAttempts', () => {
  it('lets an address fail as often in a minute as the limit says, and says how long to wait', () => {
    const { clock, attempts } = at({ perMinute: 2, perDay: 100 });
    attempts.note('a');
    clock.nowMs += 20_000;
    attempts.assertAllowed('a');
    attempts.note('a');
    expect(() => attempts.assertAllowed('a')).toThrow('Try again in 40 seconds.');
    clock.nowMs += 40_000;
    attempts.assertAllowed('a');
  });

  it('counts addresses apart', () => {
    const { attempts } = at({ perMinute: 1, perDay: 100 });
    attempts.note('a');
    attempts.assertAllowed('b');
    expect(() => attempts.assertAllowed('a')).toThrow(expect.objectContaining(refused));
  });

  it('remembers for a day', () => {
    const { clock, attempts } = at({ perMinute: 5, perDay: 3 });
    for (let i = 0; i < 3; i += 1) {
      attempts.note('a');
      clock.nowMs += 120_000;
    }
    expect(() => attempts.assertAllowed('a')).toThrow(expect.objectContaining(refused));
    clock.nowMs += 86_400_000 - 360_000 + 1;
    attempts.assertAllowed('a');
  });

  it('counts nothing where limits are off', () => {
    const { attempts } = at(null);
    for (let i = 0; i < 1_000; i += 1) attempts.note('a');
    attempts.assertAllowed('a');
  });
});
