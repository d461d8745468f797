import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import type { OrganizationType } from '#libs/access/roles.js';
import type { Action, ResourceType } from '#libs/access/vocabulary.js';
import type { Operation as WireOperation } from '#libs/wire/operation.js';

/** What a caller needs. Either a checked permission, or a stated reason why none is checked. */
export type Permission =
  | { action: Action; on: ResourceType | OrganizationType; also?: string }
  /** Needs a valid caller and nothing else; says why that is enough. */
  | { login: string }
  /** Open to everybody; says why. */
  | { public: string }
  /** Guarded by something other than a grant (administrator, own record, the workspace's own machine token); says by what. */
  | { guarded: string };

export type OperationOptions = {
  /** Which budget the request draws from. */
  limit?: 'default' | 'sign_in' | 'none';
};

/** What the guard, the OpenAPI document and the generated suites read of a handler. */
export type Declared = { operation: WireOperation; permission: Permission; options: OperationOptions };

export const operationKey = Symbol('operation');

/**
 * Binds a controller method to an operation of the wire catalogue and to the permission it needs. Several operations with one method are
 * aliases: the same handler under another path. A handler without this decorator stops the process at start.
 */
export function Operation(operations: WireOperation | readonly WireOperation[], permission: Permission, options: OperationOptions = {}): MethodDecorator {
  const list = (Array.isArray(operations) ? operations : [operations]) as readonly WireOperation[];
  const first = list[0];
  if (!first || list.some((operation) => operation.method !== first.method)) throw new Error('An operation needs a path, and aliases share one method.');
  for (const operation of list) {
    if (operation.public !== 'public' in permission) throw new Error(`${operation.id}: the catalogue and the handler disagree on whether it is public.`);
  }
  return applyDecorators(
    SetMetadata(
      operationKey,
      list.map((operation): Declared => ({ operation, permission, options })),
    ),
    RequestMapping({
      method: RequestMethod[first.method.toUpperCase() as Uppercase<typeof first.method>],
      path: list.map((operation) => routePath(operation.path)),
    }),
    HttpCode(first.status),
  );
}

/** `/stacks/{stack_id}` -> `/stacks/:stack_id` */
export function routePath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}
