import { type CallHandler, type ExecutionContext, Inject, Injectable, Logger, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, from, type Observable, switchMap, throwError } from 'rxjs';
import { RefusalWindow } from '#libs/control-plane/audit.js';
import { type Denial, deniedBy } from '#libs/http/denial.js';
import type { Caller } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { audit } from './audit.js';

/** Records refusals, one of each principal and operation a minute. The transaction of the refused change is gone by then, so this is one of its own. */
@Injectable()
export class DenialAudit implements NestInterceptor {
  readonly #log = new Logger('audit');
  readonly #window = new RefusalWindow();

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

  async #record(caller: Caller, operation: string, { target, details }: Denial): Promise<void> {
    const { organizationId = null, workspaceId = null } = caller.lastAsked ?? {};
    const id = this.#window.next(organizationId ?? '', caller.principal, operation, this.installation.nowMs());
    if (id === null) return;
    const event = { id, action: operation, outcome: 'denied', organizationId, workspaceId, ...(target ? { target } : {}), details } as const;
    try {
      await this.installation.prisma.tx(platform, (tx) => audit(tx, caller.actor, event));
    } catch (error) {
      // The refusal stands either way, and must not turn into a 500.
      this.#log.error({ err: error }, 'a denial could not be recorded');
    }
  }
}
