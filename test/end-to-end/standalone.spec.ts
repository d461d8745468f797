import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApiClient } from '#libs/testing/api-client.js';
import { freePort } from '../../tools/reference/process.mjs';

/** What `npm start` runs, as a process of its own with its own embedded database. */
jest.setTimeout(180_000);

const root = path.join(__dirname, '../..');
const dataDir = mkdtempSync(path.join(tmpdir(), 'standalone-'));
let ports: [number, number];
let running: Running | null = null;

type Running = { child: ChildProcess; text(): string; exit: Promise<number | null> };

async function start(): Promise<Running> {
  let text = '';
  const inherited = Object.entries(process.env).filter(([name]) => !/^(DATABASE_URL|MASTER_KEY|ADMIN_|CLOUDAPI_|WORKSPACE_|npm_)/.test(name));
  const child = spawn(process.execPath, ['tools/start.mjs', 'standalone'], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), DATA_DIR: dataDir, CLOUDAPI_PORT: String(ports[0]), WORKSPACE_API_PORT: String(ports[1]) },
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  running = { child, text: () => text, exit };
  let isOver = false;
  void exit.then(() => (isOver = true));
  while (!/^ready in .*\n/m.test(text)) {
    if (isOver) throw new Error(`It ended before it was ready:\n${text}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return running;
}

beforeAll(async () => {
  ports = [await freePort(), await freePort()];
});
afterAll(async () => {
  running?.child.kill('SIGTERM');
  await running?.exit;
  rmSync(dataDir, { recursive: true, force: true });
});

it('starts from nothing, tells how to sign in once, stops when told to, and keeps everything', async () => {
  const first = await start();
  expect(first.text()).toMatch(/^ready in \d+\.\d s$/m);
  const cloudUrl = `http://localhost:${ports[0]}`;
  expect(first.text()).toContain(cloudUrl);
  const [, workspaceUrl = ''] = /workspace default +(\S+)/.exec(first.text()) ?? [];
  const [, password = ''] = /password +(\S+)/.exec(first.text()) ?? [];
  const anonymous = new ApiClient(cloudUrl);
  const form = { username: 'admin@example.com', password };
  const { access_token: token } = await anonymous.ok(anonymous.post('/auth/login', undefined, { form }));

  const workspace = new ApiClient(`${workspaceUrl}/api/v1`);
  const enter = async (bearer: string) =>
    (await workspace.ok(workspace.as(bearer).post('/login', undefined, { form: { grant_type: 'zenml-external' } }))).access_token;
  const inside = workspace.as(await enter(token));
  expect((await inside.ok(inside.get('/projects'))).items.map(({ name }: { name: string }) => name)).toEqual(['default']);
  const [stack] = (await inside.ok(inside.get('/stacks?hydrate=true'))).items;
  expect(Object.keys(stack.metadata.components).sort()).toEqual(['artifact_store', 'deployer', 'orchestrator']);
  expect((await inside.ok(inside.get('/flavors?size=1'))).total).toBeGreaterThan(50);
  await inside.ok(inside.post('/projects', { name: 'kept', description: '' }));
  for (const url of [cloudUrl, workspaceUrl.replace(/\/w\/.*/, '')]) {
    for (const page of ['/health', '/ready', '/docs', '/redoc']) expect([url + page, (await new ApiClient(url).get(page)).status]).toEqual([url + page, 200]);
    expect((await new ApiClient(url).get('/openapi.json')).body.openapi).toMatch(/^3\.1/);
  }

  first.child.kill('SIGTERM');
  expect(await first.exit).toBe(0);

  const second = await start();
  expect(second.text()).not.toContain('password');
  // Tokens outlive a restart: the keys are on disk.
  const again = workspace.as(await enter(token));
  expect((await again.ok(again.get('/projects/kept'))).name).toBe('kept');
  second.child.kill('SIGINT');
  expect(await second.exit).toBe(0);
});
