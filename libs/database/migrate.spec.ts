import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createEmptyDatabase, createTestDatabase, type TestDatabase, urlOf } from '#libs/testing/database.js';
import { prisma } from '../../tools/prisma.mjs';
import { migrate } from './migrate.js';
import { tablesSource } from './tables-source.js';

const migrations = path.resolve('prisma/migrations');
let folder: string;
const databases: TestDatabase[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  for (const database of databases.splice(0)) await database.drop();
});

async function use(database: Promise<TestDatabase>): Promise<string> {
  databases.push(await database);
  return (await database).url;
}

async function write(name: string, script: string): Promise<void> {
  await mkdir(path.join(folder, name), { recursive: true });
  await writeFile(path.join(folder, name, 'migration.sql'), script);
}

async function query<T = Record<string, unknown>>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the migrator', () => {
  it('applies each migration once, in order, however many processes start at the same moment', async () => {
    const url = await use(createEmptyDatabase());
    await write('0002_second', 'INSERT INTO thing VALUES (2)');
    await write('0001_first', 'CREATE TABLE thing (n int)');
    const results = await Promise.all([1, 2, 3].map(() => migrate({ url, folder })));
    expect(results.flatMap((result) => result.applied)).toEqual(['0001_first', '0002_second']);
    expect(await query(url, 'SELECT n FROM thing')).toEqual([{ n: 2 }]);
    expect(await migrate({ url, folder })).toEqual({ applied: [], unknown: [] });
  });

  it('makes a missing database', async () => {
    const name = `missing_${process.pid}_${Date.now()}`;
    databases.push({ url: urlOf(name), drop: async () => void (await query(urlOf('postgres'), `DROP DATABASE IF EXISTS ${name}`)) });
    await write('0001_first', 'CREATE TABLE thing (n int)');
    expect(await migrate({ url: urlOf(name), folder })).toEqual({ applied: ['0001_first'], unknown: [] });
  });

  it('leaves nothing of a migration that fails, names the line, and goes on once it is repaired', async () => {
    const url = await use(createEmptyDatabase());
    await write('0001_first', 'CREATE TABLE thing (n int);\nINSERT INTO nowhere VALUES (1);');
    await expect(migrate({ url, folder })).rejects.toThrow(/0001_first, line 2 failed and was rolled back: relation "nowhere" does not exist/);
    await write('0001_first', 'CREATE TABLE thing (n int);');
    expect((await migrate({ url, folder })).applied).toEqual(['0001_first']);
  });

  it('refuses when an applied migration was changed', async () => {
    const url = await use(createEmptyDatabase());
    await write('0001_first', 'CREATE TABLE thing (n int)');
    await migrate({ url, folder });
    await write('0001_first', 'CREATE TABLE thing (n bigint)');
    await expect(migrate({ url, folder })).rejects.toThrow(/0001_first was changed after it had been applied/);
  });

  it('refuses when the Prisma CLI left a failed migration', async () => {
    const url = await use(createEmptyDatabase());
    await write('0001_first', 'CREATE TABLE thing (n int)');
    await migrate({ url, folder });
    await query(url, "UPDATE _prisma_migrations SET finished_at = NULL, logs = 'out of disk'");
    await expect(migrate({ url, folder })).rejects.toThrow(/0001_first failed earlier and left the database half way: out of disk/);
  });

  it('says which migrations a newer release applied', async () => {
    const url = await use(createEmptyDatabase());
    await write('0001_first', 'CREATE TABLE thing (n int)');
    await write('0002_newer', 'ALTER TABLE thing ADD m int');
    await migrate({ url, folder });
    await rm(path.join(folder, '0002_newer'), { recursive: true });
    expect(await migrate({ url, folder })).toEqual({ applied: [], unknown: ['0002_newer'] });
  });
});

describe('the migrations', () => {
  it('make what the Prisma schema describes, and the Prisma CLI accepts their bookkeeping', async () => {
    const url = await use(createTestDatabase());
    const env = { DATABASE_URL: url };
    const diff = await prisma(['migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma/schema', '--exit-code'], { quiet: true, env });
    expect(diff).toMatchObject({ code: 0, output: expect.stringContaining('No difference detected') });
    const status = await prisma(['migrate', 'status'], { quiet: true, env });
    expect(status).toMatchObject({ code: 0, output: expect.stringContaining('up to date') });
  }, 60_000);

  it('make the same database whether they are applied at once or one release after the other', async () => {
    const [atOnce, oneByOne] = [await use(createEmptyDatabase()), await use(createEmptyDatabase())];
    await migrate({ url: atOnce, folder: migrations });
    const names =
      (await migrate({ url: atOnce, folder: migrations })) &&
      (await query<{ name: string }>(atOnce, 'SELECT migration_name AS name FROM _prisma_migrations ORDER BY 1'));
    for (const { name } of names) {
      await write(name, await readFile(path.join(migrations, name, 'migration.sql'), 'utf8'));
      await migrate({ url: oneByOne, folder });
    }
    expect(await describeDatabase(oneByOne)).toEqual(await describeDatabase(atOnce));
  });

  it('make the tables that tables.ts lists (else run "node tools/generate-tables.mjs")', async () => {
    const url = await use(createTestDatabase());
    const source = await tablesSource((text) => query(url, text));
    expect(source).toBe(await readFile('libs/database/tables.ts', 'utf8'));
  });
});

/** Everything that a migration can make, policies and grants included. */
function describeDatabase(url: string): Promise<unknown[]> {
  return query(
    url,
    `WITH ours AS (SELECT oid, nspname FROM pg_namespace WHERE nspname IN ('workspace', 'cloud'))
     SELECT 'column' AS what, format('%s.%s.%s', nspname, relname, attname) AS name,
       format('%s %s %s', format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)) AS is
       FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN ours ON ours.oid = relnamespace LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
       WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v')
     UNION ALL SELECT 'constraint', format('%s.%s', conrelid::regclass, conname), pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN ours ON ours.oid = connamespace
     UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes JOIN ours ON nspname = schemaname
     UNION ALL SELECT 'policy', format('%s.%s', tablename, policyname), format('%s %s %s %s', roles, cmd, qual, with_check) FROM pg_policies JOIN ours ON nspname = schemaname
     UNION ALL SELECT 'table', relname, format('%s %s %s', relrowsecurity, relforcerowsecurity, relacl) FROM pg_class JOIN ours ON ours.oid = relnamespace
     UNION ALL SELECT 'function', proname, format('%s %s', proacl, pg_get_functiondef(p.oid)) FROM pg_proc p JOIN ours ON ours.oid = pronamespace
     UNION ALL SELECT 'schema', nspname, nspacl::text FROM pg_namespace WHERE nspname IN ('workspace', 'cloud')
     ORDER BY 1, 2, 3`,
  );
}
