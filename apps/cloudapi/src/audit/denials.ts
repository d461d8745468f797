import { type CallHandler, type ExecutionContext, Inject, Injectable, Logger, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, from, type Observable, switchMap, throwError } from 'rxjs';
import { AccessDenied } from '#libs/access/access.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { type AuditEntry, audit } from './audit.js';

/** Records refusals. The transaction of the refused change is gone by then, so this is one of its own. */
@Injectable()
export class DenialAudit implements NestInterceptor {
  readonly #log = new Logger('audit');

  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        const request = context.switchToHttp().getRequest<FastifyRequest>();
        const caller = request.caller as Caller | undefined;
        const about = deniedBy(error);
        if (!caller || !about) return throwError(() => error);
        return from(this.#record(caller, request.operation?.operation.id ?? '', about)).pipe(switchMap(() => throwError(() => error)));
      }),
    );
  }

  async #record(caller: Caller, operation: string, about: Denial): Promise<void> {
    const { organizationId = null, workspaceId = null } = caller.lastAsked ?? {};
    try {
      await this.installation.prisma.tx(platform, (tx) =>
        audit(tx, caller.actor, {
          action: operation,
          outcome: 'denied',
          organizationId,
          workspaceId,
          ...about,
        }),
      );
    } catch (error) {
      // The refusal stands either way, and must not turn into a 500.
      this.#log.error({ err: error }, 'a denial could not be recorded');
    }
  }
}

type Denial = Pick<AuditEntry, 'target' | 'details'>;

/** What was refused: a missing permission, or a rule such as that nobody grants more than they hold. */
function deniedBy(error: unknown): Denial | null {
  if (error instanceof AccessDenied) return { target: { type: error.type, id: error.id }, details: { action: error.action } };
  return error instanceof Problem && error.code === 'forbidden' ? { details: { reason: error.message } } : null;
}
