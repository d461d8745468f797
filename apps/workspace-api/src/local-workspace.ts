import { randomUUID } from 'node:crypto';
import { createDataKey } from '#libs/crypto/envelope.js';
import type { MasterKeys } from '#libs/crypto/master-key.js';
import type { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import type { Passwords } from '#libs/identity/password.js';
import { provisionWorkspace } from './server/provision.js';

export type LocalWorkspace = { name: string; defaultProject: string; autoActivate: boolean; userName: string; password: string; master: MasterKeys };

/**
 * The one workspace of a stand-alone server: made at the first start, the same one ever after. With auto-activation the first administrator is made
 * too; without it, whoever calls `PUT /activate` first becomes it.
 * @returns its id
 */
export async function ensureLocalWorkspace(owner: Db, db: Db, passwords: Passwords, options: LocalWorkspace): Promise<string> {
  const platform = { workspaceId: null, isPlatform: true };
  let [row] = await owner.read<{ id: string }>(platform, sql`SELECT id FROM cloud.workspace WHERE identity_mode = 'local' ORDER BY created LIMIT 1`);
  if (!row) {
    const id = randomUUID();
    [row] = await owner.tx(platform, async (tx) => {
      const [organization] = await tx.query<{ id: string }>(sql`INSERT INTO cloud.organization (name) VALUES ('default') ON CONFLICT DO NOTHING RETURNING id`);
      const [known] = organization ? [organization] : await tx.query<{ id: string }>(sql`SELECT id FROM cloud.organization WHERE name = 'default'`);
      return tx.query<{ id: string }>(
        sql`INSERT INTO cloud.workspace (id, organization_id, name, slug, identity_mode, status) VALUES (${id}, ${(known as { id: string }).id}, ${options.name}, ${id.slice(0, 8)}, 'local', 'available') RETURNING id`,
      );
    });
  }
  const { id } = row as { id: string };
  await owner.read(
    platform,
    sql`INSERT INTO cloud.workspace_data_key (organization_id, workspace_id, wrapped) SELECT w.organization_id, w.id, ${createDataKey(options.master, id)} FROM cloud.workspace w WHERE w.id = ${id} AND NOT EXISTS (SELECT 1 FROM cloud.workspace_data_key k WHERE k.workspace_id = w.id)`,
  );
  await provisionWorkspace(db, { workspaceId: id, name: options.name, defaultProject: options.defaultProject });
  if (options.autoActivate) await activate(db, passwords, id, options);
  return id;
}

async function activate(db: Db, passwords: Passwords, workspaceId: string, { userName, password }: LocalWorkspace): Promise<void> {
  const [settings] = await db.read<{ active: boolean }>({ workspaceId }, sql`SELECT active FROM workspace.server_settings WHERE workspace_id = ${workspaceId}`);
  if (settings?.active) return;
  const hash = await passwords.hash(password);
  await db.tx({ workspaceId }, async (tx) => {
    await tx.query(
      sql`INSERT INTO workspace."user" (workspace_id, name, full_name, is_service_account, active, is_admin, password, password_changed_at, email_opted_in) VALUES (${workspaceId}, ${userName}, '', false, true, true, ${hash}, (now() AT TIME ZONE 'utc'), NULL) ON CONFLICT DO NOTHING`,
    );
    await tx.query(sql`UPDATE workspace.server_settings SET active = true WHERE workspace_id = ${workspaceId}`);
  });
}
