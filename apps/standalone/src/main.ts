import 'reflect-metadata';
import { keepHouse } from '#apps/cloudapi/src/housekeeping.js';
import { addressesOf, cloudSettings } from '#apps/cloudapi/src/settings.js';
import { announce, openCloud, prepareCloud } from '#apps/cloudapi/src/start.js';
import { workspaceSettings } from '#apps/workspace-api/src/settings.js';
import { openWorkspaces } from '#apps/workspace-api/src/start.js';
import { openPlatform } from '#libs/boot/platform.js';
import { run } from '#libs/boot/run.js';
import { logLevels } from '#libs/boot/settings.js';
import { partOf, serve } from '#libs/boot/workers.js';
import { readSettings } from '#libs/http/settings.js';

/** The modules that take requests. */
const applications = () => Promise.all([import('#apps/cloudapi/src/app.js'), import('#apps/workspace-api/src/app.js')]);

/** The control plane and all workspaces, in one process or in equal workers. */
await run(async (started) => {
  const startedMs = performance.now();
  const settings = readSettings({ ...workspaceSettings, ...cloudSettings }, process.env);
  // Loads while the database starts. A primary takes no requests, so it needs none of it.
  if (partOf(settings) !== 'primary') void applications();
  const platform = await openPlatform(settings);
  started(platform);
  const { cloudUrl, urls } = addressesOf(settings);
  const workspaces = openWorkspaces(platform, settings, { cloudUrl, urls });
  started(workspaces);
  const cloud = openCloud(platform, settings, workspaces.host);
  started(cloud);
  const first = partOf(settings) === 'worker' ? null : await prepareCloud(cloud.installation, settings);
  if (first) started(keepHouse(cloud.installation));
  const served = await serve(settings, platform, async () => {
    const shared = {
      limits: settings.RATE_LIMIT,
      redisUrl: settings.REDIS_URL,
      trustProxy: settings.TRUST_PROXY,
      logger: logLevels(settings.LOG_LEVEL),
    };
    const [{ createCloudApi }, { createWorkspaceApi }] = await applications();
    const both = await Promise.all([
      createCloudApi({ installation: cloud.installation, ...shared }),
      createWorkspaceApi({ installation: workspaces.installation, ...shared }),
    ]);
    const [cloudApi, workspaceApi] = both;
    await Promise.all([cloudApi.app.listen(settings.CLOUDAPI_PORT, '0.0.0.0'), workspaceApi.app.listen(settings.WORKSPACE_API_PORT, '0.0.0.0')]);
    return {
      address: await cloudApi.app.getUrl(),
      drain: () => both.forEach(({ health }) => void health.drain()),
      stop: async () => void (await Promise.all(both.map(({ app }) => app.close()))),
    };
  });
  started(served);
  if (first) announce(cloud.installation, first, settings.ADMIN_EMAIL, performance.now() - startedMs);
});
