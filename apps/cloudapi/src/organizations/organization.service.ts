import { builtInRoles, type Level } from '#libs/access/roles.js';
import { databaseFault } from '#libs/database/errors.js';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import { Problem } from '#libs/http/problem.js';
import { parseUuid } from '#libs/wire/types.js';
import { noOrganization } from '../caller.js';
import { addDefaultQuotas } from '../entitlements/default-quotas.js';
import { userFields, userReply } from '../users/user.js';
import { naive } from '../wire.js';

export const organizationFields = {
  id: true,
  name: true,
  displayName: true,
  description: true,
  logoUrl: true,
  trustedDomains: true,
  created: true,
  updated: true,
  owner: { select: userFields },
} as const satisfies Prisma.CloudOrganizationSelect;

export type OrganizationRow = Prisma.CloudOrganizationGetPayload<{ select: typeof organizationFields }>;

export function organizationReply(row: OrganizationRow) {
  return {
    id: row.id,
    name: row.name,
    display_name: row.displayName ?? row.name,
    description: row.description,
    logo_url: row.logoUrl,
    owner: row.owner ? userReply(row.owner) : null,
    // Nobody sells anything here: what an organization may use says its entitlements.
    has_active_subscription: true,
    trial_expiry: null,
    trusted_domains: row.trustedDomains,
    created: naive(row.created),
    updated: naive(row.updated),
  };
}

/** A new organization with the built-in roles; its owner becomes the first administrator. In a transaction with the scope of the installation. */
export async function createOrganization(
  tx: PrismaTx,
  {
    ownerId,
    ...fields
  }: { name: string; displayName?: string | null; description?: string | null; logoUrl?: string | null; trustedDomains?: string[]; ownerId: string | null },
): Promise<OrganizationRow> {
  let id: string;
  try {
    ({ id } = await tx.cloudOrganization.create({ data: { ...fields, ownerId }, select: { id: true } }));
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique') throw organizationNameTaken(fields.name, error);
    throw error;
  }
  return adoptOrganization(tx, id, ownerId);
}

/** Gives an organization its roles and its first administrator. */
export async function adoptOrganization(tx: PrismaTx, id: string, ownerId: string | null): Promise<OrganizationRow> {
  await addBuiltInRoles(tx, id);
  await addDefaultQuotas(tx, id);
  if (ownerId) await assignBuiltIn(tx, { organizationId: id, userId: ownerId, level: 'organization', role: 'Organization Admin' });
  return tx.cloudOrganization.findUniqueOrThrow({ where: { id }, select: organizationFields });
}

/** Every organization has rows of its own of the built-in roles; later versions of this program may add some. */
export async function addBuiltInRoles(tx: PrismaTx, organizationId: string): Promise<void> {
  await tx.cloudRole.createMany({
    data: builtInRoles.map(({ name, level, description }) => ({ organizationId, name, level, description, systemManaged: true })),
    skipDuplicates: true,
  });
}

export async function builtInRoleId(tx: PrismaTx, organizationId: string, level: Level, role: string): Promise<string> {
  const row = await tx.cloudRole.findFirstOrThrow({ where: { organizationId, level, name: role, systemManaged: true }, select: { id: true } });
  return row.id;
}

/** Gives a built-in role to a user. Repeating it changes nothing. */
export async function assignBuiltIn(
  tx: PrismaTx,
  to: { organizationId: string; userId: string; level: Level; role: string; workspaceId?: string; createdBy?: string | null },
): Promise<void> {
  const roleId = await builtInRoleId(tx, to.organizationId, to.level, to.role);
  await tx.cloudRoleAssignment.createMany({
    data: [{ organizationId: to.organizationId, roleId, userId: to.userId, workspaceId: to.workspaceId ?? null, createdBy: to.createdBy ?? null }],
    skipDuplicates: true,
  });
}

/** An organization by id or name. @throws Problem 404 */
export async function findOrganization(tx: PrismaTx, idOrName: string): Promise<OrganizationRow> {
  const id = parseUuid(idOrName);
  const row = await tx.cloudOrganization.findFirst({ where: { ...(id ? { id } : { name: idOrName }), deleted: null }, select: organizationFields });
  if (!row) throw noOrganization();
  return row;
}

export function organizationNameTaken(name: string, cause?: unknown): Problem {
  return new Problem('exists', `There is already an organization named '${name}'.`, { cause });
}
