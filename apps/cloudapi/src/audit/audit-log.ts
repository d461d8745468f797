import { Readable } from 'node:stream';
import { Controller, Inject } from '@nestjs/common';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import type { InputOf } from '#libs/wire/operation.js';
import { parseUuid } from '#libs/wire/types.js';
import { Caller } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { knownOrganization } from '../organizations/known-organization.js';
import { naive } from '../wire.js';
import { audit } from './audit.js';
import { type AuditFilter, auditLog } from './audit-log.wire.js';

const seen = { action: 'read', on: 'audit_log' } as const;
/** What people do under no organization that concerns those they are members of: coming and going, and what they came with. */
const personal = ['sign_in', 'sign_out', 'api_token.create', 'api_key.', 'device.', 'user.change_password', 'user.activate'];
const batch = 1_000;

type Row = Prisma.CloudAuditEventGetPayload<object>;

/** Who did what in an organization. */
@Controller()
export class AuditLogController {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  @Operation(auditLog.list, seen)
  async list(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof auditLog.list>) {
    const organizationId = await this.#organization(caller, path.organization_id);
    const rows = await this.installation.prisma.tx(platform, async (tx) =>
      tx.cloudAuditEvent.findMany({
        where: { AND: [await concerning(tx, organizationId), matching(query)] },
        orderBy: [{ created: 'desc' }, { id: 'desc' }],
        skip: query.offset,
        take: query.limit,
      }),
    );
    return rows.map(reply);
  }

  @Operation(auditLog.export, seen)
  async export(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof auditLog.export>, @Http() { reply: http }: HttpExchange) {
    const organizationId = await this.#organization(caller, path.organization_id);
    await this.installation.prisma.tx(platform, (tx) => audit(tx, caller.actor, { action: 'audit_log.export', organizationId }));
    void http.headers({ 'content-type': 'application/x-ndjson; charset=utf-8', 'content-disposition': 'attachment; filename="audit-events.ndjson"' });
    return http.send(Readable.from(this.#lines(organizationId, query)));
  }

  /** Batch by batch, each in a transaction of its own, so that a slow reader holds nothing open. */
  async *#lines(organizationId: string, query: AuditFilter): AsyncGenerator<string> {
    let last: Row | undefined;
    do {
      const after: Prisma.CloudAuditEventWhereInput = last ? { OR: [{ created: { gt: last.created } }, { created: last.created, id: { gt: last.id } }] } : {};
      const rows = await this.installation.prisma.tx(platform, async (tx) =>
        tx.cloudAuditEvent.findMany({
          where: { AND: [await concerning(tx, organizationId), matching(query), after] },
          orderBy: [{ created: 'asc' }, { id: 'asc' }],
          take: batch,
        }),
      );
      if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(reply(row))}\n`).join('');
      last = rows.length === batch ? rows.at(-1) : undefined;
    } while (last);
  }

  async #organization(caller: Caller, idOrName: string): Promise<string> {
    const id = await knownOrganization(this.installation, caller, idOrName);
    caller.require('read', 'audit_log', id);
    return id;
  }
}

/** Events of the organization itself, and the sign-ins of its members, which happen before anybody says for which organization. */
async function concerning(tx: PrismaTx, organizationId: string): Promise<Prisma.CloudAuditEventWhereInput> {
  const members = await tx.$queryRaw<{ id: string }[]>`
    SELECT a.user_id::text AS id FROM cloud.role_assignment a WHERE a.organization_id = ${organizationId}::uuid AND a.user_id IS NOT NULL
    UNION SELECT m.user_id::text FROM cloud.team_member m WHERE m.organization_id = ${organizationId}::uuid AND m.user_id IS NOT NULL`;
  const ids = members.map(({ id }) => id);
  return {
    OR: [
      { organizationId },
      {
        organizationId: null,
        OR: [{ actorId: { in: ids } }, { targetId: { in: ids } }],
        AND: [{ OR: personal.map((action) => ({ action: action.endsWith('.') ? { startsWith: action } : action })) }],
      },
    ],
  };
}

function matching(query: AuditFilter): Prisma.CloudAuditEventWhereInput {
  const [actorId, targetId] = [query.actor, query.target].map((text) => (text ? parseUuid(text) : undefined));
  const moment = (text: string) => new Date(`${text}Z`);
  return {
    ...(query.actor ? (actorId ? { actorId } : { actorName: query.actor }) : {}),
    ...(query.target ? (targetId ? { targetId } : { targetName: query.target }) : {}),
    ...(query.target_type ? { targetType: query.target_type } : {}),
    ...(query.action ? { action: query.action } : {}),
    ...(query.outcome ? { outcome: query.outcome } : {}),
    ...(query.workspace_id ? { workspaceId: query.workspace_id } : {}),
    ...(query.from || query.to ? { created: { ...(query.from ? { gte: moment(query.from) } : {}), ...(query.to ? { lt: moment(query.to) } : {}) } } : {}),
  };
}

function reply(row: Row) {
  return {
    id: row.id,
    created: naive(row.created),
    action: row.action,
    outcome: row.outcome,
    organization_id: row.organizationId,
    workspace_id: row.workspaceId,
    project_id: row.projectId,
    actor: { type: row.actorType, id: row.actorId, name: row.actorName },
    credential: row.credentialType ? { type: row.credentialType, id: row.credentialId } : null,
    target: row.targetType ? { type: row.targetType, id: row.targetId, name: row.targetName } : null,
    ip_address: row.ipAddress,
    user_agent: row.userAgent,
    request_id: row.requestId,
    details: row.details as Record<string, unknown>,
  };
}
