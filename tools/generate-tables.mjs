// Writes libs/database/tables.ts from a freshly migrated database.
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { compile, root } from './build.mjs';

await compile();
const { startEmbeddedPostgres } = await import('../dist/libs/database/embedded.js');
const { migrate } = await import('../dist/libs/database/migrate.js');
const { tablesSource } = await import('../dist/libs/database/tables-source.js');

const dataDir = await mkdtemp(path.join(tmpdir(), 'tables-'));
const server = await startEmbeddedPostgres({ dataDir, durable: false });
try {
  await migrate({ url: server.url, folder: path.join(root, 'prisma/migrations') });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  writeFileSync(path.join(root, 'libs/database/tables.ts'), await tablesSource(async (text) => (await client.query(text)).rows));
  await client.end();
} finally {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}
