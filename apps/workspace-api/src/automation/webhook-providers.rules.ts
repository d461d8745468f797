import { createHmac } from 'node:crypto';
import { equalsInConstantTime } from '#libs/crypto/constant-time.js';
import { parseExact } from '#libs/json/exact.js';

export type Headers = Record<string, string | string[] | undefined>;

/** An event as a provider reports it. Without a delivery id one is made up. */
export type Delivery = {
  event: { type: string; deliveryId: string | null; payload: Record<string, unknown> } | null;
  reply: { status: 200 | 202; body: string | null };
};

/** The request was not signed with the webhook's secret. Whoever sent it learns no more than that. */
export class NotAuthentic extends Error {}

/** The request was signed but says nothing that we understand. */
export class BadPayload extends Error {}

export type WebhookProvider = {
  /** Looks at headers before anything is read. @throws BadPayload */
  preCheck?: (headers: Headers) => void;
  /** Over the bytes as they came: anything parsed and printed again could differ. @throws NotAuthentic */
  authenticate: (body: Buffer, headers: Headers, secret: string, nowMs: number) => void;
  /** @throws BadPayload */
  parse: (body: Buffer, headers: Headers) => Delivery;
};

const accepted = { status: 202, body: null } as const;

const custom: WebhookProvider = {
  authenticate: (body, headers, secret) => assertPrefixed(body, headers, 'x-zenml-signature-256', secret),
  parse(body, headers) {
    const payload = objectOf(body);
    return { event: { type: required(headers, 'x-zenml-event'), deliveryId: header(headers, 'x-zenml-delivery'), payload }, reply: accepted };
  },
};

const github: WebhookProvider = {
  preCheck: (headers) => void required(headers, 'x-github-event'),
  authenticate: (body, headers, secret) => assertPrefixed(body, headers, 'x-hub-signature-256', secret),
  parse(body, headers) {
    const payload = objectOf(body);
    return { event: { type: required(headers, 'x-github-event'), deliveryId: header(headers, 'x-github-delivery'), payload }, reply: accepted };
  },
};

const clickup: WebhookProvider = {
  authenticate(body, headers, secret) {
    const signature = header(headers, 'x-signature');
    if (!signature) throw new NotAuthentic('The header x-signature is missing.');
    if (!equalsInConstantTime(signature.toLowerCase(), hmac(secret, body))) throw new NotAuthentic('The signature does not fit the body.');
  },
  parse(body) {
    const payload = objectOf(body);
    const type = textField(payload, 'event', 'The event');
    const sender = textField(payload, 'webhook_id', 'The event');
    const history = Array.isArray(payload.history_items) ? payload.history_items : [];
    const ids = history.flatMap((item) => idOf(item)).sort();
    return { event: { type, deliveryId: ids.length > 0 ? `${sender}:${ids.join(',')}` : null, payload }, reply: accepted };
  },
};

function idOf(item: unknown): string[] {
  const id = typeof item === 'object' && item !== null ? (item as { id?: unknown }).id : null;
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? [String(id)] : [];
}

/** How far a request's time may be off: beyond that it could be an old one, sent again by somebody who listened. */
const slackToleranceSeconds = 300;

const slack: WebhookProvider = {
  authenticate(body, headers, secret, nowMs) {
    const signature = header(headers, 'x-slack-signature');
    if (!signature?.startsWith('v0=')) throw new NotAuthentic('The header x-slack-signature is missing or malformed.');
    const time = header(headers, 'x-slack-request-timestamp') ?? '';
    if (!/^\d{1,20}$/.test(time)) throw new NotAuthentic('The header x-slack-request-timestamp is missing or malformed.');
    if (Math.abs(nowMs / 1000 - Number(time)) > slackToleranceSeconds) throw new NotAuthentic('The time of the request is too far from now.');
    const expected = hmac(secret, Buffer.concat([Buffer.from(`v0:${time}:`), body]));
    if (!equalsInConstantTime(signature, `v0=${expected}`)) throw new NotAuthentic('The signature does not fit the body.');
  },
  parse(body) {
    const payload = objectOf(body);
    switch (payload.type) {
      case 'event_callback': {
        const event = payload.event;
        if (!isObject(event)) throw new BadPayload('A Slack event callback needs an event object.');
        const type = textField(event, 'type', 'The event');
        return { event: { type, deliveryId: textField(payload, 'event_id', 'The event callback'), payload }, reply: { status: 200, body: null } };
      }
      // Slack checks with it that the address is ours before it sends anything else there.
      case 'url_verification':
        return { event: null, reply: { status: 200, body: textField(payload, 'challenge', 'The URL verification') } };
      case 'app_rate_limited':
        textField(payload, 'team_id', 'The rate limit notice');
        textField(payload, 'api_app_id', 'The rate limit notice');
        if (!Number.isInteger(payload.minute_rate_limited)) throw new BadPayload('The rate limit notice needs a whole number minute_rate_limited.');
        return { event: null, reply: { status: 200, body: null } };
      default:
        throw new BadPayload('This type of Slack request is not supported.');
    }
  },
};

const providers: Record<string, WebhookProvider> = { custom, github, clickup, slack };

export function webhookProvider(type: string): WebhookProvider | null {
  return Object.hasOwn(providers, type) ? (providers[type] as WebhookProvider) : null;
}

function assertPrefixed(body: Buffer, headers: Headers, name: string, secret: string): void {
  const signature = header(headers, name);
  if (!signature?.startsWith('sha256=')) throw new NotAuthentic(`The header ${name} is missing or malformed.`);
  if (!equalsInConstantTime(signature, `sha256=${hmac(secret, body)}`)) throw new NotAuthentic('The signature does not fit the body.');
}

function hmac(secret: string, body: Buffer): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function header(headers: Headers, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) || null;
}

function required(headers: Headers, name: string): string {
  const value = header(headers, name);
  if (!value) throw new BadPayload(`The header ${name} is missing or empty.`);
  return value;
}

function objectOf(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseExact(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new BadPayload('The body must be JSON.');
  }
  if (!isObject(value)) throw new BadPayload('The body must be a JSON object.');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textField(payload: Record<string, unknown>, name: string, what: string): string {
  const value = payload[name];
  if (typeof value !== 'string' || value === '') throw new BadPayload(`${what} needs a text '${name}'.`);
  return value;
}
