import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';

export type MigrateOptions = {
  /** A role that may create objects; the database is made when it is missing. */
  url: string;
  /** Folder with one folder per migration, as Prisma keeps it. */
  folder: string;
};

export type MigrateResult = {
  /** Names of the migrations applied by this call. */
  applied: string[];
  /** Applied earlier but not known here: the database is newer than this program. */
  unknown: string[];
};

/** A database that must not be migrated as it is; the text says what to do. */
export class MigrationRefused extends Error {}

// Prisma's own lock, so that its CLI and this function never run at the same time.
const lockKey = 72707369;
const lockTimeoutMs = 120_000;

const bookkeeping = `CREATE TABLE IF NOT EXISTS public."_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/** Applies the missing migrations in order, each in one transaction. Any number of processes may call it at once. */
export async function migrate({ url, folder }: MigrateOptions): Promise<MigrateResult> {
  const known = readMigrations(folder);
  const client = await connect(url);
  try {
    await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
    await client.query('SELECT pg_advisory_lock($1)', [lockKey]).catch((error) => {
      throw new MigrationRefused(`Another process has been migrating this database for more than ${lockTimeoutMs / 1000} s.`, { cause: error });
    });
    await client.query(bookkeeping);
    const { rows } = await client.query<{ name: string; checksum: string; isFinished: boolean; logs: string | null }>(
      'SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished", logs FROM public._prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at',
    );
    const recorded = new Map(rows.map((row) => [row.name, row]));
    const applied: string[] = [];
    for (const row of rows) {
      const file = known.find((migration) => migration.name === row.name);
      if (!row.isFinished) {
        throw new MigrationRefused(
          `Migration ${row.name} failed earlier and left the database half way: ${row.logs ?? 'no reason was recorded'}. Repair it by hand, then mark it with "node tools/prisma.mjs migrate resolve".`,
        );
      }
      if (file && file.checksum !== row.checksum) {
        throw new MigrationRefused(
          `Migration ${row.name} was changed after it had been applied to this database. Restore the file, and put the change into a new migration.`,
        );
      }
    }
    for (const migration of known) {
      if (recorded.has(migration.name)) continue;
      await apply(client, migration);
      applied.push(migration.name);
    }
    return { applied, unknown: rows.map((row) => row.name).filter((name) => !known.some((migration) => migration.name === name)) };
  } finally {
    await client.end();
  }
}

type Migration = { name: string; script: string; checksum: string };

async function apply(client: pg.Client, { name, script, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(script);
    await client.query(
      'INSERT INTO public._prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), clock_timestamp(), 1)',
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    const { message, position } = error as { message: string; position?: string };
    const line = position ? `, line ${script.slice(0, Number(position)).split('\n').length}` : '';
    throw new MigrationRefused(`Migration ${name}${line} failed and was rolled back: ${message}`, { cause: error });
  }
}

function readMigrations(folder: string): Migration[] {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const script = fs.readFileSync(path.join(folder, name, 'migration.sql'), 'utf8');
      return { name, script, checksum: createHash('sha256').update(script).digest('hex') };
    });
}

/** A connection to the database, which is made first when it is missing. */
async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'migrate' });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    if ((error as { code?: string }).code !== '3D000') throw error;
  }
  await createDatabase(url);
  const again = new pg.Client({ connectionString: url, application_name: 'migrate' });
  await again.connect();
  return again;
}

async function createDatabase(url: string): Promise<void> {
  const target = new URL(url);
  const name = decodeURIComponent(target.pathname.slice(1));
  target.pathname = '/postgres';
  const client = new pg.Client({ connectionString: target.toString() });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} ENCODING 'UTF8' TEMPLATE template0`);
  } catch (error) {
    // Another process made it at the same moment.
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await client.end();
  }
}
