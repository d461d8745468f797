import { type AuditTarget, recordWorkspaceEvent, type WorkspaceActor, workspaceEvent } from '#libs/control-plane/audit.js';
import { Last, type Runner, type Tx } from '#libs/database/db.js';
import { JsonText } from '#libs/http/reply.js';
import type { Caller } from './caller.js';
import { uuidOf } from './predicate.js';

/** What a request does, as far as its operation and URL tell. */
export type Change = {
  /** `<noun>.<verb>` */
  action: string;
  /** The noun. */
  type: string;
  /** The last name or id in the path: of what is changed, or of what it is made under. */
  named: string | null;
  details: Record<string, unknown>;
};

/** A row that a transaction looked at in order to change it. */
type Row = { id: string; name: string | null; projectId: string | null };

type Watched = { row: Row | null; target: AuditTarget | null; details: Record<string, unknown> };

const watched = new WeakMap<Runner, Watched>();

/** Runs the change and records it in the same transaction, as its last statement. Nothing is recorded of what is not {@link Caller.change | a change}. */
export async function audited<T>(caller: Caller, tx: Tx, work: (tx: Tx) => Promise<T | Last<T>>): Promise<T | Last<T>> {
  const { actor, change } = caller;
  if (!actor || !change) return work(tx);
  const seen: Watched = { row: null, target: null, details: {} };
  watched.set(tx, seen);
  const made = await work(tx);
  const result = made instanceof Last ? made.map(await tx.query(made.query)) : made;
  tx.execute(
    workspaceEvent(caller.workspaceId, actor, caller.request, {
      action: change.action,
      outcome: 'success',
      target: seen.target ?? targetOf(change, result, seen.row),
      details: { ...change.details, ...seen.details },
    }),
  );
  return result;
}

/** Whether the log keeps a record of what the request changes. */
export const isAudited = ({ actor, change }: Caller): boolean => Boolean(actor && change);

/** Whether the next row that a transaction is about to change is wanted for the record: the first is what the change is about. */
export function isWanted(runner: Runner): boolean {
  return watched.get(runner)?.row === null;
}

export function lookedAt(runner: Runner, row: Row): void {
  const seen = watched.get(runner);
  if (seen) seen.row ??= row;
}

/** Tells the record of a transaction what it is about, where neither the URL nor the reply does. */
export function about(runner: Runner, target: AuditTarget, details: Record<string, unknown> = {}): void {
  const seen = watched.get(runner);
  if (seen) Object.assign(seen, { target, details });
}

/** Records a change that is made in many transactions, before the first of them. */
export async function recordChange(runner: Runner, caller: Caller, projectId: string | null = null): Promise<void> {
  const { change } = caller;
  if (change) await record(runner, caller, change.action, { type: change.type, id: null, name: null, projectId }, change.details);
}

/** Records something that is no transaction of the store's: values that were shown, tokens that were made. */
export async function record(runner: Runner, caller: Caller, action: string, target: AuditTarget, details: Record<string, unknown> = {}): Promise<void> {
  const { actor } = caller;
  if (actor) await recordWorkspaceEvent(runner, caller.workspaceId, actor, caller.request, { action, outcome: 'success', target, details });
}

/** The reply's resource; or what the URL names, with the name that its row had. */
function targetOf({ type, named }: Change, result: unknown, row: Row | null): AuditTarget {
  const made = (result instanceof JsonText ? result.parse() : result) as Document | null | undefined;
  const given = named === null ? null : (uuidOf(named) ?? null);
  const id = (typeof made?.id === 'string' ? uuidOf(made.id) : null) ?? given ?? row?.id ?? null;
  const known = row?.id === id ? row : null;
  return {
    type,
    id,
    name: (typeof made?.name === 'string' ? made.name : null) ?? known?.name ?? (given === null ? named : null),
    projectId: uuidOf(String(made?.body?.project_id ?? '')) ?? known?.projectId ?? null,
  };
}

type Document = { id?: unknown; name?: unknown; body?: { project_id?: unknown } | null };

export type { AuditTarget, WorkspaceActor };
