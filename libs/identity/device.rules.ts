/** pending → (a person approves) verified → (the command line fetches its token) active; locked ends all of it until it is unlocked. */
export type DeviceStatus = 'pending' | 'verified' | 'active' | 'locked';

/** What a device authorization is judged by. */
export type DeviceState = {
  status: DeviceStatus;
  userId: string | null;
  /** Null: never. */
  expiresAtMs: number | null;
  failedAttempts: number;
  isTrusted: boolean;
  lastPolledMs?: number | null;
};

/** Columns to write, whatever the answer. */
export type DeviceChange = Partial<DeviceState>;

/** Error words of RFC 8628 section 3.5; any but the first two end the client's loop. */
export type DeviceError = 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_client';

export type PollAnswer = { granted: true; change: DeviceChange } | { granted: false; error: DeviceError; description: string; change?: DeviceChange };

/** How long the codes of a device authorization live, and how often the client may ask. */
export const deviceCodeTimes = { expiresInSeconds: 300, intervalSeconds: 5 };

const maxFailedAttempts = 3;
/** Clients sleep for the interval and ask again; their clock and the network get this much slack before they are told to slow down. */
const pollSlackMs = 2_000;

/** The answer to a token request of the device flow. `device` is null when the client is unknown. */
export function pollDevice(device: DeviceState | null, isCodeRight: boolean, nowMs: number): PollAnswer {
  if (!device) return refuse('invalid_client', 'This client has not started a device authorization.');
  if (device.status === 'locked') return refuse('access_denied', 'This device is locked.');
  if (device.status === 'active' || isPast(device.expiresAtMs, nowMs))
    return refuse('expired_token', 'The device code has expired or was used before. Start again.');
  const change: DeviceChange = { lastPolledMs: nowMs };
  // Whether the code is right shows only after approval: before, whoever knows the client id could lock somebody else's log-in with wrong codes.
  if (device.status === 'pending') {
    const tooSoon = device.lastPolledMs != null && nowMs - device.lastPolledMs < deviceCodeTimes.intervalSeconds * 1_000 - pollSlackMs;
    return tooSoon ? refuse('slow_down', 'Asking too often.', change) : refuse('authorization_pending', 'Waiting for approval in the browser.', change);
  }
  if (!isCodeRight) return refuse('access_denied', 'The device code is wrong.', failure(device));
  return { granted: true, change: { ...change, status: 'active', failedAttempts: 0 } };
}

export type ApprovalAnswer =
  | { approved: true; change: DeviceChange }
  | { approved: false; because: 'unknown' | 'expired' | 'not_pending' | 'wrong_code'; change?: DeviceChange };

/** Whether `userId` may approve a device, and what that changes. Another person's device is unknown. */
export function approveDevice(device: DeviceState | null, isCodeRight: boolean, userId: string, isTrusted: boolean, nowMs: number): ApprovalAnswer {
  if (!device || (device.userId !== null && device.userId !== userId)) return { approved: false, because: 'unknown' };
  if (device.status !== 'pending') return { approved: false, because: 'not_pending' };
  if (isPast(device.expiresAtMs, nowMs)) return { approved: false, because: 'expired' };
  if (!isCodeRight) return { approved: false, because: 'wrong_code', change: failure(device) };
  return { approved: true, change: { status: 'verified', userId, isTrusted, failedAttempts: 0 } };
}

/** Whether tokens issued to the device still stand. */
export function isDeviceUsable(device: Pick<DeviceState, 'status' | 'expiresAtMs'>, nowMs: number): boolean {
  return device.status === 'active' && !isPast(device.expiresAtMs, nowMs);
}

function failure(device: DeviceState): DeviceChange {
  const failedAttempts = device.failedAttempts + 1;
  return failedAttempts >= maxFailedAttempts ? { failedAttempts, status: 'locked' } : { failedAttempts };
}

function refuse(error: DeviceError, description: string, change?: DeviceChange): PollAnswer {
  return { granted: false, error, description, ...(change ? { change } : {}) };
}

function isPast(momentMs: number | null, nowMs: number): boolean {
  return momentMs !== null && nowMs >= momentMs;
}
