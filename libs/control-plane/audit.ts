import { createHash } from 'node:crypto';
import type { Runner } from '#libs/database/db.js';
import { raw, type Sql, sql } from '#libs/database/sql.js';
import type { RequestFacts } from '#libs/http/caller.js';

/** Who does something in a workspace, by what the control plane knows them as. */
export type WorkspaceActor = {
  type: 'user' | 'service_account';
  id: string;
  name: string;
  /** What they came with: a session, device, API key, or the run, schedule or deployment that a token was made for. */
  credential: { type: string; id: string } | null;
};

export type AuditTarget = { type: string; id: string | null; name: string | null; projectId: string | null };

export type WorkspaceEvent = {
  /** Only for events that are recorded once however often they happen: the second with the same id is left out. */
  id?: string;
  /** `<noun>.<verb>` for what was done, the name of the operation for what was refused. */
  action: string;
  outcome: 'success' | 'denied';
  target: AuditTarget | null;
  /** What was asked for. Never a key, code, password, token or value of a secret. */
  details: Record<string, unknown>;
};

const maxUserAgent = 500;
const maxName = 255;

/** Writes an event of a workspace into its organization's audit log, in one statement; with a transaction, it is there if and only if that commits. */
export async function recordWorkspaceEvent(
  runner: Runner,
  workspaceId: string,
  actor: WorkspaceActor,
  request: RequestFacts,
  event: WorkspaceEvent,
): Promise<void> {
  await runner.query(workspaceEvent(workspaceId, actor, request, event));
}

/** The statement of {@link recordWorkspaceEvent}. */
export function workspaceEvent(
  workspaceId: string,
  actor: WorkspaceActor,
  request: RequestFacts,
  { id, action, outcome, target, details }: WorkspaceEvent,
): Sql {
  const { credential } = actor;
  return sql`INSERT INTO cloud.audit_event (id, organization_id, workspace_id, project_id, actor_type, actor_id, actor_name, credential_type, credential_id,
          action, outcome, target_type, target_id, target_name, ip_address, user_agent, request_id, details)
        SELECT coalesce(${id ?? null}::uuid, gen_random_uuid()), organization_id, id, ${target?.projectId ?? null}::uuid, ${actor.type}, ${actor.id}::uuid, ${actor.name},
          ${credential?.type ?? null}, ${credential?.id ?? null}::uuid, ${action}, ${outcome}, ${target?.type ?? null}, ${target?.id ?? null}::uuid,
          ${target?.name?.slice(0, maxName) ?? null}, ${request.ip}, ${request.userAgent.slice(0, maxUserAgent)}, ${request.id}, ${JSON.stringify(details)}::json
        FROM cloud.workspace WHERE id = ${workspaceId}
        ${id ? raw('ON CONFLICT DO NOTHING') : raw('')}`;
}

const minuteMs = 60_000;
const maxRemembered = 10_000;

/**
 * Keeps refusals from filling the log: one of each principal and operation a minute is recorded. The event's id says which minute it stands for, so
 * several processes agree without asking each other; this one remembers what it wrote, so a client in a loop costs no statement either.
 */
export class RefusalWindow {
  readonly #written = new Set<string>();
  #minute = 0;

  /** The id to record a refusal under, or null when this minute's was recorded. */
  next(place: string, principal: string, operation: string, nowMs: number): string | null {
    const minute = Math.floor(nowMs / minuteMs);
    if (minute !== this.#minute || this.#written.size >= maxRemembered) this.#written.clear();
    this.#minute = minute;
    const key = `${place} ${principal} ${operation}`;
    if (this.#written.has(key)) return null;
    this.#written.add(key);
    const hex = createHash('sha256').update(`${key} ${minute}`).digest('hex');
    // A random UUID in form; which bits are random does not matter to anybody.
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }
}
