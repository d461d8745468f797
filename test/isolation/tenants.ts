import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createWorkspaceApi } from '#apps/workspace-api/src/app.js';
import { Installation } from '#apps/workspace-api/src/installation.js';
import { provisionWorkspace } from '#apps/workspace-api/src/server/provision.js';
import { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import { createDataKey } from '#libs/crypto/envelope.js';
import { MasterKeys } from '#libs/crypto/master-key.js';
import { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { createTestDatabase } from '#libs/testing/database.js';

export type Tenant = { id: string; api: ApiClient; projectId: string };
export type Tenants = { app: NestFastifyApplication; databaseUrl: string; installation: Installation; mine: Tenant; theirs: Tenant; stop(): Promise<void> };

/** Two stand-alone workspaces in one database and one process, each behind a path of its own. */
export async function startTenants(): Promise<Tenants> {
  const database = await createTestDatabase();
  const db = new Db({ url: database.url, role: 'workspace_api', max: 16, keptBytes: 16 * 2 ** 20 });
  const platform = new Db({ url: database.url, role: 'cloudapi', max: 1 });
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tenants-'));
  const installation = new Installation({
    db,
    master: new MasterKeys([randomBytes(32)]),
    controlPlane: null,
    cloudUrl: null,
    urls: new WorkspaceUrls('http://127.0.0.1/w/{id8}'),
    workspaceId: null,
    localTokenMinutes: null,
    defaultProject: 'default',
    dataDir,
    dashboardDir: null,
    clock: Date.now,
  });
  const { app } = await createWorkspaceApi({ installation, limits: { perPrincipal: null, perTenant: null, signIn: null }, logger: ['error', 'fatal'] });
  await app.listen(0, '127.0.0.1');
  const base = await app.getUrl();

  async function tenant(name: string): Promise<Tenant> {
    const id = randomUUID();
    await platform.tx({ workspaceId: null, isPlatform: true }, async (tx) => {
      const [organization] = await tx.query<{ id: string }>(sql`INSERT INTO cloud.organization (name) VALUES (${name}) RETURNING id`);
      await tx.query(
        sql`INSERT INTO cloud.workspace (id, organization_id, name, slug, identity_mode, status) VALUES (${id}, ${organization?.id}, ${name}, ${id.slice(0, 8)}, 'local', 'available')`,
      );
      await tx.query(
        sql`INSERT INTO cloud.workspace_data_key (organization_id, workspace_id, wrapped) VALUES (${organization?.id}, ${id}, ${createDataKey(installation.options.master, id)})`,
      );
    });
    await provisionWorkspace(db, { workspaceId: id, name, defaultProject: 'default' });
    const password = await installation.passwords.hash('correct horse battery staple');
    await db.read(
      { workspaceId: id },
      sql`INSERT INTO workspace."user" (workspace_id, name, full_name, is_service_account, active, is_admin, password, password_changed_at) VALUES (${id}, 'admin', '', false, true, true, ${password}, (now() AT TIME ZONE 'utc'))`,
    );
    const anonymous = new ApiClient(`${base}/w/${id.slice(0, 8)}/api/v1`);
    const login = await anonymous.ok(anonymous.post('/login', undefined, { form: { username: 'admin', password: 'correct horse battery staple' } }));
    const api = anonymous.as(login.access_token);
    return { id, api, projectId: (await api.ok(api.get('/projects/default'))).id };
  }

  const mine = await tenant('mine');
  const theirs = await tenant('theirs');
  return {
    app,
    databaseUrl: database.url,
    installation,
    mine,
    theirs,
    async stop() {
      await app.close();
      await Promise.all([db.close(), platform.close()]);
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
