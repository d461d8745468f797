import jwt from 'jsonwebtoken';
import { Strategy } from 'passport-jwt';
import { MasterKeys } from '#libs/crypto/master-key.js';
import { TokenRejected, type TokenRejection } from './token-rejected.js';
import { type WorkspaceClaims, WorkspaceTokens } from './workspace-token.js';

const [user, workspace, otherWorkspace, run] = [1, 2, 3, 4].map((n) => `${`${n}`.repeat(8)}-1111-4111-8111-111111111111`) as [string, string, string, string];
let now: number;
const master = MasterKeys.parse('a1'.repeat(32));
const tokens = new WorkspaceTokens(master, () => now);

function rejection(act: () => unknown): TokenRejection | 'accepted' {
  try {
    act();
    return 'accepted';
  } catch (error) {
    if (error instanceof TokenRejected) return error.reason;
    throw error;
  }
}

beforeEach(() => (now = Date.UTC(2026, 10, 22, 12, 0, 0, 123)));

describe('a token of a workspace', () => {
  it('has the claims that existing clients and servers know', () => {
    const { token, expiresInSeconds } = tokens.sign(workspace, { sub: user, api_key_id: run, key_gen: 2 }, { lifetimeSeconds: 3_600 });
    expect(jwt.decode(token, { complete: true })).toMatchObject({
      header: { alg: 'HS256' },
      payload: { sub: user, iss: workspace, aud: workspace, iat: now / 1_000, exp: Math.floor(now / 1_000) + 3_600, api_key_id: run, key_gen: 2 },
    });
    expect(expiresInSeconds).toBe(3_600);
    expect(tokens.verify(token, workspace)).toMatchObject({ sub: user, iat: now / 1_000 });
  });

  it('is refused by every other workspace, by its signature already', () => {
    const { token, claims } = tokens.sign(workspace, { sub: user }, { lifetimeSeconds: 3_600 });
    expect(rejection(() => tokens.verify(token, otherWorkspace))).toBe('signature');
    expect(rejection(() => tokens.accept(claims, otherWorkspace))).toBe('issuer');
    expect(rejection(() => tokens.accept({ ...claims, aud: otherWorkspace }, workspace))).toBe('audience');
  });

  it('may never expire', () => {
    const { token, expiresInSeconds, claims } = tokens.sign(workspace, { sub: user, pipeline_run_id: run }, { lifetimeSeconds: null });
    expect(expiresInSeconds).toBeNull();
    expect(claims).not.toHaveProperty('exp');
    now += 10 * 365 * 86_400_000;
    expect(rejection(() => tokens.verify(token, workspace))).toBe('accepted');
  });

  it('ends at the earlier of its own life and that of what it came from', () => {
    expect(tokens.sign(workspace, { sub: user }, { lifetimeSeconds: 3_600, notAfterMs: now + 60_000 }).expiresInSeconds).toBe(60);
    const { token, expiresInSeconds } = tokens.sign(workspace, { sub: user }, { lifetimeSeconds: null, notAfterMs: now + 60_000 });
    expect(expiresInSeconds).toBe(60);
    now += 71_000;
    expect(rejection(() => tokens.verify(token, workspace))).toBe('expired');
  });

  describe('behind passport-jwt', () => {
    type Request = { workspaceId: string; token: string };
    const judge = (request: Request) =>
      new Promise<WorkspaceClaims | Error>((resolve, reject) => {
        const options = {
          ...tokens.passportOptions<Request>(({ workspaceId }) => workspaceId),
          passReqToCallback: true as const,
          jwtFromRequest: (request: Request) => request.token,
        };
        const strategy = new Strategy(options as never, (from: Request, payload: unknown, done: (error: unknown, user?: unknown) => void) => {
          try {
            done(null, tokens.accept(payload, from.workspaceId));
          } catch (error) {
            done(error);
          }
        });
        Object.assign(strategy, { success: resolve, fail: resolve, error: reject });
        strategy.authenticate(request as never);
      });

    it('is accepted where it belongs and refused elsewhere', async () => {
      const { token, claims } = tokens.sign(workspace, { sub: user }, { lifetimeSeconds: 3_600 });
      expect(await judge({ workspaceId: workspace, token })).toEqual(claims);
      expect(await judge({ workspaceId: otherWorkspace, token })).toBeInstanceOf(Error);
      expect(await judge({ workspaceId: workspace, token: `${token}x` })).toBeInstanceOf(Error);
      expect(await judge({ workspaceId: workspace, token: 'nonsense' })).toBeInstanceOf(TokenRejected);
    });

    it('is refused after its time, by our clock', async () => {
      const { token } = tokens.sign(workspace, { sub: user }, { lifetimeSeconds: 60 });
      now += 71_000;
      await expect(judge({ workspaceId: workspace, token })).rejects.toMatchObject({ reason: 'expired' });
    });
  });
});
