import { type GuardedFetchOptions, guardedFetch } from './guarded-fetch.js';

type Options = Omit<GuardedFetchOptions, 'method' | 'headers' | 'body' | 'maxRedirects'>;

/**
 * The guarded client in the form of the Fetch standard, for packages that take a function to send their requests with. Redirects are answers, and bodies are
 * texts or forms; a body of another kind is refused. Its failures are {@link OutboundError}s.
 */
export function asFetch(options: Options): (url: string, init: { method?: string; headers?: Record<string, string>; body?: unknown }) => Promise<Response> {
  return async (url, { method = 'GET', headers, body }) => {
    const answer = await guardedFetch(url, {
      ...options,
      method: method as NonNullable<GuardedFetchOptions['method']>, // the packages send what the type lists
      ...(headers ? { headers } : {}),
      ...(body === undefined || body === null ? {} : { body: textOf(body) }),
      maxRedirects: 0,
    });
    return new Response(hasBody(answer.status) ? new Uint8Array(answer.body) : null, { status: answer.status, headers: answer.headers });
  };
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('Only texts and forms can be sent.');
}

/** The standard's constructor refuses a body, even an empty one, with these. */
const hasBody = (status: number) => ![101, 204, 205, 304].includes(status);
