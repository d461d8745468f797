import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { Db } from './db.js';
import { databaseFault } from './errors.js';
import { raw, sql } from './sql.js';
import { tables } from './tables.js';

/** Tables of the schema `workspace` that carry no tenant. There is none; an entry here needs a reason. */
const exceptions: string[] = [];

/** Indexes for the server's own work, which finds what is to be done in any workspace without looking through each, and one that cannot have two columns. */
const acrossTenants = [
  'ix_platform_event_created',
  'ix_trigger_due',
  'ix_trigger_dispatch_waiting',
  'ix_trigger_firing_created',
  'ix_event_delivery_old',
  'ix_workload_old',
  // Has numbers made of texts, one column of them; whose rows they are is asked of the rows.
  'ix_artifact_version_uri',
];

const mine = '11111111-1111-4111-8111-111111111111';
const theirs = '22222222-2222-4222-8222-222222222222';

let database: TestDatabase;
/** The owner of the tables, who may read the catalogue and bypasses row-level security (a superuser). */
let owner: Db;
let app: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new Db({ url: database.url, role: 'postgres' as 'workspace_api' /* only tests connect as the owner */ });
  app = new Db({ url: database.url, role: 'workspace_api' });
});

afterAll(async () => {
  await Promise.all([owner?.close(), app?.close()]);
  await database?.drop();
});

const catalogue = <T>(text: string) => owner.read<T>({ workspaceId: null }, raw(text));

describe('every table of the schema workspace', () => {
  it('has forced row-level security and exactly the tenant policy', async () => {
    const rows = await catalogue<{ name: string; isProtected: boolean; policies: number; using: string; check: string }>(`
      SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS "isProtected",
        count(p.polname)::int AS policies, max(pg_get_expr(p.polqual, c.oid)) AS using, max(pg_get_expr(p.polwithcheck, c.oid)) AS check
      FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polcmd = '*' AND p.polpermissive
      WHERE c.relnamespace = 'workspace'::regnamespace AND c.relkind IN ('r', 'p') GROUP BY c.oid ORDER BY 1`);
    const expected = '(workspace_id = current_workspace())';
    const wrong = rows.filter((row) => !row.isProtected || row.policies !== 1 || row.using !== expected || row.check !== expected).map((row) => row.name);
    expect(rows.length).toBeGreaterThan(50);
    expect(wrong).toEqual(exceptions);
  });

  it('has a primary key, and every key and index of a tenant starts with workspace_id', async () => {
    const rows = await catalogue<{ name: string; index: string | null; first: string | null; isPrimary: boolean }>(`
      SELECT c.relname AS name, x.indexrelid::regclass::text AS index, a.attname AS first, coalesce(x.indisprimary, false) AS "isPrimary"
      FROM pg_class c LEFT JOIN pg_index x ON x.indrelid = c.oid LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
      WHERE c.relnamespace = 'workspace'::regnamespace AND c.relkind IN ('r', 'p')`);
    expect(rows.filter((row) => row.first !== 'workspace_id' && !exceptions.includes(row.name) && !acrossTenants.includes(row.index ?? ''))).toEqual([]);
    const named = (found: typeof rows) => new Set(found.map((row) => row.name));
    expect([...named(rows)].filter((name) => !named(rows.filter((row) => row.isPrimary)).has(name))).toEqual([]);
  });

  it('refers only within the tenant, and deleting what it refers to never clears workspace_id', async () => {
    const rows = await catalogue<{ name: string; from: string; to: string; target: string; action: string; cleared: string[] | null }>(`
      SELECT k.conname AS name, f.attname AS from, t.attname AS to, n.nspname AS target, k.confdeltype AS action,
        (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = ANY (k.confdelsetcols)) AS cleared
      FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace
      JOIN pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = k.conkey[1]
      JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = k.confkey[1]
      WHERE k.contype = 'f' AND k.connamespace = 'workspace'::regnamespace`);
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter((row) => row.from !== 'workspace_id' || row.to !== 'workspace_id' || row.target !== 'workspace')).toEqual([]);
    expect(rows.filter((row) => row.action === 'n' && (row.cleared?.length !== 1 || row.cleared.includes('workspace_id')))).toEqual([]);
  });

  it('has an index for every reference, so that a delete never scans', async () => {
    const rows = await catalogue<{ name: string }>(`
      SELECT k.conname AS name FROM pg_constraint k
      WHERE k.contype = 'f' AND k.connamespace = 'workspace'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_index x WHERE x.indrelid = k.conrelid AND x.indpred IS NULL AND (x.indkey::int2[])[0:array_length(k.conkey, 1) - 1] = k.conkey)`);
    expect(rows).toEqual([]);
  });
});

describe('the role of the application', () => {
  it('owns nothing and cannot bypass row-level security', async () => {
    const rows = await catalogue<{ rolname: string; isStrong: boolean; owned: number }>(`
      SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS "isStrong",
        (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owned
      FROM pg_roles r WHERE rolname IN ('workspace_api', 'cloudapi') ORDER BY 1`);
    expect(rows).toEqual([
      { rolname: 'cloudapi', isStrong: false, owned: 0 },
      { rolname: 'workspace_api', isStrong: false, owned: 0 },
    ]);
  });

  it('sees no rows without a tenant, its own with one, and never those of another', async () => {
    await insertProject(mine, 'seen');
    await insertProject(theirs, 'unseen');
    const names = (workspaceId: string | null) => app.read<{ name: string }>({ workspaceId }, sql`SELECT name FROM project`);
    expect(await names(null)).toEqual([]);
    expect(await names(mine)).toEqual([{ name: 'seen' }]);
    expect(await names(theirs)).toEqual([{ name: 'unseen' }]);
  });

  it('cannot write a row of another tenant', async () => {
    const write = app.read({ workspaceId: mine }, sql`INSERT INTO project (workspace_id, name, display_name, description) VALUES (${theirs}, 'x', 'x', '')`);
    await expect(write).rejects.toMatchObject({ code: '42501' });
    const { id } = await insertProject(mine, 'stays');
    await expect(app.read({ workspaceId: mine }, sql`UPDATE project SET workspace_id = ${theirs} WHERE id = ${id}`)).rejects.toMatchObject({ code: '42501' });
  });

  it('cannot refer to a row of another tenant', async () => {
    const { id } = await insertProject(theirs, 'target');
    const refer = app.read({ workspaceId: mine }, sql`INSERT INTO pipeline (workspace_id, name, project_id) VALUES (${mine}, 'x', ${id})`);
    const error = await refer.catch((cause) => cause);
    expect(databaseFault(error)).toEqual({ kind: 'foreign_key', constraint: 'fk_pipeline_project_id', table: 'pipeline' });
  });

  it('cannot change the tables', async () => {
    for (const statement of [
      'ALTER TABLE project DISABLE ROW LEVEL SECURITY',
      'DROP TABLE project',
      "SELECT workspace.protect_table('project')",
      'TRUNCATE project',
    ]) {
      await expect(app.read({ workspaceId: mine }, raw(statement))).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('a deleted row', () => {
  it('takes what belongs to it along and clears only the column that referred to it', async () => {
    const scope = { workspaceId: mine };
    const { id: project } = await insertProject(mine, 'deleted');
    const [user] = await app.read<{ id: string }>(
      scope,
      sql`INSERT INTO "user" (workspace_id, name, full_name, active) VALUES (${mine}, 'u', 'u', true) RETURNING id`,
    );
    const [pipeline] = await app.read<{ id: string }>(
      scope,
      sql`INSERT INTO pipeline (workspace_id, name, project_id, user_id) VALUES (${mine}, 'p', ${project}, ${user?.id}) RETURNING id`,
    );
    await app.read(scope, sql`DELETE FROM "user" WHERE id = ${user?.id}`);
    expect(await app.read(scope, sql`SELECT workspace_id, user_id FROM pipeline WHERE id = ${pipeline?.id}`)).toEqual([{ workspace_id: mine, user_id: null }]);
    await app.read(scope, sql`DELETE FROM project WHERE id = ${project}`);
    expect(await app.read(scope, sql`SELECT id FROM pipeline WHERE id = ${pipeline?.id}`)).toEqual([]);
  });
});

it('lists the tables that the database has', async () => {
  const rows = await catalogue<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'workspace'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname COLLATE "C"`,
  );
  expect(Object.keys(tables)).toEqual(rows.map((row) => row.name));
});

async function insertProject(workspaceId: string, name: string): Promise<{ id: string }> {
  const [row] = await app.read<{ id: string }>(
    { workspaceId },
    sql`INSERT INTO project (workspace_id, name, display_name, description) VALUES (${workspaceId}, ${name}, ${name}, '') RETURNING id`,
  );
  return row as { id: string };
}
