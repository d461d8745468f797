import { randomUUID } from 'node:crypto';
import { builtInRoles } from '#libs/access/roles.js';
import { sql } from '#libs/database/sql.js';
import type { ApiClient } from '#libs/testing/api-client.js';
import type { TestWorkspace } from './workspace.js';

/** Somebody of the control plane inside a workspace. */
export type Member = { api: ApiClient; userId: string; externalId: string };

const platform = { workspaceId: null, isPlatform: true };

/** Gives a workspace to a control plane: from now on only people that `member` makes get in, with the grants they hold. */
export async function attach({ owner, id }: TestWorkspace): Promise<{ organizationId: string }> {
  const [row] = await owner.read<{ organizationId: string }>(
    platform,
    sql`UPDATE cloud.workspace SET identity_mode = 'pro' WHERE id = ${id} RETURNING organization_id AS "organizationId"`,
  );
  const { organizationId } = row as { organizationId: string };
  for (const { name, level, description } of builtInRoles) {
    await owner.read(
      platform,
      sql`INSERT INTO cloud.role (organization_id, name, level, description, system_managed) VALUES (${organizationId}, ${name}, ${level}, ${description}, true) ON CONFLICT DO NOTHING`,
    );
  }
  return { organizationId };
}

/** @param roleName a built-in role, held in the workspace or, for organization roles, in the organization */
export async function member(workspace: TestWorkspace, organizationId: string, roleName: string | null): Promise<Member> {
  const { owner, db, id, installation, api } = workspace;
  const [externalId, userId] = [randomUUID(), randomUUID()];
  const name = `member-${externalId.slice(0, 8)}`;
  await owner.read(platform, sql`INSERT INTO cloud."user" (id, username, email) VALUES (${externalId}, ${name}, ${`${name}@example.com`})`);
  for (const role of [roleName, 'Organization Member']) {
    if (role === null) continue;
    await owner.read(
      platform,
      sql`INSERT INTO cloud.role_assignment (organization_id, workspace_id, role_id, user_id)
          SELECT ${organizationId}, CASE WHEN level = 'organization' THEN NULL ELSE ${id}::uuid END, id, ${externalId} FROM cloud.role WHERE organization_id = ${organizationId} AND name = ${role}`,
    );
  }
  await db.read(
    { workspaceId: id },
    sql`INSERT INTO workspace."user" (workspace_id, id, name, full_name, is_service_account, active, is_admin, external_user_id) VALUES (${id}, ${userId}, ${name}, '', false, true, false, ${externalId})`,
  );
  const { token } = installation.tokens.sign(id, { sub: userId }, { lifetimeSeconds: 3_600 });
  return { api: api.as(token), userId, externalId };
}
