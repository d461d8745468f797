import { password, startCloud, type TestCloud, type TestOrganization, type TestUser, unique } from '../../test/cloud.js';

let cloud: TestCloud;
let admin: TestUser;
let member: TestUser;
let stranger: TestUser;
let organization: TestOrganization;
type Event = { id: string; action: string; outcome: string; created: string; actor: { id: string }; organization_id: string | null };

const events = (query = '', api = admin.api): Promise<Event[]> => api.ok(api.get(`/organizations/${organization.id}/audit_events?${query}`));

beforeAll(async () => {
  cloud = await startCloud();
  [admin, member, stranger] = (await Promise.all(['admin', 'member', 'stranger'].map((name) => cloud.user(name)))) as [TestUser, TestUser, TestUser];
  organization = await cloud.organization(admin);
  await cloud.organization(stranger);
  await cloud.assign(member.id, organization.id, 'Organization Member');
  await admin.api.ok(admin.api.post(`/organizations/${organization.id}/teams`, { name: 'red' }));
  await admin.api.ok(admin.api.post('/workspaces', { name: unique('ws'), organization_id: organization.id }));
  await member.api.post(`/organizations/${organization.id}/teams`, { name: 'blue' });
  await cloud.anonymous.post('/auth/login', undefined, { form: { username: member.email, password: 'wrong' } });
});
afterAll(() => cloud.stop());

describe('the audit log', () => {
  it('shows changes, refusals, and the sign-ins of members, the latest first', async () => {
    const all = await events();
    expect(all.map(({ action }) => action)).toEqual(expect.arrayContaining(['organization.create', 'team.create', 'workspace.create', 'sign_in']));
    expect([...all].sort((a, b) => (a.created < b.created ? 1 : -1)).map(({ created }) => created)).toEqual(all.map(({ created }) => created));
    expect((await events('outcome=denied')).map(({ action, actor }) => [action, actor.id])).toEqual([['create_team', member.id]]);
    expect((await events('action=sign_in&outcome=failure')).length).toBe(1);
  });

  it('is filtered by actor, action, target and time, and paged', async () => {
    const [made] = await events('action=team.create');
    expect(made).toMatchObject({ target: { type: 'team', name: 'red' }, actor: { id: admin.id, name: admin.email }, organization_id: organization.id });
    expect(await events('target=red&target_type=team')).toEqual([made]);
    expect((await events(`actor=${member.id}`)).every(({ actor }) => actor.id === member.id)).toBe(true);
    expect((await events(`actor=${encodeURIComponent(member.email)}&outcome=denied`)).length).toBe(1);
    const at = (made as Event).created;
    expect((await events(`from=${at}&action=team.create`)).length).toBe(1);
    expect((await events(`to=${at}&action=team.create`)).length).toBe(0);
    const all = await events();
    expect([...(await events('limit=2')), ...(await events('offset=2&limit=98'))]).toEqual(all);
    expect((await admin.api.get(`/organizations/${organization.id}/audit_events?outcome=none`)).status).toBe(422);
  });

  it('is exported as one JSON object a line, oldest first', async () => {
    const { status, headers, text } = await admin.api.get(`/organizations/${organization.id}/audit_events/export?actor=${admin.id}`);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
    const exported: Event[] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(exported.map(({ id }) => id)).toEqual((await events(`actor=${admin.id}`)).map(({ id }) => id).reverse());
    expect((await events('action=audit_log.export')).length).toBe(1);
  });

  it('is for administrators of the organization, and for nobody else', async () => {
    for (const path of ['audit_events', 'audit_events/export']) {
      expect((await member.api.get(`/organizations/${organization.id}/${path}`)).status).toBe(403);
      expect((await stranger.api.get(`/organizations/${organization.id}/${path}`)).status).toBe(404);
    }
    const theirs = await stranger.api.ok(stranger.api.get('/organizations'));
    const seen: Event[] = await stranger.api.ok(stranger.api.get(`/organizations/${theirs[0].id}/audit_events`));
    expect(seen.some(({ actor }) => actor.id === admin.id || actor.id === member.id)).toBe(false);
  });

  it('never holds a secret', async () => {
    const { key } = await admin.api.ok(admin.api.post('/users/me/api_keys', { name: 'k' }));
    const { url } = await admin.api.ok(admin.api.post(`/organizations/${organization.id}/invitations`, { email: 'a@b.test' }));
    const { text } = await admin.api.get(`/organizations/${organization.id}/audit_events/export`);
    for (const secret of [key, new URL(url).searchParams.get('key') as string, password, admin.api.token as string]) expect(text).not.toContain(secret);
  });
});
