import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import type { RequestFacts } from '#libs/http/caller.js';

/** Who did something, as the audit log records it. */
export type Actor = {
  type: 'user' | 'service_account' | 'workspace' | 'anonymous' | 'system';
  id: string | null;
  name: string | null;
  credential: { type: string; id: string } | null;
  request: RequestFacts | null;
};

export type AuditEntry = {
  /** Only for events that are recorded once however often they happen: the second with the same id is left out. */
  id?: string;
  /** `<noun>.<verb>`, such as `role.update` or `sign_in`. */
  action: string;
  outcome?: 'success' | 'denied' | 'failure';
  organizationId?: string | null;
  workspaceId?: string | null;
  projectId?: string | null;
  target?: { type: string; id?: string | null; name?: string | null };
  /** What changed. Never a key, code, password or token. */
  details?: Prisma.InputJsonObject;
};

const maxUserAgent = 500;

/** Records an event in the transaction of what it is about, so that neither is ever there without the other. */
export async function audit(tx: PrismaTx, actor: Actor, entry: AuditEntry): Promise<void> {
  const { request } = actor;
  await tx.cloudAuditEvent.createMany({
    skipDuplicates: entry.id !== undefined,
    data: {
      ...(entry.id === undefined ? {} : { id: entry.id }),
      organizationId: entry.organizationId ?? null,
      workspaceId: entry.workspaceId ?? null,
      projectId: entry.projectId ?? null,
      actorType: actor.type,
      actorId: actor.id,
      actorName: actor.name,
      credentialType: actor.credential?.type ?? null,
      credentialId: actor.credential?.id ?? null,
      action: entry.action,
      outcome: entry.outcome ?? 'success',
      targetType: entry.target?.type ?? null,
      targetId: entry.target?.id ?? null,
      targetName: entry.target?.name ?? null,
      ipAddress: request?.ip ?? null,
      userAgent: request?.userAgent.slice(0, maxUserAgent) ?? null,
      requestId: request?.id ?? null,
      details: entry.details ?? {},
    },
  });
}

/** Somebody who has not said who they are, or said it wrongly. */
export function anonymous(request: RequestFacts): Actor {
  return { type: 'anonymous', id: null, name: null, credential: null, request };
}

/** The installation itself, such as at its first start. */
export const system: Actor = { type: 'system', id: null, name: null, credential: null, request: null };
