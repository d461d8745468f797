import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ApiClient } from '#libs/testing/api-client.js';
import { freePort } from '../../tools/reference/process.mjs';
import { type Program, startProgram } from './program.js';

/** What `npm start` runs, as a process of its own with its own embedded database. */
jest.setTimeout(180_000);

const dataDir = mkdtempSync(path.join(tmpdir(), 'standalone-'));
let ports: [number, number];
let running: Program | null = null;

async function start(): Promise<Program> {
  running = await startProgram('standalone', { DATA_DIR: dataDir, CLOUDAPI_PORT: String(ports[0]), WORKSPACE_API_PORT: String(ports[1]) });
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
