import { Browser, password, startCloud, type TestCloud, type TestOrganization, type TestUser, unique } from '../../test/cloud.js';

let cloud: TestCloud;
let owner: TestUser;
let organization: TestOrganization;
let workspace: { id: string };
let team: { id: string };

beforeAll(async () => {
  cloud = await startCloud();
  owner = await cloud.user('owner');
});
afterAll(() => cloud.stop());

beforeEach(async () => {
  organization = await cloud.organization(owner);
  workspace = await owner.api.ok(owner.api.post('/workspaces', { name: unique('ws'), organization_id: organization.id }));
  team = await owner.api.ok(owner.api.post(`/organizations/${organization.id}/teams`, { name: 'red' }));
});

const seats = (quota: number | null) => cloud.admin.api.ok(cloud.admin.api.put(`/organizations/${organization.id}/entitlements/user`, { quota }));
const used = async () => (await owner.api.ok(owner.api.get(`/organizations/${organization.id}/entitlements/user`))).used;
const roleId = async (name: string) => (await owner.api.ok(owner.api.get(`/organizations/${organization.id}/roles?name=${encodeURIComponent(name)}`)))[0].id;
const invite = (email: string) => owner.api.post(`/organizations/${organization.id}/invitations`, { email });
const keyOf = (made: { url: string }) => new URL(made.url).searchParams.get('key') as string;
const accept = (person: TestUser, key: string) => person.api.post('/users/me/invitations', { key });
const refusal = [402, 'SubscriptionUpgradeRequiredError'];
const answer = ({ status, body }: { status: number; body: { detail: string[] } }) => [status, body.detail?.[0]];

/** Somebody whom superusers may add without an invitation. */
async function newcomer(): Promise<TestUser> {
  return cloud.user('newcomer');
}

describe('a seat', () => {
  it('is taken by every member once, however many roles and teams they have, and by no machine and no invitation', async () => {
    expect(await used()).toBe(1);
    const person = await newcomer();
    const made = await owner.api.ok(invite(person.email));
    await owner.api.ok(owner.api.post(`/organizations/${organization.id}/service_accounts`, { username: 'bot' }));
    expect(await used()).toBe(1);
    await owner.api.ok(accept(person, keyOf(made)));
    await owner.api.ok(owner.api.post(`/teams/${team.id}/members?user_id=${person.id}`));
    await owner.api.ok(owner.api.post(`/workspaces/${workspace.id}/members?user_id=${person.id}`));
    expect(await used()).toBe(2);
    const listed = await owner.api.ok(owner.api.get(`/organizations/${organization.id}/entitlements`));
    expect(listed.find((one: { feature: string }) => one.feature === 'user')).toMatchObject({ used: 2, quota: null });
  });

  it('is refused with 402 wherever somebody would become a member, and nothing of it stays', async () => {
    await seats(1);
    const person = await newcomer();
    const { api } = cloud.admin;
    const viewer = await roleId('Organization Viewer');
    for (const [what, request] of [
      ['entitlement', owner.api.get(`/organizations/${organization.id}/entitlement/user`)],
      ['invitation', invite(person.email)],
      ['role', api.post(`/roles/${viewer}/assignments?user_id=${person.id}`)],
      ['workspace', api.post(`/workspaces/${workspace.id}/members?user_id=${person.id}`)],
      ['team', api.post(`/teams/${team.id}/members?user_id=${person.id}`)],
    ] as const)
      expect([what, ...answer(await request)]).toEqual([what, ...refusal]);
    expect(await used()).toBe(1);
    expect((await person.api.get(`/organizations/${organization.id}`)).status).toBe(404);
    // Who is a member already gets further roles, whatever the plan says.
    await owner.api.ok(owner.api.post(`/teams/${team.id}/members?user_id=${owner.id}`));
    await seats(0);
    await owner.api.ok(owner.api.post(`/roles/${viewer}/assignments?user_id=${owner.id}`));
    await seats(2);
    await api.ok(api.post(`/teams/${team.id}/members?user_id=${person.id}`));
    expect(await used()).toBe(2);
  });

  it('goes to whoever accepts first; the other keeps the invitation', async () => {
    const [ann, bob] = [await newcomer(), await newcomer()];
    const keys = [keyOf(await owner.api.ok(invite(ann.email))), keyOf(await owner.api.ok(invite(bob.email)))] as [string, string];
    await seats(2);
    const answers = await Promise.all([accept(ann, keys[0]), accept(bob, keys[1])]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 402]);
    expect(await used()).toBe(2);
    await seats(3);
    const [late, key] = answers[0]?.status === 402 ? [ann, keys[0]] : [bob, keys[1]];
    expect((await accept(late, key)).status).toBe(200);
  });

  it('is asked for before an account is made on the page of an invitation', async () => {
    const email = `${unique('new')}@example.com`;
    const key = keyOf(await owner.api.ok(invite(email)));
    await seats(1);
    const browser = await new Browser(cloud.anonymous.url).open(`/invitations/accept?key=${key}`);
    await browser.submit('/invitations/accept', { name: 'New', password });
    expect([browser.status, browser.text.includes('no seat left')]).toEqual([402, true]);
    expect(await cloud.admin.api.ok(cloud.admin.api.get(`/users?email=${email}`))).toEqual([]);
    await seats(null);
    await browser.submit('/invitations/accept', { name: 'New', password });
    expect(browser.location).toBe('/sign-in');
  });

  it('is free again when a member leaves', async () => {
    const person = await newcomer();
    await seats(2);
    await owner.api.ok(accept(person, keyOf(await owner.api.ok(invite(person.email)))));
    const next = await newcomer();
    expect((await invite(next.email)).status).toBe(402);
    await owner.api.ok(owner.api.delete(`/organizations/${organization.id}/members?user_id=${person.id}`));
    expect((await invite(next.email)).status).toBe(200);
  });
});
