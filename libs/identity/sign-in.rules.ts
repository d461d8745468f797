/** Failed sign-ins under one name or from one address. */
export type SignInFailures = { count: number; lastMs: number };

const freeFailures = 5;
const maxDelaySeconds = 900;
const forgetAfterMs = 24 * 3_600_000;

/** Seconds until the next try is looked at; 0: now. Grows with the failures instead of locking the account, which an attacker could do to anybody. */
export function signInDelaySeconds(failures: SignInFailures | null, nowMs: number): number {
  if (!failures || nowMs - failures.lastMs >= forgetAfterMs || failures.count < freeFailures) return 0;
  const delay = Math.min(2 ** Math.min(failures.count - freeFailures, 20), maxDelaySeconds);
  return Math.max(0, Math.ceil(delay - (nowMs - failures.lastMs) / 1_000));
}

/** The failures after one more. A success deletes them. */
export function afterFailedSignIn(failures: SignInFailures | null, nowMs: number): SignInFailures {
  const isForgotten = !failures || nowMs - failures.lastMs >= forgetAfterMs;
  return { count: isForgotten ? 1 : failures.count + 1, lastMs: nowMs };
}
