import type { FastifyRequest } from 'fastify';
import type { Access } from '#libs/access/access.js';

/** What every request has, known before anything is read from the database. */
export type RequestFacts = {
  id: string;
  method: string;
  /** Path and query as the client sent them, without the workspace prefix. */
  url: string;
  ip: string;
  userAgent: string;
  /** The client's key for de-duplication, if it sent one and the operation de-duplicates. */
  idempotencyKey: string | null;
};

/** Who calls. Both applications add their own facts; handlers get it as first argument. */
export type BaseCaller = {
  /** Stable id of the person or machine, for limits and logs. */
  principal: string;
  /** The tenant that limits and logs are counted under. */
  tenant: string;
  access: Access;
  request: RequestFacts;
  /** The stored reply of an earlier attempt of this very request, if there is one. A failed attempt is answered with it: it failed because that one did not. */
  replayed?: () => Promise<string | null>;
};

declare module 'fastify' {
  interface FastifyRequest {
    caller?: BaseCaller;
    operation?: import('./operation.js').Declared;
    /** The tenant part cut from the URL before routing (`/w/<slug>`). */
    tenantSlug?: string | null;
  }
}

export function factsOf(request: FastifyRequest, isDeduplicated: boolean): RequestFacts {
  const key = request.headers['idempotency-key'];
  return {
    id: request.id,
    method: request.method,
    url: request.url,
    ip: request.ip,
    userAgent: request.headers['user-agent'] ?? '',
    // Clients send one with reads, too.
    idempotencyKey: isDeduplicated && request.method !== 'GET' && typeof key === 'string' ? key : null,
  };
}
