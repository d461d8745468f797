import 'reflect-metadata';
import { openPlatform } from '#libs/boot/platform.js';
import { run } from '#libs/boot/run.js';
import { logLevels } from '#libs/boot/settings.js';
import { readSettings } from '#libs/http/settings.js';
import { createCloudApi } from './app.js';
import { keepHouse } from './housekeeping.js';
import { cloudSettings } from './settings.js';
import { announce, openCloud } from './start.js';

/** The control plane alone. Workspaces are served by workspace-api processes on the same database. */
await run(async (started) => {
  const startedMs = performance.now();
  const settings = readSettings(cloudSettings, process.env);
  const platform = await openPlatform(settings);
  started(platform);
  const cloud = await openCloud(platform, settings, null);
  started(cloud);
  started(keepHouse(cloud.installation));
  const { app, health } = await createCloudApi({
    installation: cloud.installation,
    limits: settings.RATE_LIMIT,
    redisUrl: settings.REDIS_URL,
    trustProxy: settings.TRUST_PROXY,
    logger: logLevels(settings.LOG_LEVEL),
  });
  started({ drain: () => health.drain(), stop: () => app.close() });
  await app.listen(settings.CLOUDAPI_PORT, '0.0.0.0');
  announce(cloud, settings.ADMIN_EMAIL, performance.now() - startedMs);
});
