import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { MasterKeys } from '#libs/crypto/master-key.js';
import { CloudTokens, cloudLifetimeSeconds } from './cloud-token.js';
import { TokenRejected, type TokenRejection } from './token-rejected.js';

const [firstKey, secondKey] = ['a1'.repeat(32), 'b2'.repeat(32)];
const [url, user, device, workspace, organization] = [
  'http://localhost:8080',
  ...[1, 2, 3, 4].map((n) => `${`${n}`.repeat(8)}-1111-4111-8111-111111111111`),
] as [string, string, string, string, string];
let now: number;
const clock = () => now;
const tokens = new CloudTokens(MasterKeys.parse(firstKey), url, clock);

function rejection(act: () => unknown): TokenRejection | 'accepted' {
  try {
    act();
    return 'accepted';
  } catch (error) {
    if (error instanceof TokenRejected) return error.reason;
    throw error;
  }
}

beforeEach(() => (now = Date.UTC(2026, 10, 22, 12, 0, 0, 250)));

describe('a token of the control plane', () => {
  it('carries what it was signed with, to its own server and back', () => {
    const { token, expiresInSeconds, claims } = tokens.sign({ typ: 'device', sub: user, device_id: device });
    expect(tokens.verify(token)).toEqual(claims);
    expect(claims).toMatchObject({ typ: 'device', sub: user, device_id: device, iss: url, aud: url, iat: now / 1_000 });
    expect(expiresInSeconds).toBe(24 * 3_600);
  });

  it('is different each time', () => {
    expect(tokens.sign({ typ: 'automation', sub: user }).claims.jti).not.toBe(tokens.sign({ typ: 'automation', sub: user }).claims.jti);
  });

  it('ends when its time is over, with a few seconds for clocks that differ', () => {
    const { token } = tokens.sign({ typ: 'automation', sub: user });
    now += 3_600_000 + 9_000;
    expect(rejection(() => tokens.verify(token))).toBe('accepted');
    now += 2_000;
    expect(rejection(() => tokens.verify(token))).toBe('expired');
  });

  it('never outlives what it came from', () => {
    const { expiresInSeconds } = tokens.sign({ typ: 'api_key', sub: user, api_key_id: device, key_gen: 1 }, { notAfterMs: now + 90_000 });
    expect(expiresInSeconds).toBe(90);
    expect(tokens.sign({ typ: 'api_key', sub: user, api_key_id: device, key_gen: 1 }, { notAfterMs: null }).expiresInSeconds).toBe(3_600);
  });

  it('of a workspace server lives long enough that the server does not log in before every call', () => {
    expect(cloudLifetimeSeconds.workspace).toBeGreaterThan(300);
  });

  it('is refused when anything in it was changed', () => {
    const [header, payload, signature] = tokens.sign({ typ: 'automation', sub: user }).token.split('.') as [string, string, string];
    const altered = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: device })).toString('base64url');
    expect(rejection(() => tokens.verify(`${header}.${altered}.${signature}`))).toBe('signature');
    expect(rejection(() => tokens.verify(`${header}.${payload}.`))).toBe('signature');
  });

  it('is refused when signed by nobody, by another algorithm, or by another installation', () => {
    const claims = tokens.sign({ typ: 'automation', sub: user }).claims;
    const keyid = MasterKeys.parse(firstKey).currentId;
    expect(rejection(() => tokens.verify(jwt.sign(claims, null as never, { algorithm: 'none', keyid })))).toBe('signature');
    expect(rejection(() => tokens.verify(jwt.sign(claims, MasterKeys.parse(firstKey).derive('cloud-token'), { algorithm: 'HS512', keyid })))).toBe('signature');
    expect(rejection(() => tokens.verify(jwt.sign(claims, createSecretKey(Buffer.alloc(32)), { keyid })))).toBe('signature');
    expect(rejection(() => tokens.verify(new CloudTokens(MasterKeys.parse(secondKey), url, clock).sign({ typ: 'automation', sub: user }).token))).toBe(
      'signature',
    );
  });

  it('is refused by a server of another URL', () => {
    const elsewhere = new CloudTokens(MasterKeys.parse(firstKey), 'http://127.0.0.1:8080', clock);
    expect(rejection(() => elsewhere.verify(tokens.sign({ typ: 'automation', sub: user }).token))).toBe('issuer');
  });

  it('must have the claims of its type', () => {
    const claims = tokens.sign({ typ: 'automation', sub: user }).claims;
    for (const change of [
      { typ: 'device' },
      { typ: 'workspace', workspace_id: workspace },
      { typ: 'root' },
      { sub: 'admin' },
      { exp: undefined },
      { typ: 'session', session_id: 7 },
    ]) {
      expect(rejection(() => tokens.accept({ ...claims, ...change }))).toBe('claims');
    }
    expect(
      rejection(() => tokens.accept({ ...claims, typ: 'workspace', workspace_id: workspace, organization_id: organization, enrollment_key_id: device })),
    ).toBe('accepted');
    for (const payload of [null, undefined, 'text', [], {}]) expect(rejection(() => tokens.accept(payload))).toBe('claims');
  });

  it.each(['', '.', '..', 'a.b.c', 'null', `${Buffer.from('null').toString('base64url')}.x.y`, `${'x'.repeat(5_000)}.y.z`, 'ZENPROKEY_abc', '\u0000.\u0000'])(
    'is not %j',
    (text) => {
      expect(['malformed', 'signature']).toContain(rejection(() => tokens.verify(text)));
    },
  );

  it('outlasts a rotation of the master key until the old key is taken away', () => {
    const { token } = tokens.sign({ typ: 'automation', sub: user });
    expect(rejection(() => new CloudTokens(MasterKeys.parse(`${secondKey},${firstKey}`), url, clock).verify(token))).toBe('accepted');
    expect(rejection(() => new CloudTokens(MasterKeys.parse(secondKey), url, clock).verify(token))).toBe('signature');
  });
});
