import { randomUUID } from 'node:crypto';
import { startCloud, type TestCloud, type TestOrganization, type TestUser } from '../../test/cloud.js';
import { platform } from '../installation.js';
import { applyDefaultQuotas } from './default-quotas.js';

let cloud: TestCloud;
let owner: TestUser;
let organization: TestOrganization;
const root = (of = organization) => `/organizations/${of.id}/entitlements`;
const setDefaults = (quotas: Record<string, number>) => cloud.installation.prisma.tx(platform, (tx) => applyDefaultQuotas(tx, quotas));

beforeAll(async () => {
  cloud = await startCloud();
  owner = await cloud.user('owner');
  organization = await cloud.organization(owner);
});
afterAll(() => cloud.stop());

describe('a plan', () => {
  it('is unlimited unless told otherwise, and 402 where it is used up', async () => {
    const asked = () => owner.api.get(`/organizations/${organization.id}/entitlement/project`);
    expect(await owner.api.ok(owner.api.get(`${root()}/project`))).toMatchObject({ feature: 'project', quota: null, used: 0 });
    expect((await asked()).status).toBe(200);
    expect((await owner.api.put(`${root()}/project`, { quota: 0 })).status).toBe(403);
    expect(await cloud.admin.api.ok(cloud.admin.api.put(`${root()}/project`, { quota: 0 }))).toMatchObject({ quota: 0 });
    const refused = await asked();
    expect([refused.status, refused.body.detail[0]]).toEqual([402, 'SubscriptionUpgradeRequiredError']);
    await cloud.admin.api.ok(cloud.admin.api.put(`${root()}/project`, { quota: null }));
    expect((await asked()).status).toBe(200);
    expect((await cloud.audit('entitlement.update')).map((event) => event.details)).toEqual([{ quota: 0 }, { quota: null }]);
    expect((await owner.api.ok(owner.api.get(root()))).map((one: { feature: string }) => one.feature)).toContain('pipeline_run');
  });

  it('starts with the defaults of the installation; what was set by hand stays', async () => {
    const other = await cloud.organization(owner);
    const quotaOf = async (of: TestOrganization) => (await owner.api.ok(owner.api.get(`${root(of)}/model`))).quota;
    await setDefaults({ model: 3 });
    const later = await cloud.organization(owner);
    expect([await quotaOf(other), await quotaOf(later)]).toEqual([3, 3]);
    await cloud.admin.api.ok(cloud.admin.api.put(`${root(later)}/model`, { quota: 7 }));
    await setDefaults({ model: 4 });
    expect([await quotaOf(other), await quotaOf(later)]).toEqual([4, 7]);
    await setDefaults({});
    expect([await quotaOf(other), await quotaOf(later)]).toEqual([null, 7]);
  });

  it('reports use by day, feature and workspace, each resource once', async () => {
    const { id: organizationId } = organization;
    const workspaceId = randomUUID();
    const resourceId = randomUUID();
    const report = (id: string, total: number) =>
      cloud.installation.db.tx(platform, (tx) =>
        cloud.installation.controlPlane.reportUsage(tx, { organizationId, workspaceId, feature: 'model', resourceId: id, total: total as 1 }),
      );
    for (const [id, total] of [
      [resourceId, 1],
      [resourceId, 1],
      [randomUUID(), 1],
      [resourceId, -1],
    ] as const)
      await report(id, total);
    expect(await owner.api.ok(owner.api.get(`/organizations/${organizationId}/usage?feature=model`))).toMatchObject([
      { feature: 'model', workspace_id: workspaceId, created: 2, deleted: 1 },
    ]);
    expect(await owner.api.ok(owner.api.get(`${root()}/model`))).toMatchObject({ used: 1 });
    expect(await owner.api.ok(owner.api.get(`/organizations/${organizationId}/usage?to=2020-01-01`))).toEqual([]);
    const member = await cloud.user('member');
    await cloud.assign(member.id, organizationId, 'Organization Member');
    for (const path of ['usage', 'entitlements', 'entitlements/model'])
      expect((await member.api.get(`/organizations/${organizationId}/${path}`)).status).toBe(403);
  });
});
