import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PipelineClient } from '#apps/workspace-api/test/pipeline.js';
import type { TestWorkspace } from '#apps/workspace-api/test/workspace.js';
import { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { installReference } from '../../tools/reference/install.mjs';
import { freePort } from '../../tools/reference/process.mjs';
import { type Program, startProgram, until } from '../end-to-end/program.js';

/**
 * Server processes killed with `kill -9` while they take, start and follow runs. A run is started when its process begins; it must never be started
 * twice, by whomever. When its server dies, its process dies with it, and the run fails: nobody knows how far it came, so a person decides.
 */
jest.setTimeout(300_000);

const processes = 3;
const runs = 50;
const kills = 6;
const concurrency = 4;
const password = 'correct horse battery staple';

type Server = { port: number; program: Program; dataDir: string };
type Noted = { what: 'start' | 'end'; run: string; pid: number; port: number };

describe('the queue of runs, with processes killed at random moments', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'queue-faults-'));
  const servers: Server[] = [];
  let database: TestDatabase;
  let db: Db;
  let python: string;

  beforeAll(async () => {
    ({ python } = await installReference());
    database = await createTestDatabase();
    db = new Db({ url: database.url, role: 'workspace_api', max: 2 });
    cpSync(path.join(__dirname, 'stand-in'), folder, { recursive: true });
    // One after the other: the first one builds the program and sets the workspace up.
    for (let i = 0; i < processes; i++) servers.push(await start(await freePort(), path.join(folder, `data-${i}`)));
  });
  afterAll(async () => {
    for (const { program } of servers) program.child.kill('SIGTERM');
    await Promise.all(servers.map(({ program }) => program.exit));
    await db?.close();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(port: number, dataDir: string): Promise<Server> {
    const program = await startProgram('workspace-api', {
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      MASTER_KEY: '0123456789abcdef'.repeat(4),
      WORKSPACE_API_PORT: String(port),
      WORKSPACE_MODE: 'local',
      ZENML_SERVER_AUTO_ACTIVATE: 'true',
      ZENML_DEFAULT_USER_PASSWORD: password,
      RATE_LIMIT: 'off',
      WORKLOAD_PYTHON: python,
      WORKLOAD_SOURCE_ROOT: folder,
      WORKLOAD_CONCURRENCY: String(concurrency),
      WORKLOAD_CONCURRENCY_PER_WORKSPACE: '100',
      WORKLOAD_LEASE_SECONDS: '5',
    });
    return { port, program, dataDir };
  }

  function noted(): Noted[] {
    const file = path.join(folder, 'log');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [what, run, pid, server] = line.split(' ') as ['start' | 'end', string, string, string];
      return { what, run, pid: Number(pid), port: Number(new URL(server).port) };
    });
  }

  const underWay = () => {
    const all = noted();
    const ended = new Set(all.filter(({ what }) => what === 'end').map(({ run }) => run));
    return all.filter(({ what, run, pid }) => what === 'start' && !ended.has(run) && isAlive(pid));
  };

  async function kill(index: number): Promise<void> {
    const { program, port, dataDir } = servers[index] as Server;
    program.child.kill('SIGKILL');
    await program.exit;
    servers[index] = await start(port, dataDir);
  }

  /** Looks until there is something; what the servers printed explains why there is nothing. */
  let giveUpAtMs = 0;
  const waitFor = <T>(what: string, look: () => Promise<T | null | undefined | false>) =>
    until(async () => {
      if (Date.now() > giveUpAtMs)
        throw new Error(`Waited too long for ${what}:\n${servers.map(({ program }) => program.text().slice(-2_000)).join('\n---\n')}`);
      return look();
    });

  const clientOf = ({ port }: Server) => new ApiClient(`http://127.0.0.1:${port}/api/v1`);

  it('gives every run exactly one outcome and starts none twice', async () => {
    giveUpAtMs = Date.now() + 200_000;
    const anonymous = clientOf(servers[0] as Server);
    const { access_token: token } = await anonymous.ok(anonymous.post('/login', undefined, { form: { username: 'default', password } }));
    const api = anonymous.as(token);
    const projectId = (await api.ok(api.get('/projects/default'))).id;
    const snapshot = await new PipelineClient({ api, projectId } as TestWorkspace).snapshot({}, { is_dynamic: true });

    /** Asks any server, and asks again with the same key when it dies over the question. */
    async function trigger(): Promise<string> {
      const headers = { 'idempotency-key': randomUUID() };
      for (;;) {
        const client = clientOf(servers[Math.floor(Math.random() * processes)] as Server).as(token);
        const answer = await client.post(`/pipeline_snapshots/${snapshot}/runs`, {}, { headers }).catch(() => null);
        if (answer && answer.status < 500) return (await client.ok(Promise.resolve(answer))).id;
      }
    }

    const triggered = Promise.all(
      Array.from({ length: 5 }, async () => {
        const ids: string[] = [];
        for (let i = 0; i < runs / 5; i++) ids.push(await trigger());
        return ids;
      }),
    );
    // One while runs are still being added, the others one after the other while runs are under way on the one that is killed.
    await Promise.race([triggered, waitFor('the first runs', async () => noted().length > 2)]);
    for (let i = 0; i < kills; i++) {
      const threshold = noted().length + Math.floor(Math.random() * 6);
      const victim = await waitFor('a run to kill', async () => {
        const running = underWay();
        if (running.length > 0 && noted().length >= threshold) return running[Math.floor(Math.random() * running.length)];
        return (await isIdle()) ? 'none' : null;
      });
      if (victim === 'none') break;
      const index = servers.findIndex(({ port }) => port === victim.port);
      await kill(index);
    }
    const ids = (await triggered).flat();
    expect(new Set(ids).size).toBe(runs);
    await waitFor('the last outcome', isIdle);

    const list = await clientOf(servers[0] as Server)
      .as(token)
      .get(`/runs?size=${2 * runs}`);
    expect(list.body.total).toBe(runs);
    const outcomes = new Map<string, { status: string; status_reason: string | null; in_progress: boolean }>(
      list.body.items.map((one: any) => [one.id, one.body]),
    );
    const starts = noted().filter(({ what }) => what === 'start');
    expect(starts.map(({ run }) => run)).toHaveLength(new Set(starts.map(({ run }) => run)).size);
    const started = new Set(starts.map(({ run }) => run));
    for (const id of ids) {
      const outcome = outcomes.get(id);
      expect(outcome?.in_progress).toBe(false);
      if (outcome?.status === 'completed') expect(started).toContain(id);
      else expect(outcome).toMatchObject({ status: 'failed', status_reason: 'The server that ran it was lost. It is not started again by itself.' });
    }
    // A server takes nothing with it but what it ran itself.
    expect([...outcomes.values()].filter(({ status }) => status === 'failed').length).toBeLessThanOrEqual(kills * concurrency);
    const ends = await db.read<{ resource_id: string }>(
      { workspaceId: (await workspaceId()) as string },
      sql`SELECT resource_id FROM workspace.platform_event WHERE kind IN ('pipeline_run.completed', 'pipeline_run.failed', 'pipeline_run.stopped')`,
    );
    expect(ends.map(({ resource_id }) => resource_id).sort()).toEqual([...ids].sort());
    expect(starts.filter(({ pid, run }) => isAlive(pid) && outcomes.get(run)?.status !== 'completed')).toEqual([]);
  });

  async function workspaceId(): Promise<string | undefined> {
    const [row] = await db.read<{ id: string }>({ workspaceId: null }, sql`SELECT id FROM cloud.workspace`);
    return row?.id;
  }

  async function isIdle(): Promise<boolean> {
    const id = await workspaceId();
    const [row] = await db.read<{ all: number; over: number }>(
      { workspaceId: id as string },
      sql`SELECT count(*)::int AS all, count(*) FILTER (WHERE status IN ('finished', 'dead'))::int AS over FROM workspace.workload`,
    );
    return row?.all === runs && row.over === runs;
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
