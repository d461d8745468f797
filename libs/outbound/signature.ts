import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/** A secret of 256 random bits, in the form that Standard Webhooks (standardwebhooks.com) has receivers' libraries expect. */
export function newSigningSecret(): string {
  return `${prefix}${randomBytes(32).toString('base64')}`;
}

/**
 * Headers that let a receiver check that a request is ours, that it is about this body, and how old it is: `webhook-id` names the delivery, the same one
 * at every attempt; `webhook-signature` holds one HMAC-SHA256 of `<id>.<timestamp>.<body>` per secret, so that a receiver that has not yet learned a new
 * secret accepts it by the old one.
 */
export function signedHeaders(secrets: readonly string[], id: string, nowMs: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
