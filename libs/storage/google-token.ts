import { createSign } from 'node:crypto';
import { guardedFetch } from '#libs/outbound/guarded-fetch.js';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';

export type GoogleToken = { token: string; expiresAt: Date };

/** A refusal of Google's token endpoint, or a key that cannot be used; the message says what Google said. */
export class GoogleTokenError extends Error {
  override readonly name = 'GoogleTokenError';
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const DEFAULT_TOKEN_URI = 'https://oauth2.googleapis.com/token';

/**
 * Exchanges a service account key (RFC 7523 JWT bearer grant) or an authorized user's refresh token for an access token.
 * The key's own `token_uri` is a URL that a user gave, so the exchange goes through the guarded client; the SDK's would not.
 */
export async function googleAccessToken(key: Record<string, unknown>, options: { policy?: OutboundPolicy; now?: () => number } = {}): Promise<GoogleToken> {
  const now = (options.now ?? Date.now)();
  const tokenUri = typeof key.token_uri === 'string' ? key.token_uri : DEFAULT_TOKEN_URI;
  const form = key.type === 'authorized_user' ? refreshGrant(key) : key.type === 'service_account' ? jwtGrant(key, tokenUri, now) : undefined;
  if (!form) throw new GoogleTokenError(`Google credentials of type '${String(key.type)}' cannot be used on the server.`);
  const answer = await guardedFetch(tokenUri, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    policy: options.policy ?? OutboundPolicy.publicOnly,
    maxRedirects: 0,
  });
  const reply = parsed(answer.text());
  if (answer.status !== 200 || typeof reply.access_token !== 'string') {
    throw new GoogleTokenError(`Google refused the credentials: ${String(reply.error_description ?? reply.error ?? `status ${answer.status}`).slice(0, 200)}`);
  }
  const seconds = typeof reply.expires_in === 'number' ? reply.expires_in : 3600;
  return { token: reply.access_token, expiresAt: new Date(now + seconds * 1000) };
}

function jwtGrant(key: Record<string, unknown>, audience: string, now: number): Record<string, string> {
  const seconds = Math.floor(now / 1000);
  const head = { alg: 'RS256', typ: 'JWT', ...(typeof key.private_key_id === 'string' && { kid: key.private_key_id }) };
  const claims = { iss: key.client_email, scope: SCOPE, aud: audience, iat: seconds, exp: seconds + 3600 };
  const content = `${base64url(head)}.${base64url(claims)}`;
  try {
    const signature = createSign('RSA-SHA256').update(content).sign(String(key.private_key), 'base64url');
    return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: `${content}.${signature}` };
  } catch (error) {
    throw new GoogleTokenError('The private key of the service account key cannot be read.', { cause: error });
  }
}

function refreshGrant(key: Record<string, unknown>): Record<string, string> {
  return {
    grant_type: 'refresh_token',
    client_id: String(key.client_id),
    client_secret: String(key.client_secret),
    refresh_token: String(key.refresh_token),
  };
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
