import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import { guardedConnector, type TlsOptions } from './connect.js';
import { findOutboundError, OutboundError } from './outbound-error.js';
import { OutboundPolicy } from './outbound-policy.js';

export type GuardedFetchOptions = {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** What the operator opened; without it only public addresses. */
  policy?: OutboundPolicy;
  /** For the whole exchange, redirects and body included. Default 10 s. */
  timeoutMs?: number;
  /** Default 1 MiB. */
  maxBytes?: number;
  /** 0 hands the redirect itself back. Default 3. */
  maxRedirects?: number;
  /** Plain http is refused unless this is set or the operator opened the host. */
  isPlainHttpAllowed?: boolean;
  /** Ports beside those of hosts that the operator opened; `any` for services that live on ports of their own. Default 80, 443, 8443. */
  ports?: readonly number[] | 'any';
  tls?: TlsOptions;
};

export type GuardedResponse = {
  status: number;
  headers: Record<string, string>;
  /** Where the answer came from, after redirects. */
  url: string;
  body: Buffer;
  text: () => string;
  /** Throws a SyntaxError when the body is not JSON. */
  json: () => unknown;
};

const CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_PORTS = [80, 443, 8443] as const;
// What names the caller must not follow a redirect to another origin (Fetch standard, §4.4).
const CREDENTIAL_HEADERS = /^(authorization|cookie|proxy-authorization|x-vault-token|x-amz-.*)$/i;

/**
 * Sends a request to a URL that a user gave. Only public addresses (and what the operator opened) are reached, checked when the socket
 * connects; redirects are checked again, time and size are limited, and the body is not decompressed.
 * Any status is an answer. Throws {@link OutboundError} otherwise.
 */
export async function guardedFetch(url: string | URL, options: GuardedFetchOptions = {}): Promise<GuardedResponse> {
  const { policy = OutboundPolicy.publicOnly, timeoutMs = 10_000, maxBytes = 1024 * 1024, maxRedirects = 3 } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  const agent = new Agent({
    connect: guardedConnector(policy, { timeoutMs: Math.min(CONNECT_TIMEOUT_MS, timeoutMs), tls: options.tls }),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    pipelining: 0,
  });
  try {
    let target = checkedUrl(url, policy, options);
    let method = options.method ?? 'GET';
    let body = options.body;
    let headers: Record<string, string> = { 'user-agent': 'zenml-control-plane', ...lowerCased(options.headers) };
    for (let redirects = 0; ; redirects++) {
      const answer = await request(target, { method, headers, body, dispatcher: agent, signal: deadline });
      const location = single(answer.headers.location);
      if (maxRedirects > 0 && isRedirect(answer.statusCode) && location !== undefined) {
        if (redirects >= maxRedirects) throw new OutboundError('too_many_redirects', `'${target.host}' redirects more than ${maxRedirects} times.`);
        // Nobody reads the body of a redirect; closing the socket is cheaper than reading a large one.
        answer.body.on('error', () => {});
        answer.body.destroy();
        const next = checkedUrl(resolveUrl(location, target), policy, options);
        if (target.protocol === 'https:' && next.protocol !== 'https:')
          throw new OutboundError('forbidden', `'${target.host}' redirects from https to plain http.`);
        if (next.origin !== target.origin) headers = without(headers, CREDENTIAL_HEADERS);
        if (answer.statusCode === 303 || ((answer.statusCode === 301 || answer.statusCode === 302) && method === 'POST')) {
          method = method === 'HEAD' ? 'HEAD' : 'GET';
          body = undefined;
          headers = without(headers, /^content-/i);
        }
        target = next;
        continue;
      }
      const received = await readLimited(answer.body, maxBytes, target.host);
      return {
        status: answer.statusCode,
        headers: flattened(answer.headers),
        url: target.href,
        body: received,
        text: () => received.toString('utf8'),
        json: () => JSON.parse(received.toString('utf8')) as unknown,
      };
    }
  } catch (error) {
    throw asOutboundError(error, url, timeoutMs);
  } finally {
    void agent.destroy();
  }
}

/** Throws when the URL may not be asked for at all, before any name is looked up. */
export function checkedUrl(given: string | URL, policy: OutboundPolicy, options: Pick<GuardedFetchOptions, 'isPlainHttpAllowed' | 'ports'> = {}): URL {
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw new OutboundError('forbidden', `'${String(given)}' is not a URL.`);
  }
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const isOpened = policy.isOpened(hostname, port);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new OutboundError('forbidden', `Only https URLs can be requested, not '${url.protocol}'.`);
  if (url.protocol === 'http:' && !options.isPlainHttpAllowed && !isOpened) {
    throw new OutboundError('forbidden', `'${url.host}' was given with plain http; use https.`);
  }
  if (url.username !== '' || url.password !== '') throw new OutboundError('forbidden', 'A URL may not carry a user name or password.');
  const ports = options.ports ?? DEFAULT_PORTS;
  if (ports !== 'any' && !ports.includes(port) && !isOpened) {
    throw new OutboundError('forbidden', `Port ${port} of '${hostname}' may not be requested; use ${ports.join(', ')}.`);
  }
  if (isIP(hostname) !== 0) policy.assertAddress(hostname, hostname, port);
  return url;
}

async function readLimited(body: AsyncIterable<Uint8Array> & { destroy: () => unknown }, maxBytes: number, host: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      body.destroy();
      throw new OutboundError('too_large', `'${host}' answered with more than ${maxBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function asOutboundError(error: unknown, url: string | URL, timeoutMs: number): OutboundError {
  const known = findOutboundError(error);
  if (known) return known;
  const { name, code } = error as { name?: string; code?: string };
  const host = hostOf(url);
  if (name === 'TimeoutError' || code?.includes('TIMEOUT') || code === 'ETIMEDOUT') {
    return new OutboundError('timeout', `'${host}' did not answer within ${timeoutMs / 1000} s.`, { cause: error });
  }
  return new OutboundError('unreachable', `'${host}' could not be reached.`, { cause: error });
}

function hostOf(url: string | URL): string {
  try {
    return new URL(url).host;
  } catch {
    return String(url);
  }
}

function resolveUrl(location: string, base: URL): URL {
  try {
    return new URL(location, base);
  } catch {
    throw new OutboundError('forbidden', `'${base.host}' redirects to something that is not a URL.`);
  }
}

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);
const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

function lowerCased(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function without(headers: Record<string, string>, pattern: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !pattern.test(name)));
}

function flattened(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]])),
  );
}
