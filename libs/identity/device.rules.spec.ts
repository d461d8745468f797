import { approveDevice, type DeviceState, isDeviceUsable, pollDevice } from './device.rules.js';

const now = Date.UTC(2026, 10, 22);
const pending: DeviceState = { status: 'pending', userId: null, expiresAtMs: now + 300_000, failedAttempts: 0, isTrusted: false, lastPolledMs: null };
const apply = (device: DeviceState, change?: Partial<DeviceState>): DeviceState => ({ ...device, ...change });

describe('asking for the token of a device', () => {
  it('goes on until a person approves, gives the token once, and then never again', () => {
    expect(pollDevice(pending, true, now)).toMatchObject({ granted: false, error: 'authorization_pending' });
    const approval = approveDevice(pending, true, 'ada', true, now);
    const verified = apply(pending, approval.change);
    expect(verified).toMatchObject({ status: 'verified', userId: 'ada', isTrusted: true });
    const answer = pollDevice(verified, true, now);
    expect(answer).toMatchObject({ granted: true });
    const active = apply(verified, answer.change);
    expect(active.status).toBe('active');
    expect(pollDevice(active, true, now)).toMatchObject({ granted: false, error: 'expired_token' });
  });

  it('is told to slow down when it comes much faster than agreed', () => {
    expect(pollDevice(apply(pending, { lastPolledMs: now - 1_000 }), true, now)).toMatchObject({ error: 'slow_down', change: { lastPolledMs: now } });
    expect(pollDevice(apply(pending, { lastPolledMs: now - 4_000 }), true, now)).toMatchObject({ error: 'authorization_pending' });
    expect(pollDevice(apply(pending, { lastPolledMs: now - 10, status: 'verified', userId: 'ada' }), true, now)).toMatchObject({ granted: true });
  });

  it('ends for an unknown client, a locked device and expired codes', () => {
    expect(pollDevice(null, true, now)).toMatchObject({ error: 'invalid_client' });
    expect(pollDevice(apply(pending, { status: 'locked' }), true, now)).toMatchObject({ error: 'access_denied' });
    for (const status of ['pending', 'verified'] as const)
      expect(pollDevice(apply(pending, { status }), true, now + 300_000)).toMatchObject({ error: 'expired_token' });
  });

  it('locks an approved device at the third wrong code', () => {
    let device = apply(pending, { status: 'verified', userId: 'ada' });
    for (let tries = 1; tries <= 3; tries++) {
      const answer = pollDevice(device, false, now);
      expect(answer).toMatchObject({ granted: false, error: 'access_denied' });
      device = apply(device, answer.change);
    }
    expect(device).toMatchObject({ status: 'locked', failedAttempts: 3 });
    expect(pollDevice(device, true, now)).toMatchObject({ error: 'access_denied' });
  });

  it('cannot be spoilt for somebody else by wrong codes before the approval', () => {
    expect(pollDevice(pending, false, now)).toEqual({ ...pollDevice(pending, true, now) });
  });
});

describe('approving a device', () => {
  it('is for pending, unexpired, unclaimed or own devices with the right code', () => {
    expect(approveDevice(null, true, 'ada', false, now)).toEqual({ approved: false, because: 'unknown' });
    expect(approveDevice(apply(pending, { userId: 'bob' }), true, 'ada', false, now)).toEqual({ approved: false, because: 'unknown' });
    expect(approveDevice(apply(pending, { userId: 'ada' }), true, 'ada', false, now)).toMatchObject({ approved: true });
    for (const status of ['verified', 'active', 'locked'] as const)
      expect(approveDevice(apply(pending, { status }), true, 'ada', false, now)).toEqual({ approved: false, because: 'not_pending' });
    expect(approveDevice(pending, true, 'ada', false, now + 300_000)).toEqual({ approved: false, because: 'expired' });
  });

  it('locks the device at the third wrong code', () => {
    expect(approveDevice(apply(pending, { failedAttempts: 2 }), false, 'ada', false, now)).toEqual({
      approved: false,
      because: 'wrong_code',
      change: { failedAttempts: 3, status: 'locked' },
    });
  });
});

describe('a device', () => {
  it('can be used while it is active and not expired', () => {
    expect(isDeviceUsable({ status: 'active', expiresAtMs: null }, now)).toBe(true);
    expect(isDeviceUsable({ status: 'active', expiresAtMs: now }, now)).toBe(false);
    for (const status of ['pending', 'verified', 'locked'] as const) expect(isDeviceUsable({ status, expiresAtMs: null }, now)).toBe(false);
  });
});
