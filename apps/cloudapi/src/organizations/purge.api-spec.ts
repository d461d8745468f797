import { randomUUID } from 'node:crypto';
import { Db } from '#libs/database/db.js';
import { identifier, sql } from '#libs/database/sql.js';
import { startCloud, type TestCloud, type TestOrganization, unique } from '../../test/cloud.js';
import { platform } from '../installation.js';
import { purgeWorkspaces } from '../workspaces/purge.js';
import { emptied, purgeOrganizations } from './purge.js';

let cloud: TestCloud;
const signal = new AbortController().signal;
/** These go with the workspaces of the organization, or stay. */
const notEmptied = ['audit_event', 'enrollment_key', 'workspace', 'workspace_data_key'];

beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());
afterEach(() => void (cloud.clock.addMs = 0));

async function tables(): Promise<string[]> {
  const rows = await cloud.installation.db.read<{ name: string }>(
    platform,
    sql`SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
        WHERE c.relnamespace = 'cloud'::regnamespace AND c.relkind = 'r' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Rows of an organization, by table. */
async function rowsOf(id: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of await tables()) {
    const [row] = await cloud.installation.db.read<{ count: number }>(
      platform,
      sql`SELECT count(*)::int AS count FROM cloud.${identifier(table)} WHERE organization_id = ${id}`,
    );
    counts[table] = row?.count ?? 0;
  }
  return counts;
}

/** An organization with something in every table. */
async function filled(): Promise<TestOrganization & { workspaceId: string }> {
  const { api, id: adminId } = cloud.admin;
  const organization = await cloud.organization(cloud.admin);
  const root = `/organizations/${organization.id}`;
  const workspace = await api.ok(api.post(`/workspaces?enroll=true`, { name: unique('attached'), organization_id: organization.id }));
  await api.ok(api.post(`${root}/service_accounts`, { username: 'bot' }));
  await api.ok(api.post(`${root}/service_accounts/bot/api_keys`, { name: 'key' }));
  const team = await api.ok(api.post(`${root}/teams`, { name: 'ops' }));
  await api.ok(api.post(`/teams/${team.id}/members?user_id=${adminId}`));
  await api.ok(api.post(`${root}/invitations`, { email: `${unique('guest')}@example.com` }));
  await cloud.installation.prisma.tx(platform, async (tx) => {
    const inOrganization = { organizationId: organization.id };
    await tx.cloudEntitlement.create({ data: { ...inOrganization, feature: 'model', used: 1 } });
    await tx.cloudUsageEvent.createMany({
      data: Array.from({ length: 1_200 }, () => ({ ...inOrganization, feature: 'model', resourceId: randomUUID(), sign: 1, total: 1 })),
    });
    await tx.cloudOidcConnection.create({ data: { ...inOrganization, displayName: 'own', issuer: `https://${unique('idp')}.test`, clientId: 'x' } });
    await tx.cloudResourceMember.create({
      data: { ...inOrganization, workspaceId: workspace.id, resourceType: 'stack', resourceId: randomUUID(), userId: adminId, actions: ['read'] },
    });
  });
  return { ...organization, workspaceId: workspace.id };
}

const purge = async () => {
  await purgeWorkspaces(cloud.installation, signal);
  await purgeOrganizations(cloud.installation, signal);
};
const exists = async (id: string) => (await cloud.installation.prisma.tx(platform, (tx) => tx.cloudOrganization.count({ where: { id } }))) === 1;

describe('a deleted organization', () => {
  it('has no table that is forgotten', async () => expect([...emptied, ...notEmptied].sort()).toEqual(await tables()));

  it('goes with every row when its time is over, also after being interrupted, and no other one is touched', async () => {
    const { api } = cloud.admin;
    const [doomed, neighbour] = [await filled(), await filled()];
    for (const [table, count] of Object.entries(await rowsOf(doomed.id))) expect([table, count > 0]).toEqual([table, true]);
    const before = await rowsOf(neighbour.id);

    expect((await api.delete(`/organizations/${doomed.id}`)).status).toBe(409);
    await api.ok(api.delete(`/workspaces/${doomed.workspaceId}`));
    await api.ok(api.delete(`/organizations/${doomed.id}`));
    expect((await api.post(`/workspaces/${doomed.workspaceId}/restore`)).status).toBe(404);
    await purge();
    expect([await exists(doomed.id), (await rowsOf(doomed.id)).usage_event]).toEqual([true, 1_200]);

    cloud.clock.addMs += (cloud.installation.graceHours + 1) * 3_600_000;
    await purge();
    // The clock of the database, by which workspaces go, is not there yet, and an organization waits for its workspaces.
    expect(await exists(doomed.id)).toBe(true);
    await cloud.installation.db.read(platform, sql`UPDATE cloud.workspace SET purge_after = created WHERE id = ${doomed.workspaceId}`);
    await purgeWorkspaces(cloud.installation, signal);

    // The process ends somewhere in the middle.
    const { db } = cloud.installation;
    let statements = 0;
    const dying = { read: (...sent: Parameters<Db['read']>) => (++statements > 8 ? Promise.reject(new Error('killed')) : Db.prototype.read.apply(db, sent)) };
    const killed = Object.create(cloud.installation, { db: { value: dying } });
    await expect(purgeOrganizations(killed, signal)).rejects.toThrow('killed');
    expect(await exists(doomed.id)).toBe(true);

    await purge();
    const { audit_event: events, ...left } = await rowsOf(doomed.id);
    expect(Object.values(left).every((count) => count === 0)).toBe(true);
    expect(events).toBeGreaterThan(0);
    expect(await exists(doomed.id)).toBe(false);
    expect((await cloud.audit('organization.purge')).map((event) => event.targetName)).toEqual([doomed.name]);
    expect(await rowsOf(neighbour.id)).toEqual(before);
    await purge();
    expect((await cloud.audit('organization.purge')).length).toBe(1);
  });

  it('takes in no workspace', async () => {
    const { api } = cloud.admin;
    const { id } = await cloud.organization(cloud.admin);
    await api.ok(api.delete(`/organizations/${id}`));
    expect((await api.post('/workspaces', { name: unique('late'), organization_id: id })).status).toBe(404);
  });
});
