// Jest loads this file natively, without its own module mapping, so it takes the database library from the build.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, root } from '../../tools/build.mjs';

/** One server for the whole run; every test database is a copy of its migrated template. TEST_DATABASE_URL names a server of one's own instead. */
export default async function globalSetup() {
  await build();
  const { startEmbeddedPostgres } = await import('../../dist/libs/database/embedded.js');
  const { migrate } = await import('../../dist/libs/database/migrate.js');
  if (process.env.TEST_DATABASE_URL) process.env.TEST_SERVER_URL = process.env.TEST_DATABASE_URL;
  else {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'test-postgres-'));
    const server = await startEmbeddedPostgres({ dataDir, durable: false, database: 'postgres' });
    process.env.TEST_SERVER_URL = server.url;
    globalThis.stopTestServer = async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    };
  }
  const template = new URL(process.env.TEST_SERVER_URL);
  template.pathname = '/template_migrated';
  await migrate({ url: template.href, folder: path.join(root, 'prisma/migrations') });
}
