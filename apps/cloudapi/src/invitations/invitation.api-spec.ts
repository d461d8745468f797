import { Browser, password, startCloud, type TestCloud, type TestOrganization, type TestUser, unique } from '../../test/cloud.js';
import { platform } from '../installation.js';
import type { Letter } from './mailer.js';

let cloud: TestCloud;
let admin: TestUser;
let manager: TestUser;
let organization: TestOrganization;
let workspace: { id: string };
let team: { id: string };
const letters: Letter[] = [];
let mailFails = false;

const roleId = async (name: string): Promise<string> =>
  (await admin.api.ok(admin.api.get(`/organizations/${organization.id}/roles?name=${encodeURIComponent(name)}`)))[0].id;
const root = () => `/organizations/${organization.id}/invitations`;
const invite = (body: object, from = admin) => from.api.post(root(), body);
const keyOf = (url: string) => new URL(url).searchParams.get('key') as string;
const pathOf = (url: string) => new URL(url).pathname + new URL(url).search;

beforeAll(async () => {
  cloud = await startCloud();
  cloud.installation.options.mailer = {
    send: async (letter) => {
      if (mailFails) throw new Error('no route');
      letters.push(letter);
    },
  };
  admin = await cloud.user('admin');
  manager = await cloud.user('manager');
  organization = await cloud.organization(admin);
  await cloud.assign(manager.id, organization.id, 'Organization Manager');
  workspace = await admin.api.ok(admin.api.post('/workspaces', { name: unique('ws'), organization_id: organization.id }));
  team = await admin.api.ok(admin.api.post(`/organizations/${organization.id}/teams`, { name: 'red' }));
});
afterAll(() => cloud.stop());

describe('an invitation', () => {
  it('needs no acceptance by somebody who signs in at a provider, which has verified the address', async () => {
    const person = await cloud.user('sso');
    await cloud.installation.prisma.tx(platform, async (tx) => {
      const { id } = await tx.cloudOidcConnection.create({ data: { displayName: 'idp', issuer: `https://${unique('idp')}.test`, clientId: 'x' } });
      await tx.cloudUser.update({ where: { id: person.id }, data: { oauthProvider: id, oauthId: 'ann' } });
    });
    const own = await admin.api.ok(admin.api.post(`/organizations/${organization.id}/teams`, { name: unique('team') }));
    const made = await admin.api.ok(invite({ email: person.email, role_id: await roleId('Organization Viewer'), team_ids: [own.id] }));
    expect(made).toMatchObject({ status: 'accepted', accepted_by: person.id, url: null, email_sent: null });
    expect(letters.some(({ to }) => to === person.email)).toBe(false);
    expect((await person.api.ok(person.api.get(`/organizations/${organization.id}`))).id).toBe(organization.id);
    const members = await admin.api.ok(admin.api.get(`/organizations/${organization.id}/members`));
    const found = members.find((one: { user: { id: string } | null }) => one.user?.id === person.id);
    expect(found.roles.map(({ name }: { name: string }) => name)).toEqual(['Organization Viewer']);
    expect((await admin.api.ok(admin.api.get(`/teams/${own.id}/members`))).some((one: { user: { id: string } }) => one.user?.id === person.id)).toBe(true);
    expect((await invite({ email: person.email })).status).toBe(409);
  });

  it('holds roles and teams until the person accepts it, whatever the letter case of the address', async () => {
    const person = await cloud.user('ann');
    const made = await admin.api.ok(
      invite({
        email: person.email.toUpperCase(),
        role_id: await roleId('Organization Viewer'),
        roles: [{ role_id: await roleId('Workspace Developer'), workspace_id: workspace.id }],
        team_ids: [team.id],
      }),
    );
    expect(made).toMatchObject({ email: person.email, status: 'pending', email_sent: true, teams: [{ id: team.id }] });
    expect(made.roles.map((role: { name: string }) => role.name)).toEqual(['Organization Viewer', 'Workspace Developer']);
    expect(letters.at(-1)).toMatchObject({ to: person.email });
    expect(letters.at(-1)?.text).toContain(made.url);
    expect(await admin.api.ok(admin.api.get(`${root()}/${made.id}`))).toMatchObject({ id: made.id, url: null });
    expect((await person.api.get(`/organizations/${organization.id}`)).status).toBe(404);
    const members = await admin.api.ok(admin.api.get(`/organizations/${organization.id}/members`));
    expect(members.some((one: { invitation: { id: string } | null }) => one.invitation?.id === made.id)).toBe(true);
    expect((await invite({ email: person.email })).status).toBe(409);
    // A role may be added while it is pending.
    await admin.api.ok(admin.api.post(`/roles/${await roleId('Billing Admin')}/assignments?invitation_id=${made.id}`));
    expect((await manager.api.post('/users/me/invitations', { key: keyOf(made.url) })).status).toBe(403);
    await person.api.ok(person.api.post('/users/me/invitations', { key: keyOf(made.url) }));
    expect((await person.api.post('/users/me/invitations', { key: keyOf(made.url) })).status).toBe(404);
    expect((await person.api.get(`/workspaces/${workspace.id}`)).status).toBe(200);
    expect((await person.api.get(`/teams/${team.id}/members`)).body).toMatchObject([{ user: { id: person.id } }]);
    const mine = (await admin.api.ok(admin.api.get(`/organizations/${organization.id}/members`))).find(
      (one: { user: { id: string } | null }) => one.user?.id === person.id,
    );
    expect(mine.roles.map((role: { name: string }) => role.name).sort()).toEqual(['Billing Admin', 'Organization Viewer', 'Workspace Developer']);
    expect((await admin.api.ok(admin.api.get(`${root()}/${made.id}`))).status).toBe('accepted');
    expect((await invite({ email: person.email })).status).toBe(409);
    expect((await cloud.audit('invitation.accept')).at(-1)).toMatchObject({ actorId: person.id, organizationId: organization.id });
    for (const event of await cloud.audit('invitation.create')) expect(JSON.stringify(event)).not.toContain('ZENINVITE_');
  });

  it('offers no more than the inviter holds', async () => {
    expect((await invite({ email: 'x@y.test', role_id: await roleId('Organization Admin') }, manager)).status).toBe(403);
    expect(await admin.api.ok(admin.api.get(`${root()}?email=x@y.test`))).toEqual([]);
    const made = await admin.api.ok(invite({ email: 'x@y.test', role_id: await roleId('Organization Admin') }));
    // Whoever gets a new link could accept it.
    expect((await manager.api.post(`${root()}/${made.id}/resend`)).status).toBe(403);
    expect((await manager.api.delete(`${root()}/${made.id}`)).status).toBe(200);
  });

  it('expires, is renewed with another link, and is revoked', async () => {
    const person = await cloud.user('bob');
    const made = await admin.api.ok(invite({ email: person.email, expires_in_days: 1 }));
    cloud.clock.addMs += 2 * 86_400_000;
    const later = await cloud.login(person.email);
    const boss = { ...admin, api: await cloud.login(admin.email) };
    expect((await later.post('/users/me/invitations', { key: keyOf(made.url) })).status).toBe(404);
    expect(await boss.api.ok(boss.api.get(`${root()}?email=${person.email}&only_pending=True`))).toEqual([]);
    const renewed = await boss.api.ok(boss.api.post(`${root()}/${made.id}/resend`));
    expect(renewed.status).toBe('pending');
    expect((await later.post('/users/me/invitations', { key: keyOf(made.url) })).status).toBe(404);
    await boss.api.ok(boss.api.delete(`${root()}/${made.id}`));
    expect((await later.post('/users/me/invitations', { key: keyOf(renewed.url) })).status).toBe(404);
    expect((await boss.api.post(`${root()}/${made.id}/resend`)).status).toBe(409);
    cloud.clock.addMs = 0;
  });

  it('stands when its letter cannot be sent: the link is passed on by hand', async () => {
    mailFails = true;
    const made = await admin.api.ok(invite({ email: 'far@away.test' }));
    mailFails = false;
    expect(made).toMatchObject({ email_sent: false, status: 'pending' });
    expect(made.url).toContain('/invitations/accept?key=');
  });

  it('makes an account for somebody new, on its page', async () => {
    const email = `${unique('new')}@example.com`;
    const made = await admin.api.ok(invite({ email, role_id: await roleId('Organization Member') }));
    const browser = new Browser(cloud.anonymous.url);
    await browser.open(pathOf(made.url));
    expect(browser.text).toContain(email);
    await browser.submit('/invitations/accept', { name: 'New', password: 'short' });
    expect(browser.status).toBe(400);
    await browser.submit('/invitations/accept', { name: 'New', password });
    expect(browser.location).toBe('/sign-in');
    const api = await cloud.login(email);
    expect((await api.get(`/organizations/${organization.id}`)).status).toBe(200);
    await browser.open(pathOf(made.url));
    expect(browser.status).toBe(404);
  });

  it('is joined on its page by who is signed in as the one who was invited', async () => {
    const person = await cloud.user('cat');
    const made = await admin.api.ok(invite({ email: person.email }));
    const browser = new Browser(cloud.anonymous.url);
    await browser.open(pathOf(made.url));
    expect(browser.text).toContain('Sign in to join');
    await browser.open(`/sign-in?${new URLSearchParams({ next: pathOf(made.url) })}`);
    await browser.submit('/sign-in', { email: person.email, password });
    await browser.open(browser.location as string);
    await browser.submit('/invitations/accept', {});
    expect(browser.location).toBe('/');
    expect((await person.api.get(`/organizations/${organization.id}`)).status).toBe(200);
  });

  it('of another organization does not exist', async () => {
    const stranger = await cloud.user('stranger');
    const theirs = await cloud.organization(stranger);
    const made = await admin.api.ok(invite({ email: 'one@two.test' }));
    for (const at of [root(), `/organizations/${theirs.id}/invitations`]) expect((await stranger.api.get(`${at}/${made.id}`)).status).toBe(404);
    expect((await stranger.api.post(root(), { email: 'a@b.test' })).status).toBe(404);
    expect((await stranger.api.post(`/organizations/${theirs.id}/invitations`, { email: 'a@b.test', team_ids: [team.id] })).status).toBe(404);
  });
});
