import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { core, ZodType } from 'zod';
import { type Operation, plainQuery } from '#libs/wire/operation.js';
import { Problem } from './problem.js';

/** The caller that the guard found. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>().caller);

/** Path, query and body of the operation, parsed and typed. */
export const Input = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return parseInput(request.operation?.operation as Operation, request);
});

/** For the few handlers that stream or set cookies. */
export const Http = createParamDecorator((_: unknown, context: ExecutionContext): { request: FastifyRequest; reply: FastifyReply } => {
  const http = context.switchToHttp();
  return { request: http.getRequest(), reply: http.getResponse() };
});

export type HttpExchange = { request: FastifyRequest; reply: FastifyReply };

export function parseInput(operation: Operation, request: FastifyRequest): { path: unknown; query: unknown; body: unknown; rawQuery: URLSearchParams } {
  const rawQuery = new URL(request.url, 'http://x').searchParams;
  const issues: string[] = [];
  const path = check(operation.pathParams, request.params ?? {}, 'path', issues);
  const query = check(operation.query, plainQuery(operation, rawQuery), 'query', issues);
  // A body in another format has no form fields; what that means is for the operation to say.
  const isUnreadForm = operation.bodyKind === 'form' && !/^application\/x-www-form-urlencoded/i.test(request.headers['content-type'] ?? '');
  const body = parseBody(operation, isUnreadForm ? undefined : request.body, issues);
  if (issues.length > 0)
    throw new Problem('unprocessable', `${issues.length} validation error${issues.length > 1 ? 's' : ''}:\n${issues.join('\n')}`, { shape: 'validation' });
  return { path, query, body, rawQuery };
}

function parseBody(operation: Operation, body: unknown, issues: string[]): unknown {
  if (!operation.body) return operation.bodyKind === 'raw' ? body : undefined;
  if (body === undefined || body === null || body === '') {
    if (operation.bodyRequired === false) return undefined;
    issues.push("  ('body',): Field required");
    return undefined;
  }
  if (body instanceof UnparsedBody) {
    issues.push(`  ('body',): ${body.reason}`);
    return undefined;
  }
  return check(operation.body, body, 'body', issues);
}

/** A body that could not be read as what the operation takes; the operation decides whether that matters. */
export class UnparsedBody {
  constructor(readonly reason: string) {}
}

function check(schema: ZodType | undefined, value: unknown, place: string, issues: string[]): unknown {
  if (!schema) return {};
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) issues.push(`  ${location(place, issue)}: ${issue.message}`);
  return undefined;
}

function location(place: string, issue: core.$ZodIssue): string {
  return `(${[`'${place}'`, ...issue.path.map((part) => (typeof part === 'number' ? String(part) : `'${String(part)}'`))].join(', ')})`;
}
