import { afterFailedSignIn, type SignInFailures, signInDelaySeconds } from './sign-in.rules.js';

const now = Date.UTC(2026, 10, 22);
const failed = (times: number): SignInFailures =>
  Array.from({ length: times }).reduce<SignInFailures | null>((failures) => afterFailedSignIn(failures, now), null) as SignInFailures;

describe('failed sign-ins', () => {
  it('cost nothing at first, then more and more time, never the account', () => {
    expect(signInDelaySeconds(null, now)).toBe(0);
    expect([1, 4, 5, 6, 7, 10, 15, 1_000].map((times) => signInDelaySeconds(failed(times), now))).toEqual([0, 0, 1, 2, 4, 32, 900, 900]);
  });

  it('let the next try through once the time is over', () => {
    expect(signInDelaySeconds(failed(10), now + 31_000)).toBe(1);
    expect(signInDelaySeconds(failed(10), now + 32_000)).toBe(0);
  });

  it('are forgotten after a day', () => {
    expect(signInDelaySeconds(failed(50), now + 86_400_000)).toBe(0);
    expect(afterFailedSignIn(failed(50), now + 86_400_000)).toEqual({ count: 1, lastMs: now + 86_400_000 });
  });
});
