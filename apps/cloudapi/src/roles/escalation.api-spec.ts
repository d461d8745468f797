import { randomUUID } from 'node:crypto';
import { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { startCloud, type TestCloud, type TestOrganization, type TestUser, unique } from '../../test/cloud.js';

let cloud: TestCloud;
let admin: TestUser;
let manager: TestUser;
let keeper: TestUser;
let member: TestUser;
let stranger: TestUser;
let organization: TestOrganization;
let workspace: { id: string };
let elsewhere: TestOrganization;

const roleId = async (name: string, of = organization, api = admin.api): Promise<string> =>
  (await api.ok(api.get(`/organizations/${of.id}/roles?name=${encodeURIComponent(name)}`)))[0].id;
const assign = async (user: TestUser, role: string, query: string) => user.api.post(`/roles/${await roleId(role)}/assignments?${query}`);
const custom = (user: TestUser, permissions: unknown[], more = {}) =>
  user.api.post('/roles', { name: unique('role'), level: 'organization', organization_id: organization.id, permissions, ...more });

beforeAll(async () => {
  cloud = await startCloud();
  [admin, manager, keeper, member, stranger] = (await Promise.all(['admin', 'manager', 'keeper', 'member', 'stranger'].map((name) => cloud.user(name)))) as [
    TestUser,
    TestUser,
    TestUser,
    TestUser,
    TestUser,
  ];
  organization = await cloud.organization(admin);
  elsewhere = await cloud.organization(stranger);
  workspace = await admin.api.ok(admin.api.post('/workspaces', { name: unique('ws'), organization_id: organization.id }));
  await cloud.assign(manager.id, organization.id, 'Organization Manager');
  await cloud.assign(keeper.id, organization.id, 'Organization Member');
  await cloud.assign(keeper.id, organization.id, 'Workspace Admin', 'workspace', workspace.id);
  await cloud.assign(member.id, organization.id, 'Organization Member');
});
afterAll(() => cloud.stop());

describe('a role', () => {
  it('is made, changed, assigned, revoked and deleted', async () => {
    const { api } = admin;
    const made = await api.ok(custom(admin, [{ resource_type: 'stack', actions: ['update', 'read', 'read'] }], { level: 'workspace', description: 'x' }));
    expect(made).toMatchObject({ system_managed: false, level: 'workspace', permissions: [{ resource_type: 'stack', actions: ['read', 'update'] }] });
    expect((await api.get(`/roles/${made.id}`)).body).toEqual(made);
    const changed = await api.ok(api.patch(`/roles/${made.id}`, { name: `${made.name}2`, permissions: [{ resource_type: 'secret', actions: ['*'] }] }));
    expect(changed).toMatchObject({ name: `${made.name}2`, permissions: [{ resource_type: 'secret', actions: ['*'] }], description: 'x' });
    const at = `/roles/${made.id}/assignments?user_id=${member.id}&workspace_id=${workspace.id}`;
    expect(await api.ok(api.post(at))).toMatchObject({ user: { id: member.id }, workspace_id: workspace.id, role: { id: made.id }, team: null });
    expect((await api.post(at)).status).toBe(409);
    expect(await api.ok(api.get(`/roles/${made.id}/assignments`))).toHaveLength(1);
    expect((await api.ok(api.get(`/workspaces/${workspace.id}/members`))).map((one: { user: { id: string } }) => one.user.id)).toContain(member.id);
    await api.ok(api.delete(at));
    expect((await api.delete(at)).status).toBe(404);
    await api.ok(api.delete(`/roles/${made.id}`));
    expect((await api.get(`/roles/${made.id}`)).status).toBe(404);
    for (const action of ['role.create', 'role.update', 'role.assign', 'role.revoke', 'role.delete'])
      expect((await cloud.audit(action)).some((event) => event.targetId === made.id && event.organizationId === organization.id)).toBe(true);
  });

  it('that is built in stays as it is', async () => {
    const id = await roleId('Workspace Viewer');
    expect((await admin.api.patch(`/roles/${id}`, { name: 'Other' })).status).toBe(400);
    expect((await admin.api.delete(`/roles/${id}`)).status).toBe(400);
  });

  it('is listed with what it permits, by level and name', async () => {
    const list = await member.api.ok(member.api.get(`/organizations/${organization.name}/roles?level=project`));
    expect(list.map((role: { name: string }) => role.name)).toContain('Project Viewer');
    expect(list.every((role: { level: string; permissions: [] }) => role.level === 'project' && role.permissions.length > 0)).toBe(true);
    expect((await admin.api.get(`/organizations/${organization.id}/roles?level=none`)).status).toBe(422);
  });

  it('takes a place that fits its level', async () => {
    expect((await assign(admin, 'Workspace Viewer', `user_id=${member.id}`)).status).toBe(400);
    expect((await assign(admin, 'Organization Viewer', `user_id=${member.id}&workspace_id=${workspace.id}`)).status).toBe(400);
    expect((await assign(admin, 'Project Viewer', `user_id=${member.id}&project_id=${randomUUID()}`)).status).toBe(400);
    expect((await assign(admin, 'Workspace Viewer', `workspace_id=${workspace.id}`)).status).toBe(400);
    expect((await custom(admin, [{ resource_type: 'member', actions: ['read'] }], { level: 'workspace' })).status).toBe(400);
    expect((await custom(admin, [{ resource_type: 'unknown', actions: ['read'] }])).status).toBe(422);
  });

  it('holds only in projects that exist', async () => {
    const db = new Db({ url: cloud.databaseUrl, role: 'workspace_api', max: 1 });
    const other = await admin.api.ok(admin.api.post('/workspaces', { name: unique('ws'), organization_id: organization.id }));
    const project = async (workspaceId: string) =>
      (
        await db.read<{ id: string }>(
          { workspaceId },
          sql`INSERT INTO workspace.project (workspace_id, name, display_name, description) VALUES (${workspaceId}, 'p', 'p', '') RETURNING id`,
        )
      )[0]?.id;
    try {
      const [here, there] = [await project(workspace.id), await project(other.id)];
      const at = (projectId: string | undefined, workspaceId = workspace.id) => `user_id=${member.id}&workspace_id=${workspaceId}&project_id=${projectId}`;
      for (const absent of [randomUUID(), there]) {
        const { status, body } = await assign(admin, 'Project Viewer', at(absent));
        expect([status, body.detail]).toEqual([404, ['KeyError', 'There is no project with this id in the workspace.']]);
        const limited = { level: 'project', workspace_id: workspace.id, project_id: absent };
        expect((await custom(admin, [{ resource_type: 'model', actions: ['read'] }], limited)).status).toBe(404);
        const offered = [{ role_id: await roleId('Project Viewer'), workspace_id: workspace.id, project_id: absent }];
        const invited = await admin.api.post(`/organizations/${organization.id}/invitations`, { email: `${unique('ann')}@example.com`, roles: offered });
        expect(invited.status).toBe(404);
      }
      expect(await admin.api.ok(assign(admin, 'Project Viewer', at(here)))).toMatchObject({ workspace_id: workspace.id, project_id: here });
      // Whose projects are elsewhere, nobody here can tell.
      const attached = await admin.api.ok(admin.api.post('/workspaces?enroll=true', { name: unique('ws'), organization_id: organization.id }));
      expect((await assign(admin, 'Project Viewer', at(randomUUID(), attached.id))).status).toBe(200);
    } finally {
      await db.close();
    }
  });

  it('reaches only people who are members, or whose domain is trusted', async () => {
    expect((await assign(admin, 'Organization Viewer', `user_id=${stranger.id}`)).status).toBe(404);
    const trusted = await cloud.user('trusted', { email: `${unique('ann')}@trusted.test` });
    expect((await assign(admin, 'Workspace Viewer', `user_id=${trusted.id}&workspace_id=${workspace.id}`)).status).toBe(404);
    await cloud.admin.api.ok(cloud.admin.api.patch(`/organizations/${organization.id}`, { trusted_domains: ['Trusted.test'] }));
    expect((await assign(keeper, 'Workspace Viewer', `user_id=${trusted.id}&workspace_id=${workspace.id}`)).status).toBe(403);
    expect((await assign(admin, 'Workspace Viewer', `user_id=${trusted.id}&workspace_id=${workspace.id}`)).status).toBe(200);
    const listed = await admin.api.ok(admin.api.get(`/organizations/${organization.id}/members`));
    const found = listed.find((one: { user: { id: string } | null }) => one.user?.id === trusted.id);
    expect(found.roles.map((role: { name: string }) => role.name).sort()).toEqual(['Organization Member', 'Workspace Viewer']);
  });

  it('of another organization looks like one that is not there', async () => {
    const theirs = await roleId('Organization Viewer', elsewhere, stranger.api);
    const none = randomUUID();
    const ask = (id: string) => [
      admin.api.get(`/roles/${id}`),
      admin.api.patch(`/roles/${id}`, { name: 'x' }),
      admin.api.delete(`/roles/${id}`),
      admin.api.get(`/roles/${id}/assignments`),
      admin.api.post(`/roles/${id}/assignments?user_id=${admin.id}`),
      admin.api.delete(`/roles/${id}/assignments?user_id=${stranger.id}`),
    ];
    const [foreign, missing] = await Promise.all([Promise.all(ask(theirs)), Promise.all(ask(none))]);
    expect(foreign.map(({ status, body }) => ({ status, body }))).toEqual(missing.map(({ status, body }) => ({ status, body })));
    expect(new Set(foreign.map(({ status }) => status))).toEqual(new Set([404]));
    for (const path of ['roles', 'members', 'teams']) expect((await admin.api.get(`/organizations/${elsewhere.id}/${path}`)).status).toBe(404);
    expect((await custom(admin, [], { organization_id: elsewhere.id })).status).toBe(404);
    expect((await assign(admin, 'Workspace Viewer', `user_id=${member.id}&workspace_id=${none}`)).status).toBe(404);
  });
});

describe('nobody grants more than they hold', () => {
  it('by assigning', async () => {
    for (const who of [manager, keeper, member]) expect((await assign(who, 'Organization Admin', `user_id=${who.id}`)).status).toBe(403);
    expect((await assign(member, 'Organization Viewer', `user_id=${member.id}`)).status).toBe(403);
    expect((await assign(keeper, 'Organization Viewer', `user_id=${keeper.id}`)).status).toBe(403);
    const other = await admin.api.ok(admin.api.post('/workspaces', { name: unique('ws'), organization_id: organization.id }));
    // A workspace that one may not enter does not exist.
    expect((await assign(keeper, 'Workspace Viewer', `user_id=${keeper.id}&workspace_id=${other.id}`)).status).toBe(404);
    expect((await assign(keeper, 'Workspace Developer', `user_id=${member.id}&workspace_id=${workspace.id}`)).status).toBe(200);
    const denied = (await cloud.audit('assign_role')).filter((event) => event.outcome === 'denied' && event.organizationId === organization.id);
    expect(new Set(denied.map(({ actorId }) => actorId))).toEqual(new Set([manager.id, keeper.id, member.id]));
  });

  it('by making or changing a role', async () => {
    expect((await custom(manager, [{ resource_type: '*', actions: ['*'] }])).status).toBe(403);
    expect((await custom(manager, [{ resource_type: 'billing', actions: ['read'] }])).status).toBe(403);
    const small = await admin.api.ok(custom(admin, [{ resource_type: 'team', actions: ['read'] }]));
    expect((await manager.api.patch(`/roles/${small.id}`, { permissions: [{ resource_type: 'organization', actions: ['delete'] }] })).status).toBe(403);
    expect((await manager.api.patch(`/roles/${small.id}`, { permissions: [{ resource_type: 'team', actions: ['create'] }] })).status).toBe(200);
    const large = await admin.api.ok(custom(admin, [{ resource_type: 'billing', actions: ['*'] }]));
    // Taking rights away from those who hold more is an attack, too.
    expect((await manager.api.patch(`/roles/${large.id}`, { permissions: [] })).status).toBe(403);
    expect((await manager.api.delete(`/roles/${large.id}`)).status).toBe(403);
    expect((await member.api.patch(`/roles/${small.id}`, { permissions: [] })).status).toBe(403);
    const limited = { level: 'workspace', workspace_id: workspace.id };
    expect((await custom(keeper, [{ resource_type: 'stack', actions: ['read'] }], limited)).status).toBe(200);
    expect((await custom(keeper, [{ resource_type: 'stack', actions: ['read'] }], { level: 'workspace' })).status).toBe(403);
  });

  it('by way of a team', async () => {
    const team = await admin.api.ok(admin.api.post(`/organizations/${organization.id}/teams`, { name: unique('team') }));
    expect((await manager.api.post(`/roles/${await roleId('Organization Admin')}/assignments?team_id=${team.id}`)).status).toBe(403);
    await admin.api.ok(assign(admin, 'Organization Admin', `team_id=${team.id}`));
    expect((await manager.api.post(`/teams/${team.id}/members?user_id=${manager.id}`)).status).toBe(403);
    expect((await manager.api.delete(`/teams/${team.id}`)).status).toBe(403);
    const helper = await cloud.user('helper');
    expect((await admin.api.post(`/teams/${team.id}/members?user_id=${helper.id}`)).status).toBe(404);
    await cloud.assign(helper.id, organization.id, 'Organization Member');
    await admin.api.ok(admin.api.post(`/teams/${team.id}/members?user_id=${helper.id}`));
    expect((await admin.api.post(`/teams/${team.id}/members?user_id=${helper.id}`)).status).toBe(409);
    expect(await helper.api.ok(helper.api.get(`/teams/${team.id}/members`))).toMatchObject([{ user: { id: helper.id } }]);
    // The team made an administrator of its member.
    expect((await helper.api.get(`/organizations/${organization.id}/members`)).status).toBe(200);
    expect((await manager.api.delete(`/teams/${team.id}/members?user_id=${helper.id}`)).status).toBe(403);
    await helper.api.ok(helper.api.delete(`/teams/${team.id}/members?user_id=${helper.id}`));
    expect((await helper.api.get(`/organizations/${organization.id}/members`)).status).toBe(403);
    expect((await helper.api.get(`/teams/${team.id}`)).status).toBe(404);
    await admin.api.ok(admin.api.delete(`/teams/${team.id}`));
  });

  it('by minting a key of a mightier account', async () => {
    const account = await admin.api.ok(
      admin.api.post(`/organizations/${organization.id}/service_accounts`, { username: unique('bot'), role_id: await roleId('Organization Admin') }),
    );
    const keys = `/organizations/${organization.id}/service_accounts/${account.id}/api_keys`;
    expect((await manager.api.post(keys, { name: 'k' })).status).toBe(403);
    const made = await admin.api.ok(admin.api.post(keys, { name: 'k' }));
    // The answer to a rotation shows the new key, too.
    expect((await manager.api.post(`${keys}/${made.id}/rotate`)).status).toBe(403);
    expect((await manager.api.put(`${keys}/${made.id}/rotate`, {})).status).toBe(403);
    expect((await manager.api.get(`${keys}/${made.id}`)).body.key).toBeNull();
  });

  it('by taking a mightier account or its key out of service, or bringing it back', async () => {
    const account = await admin.api.ok(
      admin.api.post(`/organizations/${organization.id}/service_accounts`, { username: unique('bot'), role_id: await roleId('Organization Admin') }),
    );
    const place = `/organizations/${organization.id}/service_accounts/${account.id}`;
    const key = await admin.api.ok(admin.api.post(`${place}/api_keys`, { name: 'k' }));
    for (const refused of [
      manager.api.patch(place, { is_active: false }),
      manager.api.delete(place),
      manager.api.patch(`${place}/api_keys/${key.id}`, { active: false }),
      manager.api.delete(`${place}/api_keys/${key.id}`),
    ])
      expect(await refused).toMatchObject({ status: 403 });
    expect(await admin.api.ok(admin.api.get(place))).toMatchObject({ is_active: true });
    expect(await admin.api.ok(admin.api.get(`${place}/api_keys/${key.id}`))).toMatchObject({ active: true });
    const lesser = await admin.api.ok(admin.api.post(`/organizations/${organization.id}/service_accounts`, { username: unique('bot') }));
    await manager.api.ok(manager.api.delete(`/organizations/${organization.id}/service_accounts/${lesser.id}`));
  });

  it('nor takes from somebody who holds more', async () => {
    expect((await manager.api.delete(`/organizations/${organization.id}/members?user_id=${admin.id}`)).status).toBe(403);
    expect((await manager.api.delete(`/roles/${await roleId('Organization Admin')}/assignments?user_id=${admin.id}`)).status).toBe(403);
  });
});

describe('the last administrator of an organization', () => {
  it('can neither leave nor give the role up', async () => {
    const role = await roleId('Organization Admin');
    expect((await admin.api.delete(`/roles/${role}/assignments?user_id=${admin.id}`)).status).toBe(403);
    expect((await admin.api.delete(`/organizations/${organization.id}/members?user_id=${admin.id}`)).status).toBe(403);
    expect((await cloud.admin.api.delete(`/organizations/${organization.id}/members?user_id=${admin.id}`)).status).toBe(403);
    const second = await cloud.user('second');
    await cloud.assign(second.id, organization.id, 'Organization Admin');
    const [one, other] = await Promise.all([
      admin.api.delete(`/roles/${role}/assignments?user_id=${admin.id}`),
      second.api.delete(`/roles/${role}/assignments?user_id=${second.id}`),
    ]);
    expect([one.status, other.status].sort()).toEqual([200, 403]);
    await cloud.assign(admin.id, organization.id, 'Organization Admin');
  });

  it('leaves nothing behind once there is another one', async () => {
    const leaver = await cloud.user('leaver');
    await cloud.assign(leaver.id, organization.id, 'Organization Admin');
    await leaver.api.ok(leaver.api.delete(`/organizations/${organization.id}/members?user_id=${leaver.id}`));
    expect((await leaver.api.get(`/organizations/${organization.id}`)).status).toBe(404);
  });
});

describe('members of a workspace', () => {
  it('are listed, added and removed, together with what was shared with them', async () => {
    const at = `/workspaces/${workspace.id}/members`;
    const guest = await cloud.user('guest');
    await cloud.assign(guest.id, organization.id, 'Organization Member');
    expect((await guest.api.get(at)).status).toBe(404);
    expect(await keeper.api.ok(keeper.api.post(`${at}?user_id=${guest.id}`))).toMatchObject({ user: { id: guest.id }, roles: [{ name: 'Workspace Viewer' }] });
    expect((await guest.api.get(`/tenants/${workspace.id}/members`)).status).toBe(200);
    expect((await guest.api.delete(`${at}?user_id=${keeper.id}`)).status).toBe(403);
    await keeper.api.ok(keeper.api.delete(`${at}?user_id=${guest.id}`));
    expect((await guest.api.get(at)).status).toBe(404);
    expect((await keeper.api.delete(`${at}?user_id=${guest.id}`)).status).toBe(404);
  });
});
