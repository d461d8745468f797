import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { SecretOrKeyProvider } from 'passport-jwt';
import { TokenRejected } from './token-rejected.js';

/** Ours stay well below 1 KiB; anything longer is not worth parsing. */
const maxLength = 4_096;
/** Clocks of processes differ a little; as generous as upstream servers are. */
const leewaySeconds = 10;
const algorithm = 'HS256';

/** The key for a token that names master key `keyId` in its header; undefined for an unknown one. */
export type KeyFor = (keyId: string) => KeyObject | undefined;

/** The part of the options of a `passport-jwt` strategy that this library decides; the application adds `jwtFromRequest`. */
export type PassportOptions<Request = unknown> = {
  algorithms: [typeof algorithm];
  ignoreExpiration: true;
  passReqToCallback: true;
  secretOrKeyProvider: SecretOrKeyProvider<Request>;
};

export function signToken(claims: Record<string, unknown>, key: KeyObject, keyId: string): string {
  return jwt.sign(claims, key, { algorithm, keyid: keyId });
}

/** The claims of a token whose signature is right. Expiry, issuer and audience are still to be checked. */
export function openToken(token: string, keyFor: KeyFor): unknown {
  const key = keyOf(token, keyFor);
  try {
    return jwt.verify(token, key, { algorithms: [algorithm], ignoreExpiration: true });
  } catch (error) {
    throw new TokenRejected('signature', { cause: error });
  }
}

/**
 * `passport-jwt` checks the signature; the strategy's `validate` must pass the payload to `accept`, which checks everything else against our clock.
 * Keys are `KeyObject`s: with a secret in text form jsonwebtoken verifies 45 times more slowly.
 */
export function passportOptions<Request>(keyFor: (request: Request) => KeyFor): PassportOptions<Request> {
  return {
    algorithms: [algorithm],
    ignoreExpiration: true,
    passReqToCallback: true,
    secretOrKeyProvider: (request, token: string, done) => {
      try {
        done(null, keyOf(token, keyFor(request)) as never); // jsonwebtoken takes a KeyObject; the types of passport-jwt predate that
      } catch (error) {
        done(error);
      }
    },
  };
}

export function isExpired(expirySeconds: number, nowMs: number): boolean {
  return nowMs >= (expirySeconds + leewaySeconds) * 1_000;
}

function keyOf(token: string, keyFor: KeyFor): KeyObject {
  const key = keyFor(keyIdOf(token));
  if (!key) throw new TokenRejected('signature');
  return key;
}

function keyIdOf(token: string): string {
  const end = token.indexOf('.');
  if (end <= 0 || token.length > maxLength) throw new TokenRejected('malformed');
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, end), 'base64url').toString('utf8'));
    if (typeof header === 'object' && header !== null && 'kid' in header && typeof header.kid === 'string') return header.kid;
  } catch (error) {
    throw new TokenRejected('malformed', { cause: error });
  }
  throw new TokenRejected('signature');
}
