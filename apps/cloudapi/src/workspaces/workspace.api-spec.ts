import { type ApiClient } from '#libs/testing/api-client.js';
import { startCloud, type TestCloud, type TestOrganization, type TestUser, unique } from '../../test/cloud.js';

let cloud: TestCloud;
let owner: TestUser;
let organization: TestOrganization;
let stranger: TestUser;

beforeAll(async () => {
  cloud = await startCloud();
  owner = await cloud.user('owner');
  organization = await cloud.organization(owner);
  stranger = await cloud.user('stranger');
  await cloud.organization(stranger);
});
afterAll(() => cloud.stop());

const create = (api: ApiClient, more = {}) => api.ok(api.post('/workspaces', { name: unique('ws'), organization_id: organization.id, ...more }));

describe('a workspace', () => {
  it('is there at once, under its id, its name and its URL', async () => {
    const { api } = owner;
    const made = await create(api, { display_name: 'My workspace', zenml_service: { configuration: { version: '0.98.0', admin: { image_tag: 'x' } } } });
    expect(made).toMatchObject({ status: 'available', desired_state: 'available', state_reason: '', is_managed: true, display_name: 'My workspace' });
    expect(made.zenml_service.status.server_url).toBe(`http://workspaces.test/w/${made.id.slice(0, 8)}`);
    expect(made.organization.id).toBe(organization.id);
    for (const path of [made.id, made.name]) expect((await api.get(`/workspaces/${path}`)).body.id).toBe(made.id);
    expect((await api.get(`/tenants/${made.id}`)).body).toEqual((await api.get(`/workspaces/${made.id}`)).body);
    for (const query of [
      `workspace_name=${made.name}`,
      `tenant_name=${made.name}`,
      `workspace_id=${made.id}`,
      `url=${encodeURIComponent(`${made.zenml_service.status.server_url}/`)}`,
      `organization_id=${organization.id}&owner_id=${owner.id}&status=available&is_managed=True&workspace_name=${made.name}`,
    ]) {
      const list = await api.ok(api.get(`/workspaces?offset=0&limit=20&member_only=True&${query}`));
      expect([query, list.map(({ id }: { id: string }) => id)]).toEqual([query, [made.id]]);
    }
    for (const query of ['workspace_name=none', 'url=http://elsewhere.test', 'status=failed', 'is_managed=False'])
      expect((await api.get(`/workspaces?${query}`)).body).toEqual([]);
  });

  it('has a name that is unique in the installation, and free again after deletion until it is restored', async () => {
    const { api } = owner;
    const made = await create(api);
    expect((await api.post('/workspaces', { name: made.name, organization_id: organization.id })).status).toBe(409);
    const deleted = await api.ok(api.delete(`/workspaces/${made.id}`));
    expect(deleted).toMatchObject({ status: 'deleted', name: made.name });
    expect(deleted.purge_after).not.toBeNull();
    expect((await api.get(`/workspaces/${made.name}`)).status).toBe(404);
    expect((await api.get(`/workspaces?workspace_name=${made.name}`)).body).toEqual([]);
    const second = await create(api, { name: made.name });
    expect((await api.post(`/workspaces/${made.id}/restore`)).status).toBe(409);
    await api.ok(api.delete(`/workspaces/${second.id}`));
    expect(await api.ok(api.post(`/workspaces/${made.id}/restore`))).toMatchObject({ status: 'available', name: made.name });
  });

  it('is deactivated and deployed again, and lets nobody in meanwhile', async () => {
    const { api } = owner;
    const { id } = await create(api);
    const enter = () => api.get(`/users/authorize_server?server_id=${id}`);
    expect((await enter()).status).toBe(200);
    expect((await api.ok(api.post(`/workspaces/${id}/deactivate`))).status).toBe('deactivated');
    expect((await enter()).status).toBe(403);
    expect((await api.ok(api.patch(`/tenants/${id}/deploy`))).status).toBe('available');
    expect((await api.ok(api.patch(`/workspaces/${id}?force=True`, { desired_state: 'deactivated' }))).status).toBe('deactivated');
    expect(await api.ok(api.patch(`/workspaces/${id}`, { desired_state: 'available', description: 'x' }))).toMatchObject({
      status: 'available',
      description: 'x',
    });
    expect((await api.ok(api.patch(`/workspaces/${id}`, { desired_state: 'deleted' }))).status).toBe('deleted');
    expect((await enter()).status).toBe(404);
  });

  it('is renamed, and keeps what an update leaves out', async () => {
    const { api } = owner;
    const made = await create(api, { description: 'kept' });
    const name = unique('renamed');
    expect(await api.ok(api.patch(`/workspaces/${made.id}`, { name }))).toMatchObject({ name, description: 'kept' });
    expect((await api.patch(`/workspaces/${made.id}`, { zenml_service: { configuration: { version: '0.90.0' } } })).status).toBe(400);
  });

  it.each([
    { name: '' },
    { name: 'a'.repeat(51) },
    { name: 'a~b' },
    { name: 'a/b' },
    { name: 7 },
    { organization_id: 'x' },
    { name: 'ok', zenml_service: 'x' },
    [],
    'x',
    null,
  ])('is not made from %j', async (body) => expect((await owner.api.post('/workspaces', body)).status).toBe(422));

  it.each(['limit=0', 'limit=x', 'offset=-1', 'status=asleep', 'organization_id=x', 'member_only=perhaps'])('is not listed with %s', async (query) =>
    expect((await owner.api.get(`/workspaces?${query}`)).status).toBe(422),
  );

  it('is listed in pages of at most a hundred', async () => {
    expect((await owner.api.get('/workspaces?limit=100000')).status).toBe(200);
    const all = await owner.api.ok(owner.api.get('/workspaces'));
    const paged = await owner.api.ok(owner.api.get('/workspaces?limit=1&offset=1'));
    expect(paged.map((one: { id: string }) => one.id)).toEqual([all[1].id]);
  });
});

describe("somebody else's workspace", () => {
  it('answers exactly as one that does not exist', async () => {
    const { id, name } = await create(owner.api);
    const none = '12345678-1234-4234-8234-123456789012';
    const before = await owner.api.ok(owner.api.get(`/workspaces/${id}`));
    for (const [method, suffix, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { description: 'x' }],
      ['DELETE', '', undefined],
      ['POST', '/deploy', undefined],
      ['POST', '/deactivate', undefined],
      ['POST', '/restore', undefined],
      ['POST', '/enroll', undefined],
    ] as const) {
      const missing = await stranger.api.send(method, `/workspaces/${none}${suffix}`, body);
      for (const path of [id, name]) {
        const foreign = await stranger.api.send(method, `/workspaces/${path}${suffix}`, body);
        expect([method, suffix, foreign.status, foreign.body]).toEqual([method, suffix, 404, missing.body]);
      }
    }
    expect(await owner.api.ok(owner.api.get(`/workspaces/${id}`))).toEqual(before);
    expect((await stranger.api.get(`/workspaces?workspace_id=${id}`)).body).toEqual([]);
    expect((await stranger.api.get(`/organizations/${organization.id}`)).status).toBe(404);
    expect((await stranger.api.post('/workspaces', { name: unique('x'), organization_id: organization.id })).status).toBe(404);
  });

  it.each([
    ['Organization Member', false, 403],
    ['Billing Admin', false, 403],
    ['Organization Viewer', true, 403],
    ['Organization Manager', true, 200],
    ['Organization Admin', true, 200],
  ])('is seen by %s: %s, and may be made: %d', async (role, isSeen, status) => {
    const made = await create(owner.api);
    const user = await cloud.user('member');
    await cloud.assign(user.id, organization.id, role);
    expect((await user.api.get(`/workspaces/${made.id}`)).status).toBe(isSeen ? 200 : 404);
    expect((await user.api.get(`/users/authorize_server?server_id=${made.id}`)).status).toBe(isSeen ? 200 : 404);
    expect((await user.api.post('/workspaces', { name: unique('ws'), organization_id: organization.id })).status).toBe(status);
  });

  it('is seen with a role in it alone, which changes nothing of it unless it says so', async () => {
    const made = await create(owner.api);
    const [viewer, admin] = await Promise.all([cloud.user('viewer'), cloud.user('wsadmin')]);
    await cloud.assign(viewer.id, organization.id, 'Workspace Viewer', 'workspace', made.id);
    await cloud.assign(admin.id, organization.id, 'Workspace Admin', 'workspace', made.id);
    for (const { api } of [viewer, admin]) expect((await api.get('/workspaces')).body.map(({ id }: { id: string }) => id)).toEqual([made.id]);
    expect((await viewer.api.patch(`/workspaces/${made.id}`, { description: 'x' })).status).toBe(403);
    expect((await admin.api.patch(`/workspaces/${made.id}`, { description: 'x' })).status).toBe(200);
    const denied = await cloud.audit('update_workspace');
    expect(denied.some((event) => event.outcome === 'denied' && event.actorId === viewer.id && event.workspaceId === made.id)).toBe(true);
  });
});

describe('an attached workspace', () => {
  const attach = async () => {
    const made = await owner.api.ok(owner.api.post(`/workspaces?name=${unique('attached')}&enroll=true&organization=${organization.id}`));
    const form = { grant_type: 'client_credentials', client_id: made.id, client_secret: made.enrollment_key, audience: 'http://control-plane.test' };
    const login = () => cloud.anonymous.post('/auth/login', undefined, { form });
    return { made, login, server: cloud.anonymous.as((await cloud.anonymous.ok(login())).access_token) };
  };

  it('gets a key, logs in with it, reports, and becomes available where it said', async () => {
    const { made, server } = await attach();
    expect(made).toMatchObject({ status: 'not_initialized', is_managed: false });
    expect(made.zenml_service.status).toBeNull();
    expect(made.enrollment.ZENML_SERVER_PRO_OAUTH2_CLIENT_SECRET).toBe(made.enrollment_key);
    const headers = { 'zenml-server-id': made.id, 'zenml-server-version': '0.98.0', 'zenml-server-url': 'http://127.0.0.1:18090/' };
    await server.ok(server.patch('/workspace_status', undefined, { headers }));
    const now = await owner.api.ok(owner.api.get(`/workspaces/${made.id}`));
    expect(now).toMatchObject({ status: 'available', zenml_service: { status: { server_url: 'http://127.0.0.1:18090', version: '0.98.0' } } });
    expect(now.enrollment_key).toBeUndefined();
    expect((await owner.api.get('/workspaces?url=http://127.0.0.1:18090')).body.map(({ id }: { id: string }) => id)).toEqual([made.id]);
  });

  it('asks and reports for itself only', async () => {
    const [mine, theirs] = await Promise.all([attach(), attach()]);
    const { server } = mine;
    expect((await server.patch('/tenant_status', undefined, { headers: { 'zenml-server-id': theirs.made.id } })).status).toBe(403);
    const event = { organization_id: organization.id, feature: 'pipeline', total: 1, metadata: { workspace_id: theirs.made.id, resource_id: mine.made.id } };
    expect((await server.post('/usage-event', event)).status).toBe(403);
    expect((await server.get('/users/me')).status).toBe(403);
    expect((await server.get(`/workspaces/${theirs.made.id}`)).status).toBe(404);
    expect((await owner.api.get(`/rbac/allowed_resource_ids?user_id=${owner.id}&resource=stack&action=read`)).status).toBe(403);
  });

  it('counts an event once, and reaches the limit of the plan', async () => {
    const { made, server } = await attach();
    await cloud.installation.prisma.tx({ workspaceId: null, organizationId: organization.id }, (tx) =>
      tx.cloudEntitlement.create({ data: { organizationId: organization.id, feature: 'model', quota: 1 } }),
    );
    const event = { organization_id: organization.id, feature: 'model', total: 1, metadata: { workspace_id: made.id, resource_id: made.id } };
    const entitled = () => server.get(`/organizations/${organization.id}/entitlement/model`);
    expect([(await entitled()).status, (await entitled()).body]).toEqual([200, true]);
    for (let i = 0; i < 2; i++) expect([(await server.post('/usage-event', event)).status, 200]).toEqual([200, 200]);
    const full = await entitled();
    expect([full.status, full.body.detail[0]]).toEqual([402, 'SubscriptionUpgradeRequiredError']);
    expect((await server.post('/usage-event', { ...event, total: -1 })).status).toBe(200);
    expect((await entitled()).status).toBe(200);
    expect((await server.get(`/organizations/${organization.id}/entitlement/from_the_future`)).body).toBe(true);
  });

  it('answers about the rights of people here, and of nobody else', async () => {
    const { made, server } = await attach();
    const user = await cloud.user('asked');
    const ask = async (userId: string) =>
      server.ok(server.post(`/rbac/check_permissions?user_id=${userId}&action=read`, ['stack', '12345678-1234-4234-8234-123456789012:pipeline']));
    expect(Object.values(await ask(user.id))).toEqual([false, false]);
    await cloud.assign(user.id, organization.id, 'Workspace Viewer', 'workspace', made.id);
    expect(Object.values(await ask(user.id))).toEqual([true, true]);
    expect(Object.values(await ask(stranger.id))).toEqual([false, false]);
    expect(Object.values(await ask(cloud.admin.id))).toEqual([true, true]);
    expect((await server.get(`/rbac/check_permissions?user_id=${user.id}&action=read&resources=stack&resources=secret`)).body).toEqual({
      stack: true,
      secret: true,
    });
    const shared = { user_id: stranger.id, team_id: null, sharing_user_id: owner.id, resource: `stack/${made.id}`, actions: ['read'] };
    expect((await server.post('/rbac/resource_members', shared)).status).toBe(404);
  });

  it('shares single resources, replaces what was shared, and forgets it with the resource', async () => {
    const { made, server } = await attach();
    const guest = await cloud.user('guest');
    await cloud.assign(guest.id, organization.id, 'Organization Member');
    const share = (actions: string[]) =>
      server.ok(server.post('/rbac/resource_members', { user_id: guest.id, sharing_user_id: owner.id, resource: `secret/${owner.id}`, actions }));
    const allowed = async (action: string) =>
      (await server.ok(server.get(`/rbac/allowed_resource_ids?user_id=${guest.id}&resource=secret&action=${action}`))).ids;
    expect((await guest.api.get(`/workspaces/${made.id}`)).status).toBe(404);
    await share(['read']);
    expect((await guest.api.get(`/workspaces/${made.id}`)).status).toBe(200);
    expect([await allowed('read'), await allowed('read_secret_value'), await allowed('update')]).toEqual([[owner.id], [owner.id], []]);
    await share(['read', 'update']);
    expect(await allowed('update')).toEqual([owner.id]);
    await share([]);
    expect(await allowed('read')).toEqual([]);
    await share(['read']);
    await server.ok(server.delete(`/rbac/resources?resources=${encodeURIComponent(`secret/${owner.id}`)}`));
    expect(await allowed('read')).toEqual([]);
  });

  it('can be given another key while the old one works, and loses all with its deletion', async () => {
    const { made, server, login } = await attach();
    const { enrollment_key: second } = await owner.api.ok(owner.api.post(`/workspaces/${made.id}/enroll`));
    for (const secret of [second, made.enrollment_key])
      expect((await cloud.anonymous.post('/auth/login', undefined, { form: { grant_type: '', client_id: made.id, client_secret: secret } })).status).toBe(200);
    await owner.api.ok(owner.api.delete(`/workspaces/${made.id}`));
    expect((await login()).status).toBe(401);
    expect((await server.patch('/workspace_status')).status).toBe(401);
  });
});

describe('service accounts', () => {
  it('are made with a role and keys, and end at once when they are switched off', async () => {
    const { api } = owner;
    const made = await create(api);
    const root = `/organizations/${organization.name}/service_accounts`;
    const roles = await cloud.installation.prisma.tx({ workspaceId: null, organizationId: organization.id }, (tx) =>
      tx.cloudRole.findMany({ where: { organizationId: organization.id, name: 'Organization Viewer' } }),
    );
    const bot = await api.ok(api.post(root, { username: unique('bot'), role_id: roles[0]?.id }));
    expect(bot).toMatchObject({ is_service_account: true, organization_id: organization.id, email: null });
    expect((await api.post(root, { username: bot.username })).status).toBe(409);
    const { key, id } = await api.ok(api.post(`${root}/${bot.username}/api_keys`, { name: 'ci', expires_in_minutes: 60 }));
    const asBot = api.as(key);
    expect((await asBot.get('/users/me')).body.id).toBe(bot.id);
    expect((await asBot.get('/workspaces')).body.some((one: { id: string }) => one.id === made.id)).toBe(true);
    expect((await asBot.get(`/users/authorize_server?server_id=${made.id}`)).body).toMatchObject({ is_service_account: true, email: null });
    expect((await asBot.post('/users/me/api_keys', { name: 'another' })).status).toBe(403);
    expect((await asBot.post('/organizations', { name: unique('o') })).status).toBe(403);
    expect((await api.get(`${root}/${bot.id}/api_keys/${id}`)).body).toMatchObject({ name: 'ci', key: null });
    const rotated = await api.ok(api.post(`${root}/${bot.id}/api_keys/ci/rotate`, {}));
    expect((await asBot.get('/users/me')).status).toBe(401);
    expect((await api.as(rotated.key).get('/users/me')).status).toBe(200);
    await api.ok(api.patch(`${root}/${bot.id}`, { is_active: false }));
    expect((await api.as(rotated.key).get('/users/me')).status).toBe(401);
    await api.ok(api.patch(`${root}/${bot.id}`, { is_active: true }));
    await api.ok(api.delete(`${root}/${bot.username}`));
    expect((await api.as(rotated.key).get('/users/me')).status).toBe(401);
  });

  it('give nobody more rights than they have', async () => {
    const manager = await cloud.user('manager');
    await cloud.assign(manager.id, organization.id, 'Organization Manager');
    const root = `/organizations/${organization.id}/service_accounts`;
    const admin = await owner.api.ok(owner.api.post(root, { username: unique('admin-bot') }));
    await cloud.assign(admin.id, organization.id, 'Organization Admin');
    const [role] = await cloud.installation.prisma.tx({ workspaceId: null, organizationId: organization.id }, (tx) =>
      tx.cloudRole.findMany({ where: { organizationId: organization.id, name: 'Organization Admin' } }),
    );
    expect((await manager.api.post(root, { username: unique('bot'), role_id: role?.id })).status).toBe(403);
    expect((await manager.api.post(`${root}/${admin.id}/api_keys`, { name: 'mine' })).status).toBe(403);
    expect((await manager.api.post(root, { username: unique('bot') })).status).toBe(200);
  });

  it('are nothing to strangers and nothing to change for members', async () => {
    const root = `/organizations/${organization.id}/service_accounts`;
    const bot = await owner.api.ok(owner.api.post(root, { username: unique('bot') }));
    const member = await cloud.user('plain');
    await cloud.assign(member.id, organization.id, 'Organization Member');
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['POST', '', { username: 'x' }],
      ['GET', `/${bot.id}`, undefined],
      ['PATCH', `/${bot.id}`, { name: 'x' }],
      ['DELETE', `/${bot.id}`, undefined],
      ['GET', `/${bot.id}/api_keys`, undefined],
      ['POST', `/${bot.id}/api_keys`, { name: 'x' }],
    ] as const) {
      expect([method, path, (await stranger.api.send(method, root + path, body)).status]).toEqual([method, path, 404]);
      expect([method, path, (await member.api.send(method, root + path, body)).status]).toEqual([method, path, 403]);
    }
  });
});

describe('an organization', () => {
  it('is found by id and name, renamed and deleted when it is empty', async () => {
    const user = await cloud.user('founder');
    const made = await cloud.organization(user);
    for (const path of [made.id, made.name]) expect((await user.api.get(`/organizations/${path}`)).body.owner.id).toBe(user.id);
    expect((await user.api.get('/organizations')).body.map(({ id }: { id: string }) => id)).toEqual([made.id]);
    expect((await user.api.get(`/organizations?name=${made.name}&owner_username=${user.email}`)).body).toHaveLength(1);
    expect((await user.api.post('/organizations', { name: made.name })).status).toBe(409);
    expect((await user.api.patch(`/organizations/${made.id}`, { trusted_domains: ['example.com'] })).status).toBe(403);
    expect((await cloud.admin.api.ok(cloud.admin.api.patch(`/organizations/${made.id}`, { trusted_domains: ['Example.com'] }))).trusted_domains).toEqual([
      'example.com',
    ]);
    const name = unique('renamed');
    expect((await user.api.ok(user.api.patch(`/organizations/${made.id}`, { name }))).name).toBe(name);
    const workspace = await user.api.ok(user.api.post('/workspaces', { name: unique('ws') }));
    expect((await user.api.get(`/organizations/${name}/tenants`)).body.map(({ id }: { id: string }) => id)).toEqual([workspace.id]);
    expect((await user.api.delete(`/organizations/${made.id}`)).status).toBe(409);
    await user.api.ok(user.api.delete(`/workspaces/${workspace.id}`));
    await user.api.ok(user.api.delete(`/organizations/${made.id}`));
    expect((await user.api.get(`/organizations/${made.id}`)).status).toBe(404);
    await user.api.ok(user.api.post('/organizations', { name }));
  });

  it('tells what one may do in it', async () => {
    const viewer = await cloud.user('viewer');
    await cloud.assign(viewer.id, organization.id, 'Organization Viewer');
    const may = async (api: ApiClient, resource: string, action: string) =>
      (await api.ok(api.get(`/permissions?resource=${resource}&action=${action}&organization_id=${organization.id}`))) as boolean;
    expect([await may(viewer.api, 'workspace', 'read'), await may(viewer.api, 'workspace', 'create'), await may(owner.api, 'workspace', 'create')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(await may(stranger.api, 'workspace', 'read')).toBe(false);
  });
});

describe('everybody', () => {
  it('may ask for health, readiness, releases and the version', async () => {
    for (const path of ['/health', '/ready', '/api/v1/health']) expect((await cloud.anonymous.get(path)).status).toBe(200);
    expect((await cloud.anonymous.get('/server/info')).body.zenml_version).toBe('0.98.0');
    expect((await owner.api.get('/releases')).body[0].version).toBe('0.98.0');
    expect((await cloud.anonymous.get('/nowhere')).status).toBe(404);
    expect((await cloud.anonymous.delete('/workspaces')).status).toBe(405);
  });
});
