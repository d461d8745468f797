import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from './embedded.js';

jest.setTimeout(120_000);

let finished: string;
let copies = 0;
let dataDir: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  finished = await mkdtemp(path.join(tmpdir(), 'embedded-'));
  await (await startEmbeddedPostgres({ dataDir: finished, durable: false })).stop();
});

afterAll(() => rm(finished, { recursive: true, force: true }));

// A copy of a finished cluster: making one with every file synced takes seconds.
beforeEach(async () => {
  // Each test has its own: what the last one killed may still be writing when the next begins.
  copies += 1;
  dataDir = `${finished}-copy-${copies}`;
  spawnSync('cp', ['-a', finished, dataDir]);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
});

const start = () => startEmbeddedPostgres({ dataDir, durable: true, database: 'postgres' });

/** Runs the server in a process of its own, which can be killed. Its first line is the URL. */
async function startElsewhere(): Promise<{ child: ChildProcess; url: string }> {
  const script = `import { startEmbeddedPostgres } from ${JSON.stringify(path.resolve('dist/libs/database/embedded.js'))};
    const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: true, database: 'postgres' });
    console.log(server.url); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  return { child, url: String(line).trim() };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const serverPid = async () => Number((await readFile(path.join(dataDir, 'cluster/postmaster.pid'), 'utf8')).split('\n')[0]);

describe('the embedded server', () => {
  it('keeps its data and password over a restart and writes through to the disk', async () => {
    const first = await start();
    let client = await connect(first.url);
    const { rows } = await client.query("SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY 1");
    expect(rows.map((row) => row.setting)).toEqual(['on', 'on', 'on']);
    await client.query('CREATE TABLE kept AS SELECT 1 AS n');
    await client.end();
    await first.stop();
    const second = await start();
    client = await connect(second.url);
    expect((await client.query('SELECT n FROM kept')).rows).toEqual([{ n: 1 }]);
    await client.end();
    await second.stop();
    await expect(connect(second.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('lets nobody in without the password, which only the owner can read', async () => {
    const server = await start();
    const url = new URL(server.url);
    url.password = 'guess';
    await expect(connect(url.href)).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(path.join(dataDir, 'password'))).mode & 0o077).toBe(0);
    await server.stop();
  });

  it('takes a new password when the password file was lost', async () => {
    await (await start()).stop();
    await rm(path.join(dataDir, 'password'));
    const server = await start();
    await (await connect(server.url)).end();
    await server.stop();
  });

  it('loses no acknowledged write when the application is killed, leaves no server behind, and starts again at once', async () => {
    const { child, url } = await startElsewhere();
    const client = await connect(url);
    await client.query('CREATE TABLE acknowledged (n int)');
    let count = 0;
    const writing = (async () => {
      for (;;) {
        await client.query('INSERT INTO acknowledged VALUES ($1)', [count]);
        count += 1;
        if (count === 50) process.kill(-(child.pid as number), 'SIGKILL');
      }
    })();
    await expect(writing).rejects.toThrow();
    if (child.signalCode === null) await once(child, 'exit');
    const server = await start();
    const after = await connect(server.url);
    const { rows } = await after.query('SELECT count(*)::int AS n FROM acknowledged');
    expect(rows[0].n).toBeGreaterThanOrEqual(count);
    await after.end();
    await server.stop();
  });

  it('loses no acknowledged write when the server and everything else is killed', async () => {
    const { child, url } = await startElsewhere();
    const client = await connect(url);
    await client.query('CREATE TABLE acknowledged AS SELECT generate_series(1, 1000) AS n');
    const pid = await serverPid();
    process.kill(child.pid as number, 'SIGSTOP');
    process.kill(pid, 'SIGKILL');
    process.kill(child.pid as number, 'SIGKILL');
    await once(child, 'exit');
    const server = await start();
    const after = await connect(server.url);
    expect((await after.query('SELECT count(*)::int AS n FROM acknowledged')).rows).toEqual([{ n: 1000 }]);
    await after.end();
    await server.stop();
  });

  it('comes back on the same port when only the server dies', async () => {
    const server = await start();
    const before = await serverPid();
    process.kill(before, 'SIGKILL');
    const deadline = Date.now() + 20_000;
    let client: pg.Client | undefined;
    while (!client && Date.now() < deadline) client = await connect(server.url).catch(() => undefined);
    expect((await client?.query('SELECT 1 AS n'))?.rows).toEqual([{ n: 1 }]);
    await client?.end();
    expect(await serverPid()).not.toBe(before);
    await server.stop();
  });

  it('refuses a data folder that another living process uses', async () => {
    await startElsewhere();
    await expect(start()).rejects.toThrow(/in use by process \d+/);
  });

  it('says why it cannot start', async () => {
    const server = await start();
    const other = await mkdtemp(path.join(tmpdir(), 'embedded-'));
    const attempt = startEmbeddedPostgres({ dataDir: other, port: server.port, durable: true });
    await expect(attempt).rejects.toThrow(/could not bind IPv4 address "127.0.0.1": Address already in use[\s\S]*DATABASE_URL/);
    await rm(other, { recursive: true, force: true });
    await server.stop();
  });
});
