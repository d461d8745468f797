import { UpgradeRequired } from '#libs/control-plane/control-plane.js';
import type { PrismaTx } from '#libs/database/prisma.js';

/** The feature that the plan calls people. Machines and pending invitations take no seat. */
export const seatFeature = 'user';

/**
 * Runs a change that may make somebody a member, and refuses it when the plan has no seat for them. Such changes take turns, so of two at once only as many
 * pass as there is room; who is a member already costs nothing, also where the plan has become smaller since. It comes before other writes in the organization: their references
 * hold its row, and two that both hold it could not both go on. @throws UpgradeRequired
 */
export async function withinSeats<T>(tx: PrismaTx, organizationId: string, change: () => Promise<T>): Promise<T> {
  const quota = await seatQuota(tx, organizationId);
  if (quota === null) return change();
  await tx.$queryRaw`SELECT id::text FROM cloud.organization WHERE id = ${organizationId}::uuid FOR UPDATE`;
  const before = await takenSeats(tx, organizationId);
  const result = await change();
  const after = await takenSeats(tx, organizationId);
  if (after > before && after > quota) throw new UpgradeRequired(seatFeature);
  return result;
}

/** Whether one more could become a member now: asked before somebody is invited, who would otherwise be turned away later. @throws UpgradeRequired */
export async function assertSeatIsFree(tx: PrismaTx, organizationId: string): Promise<void> {
  const quota = await seatQuota(tx, organizationId);
  if (quota !== null && (await takenSeats(tx, organizationId)) >= quota) throw new UpgradeRequired(seatFeature);
}

/** People who hold a role somewhere in the organization or are in a team of it. Counted where it is asked, so it cannot drift from who the members are. */
export async function takenSeats(tx: PrismaTx, organizationId: string): Promise<number> {
  const [row] = await tx.$queryRaw<{ taken: number }[]>`
    SELECT count(*)::int AS taken FROM (
      SELECT user_id FROM cloud.role_assignment WHERE organization_id = ${organizationId}::uuid AND user_id IS NOT NULL
      UNION SELECT user_id FROM cloud.team_member WHERE organization_id = ${organizationId}::uuid AND user_id IS NOT NULL) AS member
    JOIN cloud."user" u ON u.id = member.user_id AND NOT u.is_service_account`;
  return (row as { taken: number }).taken;
}

async function seatQuota(tx: PrismaTx, organizationId: string): Promise<number | null> {
  const row = await tx.cloudEntitlement.findUnique({
    where: { organizationId_feature: { organizationId, feature: seatFeature } },
    select: { quota: true },
  });
  return row?.quota === undefined || row.quota === null ? null : Number(row.quota);
}
