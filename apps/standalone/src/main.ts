import 'reflect-metadata';
import { createCloudApi } from '#apps/cloudapi/src/app.js';
import { keepHouse } from '#apps/cloudapi/src/housekeeping.js';
import { addressesOf, cloudSettings } from '#apps/cloudapi/src/settings.js';
import { announce, openCloud } from '#apps/cloudapi/src/start.js';
import { createWorkspaceApi } from '#apps/workspace-api/src/app.js';
import { workspaceSettings } from '#apps/workspace-api/src/settings.js';
import { openWorkspaces } from '#apps/workspace-api/src/start.js';
import { openPlatform } from '#libs/boot/platform.js';
import { run } from '#libs/boot/run.js';
import { logLevels } from '#libs/boot/settings.js';
import { readSettings } from '#libs/http/settings.js';

/** Everything in one process: the control plane, and all workspaces. */
await run(async (started) => {
  const startedMs = performance.now();
  const settings = readSettings({ ...workspaceSettings, ...cloudSettings }, process.env);
  const platform = await openPlatform(settings);
  started(platform);
  const { cloudUrl, urls } = addressesOf(settings);
  const workspaces = openWorkspaces(platform, settings, { cloudUrl, urls });
  started(workspaces);
  const cloud = await openCloud(platform, settings, workspaces.host);
  started(cloud);
  started(keepHouse(cloud.installation));
  const shared = {
    limits: settings.RATE_LIMIT,
    redisUrl: settings.REDIS_URL,
    trustProxy: settings.TRUST_PROXY,
    logger: logLevels(settings.LOG_LEVEL),
  };
  const [cloudApi, workspaceApi] = await Promise.all([
    createCloudApi({ installation: cloud.installation, ...shared }),
    createWorkspaceApi({ installation: workspaces.installation, ...shared }),
  ]);
  for (const { app, health } of [cloudApi, workspaceApi]) started({ drain: () => health.drain(), stop: () => app.close() });
  await Promise.all([cloudApi.app.listen(settings.CLOUDAPI_PORT, '0.0.0.0'), workspaceApi.app.listen(settings.WORKSPACE_API_PORT, '0.0.0.0')]);
  announce(cloud, settings.ADMIN_EMAIL, performance.now() - startedMs);
});
