import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCloudApi } from '#apps/cloudapi/src/app.js';
import type { CloudInstallation } from '#apps/cloudapi/src/installation.js';
import { assignBuiltIn } from '#apps/cloudapi/src/organizations/organization.service.js';
import { cloudSettings } from '#apps/cloudapi/src/settings.js';
import { openCloud, prepareCloud } from '#apps/cloudapi/src/start.js';
import { createWorkspaceApi } from '#apps/workspace-api/src/app.js';
import { workspaceSettings } from '#apps/workspace-api/src/settings.js';
import { openWorkspaces } from '#apps/workspace-api/src/start.js';
import { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import { MasterKeys } from '#libs/crypto/master-key.js';
import type { Db } from '#libs/database/db.js';
import { readSettings } from '#libs/http/settings.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { createTestDatabase } from '#libs/testing/database.js';
import { freePort } from '../../tools/reference/process.mjs';

export const adminEmail = 'admin@example.com';
export const adminPassword = 'correct horse battery staple';

export type RunningInstallation = {
  cloudUrl: string;
  workspace: { id: string; name: string; url: string };
  /** As the administrator, at the control plane. */
  cloud: ApiClient;
  /** Gives a person or service account a built-in role in the organization `default`. */
  assign(userId: string, role: string, level: 'organization' | 'workspace' | 'project', workspaceId?: string): Promise<void>;
  /** How much of a feature the organization `default` may use. */
  limit(feature: string, quota: number): Promise<void>;
  installation: CloudInstallation;
  /** As the control plane, and the address for other roles. */
  cloudDb: Db;
  databaseUrl: string;
  dataDir: string;
  urlOf(workspaceId: string): string;
  /** What reaches the control plane from now on: method, URL and headers, in order. */
  onCloudRequest(heard: (request: IncomingMessage) => void): void;
  /** Takes the control plane away, as when its process ends, and brings it back at the same address. */
  stopCloud(): Promise<void>;
  startCloud(): Promise<void>;
  stop(): Promise<void>;
};

/** Both applications as `npm start` runs them, on a database and on ports of their own, with every reply held against its model. */
export async function startInstallation({ isStrict = true } = {}): Promise<RunningInstallation> {
  const database = await createTestDatabase();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'installation-'));
  const [CLOUDAPI_PORT, WORKSPACE_API_PORT] = [await freePort(), await freePort()];
  const given = { CLOUDAPI_PORT, WORKSPACE_API_PORT, ADMIN_EMAIL: adminEmail, ADMIN_PASSWORD: adminPassword, DATABASE_CONNECTIONS: 8, DATA_DIR: dataDir };
  const settings = readSettings(
    { ...workspaceSettings, ...cloudSettings },
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])),
  );
  const platform = { databaseUrl: database.url, master: new MasterKeys([randomBytes(32)]), dataDir, isNew: true, stop: async () => {} };
  const addresses = { cloudUrl: `http://localhost:${CLOUDAPI_PORT}`, urls: new WorkspaceUrls(`http://localhost:${WORKSPACE_API_PORT}/w/{id8}`) };
  const workspaces = openWorkspaces(platform, settings, addresses);
  const cloud = openCloud(platform, settings, workspaces.host);
  const first = await prepareCloud(cloud.installation, settings);
  const shared = { limits: { perPrincipal: null, perTenant: null, signIn: null }, isStrict, logger: ['error' as const, 'fatal' as const] };
  const listeners: ((request: IncomingMessage) => void)[] = [];
  const openCloudApi = async () => {
    const { app } = await createCloudApi({ installation: cloud.installation, ...shared });
    app.getHttpServer().on('request', (request: IncomingMessage) => {
      for (const heard of listeners) heard(request);
    });
    await app.listen(CLOUDAPI_PORT, '0.0.0.0');
    return app;
  };
  const { app: workspaceApi } = await createWorkspaceApi({ installation: workspaces.installation, ...shared });
  await workspaceApi.listen(WORKSPACE_API_PORT, '0.0.0.0');
  let cloudApi: Awaited<ReturnType<typeof openCloudApi>> | null = await openCloudApi();
  const stopCloud = async () => {
    await cloudApi?.close();
    cloudApi = null;
  };
  const anonymous = new ApiClient(addresses.cloudUrl);
  const { access_token: token } = await anonymous.ok(anonymous.post('/auth/login', undefined, { form: { username: adminEmail, password: adminPassword } }));
  const { id, name } = first.defaultWorkspace as { id: string; name: string };
  return {
    cloudUrl: addresses.cloudUrl,
    workspace: { id, name, url: addresses.urls.urlOf(id) },
    cloud: anonymous.as(token),
    assign: (userId, role, level, workspaceId) =>
      cloud.installation.prisma.tx({ workspaceId: null, isPlatform: true }, async (tx) => {
        const { id: organizationId } = await tx.cloudOrganization.findUniqueOrThrow({ where: { name: 'default' } });
        await assignBuiltIn(tx, { organizationId, userId, role, level, ...(workspaceId ? { workspaceId } : {}) });
      }),
    limit: (feature, quota) =>
      cloud.installation.prisma.tx({ workspaceId: null, isPlatform: true }, async (tx) => {
        const { id: organizationId } = await tx.cloudOrganization.findUniqueOrThrow({ where: { name: 'default' } });
        const where = { organizationId_feature: { organizationId, feature } };
        await tx.cloudEntitlement.upsert({ where, create: { organizationId, feature, quota }, update: { quota } });
      }),
    installation: cloud.installation,
    cloudDb: cloud.installation.db,
    databaseUrl: database.url,
    dataDir,
    urlOf: (workspaceId) => addresses.urls.urlOf(workspaceId),
    onCloudRequest: (heard) => void listeners.push(heard),
    stopCloud,
    async startCloud() {
      cloudApi = await openCloudApi();
    },
    async stop() {
      await Promise.all([stopCloud(), workspaceApi.close()]);
      await Promise.all([cloud.stop(), workspaces.stop()]);
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
