import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pool } from 'undici';
import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { freePort } from '../../tools/reference/process.mjs';
import { type Program, pause, startProgram, until } from './program.js';

/** `npm start` with two worker processes on one port. */
jest.setTimeout(240_000);

const signInLimit = 20;
const folders: string[] = [];
const databases: TestDatabase[] = [];
const programs: Program[] = [];

async function start(settings: Record<string, string> = {}) {
  const database = await createTestDatabase();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'workers-'));
  databases.push(database);
  folders.push(dataDir);
  const [cloudPort, workspacePort] = [await freePort(), await freePort()];
  const program = await startProgram('standalone', {
    WORKERS: '2',
    DATABASE_URL: database.url,
    DATABASE_CONNECTIONS: '3',
    DATA_DIR: dataDir,
    CLOUDAPI_PORT: String(cloudPort),
    WORKSPACE_API_PORT: String(workspacePort),
    RATE_LIMIT: `3000,30000,${signInLimit}`,
    ...settings,
  });
  programs.push(program);
  const [, password = ''] = /password +(\S+)/.exec(program.text()) ?? [];
  const [, workspaceUrl = ''] = /workspace default +(\S+)/.exec(program.text()) ?? [];
  return { program, password, cloudUrl: `http://localhost:${cloudPort}`, workspaceUrl };
}

afterAll(async () => {
  for (const { child } of programs) child.kill('SIGTERM');
  await Promise.all(programs.map(({ exit }) => exit));
  for (const database of databases) await database.drop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A client with a single connection that stays open. New connections go to the workers in turns, so two clients speak with two workers. */
class Connection {
  readonly #pool: Pool;
  closed = 0;

  constructor(private readonly url: string) {
    this.#pool = new Pool(new URL(url).origin, { connections: 1, pipelining: 1 });
    this.#pool.on('disconnect', () => (this.closed += 1));
  }

  async send(method: 'GET' | 'POST' | 'PATCH', address: string, { token, form, body }: { token?: string; form?: Record<string, string>; body?: unknown } = {}) {
    const { origin, pathname, search } = new URL(this.url + address);
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
    const reply = await this.#pool.request({
      origin,
      path: pathname + search,
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(form || body !== undefined ? { 'content-type': type } : {}) },
      ...(form ? { body: new URLSearchParams(form).toString() } : {}),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.body.text();
    return { status: reply.statusCode, body: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text) as any }; // any: replies of every shape
  }

  close() {
    return this.#pool.destroy();
  }
}

function workersOf({ child }: Program): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match && Number(match[2]) === child.pid && /standalone.*main\.js/.test(match[3] as string))
    .map((match) => Number(match?.[1]));
}

describe('two worker processes', () => {
  let running: Awaited<ReturnType<typeof start>>;
  let first: Connection;
  let second: Connection;
  let token: string;
  beforeAll(async () => {
    running = await start();
    [first, second] = [new Connection(running.cloudUrl), new Connection(running.cloudUrl)];
    const form = { username: 'admin@example.com', password: running.password };
    token = (await first.send('POST', '/auth/login', { form })).body.access_token;
  });
  afterAll(() => Promise.all([first.close(), second.close()]));

  it('say once how to sign in, and make the first data once', async () => {
    expect(running.program.text().match(/^ {2}password /gm)).toHaveLength(1);
    expect(running.program.text().match(/^ready in /gm)).toHaveLength(1);
    expect((await first.send('GET', '/workspaces', { token })).body).toHaveLength(1);
    expect(workersOf(running.program)).toHaveLength(2);
  });

  it('know at both who signed in at one', async () => {
    for (const connection of [second, first]) expect((await connection.send('GET', '/users/me', { token })).status).toBe(200);
  });

  it('refuse at both, at once, what was revoked at one', async () => {
    const { body: made } = await first.send('POST', '/users/me/api_keys', { token, body: { name: 'laptop' } });
    const inside = [new Connection(running.workspaceUrl), new Connection(running.workspaceUrl)];
    try {
      const entered = await Promise.all(inside.map((one) => one.send('POST', '/api/v1/login', { token: made.key, form: { grant_type: 'zenml-external' } })));
      const sessions = entered.map(({ body }) => body.access_token as string);
      const everything = () =>
        Promise.all([
          ...[first, second].map((one) => one.send('GET', '/users/me', { token: made.key })),
          // Each session at the worker that did not start it, too.
          ...inside.flatMap((one) => sessions.map((session) => one.send('GET', '/api/v1/current-user', { token: session }))),
        ]).then((answers) => answers.map(({ status }) => status));
      expect(await everything()).toEqual([200, 200, 200, 200, 200, 200]);
      expect((await second.send('PATCH', `/users/me/api_keys/${made.id}`, { token, body: { active: false } })).status).toBe(200);
      expect(await everything()).toEqual([401, 401, 401, 401, 401, 401]);
    } finally {
      await Promise.all(inside.map((one) => one.close()));
    }
  });

  it('count sign-ins together', async () => {
    const guess = (connection: Connection) => connection.send('POST', '/auth/login', { form: { username: 'admin@example.com', password: 'wrong' } });
    await until(async () => (await guess(first)).status === 429);
    let allowed = 0;
    await until(async () => {
      const { status } = await guess(second);
      if (status === 429) return true;
      allowed += 1;
      await pause();
      return false;
    });
    // Alone it would have allowed as many as the first one did; the news of those takes a tenth of a second.
    expect(allowed).toBeLessThan(signInLimit / 2);
  });

  it('go on without the one that is killed, and replace it', async () => {
    const before = workersOf(running.program);
    process.kill(before[0] as number, 'SIGKILL');
    // Only one of the two connections was the killed worker's.
    await until(async () => first.closed + second.closed > 0);
    const survivor = first.closed === 0 ? first : second;
    for (let i = 0; i < 20; i++) expect((await survivor.send('GET', '/users/me', { token })).status).toBe(200);
    expect(survivor.closed).toBe(0);
    const after = await until(async () => {
      const now = workersOf(running.program);
      return now.length === 2 && !now.includes(before[0] as number) && now;
    });
    expect(after).toContain(before[1]);
    // The new one takes its part of new connections.
    const fresh = await until(async () => {
      const connection = new Connection(running.cloudUrl);
      const answer = await connection.send('GET', '/users/me', { token }).catch(() => null);
      await connection.close();
      return /starting another/.test(running.program.text()) && answer;
    });
    expect(fresh.status).toBe(200);
  });

  it('end with the program, which ends well', async () => {
    const workers = workersOf(running.program);
    running.program.child.kill('SIGTERM');
    expect(await running.program.exit).toBe(0);
    for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow();
  });
});

it('ends the workers of a program that is killed', async () => {
  const { program } = await start();
  const workers = workersOf(program);
  expect(workers).toHaveLength(2);
  program.child.kill('SIGKILL');
  await program.exit;
  const isGone = (pid: number) => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  await until(async () => workers.every(isGone));
});
