import { randomUUID } from 'node:crypto';
import { adminEmail, Browser, password, startCloud, type TestCloud, type TestUser, unique } from '../../test/cloud.js';
import { platform } from '../installation.js';

let cloud: TestCloud;
let root: TestUser;
let user: TestUser;
const next = 'another horse battery staple';

beforeAll(async () => {
  cloud = await startCloud();
  root = cloud.admin;
  user = await cloud.user('user');
});
afterAll(() => cloud.stop());

describe('an administrator of the installation', () => {
  it('makes accounts with the query form and with a body', async () => {
    const name = `${unique('q')}@example.com`;
    const made = await root.api.ok(root.api.post(`/users?username=${name.toUpperCase()}&password=${encodeURIComponent(password)}&is_superuser=False`));
    expect(made).toMatchObject({ username: name, email: name, is_superuser: false, is_active: true, activation_token: null });
    expect((await root.api.post(`/users?username=${name}`)).status).toBe(409);
    await cloud.login(name);
    expect(await root.api.ok(root.api.post('/users', { username: unique('body'), email: `${unique('b')}@example.com`, name: 'B' }))).toMatchObject({
      name: 'B',
    });
    expect((await root.api.post('/users?username=weak&password=password')).status).toBe(400);
    expect((await root.api.post('/users')).status).toBe(422);
    expect((await user.api.post('/users?username=x')).status).toBe(403);
    expect(await root.api.ok(root.api.get(`/users?email=${name.toUpperCase()}`))).toMatchObject([{ id: made.id }]);
    for (const event of [...(await cloud.audit('user.create')), ...(await cloud.audit('user.activate'))]) expect(JSON.stringify(event)).not.toContain('horse');
  });

  it('gives accounts without a password a link that sets one, once', async () => {
    const email = `${unique('a')}@example.com`;
    const made = await root.api.ok(root.api.post('/users', { email }));
    const browser = new Browser(cloud.anonymous.url);
    await browser.open(`/activate?key=${made.activation_token}`);
    expect(browser.text).toContain(email);
    await browser.submit('/activate', { new_password: 'short' });
    expect(browser.status).toBe(400);
    await browser.submit('/activate', { new_password: password });
    expect(browser.location).toBe('/sign-in');
    await cloud.login(email);
    await browser.open(`/activate?key=${made.activation_token}`);
    expect(browser.status).toBe(404);
    const again = await root.api.ok(root.api.post(`/users/${made.id}/activation`));
    expect(again.activation_url).toContain('/activate?key=ZENACTIVATE_');
    expect((await user.api.post(`/users/${made.id}/activation`)).status).toBe(404);
  });

  it('deactivates an account, which ends its access at once, and activates it again', async () => {
    const one = await cloud.user('one');
    const { key } = await one.api.ok(one.api.post('/users/me/api_keys', { name: 'k' }));
    await root.api.ok(root.api.patch(`/users/${one.id}?is_active=False`));
    expect((await one.api.get('/users/me')).status).toBe(401);
    expect((await cloud.anonymous.as(key).get('/users/me')).status).toBe(401);
    expect(await root.api.ok(root.api.patch(`/users/${one.id}`, { is_active: true }))).toMatchObject({ is_active: true });
    expect((await one.api.get('/users/me')).status).toBe(200);
  });

  it('forces a password change, which happens on a page', async () => {
    const one = await cloud.user('expired');
    await root.api.ok(root.api.patch(`/users/${one.id}`, { password_expired: true }));
    expect((await cloud.anonymous.post('/auth/login', undefined, { form: { username: one.email, password } })).status).toBe(403);
    const events = (await cloud.audit('sign_in')).filter((event) => event.actorId === one.id);
    expect(events.map(({ outcome, details }) => ({ outcome, details })).at(-1)).toEqual({
      outcome: 'denied',
      details: { method: 'password', because: 'password_expired' },
    });
    // The one of before it expired, and no other.
    expect(await cloud.installation.prisma.tx(platform, (tx) => tx.cloudSession.count({ where: { userId: one.id } }))).toBe(1);
    const browser = new Browser(cloud.anonymous.url);
    await browser.open('/sign-in');
    await browser.submit('/sign-in', { email: one.email, password });
    expect(browser.location).toMatch(/^\/password\?/);
    expect(browser.cookie('control-plane-session')).toBeUndefined();
    await browser.open(browser.location as string);
    await browser.submit('/password', { email: one.email, password: 'wrong', new_password: next });
    expect(browser.status).toBe(401);
    await browser.submit('/password', { email: one.email, password, new_password: password });
    expect(browser.status).toBe(400);
    await browser.submit('/password', { email: one.email, password, new_password: next });
    expect(browser.location).toBe('/sign-in');
    expect((await cloud.anonymous.post('/auth/login', undefined, { form: { username: one.email, password: next } })).status).toBe(200);
    expect((await one.api.get('/users/me')).status).toBe(401);
  });

  it('cannot lock the installation or an organization out', async () => {
    expect((await root.api.patch(`/users/${root.id}?is_superuser=False`)).status).toBe(403);
    expect((await root.api.patch(`/users/${root.id}`, { is_active: false })).status).toBe(403);
    expect((await root.api.delete(`/users/${root.id}`)).status).toBe(403);
    const owner = await cloud.user('owner');
    await cloud.organization(owner);
    expect((await root.api.delete(`/users/${owner.id}`)).status).toBe(403);
    expect((await root.api.patch(`/users/${owner.id}`, { is_active: false })).status).toBe(403);
    const gone = await cloud.user('gone');
    await root.api.ok(root.api.delete(`/users/${gone.id}`));
    expect((await root.api.get(`/users/${gone.id}`)).status).toBe(404);
    expect((await gone.api.get('/users/me')).status).toBe(401);
  });
});

describe('a person', () => {
  it('changes their own profile and, with the old one, their password', async () => {
    const one = await cloud.user('self');
    const changed = await one.api.ok(one.api.patch(`/users/${one.id}?name=Me`, { company: 'C', metadata: { a: 1 } }));
    expect(changed).toMatchObject({ name: 'Me', company: 'C', metadata: { a: 1 } });
    for (const body of [{ is_superuser: true }, { is_active: false }, { email: 'other@example.com' }, { username: 'x' }])
      expect((await one.api.patch(`/users/${one.id}`, body)).status).toBe(403);
    expect((await one.api.patch(`/users/${one.id}`, { password: next })).status).toBe(400);
    expect((await one.api.patch(`/users/${one.id}`, { password: next, old_password: 'wrong' })).status).toBe(401);
    await one.api.ok(one.api.patch(`/users/${one.id}`, { password: next, old_password: password }));
    expect((await one.api.get('/users/me')).status).toBe(401);
    expect((await cloud.audit('user.update')).some((event) => event.targetId === one.id)).toBe(true);
  });

  it('sees nobody but fellow members, and finds people of trusted domains by address', async () => {
    const [owner, mate, far] = [await cloud.user('owner'), await cloud.user('mate'), await cloud.user('far', { email: `${unique('far')}@trust.test` })];
    const organization = await cloud.organization(owner);
    await cloud.assign(mate.id, organization.id, 'Organization Member');
    const ids = async (api = owner.api, query = '') => (await api.ok(api.get(`/users?${query}`))).map((one: { id: string }) => one.id).sort();
    expect(await ids()).toEqual([owner.id, mate.id].sort());
    expect(await ids(mate.api)).toEqual([mate.id]);
    expect(await ids(owner.api, `email=${far.email}`)).toEqual([]);
    await root.api.ok(root.api.patch(`/organizations/${organization.id}`, { trusted_domains: ['trust.test'] }));
    expect(await ids(owner.api, `email=${far.email}`)).toEqual([far.id]);
    expect(await ids(mate.api, `email=${far.email}`)).toEqual([]);
    const [foreign, missing] = await Promise.all([mate.api.get(`/users/${far.id}`), mate.api.get(`/users/${randomUUID()}`)]);
    expect([foreign.status, foreign.body]).toEqual([missing.status, missing.body]);
    expect((await mate.api.patch(`/users/${far.id}`, { name: 'x' })).status).toBe(404);
    expect((await owner.api.patch(`/users/${mate.id}`, { name: 'x' })).status).toBe(403);
    expect((await root.api.get(`/users?email=${adminEmail}`)).body).toHaveLength(1);
  });
});
