import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Which pages may call from a browser, by their origin (`https://dashboard.example.com`). */
export type MayCall = (origin: string, request: FastifyRequest) => boolean;

const methods = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT';
const preflightSeconds = 600;

/**
 * Tells browsers which pages of other origins may read replies, cookies included. Questions about that (preflights) are answered here, for every
 * path: they come without credentials, so they never reach an operation.
 */
export function answerOtherOrigins(fastify: FastifyInstance, mayCall: MayCall): void {
  fastify.addHook('onRequest', async (request, reply) => {
    // Said even where nothing else is, or a cache would give one page the reply that another got.
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined) return;
    const isAllowed = mayCall(origin, request);
    if (isAllowed) reply.headers({ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' });
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return;
    reply.headers({
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      'access-control-allow-methods': methods,
      'access-control-max-age': String(preflightSeconds),
      'content-type': 'text/plain; charset=utf-8',
    });
    const asked = request.headers['access-control-request-headers'];
    if (isAllowed && asked !== undefined) reply.header('access-control-allow-headers', asked);
    return reply.status(isAllowed ? 200 : 400).send(isAllowed ? 'OK' : 'Disallowed CORS origin');
  });
}

/** Pages at these addresses, whatever their paths. */
export function originsOf(urls: readonly (string | null | undefined)[]): Set<string> {
  return new Set(urls.flatMap((url) => (url && URL.canParse(url) ? [new URL(url).origin] : [])));
}
