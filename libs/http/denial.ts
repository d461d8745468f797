import { AccessDenied } from '#libs/access/access.js';
import { Problem } from './problem.js';

/** What was refused, for the audit log. */
export type Denial = { target: { type: string; id: string | null; projectId: string | null } | null; details: { action: string } | { reason: string } };

/** What was refused: a missing permission, or a rule such as that nobody grants more than they hold. Null for errors that are no refusal. */
export function deniedBy(error: unknown): Denial | null {
  if (error instanceof AccessDenied) {
    const [, projectId = null, type = error.type] = /^([0-9a-f-]{36}):(.+)$/.exec(error.type) ?? [];
    return { target: { type, id: error.id, projectId }, details: { action: error.action } };
  }
  return error instanceof Problem && error.code === 'forbidden' ? { target: null, details: { reason: error.message } } : null;
}
