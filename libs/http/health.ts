import type { FastifyInstance } from 'fastify';

/** Liveness and readiness. `/health` only says that the loop turns; `/ready` is 503 while draining or without the database. */
export class Health {
  #isDraining = false;

  constructor(private readonly isDatabaseUp: () => Promise<boolean>) {}

  /** From now on balancers should send nothing new here. */
  drain(): void {
    this.#isDraining = true;
  }

  serve(fastify: FastifyInstance): void {
    for (const method of ['GET', 'HEAD'] as const) {
      fastify.route({ method, url: '/health', handler: async (_request, reply) => reply.type('text/plain').send('ok') });
      fastify.route({
        method,
        url: '/ready',
        handler: async (_request, reply) => {
          const isReady = !this.#isDraining && (await this.isDatabaseUp());
          return isReady ? reply.type('text/plain').send('ok') : reply.status(503).headers({ 'retry-after': '2' }).type('text/plain').send('not ready');
        },
      });
    }
  }
}
