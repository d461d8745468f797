import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessDenied } from '#libs/access/access.js';
import { UpgradeRequired } from '#libs/control-plane/control-plane.js';
import { databaseFault } from '#libs/database/errors.js';
import { DatabaseUnavailable } from '#libs/database/unavailable.js';
import { PasswordsBusy } from '#libs/identity/password.js';
import { Problem } from './problem.js';

/** Every error leaves through here, in one of the documented shapes and with the request id. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #log = new Logger('request');

  /** Whether input that does not fit its model is answered as by the original's workspaces, with a list that nothing wraps (`ProblemShape`). */
  constructor(private readonly hasBareLists: boolean) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent || reply.raw.headersSent) return;
    const problem = this.#problemOf(error, request);
    void reply
      .status(problem.status)
      .headers({ 'content-type': 'application/json', 'x-request-id': request.id, ...problem.options.headers })
      .send(JSON.stringify(!this.hasBareLists && Array.isArray(problem.body) ? { detail: problem.body } : problem.body));
  }

  #problemOf(error: unknown, request: FastifyRequest): Problem | { status: number; options: { headers?: Record<string, string> }; body: unknown } {
    if (error instanceof Problem) return error;
    if (error instanceof AccessDenied) return new Problem('forbidden', error.message);
    if (error instanceof UpgradeRequired) return new Problem('upgrade_required', error.message);
    if (error instanceof PasswordsBusy) return new Problem('unavailable', error.message, { headers: { 'Retry-After': '2' } });
    if (error instanceof DatabaseUnavailable) {
      this.#log.warn({ requestId: request.id, cause: (error.cause as Error)?.message }, 'database unavailable');
      return new Problem('unavailable', error.message, { headers: { 'Retry-After': '2' } });
    }
    if (error instanceof HttpException) return frameworkProblem(error.getStatus(), error.message);
    // Raised by Fastify while it reads the request, before NestJS sees it.
    const status = (error as { statusCode?: unknown }).statusCode;
    if (typeof status === 'number' && status >= 400 && status < 500) return frameworkProblem(status, (error as Error).message);
    const known = databaseProblem(error);
    if (known) return known;
    this.#log.error({ requestId: request.id, method: request.method, url: request.url.split('?')[0], err: error }, (error as Error)?.stack ?? String(error));
    return {
      status: 500,
      options: {},
      body: { detail: ['RuntimeError', `An unexpected error occurred. Quote the request id ${request.id} when you report it.`] },
    };
  }
}

/** Errors that Nest and Fastify raise before a handler runs. */
function frameworkProblem(status: number, text: string): Problem | { status: number; options: { headers?: Record<string, string> }; body: unknown } {
  if (status === 404) return { status, options: {}, body: { detail: 'Not Found' } };
  if (status === 413) return { status, options: {}, body: { detail: 'The request body is larger than this server accepts.' } };
  if (status === 400) return new Problem('unprocessable', `1 validation error:\n  ('body',): ${text}`, { shape: 'validation' });
  return { status, options: {}, body: { detail: text } };
}

/** Constraint violations that no handler foresaw still are the client's to solve, never a 500. */
function databaseProblem(error: unknown): Problem | null {
  const fault = databaseFault(error);
  switch (fault?.kind) {
    case 'unique':
      return new Problem('exists', 'An entity with the same unique properties exists already.', { cause: error });
    case 'foreign_key':
      return new Problem('not_found', 'A referenced entity does not exist, or the entity is still in use.', { cause: error });
    case 'gone':
      return new Problem('not_found', 'The entity does not exist any more.', { cause: error });
    case 'not_null':
      return new Problem('unprocessable', `A value is missing: ${fault.column ?? 'something that must be given'} cannot be null.`, { cause: error });
    case 'check':
    case 'text':
      return new Problem('unprocessable', 'A value cannot be stored: it is out of range or contains characters that are not allowed.', {
        cause: error,
      });
    default:
      return null;
  }
}
