import type { PrismaTx } from '#libs/database/prisma.js';

export type Quotas = Record<string, number>;

const setting = 'default_quotas';

/**
 * Puts the installation's default quotas in place. They are stored with each organization, so that whoever serves workspaces needs no configuration of its
 * own. Quotas that somebody set by hand stay; those that were the old default become the new one.
 */
export async function applyDefaultQuotas(tx: PrismaTx, quotas: Quotas): Promise<void> {
  const before = await defaultQuotas(tx);
  const value = JSON.stringify(quotas);
  for (const [feature, quota] of Object.entries(before))
    if (quotas[feature] === undefined) await tx.cloudEntitlement.updateMany({ where: { feature, quota }, data: { quota: null } });
  for (const [feature, quota] of Object.entries(quotas)) {
    if (before[feature] === quota) continue;
    await tx.$executeRaw`
      INSERT INTO cloud.entitlement AS e (organization_id, feature, quota) SELECT id, ${feature}, ${quota}::bigint FROM cloud.organization
      ON CONFLICT (organization_id, feature) DO UPDATE SET quota = excluded.quota WHERE e.quota IS NOT DISTINCT FROM ${before[feature] ?? null}::bigint`;
  }
  await tx.cloudSetting.upsert({ where: { name: setting }, create: { name: setting, value }, update: { value } });
}

/** What a new organization starts with. */
export async function addDefaultQuotas(tx: PrismaTx, organizationId: string): Promise<void> {
  const data = Object.entries(await defaultQuotas(tx)).map(([feature, quota]) => ({ organizationId, feature, quota }));
  if (data.length > 0) await tx.cloudEntitlement.createMany({ data, skipDuplicates: true });
}

export async function defaultQuotas(tx: PrismaTx): Promise<Quotas> {
  const row = await tx.cloudSetting.findUnique({ where: { name: setting } });
  return row ? (JSON.parse(row.value) as Quotas) : {};
}

/** `project=10,pipeline_run=1000`. @throws Error with a text for people */
export function parseQuotas(text: string | undefined): Quotas {
  const quotas: Quotas = {};
  for (const part of (text ?? '').split(',').map((one) => one.trim())) {
    if (!part) continue;
    const [, feature, quota] = /^([a-z0-9_-]+)\s*=\s*(\d{1,15})$/.exec(part) ?? [];
    if (!feature) throw new Error(`'${part}' is not a quota. Write <feature>=<number>, separated by commas, such as project=10,pipeline=100.`);
    quotas[feature] = Number(quota);
  }
  return quotas;
}
