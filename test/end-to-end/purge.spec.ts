import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { purgeWorkspaces } from '#apps/cloudapi/src/workspaces/purge.js';
import { purgeWorkspace, workspaceFolder } from '#apps/workspace-api/src/server/purge.js';
import { Db } from '#libs/database/db.js';
import { identifier, sql } from '#libs/database/sql.js';
import { tables } from '#libs/database/tables.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { makeWorld } from '../world.js';
import { type RunningInstallation, startInstallation } from './installation.js';

jest.setTimeout(120_000);

/** A deleted workspace goes altogether once its time is over, however often that is interrupted, and no other one is touched. */
let running: RunningInstallation;
let db: Db;
const signal = new AbortController().signal;
const platform = { workspaceId: null, isPlatform: true };

beforeAll(async () => {
  running = await startInstallation();
  db = new Db({ url: running.databaseUrl, role: 'workspace_api', max: 2 });
});
afterAll(async () => {
  await db.close();
  await running.stop();
});

async function filled(name: string): Promise<{ id: string; organizationId: string }> {
  const { id, organization } = await running.cloud.ok(running.cloud.post('/workspaces', { name }));
  const pro = new ApiClient(`${running.urlOf(id)}/api/v1`).as(running.cloud.token as string);
  const { access_token: token } = await pro.ok(pro.post('/login', undefined, { form: { grant_type: 'zenml-external' } }));
  const api = pro.as(token);
  await makeWorld(api, (await api.ok(api.get('/projects/default'))).id);
  return { id, organizationId: organization.id };
}

async function rowsOf(workspaceId: string): Promise<number> {
  let count = 0;
  for (const table of Object.keys(tables)) {
    const [row] = await db.read<{ count: number }>(
      { workspaceId },
      sql`SELECT count(*)::int AS count FROM ${identifier('workspace', table)} WHERE workspace_id = ${workspaceId}`,
    );
    count += row?.count ?? 0;
  }
  return count;
}

const expire = (id: string) =>
  running.cloudDb.read(platform, sql`UPDATE cloud.workspace SET purge_after = now() AT TIME ZONE 'utc' - interval '1 second' WHERE id = ${id}`);
const used = async (organizationId: string) =>
  (
    await running.cloudDb.read<{ used: number }>(
      platform,
      sql`SELECT used FROM cloud.entitlement WHERE organization_id = ${organizationId} AND feature = 'pipeline'`,
    )
  )[0]?.used;

it('removes every row and file after the grace period, resumes where it was stopped, and leaves the neighbour alone', async () => {
  const { cloud, installation } = running;
  const neighbour = await filled('neighbour');
  const usedBefore = await used(neighbour.organizationId);
  const doomed = await filled('doomed');
  const neighbourRows = await rowsOf(neighbour.id);
  expect(neighbourRows).toBeGreaterThan(100);
  await db.read(
    { workspaceId: doomed.id },
    sql`INSERT INTO workspace.tag (workspace_id, name, exclusive, color) SELECT ${doomed.id}, 'tag-' || i, false, 'grey' FROM generate_series(1, 1200) i`,
  );
  const folder = workspaceFolder(running.dataDir, doomed.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'file'), 'x');

  // Within the grace period nothing happens, and the workspace can be had back whole.
  await cloud.ok(cloud.delete(`/workspaces/${doomed.id}`));
  await purgeWorkspaces(installation, signal);
  expect((await cloud.ok(cloud.post(`/workspaces/${doomed.id}/restore`))).status).toBe('available');
  await cloud.ok(cloud.delete(`/workspaces/${doomed.id}`));
  const all = await rowsOf(doomed.id);
  expect(all).toBeGreaterThan(neighbourRows + 1_100);

  // The process ends somewhere in the middle.
  await expire(doomed.id);
  let statements = 0;
  const dying = { read: (...sent: Parameters<Db['read']>) => (++statements > 12 ? Promise.reject(new Error('killed')) : db.read(...sent)) } as Db;
  await expect(purgeWorkspace({ db: dying, dataDir: running.dataDir, forgetSecrets: async () => {} }, doomed.id, signal)).rejects.toThrow('killed');
  const left = await rowsOf(doomed.id);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(all);
  expect((await cloud.post(`/workspaces/${doomed.id}/restore`)).status).toBe(409);

  await purgeWorkspaces(installation, signal);
  expect(await rowsOf(doomed.id)).toBe(0);
  expect(existsSync(folder)).toBe(false);
  expect((await cloud.get(`/workspaces/${doomed.id}`)).status).toBe(404);
  for (const table of ['workspace_data_key', 'role_assignment', 'resource_member', 'role', 'enrollment_key'])
    expect([table, await running.cloudDb.read(platform, sql`SELECT 1 FROM ${identifier('cloud', table)} WHERE workspace_id = ${doomed.id}`)]).toEqual([
      table,
      [],
    ]);
  const [event] = await running.cloudDb.read<{ name: string }>(
    platform,
    sql`SELECT target_name AS name FROM cloud.audit_event WHERE action = 'workspace.purge'`,
  );
  expect(event?.name).toBe('doomed');
  // The plan counts what is still there.
  expect(await used(neighbour.organizationId)).toBe(usedBefore);

  expect(await rowsOf(neighbour.id)).toBe(neighbourRows);
  // Its name is free, and doing it all again changes nothing.
  await purgeWorkspaces(installation, signal);
  await cloud.ok(cloud.post('/workspaces', { name: 'doomed' }));
});

it('removes the record of an attached workspace, whose rows are elsewhere', async () => {
  const { cloud } = running;
  const { id } = await cloud.ok(cloud.post('/workspaces?name=attached&enroll=true'));
  await cloud.ok(cloud.delete(`/workspaces/${id}`));
  await expire(id);
  await purgeWorkspaces(running.installation, signal);
  expect((await cloud.get(`/workspaces/${id}`)).status).toBe(404);
});
