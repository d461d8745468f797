import 'reflect-metadata';
import { openPlatform } from '#libs/boot/platform.js';
import { run } from '#libs/boot/run.js';
import { logLevels } from '#libs/boot/settings.js';
import { partOf, serve } from '#libs/boot/workers.js';
import { readSettings } from '#libs/http/settings.js';
import { keepHouse } from './housekeeping.js';
import { cloudSettings } from './settings.js';
import { announce, openCloud, prepareCloud } from './start.js';

/** The control plane alone. Workspaces are served by workspace-api processes on the same database. */
await run(async (started) => {
  const startedMs = performance.now();
  const settings = readSettings(cloudSettings, process.env);
  // Loads while the database starts. A primary takes no requests, so it needs none of it.
  if (partOf(settings) !== 'primary') void import('./app.js');
  const platform = await openPlatform(settings);
  started(platform);
  const cloud = openCloud(platform, settings, null);
  started(cloud);
  const { installation } = cloud;
  const first = partOf(settings) === 'worker' ? null : await prepareCloud(installation, settings);
  if (first) started(keepHouse(installation));
  const served = await serve(settings, platform, async () => {
    const { createCloudApi } = await import('./app.js');
    const { app, health } = await createCloudApi({
      installation,
      limits: settings.RATE_LIMIT,
      redisUrl: settings.REDIS_URL,
      trustProxy: settings.TRUST_PROXY,
      logger: logLevels(settings.LOG_LEVEL),
    });
    await app.listen(settings.CLOUDAPI_PORT, '0.0.0.0');
    return { address: await app.getUrl(), drain: () => health.drain(), stop: () => app.close() };
  });
  started(served);
  if (first) announce(installation, first, settings.ADMIN_EMAIL, performance.now() - startedMs);
});
