import 'reflect-metadata';
import { openPlatform } from '#libs/boot/platform.js';
import { run } from '#libs/boot/run.js';
import { Db } from '#libs/database/db.js';
import { readSettings } from '#libs/http/settings.js';
import { systemClock } from '#libs/identity/clock.js';
import { createWorkspaceApi } from './app.js';
import { Installation } from './installation.js';
import { ensureLocalWorkspace } from './local-workspace.js';
import { localSettings, workspaceSettings } from './settings.js';

/** One workspace that stands alone, at the root of its own address: a drop-in for a single ZenML server. */
await run(async (started) => {
  const startedMs = performance.now();
  const settings = readSettings({ ...workspaceSettings, ...localSettings }, process.env);
  const platform = await openPlatform(settings);
  started(platform);
  const db = new Db({ url: platform.databaseUrl, role: 'workspace_api', max: settings.DATABASE_CONNECTIONS });
  const owner = new Db({ url: platform.databaseUrl, role: 'cloudapi', max: 1 });
  started({ stop: async () => void (await Promise.all([db.close(), owner.close()])) });
  const shared = {
    db,
    master: platform.master,
    controlPlane: null,
    cloudUrl: null,
    urls: null,
    localTokenMinutes: settings.ZENML_SERVER_JWT_TOKEN_EXPIRE_MINUTES ?? null,
    defaultProject: settings.ZENML_DEFAULT_PROJECT_NAME,
    dataDir: platform.dataDir,
    dashboardDir: settings.DASHBOARD_DIR ?? null,
    clock: systemClock,
  };
  const workspaceId = await ensureLocalWorkspace(owner, db, new Installation({ ...shared, workspaceId: null }).passwords, {
    name: 'default',
    defaultProject: settings.ZENML_DEFAULT_PROJECT_NAME,
    autoActivate: settings.ZENML_SERVER_AUTO_ACTIVATE,
    userName: settings.ZENML_DEFAULT_USER_NAME,
    password: settings.ZENML_DEFAULT_USER_PASSWORD,
  });
  const { app, health } = await createWorkspaceApi({
    installation: new Installation({ ...shared, workspaceId }),
    limits: settings.RATE_LIMIT,
    redisUrl: settings.REDIS_URL,
  });
  started({ drain: () => health.drain(), stop: () => app.close() });
  await app.listen(settings.WORKSPACE_API_PORT, '0.0.0.0');
  console.log(`ready in ${((performance.now() - startedMs) / 1000).toFixed(1)} s: workspace at ${(await app.getUrl()).replace('[::1]', 'localhost')}`);
});
