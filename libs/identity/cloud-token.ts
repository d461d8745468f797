import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { MasterKeys } from '#libs/crypto/master-key.js';
import type { Clock } from './clock.js';
import { isExpired, openToken, type PassportOptions, passportOptions, signToken } from './signed-token.js';
import { TokenRejected } from './token-rejected.js';

const id = z.guid();
const common = { sub: id, iss: z.string(), aud: z.string(), iat: z.number(), exp: z.number(), jti: id };
// What the bearer of a token first signed in with: revoking that revokes the token.
const origin = { session_id: id.optional(), device_id: id.optional(), api_key_id: id.optional(), key_gen: z.number().int().optional() };

const cloudClaims = z.discriminatedUnion('typ', [
  /** A person in a browser. */
  z.object({ ...common, typ: z.literal('session'), session_id: id }),
  /** A command line that a person approved. */
  z.object({ ...common, typ: z.literal('device'), device_id: id }),
  /** In exchange for a person's key. */
  z.object({ ...common, typ: z.literal('api_key'), api_key_id: id, key_gen: z.number().int() }),
  /** In exchange for a service account's key. */
  z.object({ ...common, typ: z.literal('service_account'), api_key_id: id, key_gen: z.number().int(), organization_id: id }),
  /** An attached workspace server; `sub` is the workspace. */
  z.object({ ...common, typ: z.literal('workspace'), workspace_id: id, organization_id: id, enrollment_key_id: id }),
  /** Made by a person or account for a script. */
  z.object({ ...common, ...origin, typ: z.literal('automation'), organization_id: id.optional() }),
  /** Good for signing in to one workspace and nothing else. */
  z.object({ ...common, ...origin, typ: z.literal('workspace_authorization'), workspace_id: id, organization_id: id.optional() }),
]);

export type CloudClaims = z.infer<typeof cloudClaims>;
export type CloudTokenType = CloudClaims['typ'];

type Issued = 'iss' | 'aud' | 'iat' | 'exp' | 'jti';
type WithoutIssued<T> = T extends unknown ? Omit<T, Issued> : never;
/** The claims that the caller of `sign` decides. */
export type NewCloudToken = WithoutIssued<CloudClaims>;

const hour = 3_600;

/** Seconds a token lives unless told otherwise. Workspace servers log in anew before every call when theirs lives 300 s or less. */
export const cloudLifetimeSeconds: Record<CloudTokenType | 'trusted_device', number> = {
  session: 12 * hour,
  device: 24 * hour,
  trusted_device: 30 * 24 * hour,
  api_key: hour,
  service_account: hour,
  workspace: hour,
  automation: hour,
  workspace_authorization: 300,
};

/** Tokens of the control plane: signed JWTs (HS256, key derived from the master key), opaque to all clients. */
export class CloudTokens {
  /** `url`: the canonical URL of the control plane, which is issuer and audience of its tokens. */
  constructor(
    private readonly master: MasterKeys,
    private readonly url: string,
    private readonly clock: Clock,
  ) {}

  /** `notAfterMs` cuts the life short: a token never outlives the key, device or session that it came from. */
  sign(
    token: NewCloudToken,
    options: { lifetimeSeconds?: number; notAfterMs?: number | null } = {},
  ): { token: string; expiresInSeconds: number; claims: CloudClaims } {
    const nowMs = this.clock();
    const wanted = Math.floor(nowMs / 1_000) + (options.lifetimeSeconds ?? cloudLifetimeSeconds[token.typ]);
    const exp = options.notAfterMs == null ? wanted : Math.min(wanted, Math.floor(options.notAfterMs / 1_000));
    const claims: CloudClaims = { ...token, iss: this.url, aud: this.url, iat: nowMs / 1_000, exp, jti: randomUUID() };
    const keyId = this.master.currentId;
    return {
      token: signToken(claims, this.master.derive('cloud-token', keyId), keyId),
      expiresInSeconds: Math.max(0, exp - Math.floor(nowMs / 1_000)),
      claims,
    };
  }

  /** The claims, or TokenRejected. Whether the user, key, device or session still exists is for the caller to ask the database. */
  verify(token: string): CloudClaims {
    return this.accept(openToken(token, this.#keyFor));
  }

  /** Everything but the signature, which `passport-jwt` has checked by then. */
  accept(payload: unknown): CloudClaims {
    const parsed = cloudClaims.safeParse(payload);
    if (!parsed.success) throw new TokenRejected('claims', { cause: parsed.error });
    const claims = parsed.data;
    if (claims.iss !== this.url) throw new TokenRejected('issuer');
    if (claims.aud !== this.url) throw new TokenRejected('audience');
    if (isExpired(claims.exp, this.clock())) throw new TokenRejected('expired');
    return claims;
  }

  passportOptions(): PassportOptions {
    return passportOptions(() => this.#keyFor);
  }

  readonly #keyFor = (keyId: string) => (this.master.has(keyId) ? this.master.derive('cloud-token', keyId) : undefined);
}
