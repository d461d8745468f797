import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { freePort } from '../../tools/reference/process.mjs';
import { type Program, startProgram, until } from './program.js';

/** The control plane and the workspaces as two processes that share nothing but a database, a master key and addresses. */
jest.setTimeout(240_000);

const masterKey = '0123456789abcdef'.repeat(4);
const password = 'correct horse battery staple';
const manyRows = 60_000;

const running: Program[] = [];
const folders: string[] = [];
let database: TestDatabase;
let settings: Record<string, string>;

async function start(name: 'cloudapi' | 'workspace-api'): Promise<Program> {
  const dataDir = mkdtempSync(path.join(tmpdir(), `${name}-`));
  folders.push(dataDir);
  const started = await startProgram(name, { ...settings, DATA_DIR: dataDir });
  running.push(started);
  return started;
}

beforeAll(async () => {
  database = await createTestDatabase();
  const [cloudPort, workspacePort] = [await freePort(), await freePort()];
  settings = {
    DATABASE_URL: database.url,
    MASTER_KEY: masterKey,
    CLOUDAPI_PORT: String(cloudPort),
    WORKSPACE_API_PORT: String(workspacePort),
    CLOUDAPI_URL: `http://localhost:${cloudPort}`,
    WORKSPACE_URL_TEMPLATE: `http://localhost:${workspacePort}/w/{id8}`,
    WORKSPACE_MODE: 'pro',
    WORKSPACE_GRACE_HOURS: '0',
    ADMIN_PASSWORD: password,
  };
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGTERM');
  await Promise.all(running.map(({ exit }) => exit));
  await database.drop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

it('serves new workspaces, shuts out at once whom the other process locks, and removes deleted ones even when killed meanwhile', async () => {
  const cloudProgram = await start('cloudapi');
  let workspaceProgram = await start('workspace-api');
  const anonymous = new ApiClient(settings.CLOUDAPI_URL as string);
  const { access_token: token } = await anonymous.ok(anonymous.post('/auth/login', undefined, { form: { username: 'admin@example.com', password } }));
  const cloud = anonymous.as(token);

  // The process without a host leaves it pending; the other one finds it.
  const made = await cloud.ok(cloud.post('/workspaces', { name: 'split' }));
  const { zenml_service: service } = await until(async () => {
    const now = await cloud.ok(cloud.get(`/workspaces/${made.id}`));
    return now.status === 'available' && now;
  });
  const workspace = new ApiClient(`${service.status.server_url}/api/v1`);
  const enter = (bearer: string) => workspace.as(bearer).post('/login', undefined, { form: { grant_type: 'zenml-external' } });
  const inside = workspace.as((await workspace.ok(enter(token))).access_token);
  expect((await inside.ok(inside.get('/projects'))).items.map(({ name }: { name: string }) => name)).toEqual(['default']);
  // Secrets are sealed with a key that the one process made and the other unwraps.
  const secret = await inside.ok(inside.post('/secrets', { name: 'sealed', values: { key: 'value' } }));
  expect((await inside.ok(inside.get(`/secrets/${secret.id}`))).body.values).toEqual({ key: 'value' });

  // A machine's key, made here and used there; switched off here, refused there.
  const bots = `/organizations/${made.organization.id}/service_accounts`;
  const bot = await cloud.ok(cloud.post(bots, { username: 'bot', role_id: await adminRole(cloud, made.organization.id) }));
  const { id: keyId, key } = await cloud.ok(cloud.post(`${bots}/${bot.id}/api_keys`, { name: 'ci' }));
  const direct = workspace.as(key);
  const session = workspace.as((await workspace.ok(enter(key))).access_token);
  for (const api of [direct, session]) expect((await api.get('/current-user')).status).toBe(200);
  await cloud.ok(cloud.patch(`${bots}/${bot.id}/api_keys/${keyId}`, { active: false }));
  for (const api of [direct, session]) expect((await api.get('/current-user')).status).toBe(401);

  // Enough rows that the removal takes a while, in which its process is killed.
  const db = new Db({ url: database.url, role: 'workspace_api', max: 2 });
  try {
    const scope = { workspaceId: made.id as string };
    await db.read(
      scope,
      sql`INSERT INTO workspace.tag (workspace_id, name, exclusive, color) SELECT ${made.id}, 'tag-' || i, false, 'grey' FROM generate_series(1, ${manyRows}::int) i`,
    );
    const count = async () =>
      (await db.read<{ count: number }>(scope, sql`SELECT count(*)::int AS count FROM workspace.tag WHERE workspace_id = ${made.id}`))[0]?.count ?? 0;
    await cloud.ok(cloud.delete(`/workspaces/${made.id}`));
    expect((await inside.get('/projects')).status).toBeGreaterThanOrEqual(401);
    await until(async () => (await count()) < manyRows);
    workspaceProgram.child.kill('SIGKILL');
    await workspaceProgram.exit;
    expect(await count()).toBeGreaterThan(0);
    expect((await cloud.post(`/workspaces/${made.id}/restore`)).status).toBe(409);

    workspaceProgram = await start('workspace-api');
    await until(async () => (await cloud.get(`/workspaces/${made.id}`)).status === 404);
    expect(await count()).toBe(0);
  } finally {
    await db.close();
  }

  for (const { child, exit } of [workspaceProgram, cloudProgram]) {
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  }
});

async function adminRole(cloud: ApiClient, organizationId: string): Promise<string> {
  const [role] = await cloud.ok(cloud.get(`/organizations/${organizationId}/roles?level=organization&name=Organization Admin`));
  return role.id;
}
