import { Controller, Inject } from '@nestjs/common';
import { features } from '#libs/control-plane/control-plane.js';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { audit } from '../audit/audit.js';
import { Caller } from '../caller.js';
import { CloudInstallation, platform, within } from '../installation.js';
import { knownOrganization } from '../organizations/known-organization.js';
import { naive } from '../wire.js';
import { defaultQuotas } from './default-quotas.js';
import { plan } from './plan.wire.js';
import { seatFeature, takenSeats } from './seats.js';

const fields = { feature: true, quota: true, used: true, updated: true } as const satisfies Prisma.CloudEntitlementSelect;
type Row = Prisma.CloudEntitlementGetPayload<{ select: typeof fields }>;
type Usage = { day: string; feature: string; workspace_id: string | null; created: number; deleted: number };

const seen = { action: 'read', on: 'billing' } as const;

/** Quotas of an organization, and what it uses of them. */
@Controller()
export class PlanController {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  @Operation(plan.list, seen)
  async list(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof plan.list>) {
    const organizationId = await this.#organization(caller, path.organization_id);
    const { rows, seats } = await this.installation.prisma.tx(within(organizationId), async (tx) => ({
      rows: await tx.cloudEntitlement.findMany({ where: { organizationId }, select: fields }),
      seats: await takenSeats(tx, organizationId),
    }));
    const names = [...new Set([...features, ...rows.map(({ feature }) => feature)])].sort();
    return names.map((feature) =>
      reply(
        feature,
        rows.find((row) => row.feature === feature),
        feature === seatFeature ? seats : null,
      ),
    );
  }

  @Operation(plan.get, seen)
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof plan.get>) {
    const organizationId = await this.#organization(caller, path.organization_id);
    return this.installation.prisma.tx(within(organizationId), (tx) => one(tx, organizationId, path.feature));
  }

  /** Who pays for the machines says what others may use of them, so quotas are not for an organization's own administrators to change. */
  @Operation(plan.set, { guarded: 'being an administrator of the installation' })
  async set(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof plan.set>) {
    const organizationId = await knownOrganization(this.installation, caller, path.organization_id);
    if (!caller.isSuperuser) throw new Problem('forbidden', 'Only administrators of the installation set quotas.');
    const { feature } = path;
    return this.installation.prisma.tx(platform, async (tx) => {
      const quota = body.quota ?? (await defaultQuotas(tx))[feature] ?? null;
      const updated = this.installation.now();
      await tx.cloudEntitlement.upsert({
        where: { organizationId_feature: { organizationId, feature } },
        create: { organizationId, feature, quota, updated },
        update: { quota, updated },
        select: { feature: true },
      });
      await audit(tx, caller.actor, { action: 'entitlement.update', organizationId, target: { type: 'entitlement', name: feature }, details: { quota } });
      return one(tx, organizationId, feature);
    });
  }

  /** What was made and deleted, by day, feature and workspace. Without dates: the last 30 days. */
  @Operation(plan.usage, seen)
  async usage(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof plan.usage>) {
    const organizationId = await this.#organization(caller, path.organization_id);
    const from = query.from ? new Date(`${query.from}Z`) : new Date(this.installation.nowMs() - 30 * 86_400_000);
    const to = query.to ? new Date(`${query.to}Z`) : null;
    return this.installation.prisma.tx(
      within(organizationId),
      (tx) => tx.$queryRaw<Usage[]>`
        SELECT to_char(created, 'YYYY-MM-DD') AS day, feature, workspace_id::text,
          coalesce(sum(total) FILTER (WHERE total > 0), 0)::int AS created, coalesce(-sum(total) FILTER (WHERE total < 0), 0)::int AS deleted
        FROM cloud.usage_event
        WHERE organization_id = ${organizationId}::uuid AND created >= ${from} AND (${to}::timestamp IS NULL OR created < ${to}::timestamp)
          AND (${query.feature ?? null}::text IS NULL OR feature = ${query.feature ?? null}::text)
          AND (${query.workspace_id ?? null}::uuid IS NULL OR workspace_id = ${query.workspace_id ?? null}::uuid)
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    );
  }

  async #organization(caller: Caller, idOrName: string): Promise<string> {
    const id = await knownOrganization(this.installation, caller, idOrName);
    caller.require('read', 'billing', id);
    return id;
  }
}

async function one(tx: PrismaTx, organizationId: string, feature: string) {
  const row = await tx.cloudEntitlement.findUnique({ where: { organizationId_feature: { organizationId, feature } }, select: fields });
  return reply(feature, row, feature === seatFeature ? await takenSeats(tx, organizationId) : null);
}

function reply(feature: string, row: Row | null | undefined, used: number | null) {
  return { feature, quota: row?.quota == null ? null : Number(row.quota), used: used ?? Number(row?.used ?? 0), updated: row ? naive(row.updated) : null };
}
