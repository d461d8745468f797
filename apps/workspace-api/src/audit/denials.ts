import { type CallHandler, type ExecutionContext, Inject, Injectable, Logger, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, from, type Observable, switchMap, throwError } from 'rxjs';
import { RefusalWindow, recordWorkspaceEvent } from '#libs/control-plane/audit.js';
import { type Denial, deniedBy } from '#libs/http/denial.js';
import type { Caller } from '#libs/resource/caller.js';
import { Installation } from '../installation.js';
import { shortName } from './changes.js';

/** Records refusals, one of each principal and operation a minute. The transaction of the refused change is gone by then, so this is one of its own. */
@Injectable()
export class DenialAudit implements NestInterceptor {
  readonly #log = new Logger('audit');
  readonly #window = new RefusalWindow();

  constructor(@Inject(Installation) private readonly installation: Installation) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        const request = context.switchToHttp().getRequest<FastifyRequest>();
        const caller = request.caller as Caller | undefined;
        const denial = deniedBy(error);
        if (!caller?.actor || !denial || !request.operation) return throwError(() => error);
        return from(this.#record(caller, shortName(request.operation.operation), denial)).pipe(switchMap(() => throwError(() => error)));
      }),
    );
  }

  async #record(caller: Caller, operation: string, { target, details }: Denial): Promise<void> {
    const { workspaceId, actor, request } = caller;
    const id = this.#window.next(workspaceId, caller.principal, operation, this.installation.options.clock());
    if (id === null || !actor) return;
    const event = { id, action: operation, outcome: 'denied', target: target ? { ...target, name: null } : null, details } as const;
    try {
      await recordWorkspaceEvent({ query: (query) => this.installation.db.read(caller, query) }, workspaceId, actor, request, event);
    } catch (error) {
      // The refusal stands either way, and must not turn into a 500.
      this.#log.error({ err: error }, 'a denial could not be recorded');
    }
  }
}
