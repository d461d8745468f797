import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { Db, type Scope } from './db.js';
import type { Moment } from './kept-reads.js';
import { raw, type Sql, sql } from './sql.js';
import { everyWorkspace, since } from './table-changes.js';
import { tables } from './tables.js';
import { notedOfCloud, tablesReadBy, unnoted } from './tables-read.js';

const mine = '11111111-1111-4111-8111-111111111111';
const theirs = '22222222-2222-4222-8222-222222222222';
const keptBytes = 1_000_000;

let database: TestDatabase;
let owner: Db;
/** Keeps what it reads. */
let reader: Db;
/** Another process of the service. */
let writer: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new Db({ url: database.url, role: 'postgres' as 'workspace_api' /* only tests connect as the owner */ });
  reader = new Db({ url: database.url, role: 'workspace_api', keptBytes });
  writer = new Db({ url: database.url, role: 'workspace_api' });
});

afterAll(async () => {
  await Promise.all([owner?.close(), reader?.close(), writer?.close()]);
  await database?.drop();
});

const projects = (workspaceId: string) => sql`SELECT p.name, p.description FROM workspace.project p WHERE p.workspace_id = ${workspaceId} ORDER BY p.name`;
const insertProject = (workspaceId: string, name: string) =>
  sql`INSERT INTO workspace.project (workspace_id, name, display_name, description) VALUES (${workspaceId}, ${name}, ${name}, '') RETURNING id`;

/** One request that reads. */
async function ask<T = Record<string, unknown>>(query: Sql, workspaceId = mine, db = reader): Promise<{ rows: readonly T[]; statements: number }> {
  const moment = await db.moment();
  const before = db.statements;
  return { rows: await db.readKept<T>({ workspaceId, moment }, query), statements: db.statements - before };
}

const names = async (workspaceId = mine) => (await ask<{ name: string }>(projects(workspaceId), workspaceId)).rows.map(({ name }) => name);
const isKept = async (query: Sql, workspaceId = mine) => (await ask(query, workspaceId)).statements === 0;

/** Brings the answer into memory. */
async function keep(query: Sql, workspaceId = mine): Promise<void> {
  await ask(query, workspaceId);
  expect(await isKept(query, workspaceId)).toBe(true);
}

/** Below it are all transactions that have noted something, as soon as none is open that began before one of them, in whatever database. */
async function allEnded(): Promise<number> {
  for (;;) {
    const [row] = await owner.read<{ below: number; noted: number }>(
      { workspaceId: null },
      sql`SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS below, (SELECT max(transaction) FROM cloud.table_change WHERE table_name <> '*') AS noted`,
    );
    if (row && row.below > row.noted) return row.below;
  }
}

describe('a read that was answered before', () => {
  it('costs no statement as long as nothing that it reads has changed', async () => {
    await writer.read({ workspaceId: mine }, insertProject(mine, 'kept'));
    await keep(projects(mine));
    await writer.read({ workspaceId: mine }, sql`INSERT INTO workspace.tag (workspace_id, name, color) VALUES (${mine}, 'elsewhere', 'grey')`);
    expect(await isKept(projects(mine))).toBe(true);
    expect(await names()).toContain('kept');
  });

  it('shows what another process has committed before the request came', async () => {
    await keep(projects(mine));
    await writer.read({ workspaceId: mine }, insertProject(mine, 'inserted'));
    expect(await names()).toContain('inserted');
    await keep(projects(mine));
    await writer.read({ workspaceId: mine }, sql`UPDATE workspace.project SET name = 'renamed' WHERE name = 'inserted'`);
    expect(await names()).toContain('renamed');
    await keep(projects(mine));
    await writer.read({ workspaceId: mine }, sql`DELETE FROM workspace.project WHERE name = 'renamed'`);
    expect(await names()).not.toContain('renamed');
  });

  it('shows nothing of a transaction that is under way or was rolled back', async () => {
    await keep(projects(mine));
    const undone = writer.tx({ workspaceId: mine }, async (tx) => {
      await tx.query(insertProject(mine, 'undone'));
      expect(await names()).not.toContain('undone');
      throw new Error('undo');
    });
    await expect(undone).rejects.toThrow('undo');
    expect(await names()).not.toContain('undone');
    expect(await isKept(projects(mine))).toBe(true);
  });

  it('shows a transaction that began before the read was kept and was committed after it', async () => {
    await writer.tx({ workspaceId: mine }, async (tx) => {
      await tx.query(insertProject(mine, 'late'));
      await keep(projects(mine));
    });
    expect(await names()).toContain('late');
  });

  it('does not mind what another workspace changes', async () => {
    await keep(projects(mine));
    await writer.read({ workspaceId: theirs }, insertProject(theirs, 'foreign'));
    expect(await isKept(projects(mine))).toBe(true);
    expect(await names(theirs)).toEqual(['foreign']);
  });

  it('is never the answer for another workspace, even for the same text and values', async () => {
    const everything = sql`SELECT p.name FROM workspace.project p ORDER BY p.name`;
    await writer.read({ workspaceId: theirs }, insertProject(theirs, 'secret of theirs'));
    await keep(everything, theirs);
    expect((await ask<{ name: string }>(everything, mine)).rows.map(({ name }) => name)).not.toContain('secret of theirs');
  });

  it('shows rows that went with others, and what the owner of the tables changes', async () => {
    const pipelines = sql`SELECT p.name FROM workspace.pipeline p WHERE p.workspace_id = ${mine}`;
    const [project] = await writer.read<{ id: string }>({ workspaceId: mine }, insertProject(mine, 'with a pipeline'));
    await writer.read({ workspaceId: mine }, sql`INSERT INTO workspace.pipeline (workspace_id, name, project_id) VALUES (${mine}, 'p', ${project?.id})`);
    await keep(pipelines);
    await writer.read({ workspaceId: mine }, sql`DELETE FROM workspace.project WHERE id = ${project?.id}`);
    expect((await ask(pipelines)).rows).toEqual([]);
    await keep(projects(mine));
    await owner.read({ workspaceId: null }, sql`UPDATE workspace.project SET description = 'by hand' WHERE name = 'kept'`);
    expect((await ask(projects(mine))).rows).toContainEqual({ name: 'kept', description: 'by hand' });
    await keep(projects(mine));
    // As replication and restores write.
    await owner.tx({ workspaceId: null }, async (tx) => {
      await tx.query(raw('SET LOCAL session_replication_role = replica'));
      await tx.query(sql`UPDATE workspace.project SET description = 'replicated' WHERE name = 'kept'`);
    });
    expect((await ask(projects(mine))).rows).toContainEqual({ name: 'kept', description: 'replicated' });
  });

  it('is never older than its request, whoever writes how much at once', async () => {
    const counter = (n: number) => sql`SELECT p.description FROM workspace.project p WHERE p.workspace_id = ${mine} AND p.name = ${`counter ${n}`}`;
    const committed = [0, 0, 0];
    for (const n of committed.keys()) {
      await writer.read({ workspaceId: mine }, insertProject(mine, `counter ${n}`));
      await writer.read({ workspaceId: mine }, sql`UPDATE workspace.project SET description = '0' WHERE name = ${`counter ${n}`}`);
    }
    let isWriting = true;
    const write = async (n: number) => {
      for (let value = 1; value <= 60; value++) {
        await writer.tx({ workspaceId: mine }, async (tx) => {
          await tx.query(sql`UPDATE workspace.project SET description = ${String(value)} WHERE workspace_id = ${mine} AND name = ${`counter ${n}`}`);
          await tx.query(sql`SELECT pg_sleep(${Math.random() / 500})`);
        });
        committed[n] = value;
      }
    };
    let hits = 0;
    const read = async (n: number) => {
      while (isWriting) {
        const least = committed[n] as number;
        const { rows, statements } = await ask<{ description: string }>(counter(n));
        expect(Number(rows[0]?.description)).toBeGreaterThanOrEqual(least);
        if (statements === 0) hits += 1;
      }
    };
    const readers = [0, 1, 2, 0, 1, 2].map(read);
    await Promise.all([0, 1, 2].map(write)).finally(() => (isWriting = false));
    await Promise.all(readers);
    for (const n of committed.keys()) expect((await ask(counter(n))).rows).toEqual([{ description: '60' }]);
    expect(hits).toBeGreaterThan(0);
  });
});

describe('what is kept', () => {
  it('is shared by those who ask at once: one statement answers them', async () => {
    const query = sql`SELECT p.id FROM workspace.project p WHERE p.workspace_id = ${mine} AND p.name <> ${'asked at once'}`;
    const moment = (await reader.moment()) as Moment;
    const before = reader.statements;
    await Promise.all(Array.from({ length: 5 }, () => reader.readKept({ workspaceId: mine, moment }, query)));
    expect(reader.statements - before).toBeLessThanOrEqual(2); // and perhaps the change of tenant
  });

  it('cannot be changed by who reads it', async () => {
    const { rows } = await ask<{ name: string }>(projects(mine));
    expect(() => Object.assign(rows[0] as object, { name: 'x' })).toThrow(TypeError);
  });

  it('is told apart by every value, in lists, too', async () => {
    const answers = new Set<string>();
    const asked: unknown[] = [['a', 'b'], ['a,b'], ['b', 'a'], [], Object.freeze(['a', 'b']), 'a', 'a","b', null, 1, true];
    for (const value of asked) {
      const text = typeof value === 'object' ? sql`array_to_json(${value}::text[])::text` : sql`${String(value)}::text`;
      const query = sql`SELECT ${text} AS text FROM workspace.project p WHERE p.workspace_id = ${mine} LIMIT 1`;
      await keep(query);
      answers.add(String((await ask<{ text: string }>(query)).rows[0]?.text));
    }
    expect(answers).toEqual(new Set(['["a","b"]', '["a,b"]', '["b","a"]', '[]', 'a', 'a","b', 'null', '1', 'true']));
  });

  it('takes no more memory than allowed', async () => {
    const long = (n: number) => sql`SELECT repeat('x', 60000) || ${String(n)} AS text FROM workspace.project p WHERE p.workspace_id = ${mine} LIMIT 1`;
    await keep(long(0));
    for (let n = 1; n <= keptBytes / 60_000 + 1; n++) await ask(long(n));
    expect(await isKept(long(0))).toBe(false);
  });

  it('is not used by a request any more once it did something else', async () => {
    await keep(projects(mine));
    const scope: Scope = { workspaceId: mine, moment: await reader.moment() };
    const [made] = await reader.read<{ id: string }>(scope, insertProject(mine, 'my own'));
    expect((await reader.readKept<{ name: string }>(scope, projects(mine))).map(({ name }) => name)).toContain('my own');
    await reader.tx({ workspaceId: mine }, (tx) => tx.query(sql`DELETE FROM workspace.project WHERE id = ${made?.id}`));
  });

  it('is dropped when the connection that looks for changes is lost, and kept again with a new one', async () => {
    const db = new Db({ url: database.url, role: 'workspace_api', keptBytes });
    try {
      await ask(projects(mine), mine, db);
      expect((await ask(projects(mine), mine, db)).statements).toBe(0);
      await owner.read(
        { workspaceId: null },
        sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'workspace_api looking' AND datname = current_database()`,
      );
      await writer.read({ workspaceId: mine }, insertProject(mine, 'while it was away'));
      const read = async () => (await ask<{ name: string }>(projects(mine), mine, db)).rows.map(({ name }) => name);
      expect(await read()).toContain('while it was away');
      await writer.read({ workspaceId: mine }, sql`DELETE FROM workspace.project WHERE name = 'while it was away'`);
      expect(await read()).not.toContain('while it was away');
    } finally {
      await db.close();
    }
  });

  it('is dropped by whoever has not looked since notes were forgotten', async () => {
    await ask(projects(mine)); // its connection may have gone with the other
    await keep(projects(mine));
    const late = new Db({ url: database.url, role: 'workspace_api', keptBytes });
    try {
      await ask(projects(mine), mine, late);
      await writer.read({ workspaceId: mine }, insertProject(mine, 'noted and forgotten'));
      const below = await allEnded();
      await keep(projects(mine));
      await writer.read({ workspaceId: null }, sql`SELECT cloud.forget_table_changes(${below}) AS gone`);
      const [left] = await owner.read<{ count: number }>(
        { workspaceId: null },
        sql`SELECT count(*)::int AS count FROM cloud.table_change WHERE table_name <> '*'`,
      );
      expect(left).toEqual({ count: 0 });
      expect((await ask<{ name: string }>(projects(mine), mine, late)).rows.map(({ name }) => name)).toContain('noted and forgotten');
      expect(await isKept(projects(mine))).toBe(true);
      // Numbers of another cluster, from which the database was restored, would seem to be always new.
      await owner.read({ workspaceId: null }, sql`INSERT INTO cloud.table_change VALUES (${2 ** 52}, ${everyWorkspace}, '*')`);
      expect(await isKept(projects(mine))).toBe(false);
      await writer.read({ workspaceId: null }, sql`SELECT cloud.forget_table_changes(0) AS gone`);
      await keep(projects(mine));
    } finally {
      await late.close();
    }
  });
});

describe('a statement', () => {
  const from = 'FROM workspace.project p';
  it.each([
    ['that writes', 'INSERT INTO workspace.project (id) VALUES (1)'],
    ['that writes and begins otherwise', `WITH gone AS (DELETE FROM workspace.project RETURNING id) SELECT id FROM gone`],
    ['that writes beside what it finds', `WITH found AS MATERIALIZED (SELECT p.id ${from}), gone AS (DELETE FROM workspace.project) SELECT id FROM found`],
    [
      'that changes beside what it finds',
      `WITH found AS MATERIALIZED (SELECT p.id ${from}), new AS (UPDATE workspace.project SET name = '') SELECT id FROM found`,
    ],
    ['that locks', `SELECT p.id ${from} FOR UPDATE OF p`],
    ['whose answer is another one each time', `SELECT random() ${from}`],
    ['that has effects', `SELECT pg_notify('a', 'b') ${from}`],
    ['of an unknown function', `SELECT workspace.claim_workload('x') ${from}`],
    ['of a table whose changes are not noted', 'SELECT r.id FROM workspace.api_transaction r'],
    ['of a table of the control plane whose changes are not noted', 'SELECT e.id FROM cloud.audit_event e'],
    ['of a column whose changes are not noted', 'SELECT k.last_login FROM cloud.api_key k'],
    ['of a table without its schema', 'SELECT p.id FROM project p'],
    ['of the catalogue', 'SELECT relname FROM pg_class'],
  ])('%s is not kept', (_, text) => {
    expect(tablesReadBy(text)).toBeNull();
  });

  it('is kept with all tables that it names, quoted or not, and those of its functions', () => {
    const text = `SELECT extract(epoch FROM r.start_time), x.a IS DISTINCT FROM x.b, workspace.run_metadata_of(r.workspace_id, 'run', r.id)
      FROM (SELECT * FROM "workspace"."pipeline_run" WHERE true) r LEFT JOIN workspace."user" u ON true JOIN cloud.workspace w ON w.id = r.workspace_id`;
    expect(tablesReadBy(text)).toEqual({
      tables: ['workspace.run_metadata', 'workspace.run_metadata_resource', 'workspace.pipeline_run', 'workspace.user', 'cloud.workspace'],
      isTimed: false,
    });
    expect(tablesReadBy(`WITH found AS MATERIALIZED (SELECT p.id ${from}) SELECT (SELECT count(*) FROM found) AS total, f.id FROM found f`)).toEqual({
      tables: ['workspace.project'],
      isTimed: false,
    });
    expect(tablesReadBy('SELECT s.id FROM cloud.session s WHERE s.expires > now()')).toEqual({ tables: ['cloud.session'], isTimed: true });
  });
});

describe('changes', () => {
  it('are not noted where housekeeping and workers found nothing to change', async () => {
    const queued = sql`SELECT w.id FROM workspace.workload w WHERE w.workspace_id = ${mine}`;
    await keep(queued);
    await writer.read({ workspaceId: null }, sql`SELECT workspace.purge_workloads(30, 100)`);
    await writer.read({ workspaceId: null }, sql`SELECT * FROM workspace.claim_workload('worker', 60, 10, true)`);
    expect(await isKept(queued)).toBe(true);
  });

  it('are noted of every table but those that are named', async () => {
    const rows = await owner.read<{ name: string; columns: string[] | null }>(
      { workspaceId: null },
      sql`SELECT n.nspname || '.' || c.relname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE t.tgfoid = 'cloud.note_table_change'::regproc AND t.tgenabled = 'A' GROUP BY 1 HAVING bit_or(t.tgtype & 60) = 60 /* INSERT, DELETE, UPDATE, TRUNCATE */`,
    );
    const expected = [
      ...Object.keys(tables)
        .filter((name) => !unnoted.includes(name))
        .map((name) => `workspace.${name}`),
      ...notedOfCloud.map((name) => `cloud.${name}`),
    ];
    expect(rows.map(({ name }) => name).sort()).toEqual(expected.sort());
  });

  it('are noted of all columns of the control plane but those that say when somebody was last seen', async () => {
    const rows = await owner.read<{ column: string }>(
      { workspaceId: null },
      sql`SELECT DISTINCT a.attname AS column FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE t.tgname = 'note_change' AND c.relnamespace = 'cloud'::regnamespace AND NOT a.attnum = ANY (t.tgattr) ORDER BY 1`,
    );
    for (const { column } of rows)
      expect([column, tablesReadBy(`SELECT x.${column} FROM cloud.user x`)]).toEqual([column, column === 'updated' ? expect.anything() : null]);
  });

  it('are found by index, whatever their number', async () => {
    const client = new pg.Client({ connectionString: database.url, options: '-c role=workspace_api -c enable_seqscan=off -c enable_bitmapscan=off' });
    await client.connect();
    const plan = (await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${since.text}`).finally(() => client.end())).rows;
    const scans = plan.map((line) => line['QUERY PLAN']).filter((line) => /Scan/.test(line) && !/Function Scan|Subquery Scan/.test(line));
    expect(scans).toHaveLength(3);
    for (const line of scans) expect(line).toMatch(/Index (Only )?Scan using (pk_table_change|ix_table_change_forgotten)/);
  });

  it('cannot be written or forgotten one by one by the applications', async () => {
    const note = sql`INSERT INTO cloud.table_change (transaction, workspace_id, table_name) VALUES (1, ${mine}, 'x')`;
    await expect(writer.read({ workspaceId: mine }, note)).rejects.toMatchObject({ code: '42501' });
    await expect(writer.read({ workspaceId: mine }, sql`DELETE FROM cloud.table_change`)).rejects.toMatchObject({ code: '42501' });
  });
});

describe('functions that kept statements may call', () => {
  it('read the tables that are said of them, and do not ask for the time', async () => {
    const rows = await owner.read<{ name: string; body: string; isVolatile: boolean }>(
      { workspaceId: null },
      sql`SELECT p.proname AS name, p.prosrc AS body, p.provolatile = 'v' AS "isVolatile" FROM pg_proc p WHERE p.pronamespace = 'workspace'::regnamespace`,
    );
    const callable = rows.filter(({ name }) => tablesReadBy(`SELECT workspace.${name}(p.id) FROM workspace.project p`) !== null);
    expect(callable.length).toBeGreaterThan(4);
    for (const { name, body, isVolatile } of callable) {
      const said = tablesReadBy(`SELECT workspace.${name}(p.id) FROM workspace.project p`)?.tables.filter((table) => table !== 'workspace.project');
      const named = [...new Set([...body.matchAll(/(?:FROM|JOIN) ("?workspace"?\."?\w+"?)/g)].map(([, table]) => table?.replaceAll('"', '')))];
      expect([name, [...(said ?? [])].sort()]).toEqual([name, named.sort()]);
      expect([name, isVolatile, /now\(|clock_timestamp|random/.test(body)]).toEqual([name, false, false]);
    }
  });
});
