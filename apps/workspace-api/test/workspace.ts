import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { MasterKeys } from '#libs/crypto/master-key.js';
import { Db } from '#libs/database/db.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { createTestDatabase } from '#libs/testing/database.js';
import { createWorkspaceApi } from '../src/app.js';
import { Installation, type InstallationOptions } from '../src/installation.js';
import { ensureLocalWorkspace } from '../src/local-workspace.js';

export const adminName = 'admin';
export const adminPassword = 'correct horse battery staple';

/** A stand-alone workspace on a database of its own, over real HTTP, with every reply held against its model. */
export type TestWorkspace = {
  id: string;
  db: Db;
  /** As the control plane, which owns organizations and workspaces. */
  owner: Db;
  app: NestFastifyApplication;
  installation: Installation;
  /** As the administrator, at `…/api/v1`. */
  api: ApiClient;
  /** The id of the project `default`. */
  projectId: string;
  /** For processes of a test's own. */
  databaseUrl: string;
  stop(): Promise<void>;
};

/** @param overrides settings that a test is about */
export async function startWorkspace(overrides: Partial<InstallationOptions> = {}): Promise<TestWorkspace> {
  const database = await createTestDatabase();
  const db = new Db({ url: database.url, role: 'workspace_api', max: 4, keptBytes: 16 * 2 ** 20 });
  const owner = new Db({ url: database.url, role: 'cloudapi', max: 1 });
  const dataDir = mkdtempSync(path.join(tmpdir(), 'workspace-'));
  const shared = {
    db,
    master: new MasterKeys([randomBytes(32)]),
    controlPlane: null,
    cloudUrl: null,
    urls: null,
    localTokenMinutes: null,
    defaultProject: 'default',
    dataDir,
    dashboardDir: null,
    clock: Date.now,
  };
  const { passwords } = new Installation({ ...shared, workspaceId: null });
  const id = await ensureLocalWorkspace(owner, db, passwords, {
    name: 'default',
    defaultProject: 'default',
    autoActivate: true,
    userName: adminName,
    password: adminPassword,
    master: shared.master,
  });
  const installation = new Installation({ ...shared, ...overrides, workspaceId: id });
  const { app } = await createWorkspaceApi({
    installation,
    limits: { perPrincipal: null, perTenant: null, signIn: null },
    isStrict: true,
    logger: ['error', 'fatal'],
  });
  await app.listen(0, '127.0.0.1');
  const anonymous = new ApiClient(`${await app.getUrl()}/api/v1`);
  const login = await anonymous.ok(anonymous.post('/login', undefined, { form: { username: adminName, password: adminPassword } }));
  const api = anonymous.as(login.access_token);
  const projectId = (await api.ok(api.get('/projects/default'))).id as string;
  return {
    id,
    db,
    owner,
    app,
    installation,
    api,
    projectId,
    databaseUrl: database.url,
    async stop() {
      await app.close();
      await Promise.all([db.close(), owner.close()]);
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}
