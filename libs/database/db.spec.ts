import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { Db, type Tx } from './db.js';
import { databaseFault } from './errors.js';
import { createPrisma, type PrismaTx, ScopedPrisma } from './prisma.js';
import { sql } from './sql.js';
import { DatabaseUnavailable } from './unavailable.js';

const scope = { workspaceId: '11111111-1111-4111-8111-111111111111' };
let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = new Db({ url: database.url, role: 'workspace_api', max: 2 });
});

afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const insertTag = (name: string) => sql`INSERT INTO tag (workspace_id, name, color) VALUES (${scope.workspaceId}, ${name}, 'grey')`;
const tagNames = async () => (await db.read<{ name: string }>(scope, sql`SELECT name FROM tag ORDER BY name`)).map((row) => row.name);

describe('a transaction', () => {
  it('keeps everything or nothing, and runs effects only after a commit', async () => {
    const effects: string[] = [];
    await db.tx(scope, async (tx) => {
      await tx.query(insertTag('kept'));
      tx.afterCommit(() => void effects.push('kept'));
    });
    const failing = db.tx(scope, async (tx) => {
      await tx.query(insertTag('lost'));
      tx.afterCommit(() => void effects.push('lost'));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await tagNames()).toEqual(['kept']);
    expect(effects).toEqual(['kept']);
  });

  it('is not taken for committed when a failed statement was overlooked', async () => {
    const work = db.tx(scope, async (tx) => {
      await tx.query(insertTag('overlooked'));
      await tx.query(sql`SELECT 1 / 0`).catch(() => {});
    });
    await expect(work).rejects.toThrow('rolled back');
    expect(await tagNames()).not.toContain('overlooked');
  });

  it('leaves a usable connection behind after a failed statement', async () => {
    await db.tx(scope, (tx) => tx.query(insertTag('twice')));
    const error = await db.tx(scope, (tx) => tx.query(insertTag('twice'))).catch((cause) => cause);
    expect(databaseFault(error)).toEqual({ kind: 'unique', constraint: 'unique_tag_name', table: 'tag' });
    expect(await tagNames()).toContain('twice');
  });
});

type Work = (change: (name: string) => Promise<unknown>, afterCommit: (effect: () => void) => void) => Promise<void>;

/**
 * Two transactions that want the same two rows, each beginning with another one; they go on once both hold their first.
 * @returns whether one was made again (on a busy machine more than once), and how many effects ran
 */
async function cross(transaction: (work: Work) => Promise<unknown>): Promise<{ again: boolean; effects: number }> {
  let [begun, effects] = [0, 0];
  let meet = () => {};
  const bothBegan = new Promise<void>((resolve) => (meet = resolve));
  const one = (first: string, second: string) =>
    transaction(async (change, afterCommit) => {
      afterCommit(() => void (effects += 1));
      await change(first);
      begun += 1;
      if (begun === 2) meet();
      await bothBegan;
      await change(second);
    });
  await Promise.all([one('left', 'right'), one('right', 'left')]);
  return { again: begun > 2, effects };
}

describe('two transactions that wait for each other', () => {
  beforeAll(async () => {
    for (const name of ['left', 'right']) await db.read(scope, insertTag(name));
  });

  it('both succeed: one is made again, and its effects run once', async () => {
    const change = (tx: Tx) => (name: string) => tx.query(sql`UPDATE tag SET color = color || '+' WHERE name = ${name}`);
    expect(await cross((work) => db.tx(scope, (tx) => work(change(tx), (effect) => tx.afterCommit(effect))))).toEqual({ again: true, effects: 2 });
    expect(await db.read(scope, sql`SELECT DISTINCT color FROM tag WHERE name IN ('left', 'right')`)).toEqual([{ color: 'grey++' }]);
  });

  it('both succeed with Prisma, too', async () => {
    const prisma = new ScopedPrisma(createPrisma({ url: database.url, role: 'workspace_api' }));
    const change = (tx: PrismaTx) => (name: string) => tx.tag.updateMany({ where: { name }, data: { color: 'red' } });
    expect(await cross((work) => prisma.tx(scope, (tx) => work(change(tx), (effect) => tx.afterCommit(effect))))).toEqual({ again: true, effects: 2 });
    await prisma.close();
  });
});

describe('a statement', () => {
  it('that takes too long gives DatabaseUnavailable, and not for ever', async () => {
    const impatient = new Db({ url: database.url, role: 'workspace_api', max: 1, statementTimeoutMs: 50 });
    await expect(impatient.read(scope, sql`SELECT pg_sleep(30)`)).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(impatient.tx(scope, (tx) => tx.query(sql`SELECT pg_sleep(30)`))).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await impatient.read(scope, sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
    await impatient.close();
  });
});

describe('a connection', () => {
  it('that is killed in a transaction gives DatabaseUnavailable, and the next call works', async () => {
    const work = db.tx(scope, async (tx) => {
      const [row] = await tx.query<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
      await tx.query(insertTag('never'));
      await terminate(row?.pid as number);
      await tx.query(sql`SELECT 1`);
    });
    await expect(work).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await tagNames()).not.toContain('never');
  });

  it('that cannot be made gives DatabaseUnavailable', async () => {
    const away = new Db({ url: 'postgresql://nobody@127.0.0.1:1/none', role: 'workspace_api' });
    await expect(away.read(scope, sql`SELECT 1`)).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await away.isUp()).toBe(false);
    await away.close();
  });

  it('never shows the tenant of the request that used it before', async () => {
    const one = new Db({ url: database.url, role: 'workspace_api', max: 1 });
    const tenants = await Promise.all(
      [...Array(20).keys()].map((i) =>
        one.read<{ tenant: string | null }>({ workspaceId: i % 2 ? scope.workspaceId : null }, sql`SELECT workspace.current_workspace() AS tenant`),
      ),
    );
    expect(tenants.map(([row]) => row?.tenant)).toEqual([...Array(20).keys()].map((i) => (i % 2 ? scope.workspaceId : null)));
    await one.close();
  });
});

describe('a value', () => {
  it('that the database cannot hold is the fault of the data', async () => {
    for (const [query, reason] of [
      [insertTag('nul\0character'), /NUL/],
      [sql`SELECT ${'not-a-uuid'}::uuid`, /format/],
      [sql`SELECT ${'99999999999'}::int`, /range/],
    ] as const) {
      const error = await db.read(scope, query).catch((cause) => cause);
      expect(databaseFault(error)).toEqual({ kind: 'text', reason: expect.stringMatching(reason) });
    }
    const missing = await db.read(scope, sql`INSERT INTO tag (workspace_id, name) VALUES (${scope.workspaceId}, 'x')`).catch((cause) => cause);
    expect(databaseFault(missing)).toEqual({ kind: 'not_null', column: 'color', table: 'tag' });
  });

  it('keeps its microseconds and the order of its keys', async () => {
    const [row] = await db.read<{ t: string; j: string; wire: string; whole: string }>(
      scope,
      sql`SELECT '2024-01-02 03:04:05.000006'::timestamp AS t, '{"b":1,"a":2}'::json AS j,
        workspace.wire_time('2024-01-02 03:04:05.000006') AS wire, workspace.wire_time('2024-01-02 03:04:05') AS whole`,
    );
    expect(row).toEqual({ t: '2024-01-02 03:04:05.000006', j: '{"b":1,"a":2}', wire: '2024-01-02T03:04:05.000006', whole: '2024-01-02T03:04:05' });
  });
});

describe('the Prisma client', () => {
  it('takes the same role, sees the tenant that its transaction sets, and its errors read the same', async () => {
    const prisma = createPrisma({ url: database.url, role: 'workspace_api' });
    await db.tx(scope, (tx) => tx.query(insertTag('shared')));
    expect(await prisma.tag.findMany()).toEqual([]);
    const inTenant = <T>(work: (tx: Parameters<Parameters<typeof prisma.$transaction>[0]>[0]) => Promise<T>) =>
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT set_config('app.workspace_id', ${scope.workspaceId}, true)`;
        return work(tx);
      });
    const data = { workspaceId: scope.workspaceId, name: 'shared', color: 'grey' };
    expect(await inTenant((tx) => tx.tag.findFirst({ where: { name: 'shared' } }))).toMatchObject({ name: 'shared' });
    const error = await inTenant((tx) => tx.tag.create({ data })).catch((cause) => cause);
    expect(databaseFault(error)).toMatchObject({ kind: 'unique', constraint: 'unique_tag_name', table: 'tag' });
    const changed = inTenant((tx) =>
      tx.tag.update({ where: { workspaceId_id: { workspaceId: scope.workspaceId, id: scope.workspaceId } }, data: { color: 'red' } }),
    );
    expect(databaseFault(await changed.catch((cause) => cause))).toEqual({ kind: 'gone' });
    await prisma.$disconnect();
  });
});

async function terminate(pid: number): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
  await client.end();
}
