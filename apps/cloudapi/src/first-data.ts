import { builtInRoles } from '#libs/access/roles.js';
import { randomToken } from '#libs/crypto/random.js';
import type { PrismaTx } from '#libs/database/prisma.js';
import { type Actor, audit, system } from './audit/audit.js';
import { type CloudInstallation, platform } from './installation.js';
import { adoptOrganization, createOrganization } from './organizations/organization.service.js';
import { WorkspaceService } from './workspaces/workspace.service.js';

export type FirstData = {
  /** The administrator's generated password; only when this very call made the administrator and no password was given. */
  generatedPassword: string | null;
  /** The workspace `default`; null when somebody has deleted it. */
  defaultWorkspace: { id: string; name: string; status: string } | null;
};

const defaultName = 'default';
const otherName = 'main';
/** Any number that nothing else uses for an advisory lock. */
const lockId = 7_203_114;

/**
 * What a new installation starts with: an administrator, the organization `default` and in it the workspace `default`. Made once: deleting or renaming
 * them later is respected. Processes that start together take turns.
 */
export async function ensureFirstData(installation: CloudInstallation, admin: { email: string; password?: string | undefined }): Promise<FirstData> {
  const workspaces = new WorkspaceService(installation);
  const email = admin.email.trim().toLowerCase();
  let isKnown = await installation.prisma.tx(platform, async (tx) => (await tx.cloudSetting.findUnique({ where: { name: 'first_data' } })) !== null);
  let generatedPassword: string | null = null;
  if (!isKnown) {
    const password = admin.password ?? randomToken(15);
    const passwordHash = await installation.passwords.hash(password);
    isKnown = await installation.prisma.tx(platform, async (tx) => {
      await tx.$queryRaw`SELECT pg_advisory_xact_lock(${lockId}::bigint)::text`;
      if (await tx.cloudSetting.findUnique({ where: { name: 'first_data' } })) return true;
      const user = await tx.cloudUser.create({
        data: { username: email, email, emailVerified: true, name: 'Administrator', isSuperuser: true, passwordHash, passwordChangedAt: installation.now() },
        select: { id: true },
      });
      // A stand-alone workspace that used this database before has left an organization and a workspace of these names.
      const known = await tx.cloudOrganization.findUnique({ where: { name: defaultName }, select: { id: true } });
      const organization = known ? await adoptOrganization(tx, known.id, user.id) : await createOrganization(tx, { name: defaultName, ownerId: user.id });
      const isTaken = (await tx.cloudWorkspace.count({ where: { name: defaultName } })) > 0;
      const name = isTaken ? otherName : defaultName;
      const { row } = await workspaces.create(tx, { organizationId: organization.id, name, ownerId: user.id, isManaged: true });
      await tx.cloudSetting.create({ data: { name: 'first_data', value: 'made' } });
      const made: Actor = system;
      await audit(tx, made, { action: 'user.create', target: { type: 'user', id: user.id, name: email } });
      await audit(tx, made, {
        action: 'organization.create',
        organizationId: organization.id,
        target: { type: 'organization', id: organization.id, name: defaultName },
      });
      await audit(tx, made, {
        action: 'workspace.create',
        organizationId: organization.id,
        workspaceId: row.id,
        target: { type: 'workspace', id: row.id, name },
      });
      return false;
    });
    if (!isKnown && !admin.password) generatedPassword = password;
  }
  const defaultWorkspace = await installation.prisma.tx(platform, async (tx) => {
    await refreshBuiltInRoles(tx);
    return tx.cloudWorkspace.findFirst({
      where: { name: { in: [defaultName, otherName] }, identityMode: 'pro', status: { not: 'deleted' } },
      orderBy: { created: 'asc' },
      select: { id: true, name: true, status: true },
    });
  });
  return { generatedPassword, defaultWorkspace };
}

/** A version of this program that knows more built-in roles gives them to all organizations at its first start. */
async function refreshBuiltInRoles(tx: PrismaTx): Promise<void> {
  const name = 'built_in_roles';
  const roles = builtInRoles.map((role) => ({ name: role.name, level: role.level, description: role.description }));
  const value = JSON.stringify(roles.map((role) => `${role.level}:${role.name}`));
  if ((await tx.cloudSetting.findUnique({ where: { name } }))?.value === value) return;
  await tx.$executeRaw`
    INSERT INTO cloud.role (organization_id, name, level, description, system_managed)
    SELECT o.id, r.name, r.level, r.description, true FROM cloud.organization o CROSS JOIN json_to_recordset(${JSON.stringify(roles)}::json) AS r(name text, level text, description text)
    ON CONFLICT DO NOTHING`;
  await tx.cloudSetting.upsert({ where: { name }, create: { name, value }, update: { value } });
}
