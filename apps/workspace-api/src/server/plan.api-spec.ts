import { randomUUID } from 'node:crypto';
import { sql } from '#libs/database/sql.js';
import { attach, type Member, member } from '../../test/pro.js';
import { startWorkspace, type TestWorkspace } from '../../test/workspace.js';

const platform = { workspaceId: null, isPlatform: true };
let workspace: TestWorkspace;
let organizationId: string;
let someone: Member;
let project: string;

const set = (feature: string, quota: number | null) =>
  workspace.owner.read(
    platform,
    sql`INSERT INTO cloud.entitlement (organization_id, feature, quota) VALUES (${organizationId}, ${feature}, ${quota}) ON CONFLICT (organization_id, feature) DO UPDATE SET quota = excluded.quota`,
  );
const used = async (feature: string) =>
  Number(
    (
      await workspace.owner.read<{ used: string }>(
        platform,
        sql`SELECT used FROM cloud.entitlement WHERE organization_id = ${organizationId} AND feature = ${feature}`,
      )
    )[0]?.used ?? 0,
  );
const create = (path: string) => someone.api.post(path, { name: `x-${randomUUID()}`, project });

beforeAll(async () => {
  workspace = await startWorkspace();
  project = (await workspace.api.ok(workspace.api.get('/projects/default'))).id;
  ({ organizationId } = await attach(workspace));
  someone = await member(workspace, organizationId, 'Workspace Admin');
});
afterAll(() => workspace.stop());

describe('the plan of an organization', () => {
  it.each([
    ['pipeline', '/pipelines'],
    ['model', '/models'],
  ])('counts every %s, gives room back for deleted ones, and answers 402 where there is none', async (feature, path) => {
    const before = await used(feature);
    const { id } = await someone.api.ok(create(path));
    expect(await used(feature)).toBe(before + 1);
    await set(feature, before + 1);
    const refused = await create(path);
    expect([refused.status, refused.body.detail[0]]).toEqual([402, 'SubscriptionUpgradeRequiredError']);
    expect(await used(feature)).toBe(before + 1);
    await someone.api.ok(someone.api.delete(`${path}/${id}`));
    // Of several at once only as many pass as there is room.
    const statuses = await Promise.all([create(path), create(path), create(path)].map(async (answer) => (await answer).status));
    expect(statuses.sort()).toEqual([200, 402, 402]);
    await set(feature, null);
    expect((await create(path)).status).toBe(200);
  });

  it('without room for schedules refuses triggers', async () => {
    await set('schedule', 0);
    const refused = await someone.api.post('/triggers', {
      name: 't',
      project,
      type: 'schedule',
      flavor: 'native schedule',
      active: true,
      concurrency: 'skip',
      cron_expression: '0 0 1 1 *',
      start_time: '2990-06-01T00:00:00',
    });
    expect([refused.status, refused.text.includes('schedule')]).toEqual([402, true]);
  });
});
