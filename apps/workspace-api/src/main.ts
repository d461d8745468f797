import 'reflect-metadata';
import { openPlatform, type Platform } from '#libs/boot/platform.js';
import { run, type Stoppable } from '#libs/boot/run.js';
import { partOf, serve } from '#libs/boot/workers.js';
import { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import { Db } from '#libs/database/db.js';
import { readSettings } from '#libs/http/settings.js';
import { systemClock } from '#libs/identity/clock.js';
import { Installation } from './installation.js';
import { ensureLocalWorkspace } from './local-workspace.js';
import { operatorOptions } from './operator-settings.js';
import { localOptions, localSettings, modeSetting, workspaceSettings } from './settings.js';
import { openWorkspaces, provisionPending, purgeDeleted } from './start.js';
import { workloadOptions } from './workloads/workload-settings.js';

/** One workspace that stands alone, at the root of its own address: a drop-in for a single ZenML server. With WORKSPACE_MODE=pro, all those of a control plane. */
await run(async (started) => {
  const startedMs = performance.now();
  const settings = readSettings({ ...workspaceSettings, ...localSettings, ...modeSetting }, process.env);
  // Loads while the database starts. A primary takes no requests, so it needs none of it.
  if (partOf(settings) !== 'primary') void import('./app.js');
  const platform = await openPlatform(settings);
  started(platform);
  const { installation, where } = settings.WORKSPACE_MODE === 'pro' ? openPro(platform, settings, started) : await openLocal(platform, settings, started);
  const served = await serve(settings, platform, async () => {
    const { createWorkspaceApi } = await import('./app.js');
    const { app, health } = await createWorkspaceApi({
      installation,
      limits: settings.RATE_LIMIT,
      redisUrl: settings.REDIS_URL,
      trustProxy: settings.TRUST_PROXY,
    });
    await app.listen(settings.WORKSPACE_API_PORT, '0.0.0.0');
    return { address: await app.getUrl(), drain: () => health.drain(), stop: () => app.close() };
  });
  started(served);
  if (partOf(settings) === 'worker') return;
  const at = where ?? `workspace at ${served.address.replace('[::1]', 'localhost')}`;
  console.log(`ready in ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${at}`);
});

type Settings = ReturnType<typeof readSettings<typeof workspaceSettings & typeof localSettings & typeof modeSetting>>;
type Opened = { installation: Installation; where: string | null };

function openPro(platform: Platform, settings: Settings, started: (part: Stoppable) => void): Opened {
  const urls = new WorkspaceUrls(settings.WORKSPACE_URL_TEMPLATE ?? `http://localhost:${settings.WORKSPACE_API_PORT}/w/{id8}`);
  const workspaces = openWorkspaces(platform, settings, { cloudUrl: settings.CLOUDAPI_URL ?? 'http://localhost:8080', urls });
  started(workspaces);
  if (partOf(settings) !== 'worker') {
    started(provisionPending(workspaces));
    started(purgeDeleted(workspaces));
  }
  return { installation: workspaces.installation, where: `workspaces at ${urls.template}` };
}

async function openLocal(platform: Platform, settings: Settings, started: (part: Stoppable) => void): Promise<Opened> {
  const db = new Db({ url: platform.databaseUrl, role: 'workspace_api', max: settings.DATABASE_CONNECTIONS, keptBytes: settings.KEPT_READS_MB * 2 ** 20 });
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
    local: localOptions(settings, settings.RATE_LIMIT),
    workloads: workloadOptions(settings),
    ...operatorOptions(settings),
  };
  const workspaceId = await ensureLocalWorkspace(owner, db, new Installation({ ...shared, workspaceId: null }).passwords, {
    name: settings.ZENML_SERVER_SERVER_NAME,
    defaultProject: settings.ZENML_DEFAULT_PROJECT_NAME,
    autoActivate: settings.ZENML_SERVER_AUTO_ACTIVATE,
    userName: settings.ZENML_DEFAULT_USER_NAME,
    password: settings.ZENML_DEFAULT_USER_PASSWORD,
    master: platform.master,
  });
  return { installation: new Installation({ ...shared, workspaceId }), where: null };
}
