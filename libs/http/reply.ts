import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { parseExact, writeExact } from '#libs/json/exact.js';
import { Problem } from './problem.js';

/** JSON that is already text, as the database made it. */
export class JsonText {
  constructor(readonly text: string) {}

  /** A document with changes, as text again; numbers that nobody touched keep their characters. */
  static of(value: unknown): JsonText {
    return new JsonText(toJsonText(value));
  }

  /** For code that looks into it. */
  parse(): unknown {
    return JSON.parse(this.text);
  }

  /** For code that passes it on (`libs/json/exact.ts`). */
  parseExact(): unknown {
    return parseExact(this.text);
  }
}

export function toJsonText(value: unknown): string {
  return value instanceof JsonText ? value.text : writeExact(JSON.stringify(value) ?? 'null');
}

/** The reply of an earlier attempt with the same idempotency key was found while this one was running. */
export class Replayed extends Error {
  constructor(readonly text: string) {
    super('replayed');
  }
}

export type ReplyOptions = {
  /** Tests: every 2xx reply must conform to the operation's model, and a guarded operation must have asked for a permission. */
  isStrict: boolean;
};

/** Turns what a handler returns into the reply, replays stored replies, and in strict mode holds replies against the wire. */
@Injectable()
export class ReplyInterceptor implements NestInterceptor {
  constructor(private readonly options: ReplyOptions) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const declared = request.operation;
    if (!declared) return next.handle();
    const kind = declared.operation.responseKind;
    if (kind !== 'json') return next.handle();
    let text: string;
    try {
      text = toJsonText(await lastValueFrom(next.handle(), { defaultValue: null }));
    } catch (error) {
      const earlier = error instanceof Replayed ? error.text : await request.caller?.replayed?.().catch(() => null);
      if (earlier == null) throw error;
      text = earlier;
    }
    if (reply.sent) return from([]);
    if (this.options.isStrict && reply.statusCode < 300) assertConforms(request, text);
    reply.header('content-type', 'application/json');
    return from([text]);
  }
}

function assertConforms(request: FastifyRequest, text: string): void {
  const declared = request.operation as NonNullable<FastifyRequest['operation']>;
  const { operation, permission } = declared;
  if ('action' in permission && request.caller && request.caller.access.checks === 0) {
    throw new Error(`${operation.id} declares ${permission.action} on ${permission.on} but decided nothing.`);
  }
  const result = operation.response?.safeParse(JSON.parse(text));
  if (result && !result.success) {
    const issues = result.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The reply of ${operation.id} does not conform: ${issues.join('; ')}\n${text.slice(0, 2000)}`);
  }
}

/** For handlers that find out they cannot answer yet. */
export function retryLater(text: string, seconds: number): Problem {
  return new Problem('unavailable', text, { headers: { 'Retry-After': String(seconds) } });
}
