import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type BaseCaller, factsOf } from './caller.js';
import { type Declared, operationKey, routePath } from './operation.js';
import { Problem } from './problem.js';

/** How an application finds out who calls. */
export abstract class Authenticator {
  /** @throws Problem 401 when there are no credentials or they are not valid */
  abstract authenticate(context: ExecutionContext, request: FastifyRequest, facts: BaseCaller['request'], declared: Declared): Promise<BaseCaller>;

  /** Public operations may still need to know the tenant. */
  async admit(_request: FastifyRequest, _declared: Declared): Promise<void> {}
}

const idempotencyKey = z.uuid();

/** Runs before everything else: names the operation, authenticates unless it is public. */
@Injectable()
export class OperationGuard implements CanActivate {
  constructor(private readonly authenticator: Authenticator) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const declared = declaredFor(context.getHandler(), request.routeOptions.url ?? '');
    request.operation = declared;
    if ('public' in declared.permission) {
      await this.authenticator.admit(request, declared);
      return true;
    }
    const facts = factsOf(request, declared.operation.dedup);
    if (facts.idempotencyKey !== null && !idempotencyKey.safeParse(facts.idempotencyKey).success) {
      throw new Problem('unprocessable', "1 validation error:\n  ('header', 'Idempotency-Key'): The value must be a UUID.", { shape: 'validation' });
    }
    request.caller = await this.authenticator.authenticate(context, request, facts, declared);
    return true;
  }
}

export function declaredFor(handler: object, url: string): Declared {
  const list = Reflect.getMetadata(operationKey, handler) as Declared[] | undefined;
  // Unreachable for started processes: the route check at start refuses such handlers.
  if (!list) throw new Error(`The route ${url} declares no operation.`);
  return list.length === 1 ? (list[0] as Declared) : (list.find((one) => routePath(one.operation.path) === url) ?? (list[0] as Declared));
}
