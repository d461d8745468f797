import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
// @ts-expect-error: the package comes without types
import { Provider } from 'oidc-provider';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { Browser, cloudUrl, password, startCloud, type TestCloud, unique } from '../../test/cloud.js';

type Profile = { email?: string; email_verified?: boolean; name?: string };

let cloud: TestCloud;
let server: Server;
let issuer: string;
let connection: { id: string };
const profiles = new Map<string, Profile>();

/** A real provider in this process. Whatever account name is typed in its form is signed in. */
async function startProvider(): Promise<void> {
  // It says at length that it is not for production.
  for (const level of ['warn', 'info'] as const) jest.spyOn(console, level).mockImplementation(() => {});
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'control-plane',
        client_secret: 'a-secret-of-the-client',
        redirect_uris: [`${cloudUrl}/auth/callback`],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['x'] },
    pkce: { required: () => true },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id, ...profiles.get(id) }) }),
  });
  server.on('request', provider.callback());
}

/** Goes to the provider, signs in there as `account`, and comes back with the URL of the callback. */
async function atProvider(start: string, account: string): Promise<string> {
  const jar = new Map<string, string>();
  let url = start;
  let form: URLSearchParams | null = null;
  for (let hop = 0; hop < 12; hop++) {
    if (url.startsWith(cloudUrl)) return url.slice(cloudUrl.length);
    const response: Response = await fetch(url, {
      redirect: 'manual',
      method: form ? 'POST' : 'GET',
      ...(form ? { body: form } : {}),
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get('location');
    if (location) {
      url = new URL(location, url).href;
      form = null;
      continue;
    }
    const page = await response.text();
    const [, prompt = ''] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
    const [, action = url] = /action="([^"]+)"/.exec(page) ?? [];
    if (!prompt) throw new Error(page.slice(0, 500));
    form = new URLSearchParams(prompt === 'login' ? { prompt, login: account, password: 'x' } : { prompt });
    url = new URL(action, url).href;
  }
  throw new Error('The provider does not come to an end.');
}

async function signIn(account: string, profile: Profile, next = '/'): Promise<Browser> {
  profiles.set(account, profile);
  const browser = new Browser(cloud.anonymous.url);
  await browser.open(`/auth/authorize?${new URLSearchParams({ connection_id: connection.id, next })}`);
  return browser.open(await atProvider(browser.location as string, account));
}

const userBy = async (email: string) => (await cloud.admin.api.ok(cloud.admin.api.get(`/users?email=${email}`)))[0];

beforeAll(async () => {
  cloud = await startCloud({ outbound: '127.0.0.1/32' });
  await startProvider();
  connection = await cloud.admin.api.ok(
    cloud.admin.api.post('/auth/connections', { display_name: 'Acme', issuer, client_id: 'control-plane', client_secret: 'a-secret-of-the-client' }),
  );
});
afterAll(async () => {
  await cloud.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('single sign-on', () => {
  it('is offered on the sign-in page and in the list of connections', async () => {
    expect((await cloud.anonymous.get('/auth/connections')).body).toEqual([
      { id: null, type: 'password', display_name: 'Password' },
      { id: connection.id, type: 'oidc', display_name: 'Acme' },
    ]);
    expect((await new Browser(cloud.anonymous.url).open('/sign-in')).text).toContain('Sign in with Acme');
  });

  it('makes an account at the first sign-in and finds it at the next', async () => {
    const email = `${unique('ann')}@acme.test`;
    const browser = await signIn('ann', { email: email.toUpperCase(), email_verified: true, name: 'Ann' }, '/api-token');
    expect([browser.status, browser.location]).toEqual([303, '/api-token']);
    await browser.open('/api-token');
    await browser.submit('/api-token', {});
    const [, token = ''] = /id="token" type="text" readonly autofocus value="([^"]+)"/.exec(browser.text) ?? [];
    const api = cloud.anonymous.as(token);
    expect(await api.ok(api.get('/users/me'))).toMatchObject({ email, name: 'Ann', oauth_provider: connection.id, oauth_id: 'ann' });
    expect((await browser.open('/api-token')).text).not.toContain(token);
    await signIn('ann', { email: `${unique('renamed')}@acme.test`, email_verified: true });
    expect(await userBy(email)).toMatchObject({ oauth_id: 'ann' });
    await browser.open('/auth/logout');
    await browser.submit('/sign-out', {});
    expect((await api.get('/users/me')).status).toBe(401);
  });

  it('takes over an account only with a verified address, and then nobody else keeps a way in', async () => {
    const person = await cloud.user('bob');
    const { key } = await person.api.ok(person.api.post('/users/me/api_keys', { name: 'k' }));
    const refused = await signIn('mallory', { email: person.email, email_verified: false });
    expect([refused.status, refused.cookie('control-plane-session')]).toEqual([401, undefined]);
    const linked = await signIn('bob', { email: person.email, email_verified: true });
    expect(linked.status).toBe(303);
    expect((await userBy(person.email)).id).toBe(person.id);
    expect((await cloud.anonymous.post('/auth/login', undefined, { form: { username: person.email, password } })).status).toBe(401);
    expect((await cloud.anonymous.as(key).get('/users/me')).status).toBe(401);
    expect((await cloud.audit('sign_in')).some((event) => event.outcome === 'failure' && JSON.stringify(event.details).includes('oidc'))).toBe(true);
  });

  it('ends only in the browser that started it, once, and as it was started', async () => {
    profiles.set('eve', { email: `${unique('eve')}@acme.test`, email_verified: true });
    const browser = new Browser(cloud.anonymous.url);
    await browser.open(`/auth/authorize?connection_id=${connection.id}`);
    const started = new URL(browser.location as string);
    expect(started.searchParams.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) expect(started.searchParams.get(name)).toBeTruthy();
    const callback = await atProvider(started.href, 'eve');
    expect((await new Browser(cloud.anonymous.url).open(callback)).status).toBe(401);
    const other = new Browser(cloud.anonymous.url);
    await other.open(`/auth/authorize?connection_id=${connection.id}`);
    expect((await other.open(callback)).status).toBe(401);
    expect((await browser.open(callback)).status).toBe(303);
    expect((await browser.open(callback)).status).toBe(401);
    expect((await new Browser(cloud.anonymous.url).open('/auth/callback')).status).toBe(401);
    expect((await new Browser(cloud.anonymous.url).open('/auth/authorize?connection_id=none')).status).toBe(404);
  });

  it('leads nowhere but to this site', async () => {
    const browser = await signIn('ann', profiles.get('ann') as Profile, '//evil.test/');
    expect(browser.location).toBe('/');
  });

  it('takes the answer of a provider that posts it', async () => {
    profiles.set('ann', { email: `${unique('ann')}@acme.test`, email_verified: true });
    const browser = new Browser(cloud.anonymous.url);
    await browser.open(`/auth/authorize?connection_id=${connection.id}`);
    const answer = new URL(await atProvider(browser.location as string, 'ann'), cloudUrl).searchParams;
    // A browser sends no cookie with a form of another site.
    const posted = await new Browser(cloud.anonymous.url).submit('/auth/callback', Object.fromEntries(answer));
    expect(posted.status).toBe(303);
    expect((await browser.open(posted.location as string)).status).toBe(303);
    expect(browser.cookie('control-plane-session')).toBeTruthy();
    expect((await new Browser(cloud.anonymous.url).open(posted.location as string)).status).toBe(401);
  });

  it('asks only providers that the operator lets it reach', async () => {
    const { api } = cloud.admin;
    const inside = { display_name: 'Inside', client_id: 'x' };
    for (const issuer of ['https://10.0.0.1', 'http://169.254.169.254', 'http://login.example.com']) {
      const { status, body } = await api.post('/auth/connections', { ...inside, issuer });
      expect([status, body.detail]).toEqual([400, ['ValueError', expect.stringMatching(/^The issuer cannot be used: '/)]]);
      expect((await api.patch(`/auth/connections/${connection.id}`, { issuer })).status).toBe(400);
    }
    // What a name stands for is known only when it is asked for.
    const { options } = cloud.installation;
    const opened = options.outbound;
    options.outbound = OutboundPolicy.publicOnly;
    const inner = createServer();
    let connections = 0;
    inner.on('connection', () => void (connections += 1));
    await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve));
    const log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    try {
      const issuer = `https://localhost:${(inner.address() as AddressInfo).port}`;
      const { id } = await api.ok(api.post('/auth/connections', { ...inside, issuer }));
      const refused = await new Browser(cloud.anonymous.url).open(`/auth/authorize?connection_id=${id}`);
      expect([refused.status, connections]).toEqual([503, 0]);
      await api.ok(api.delete(`/auth/connections/${id}`));
    } finally {
      log.mockRestore();
      options.outbound = opened;
      await new Promise((resolve) => inner.close(resolve));
    }
  });

  it('is configured by administrators of the installation; the secret never comes back', async () => {
    const user = await cloud.user('user');
    const { api } = cloud.admin;
    expect((await user.api.post('/auth/connections', { display_name: 'x', issuer, client_id: 'x' })).status).toBe(403);
    expect((await api.post('/auth/connections', { display_name: 'x', issuer, client_id: 'control-plane' })).status).toBe(409);
    const { text } = await api.patch(`/auth/connections/${connection.id}`, { email_domains: ['Other.test'], client_secret: 'a-secret-of-the-client' });
    expect(text).not.toContain('a-secret');
    expect(JSON.stringify(await cloud.audit('connection.update'))).not.toContain('a-secret');
    expect((await signIn('ann', profiles.get('ann') as Profile)).status).toBe(401);
    await api.ok(api.patch(`/auth/connections/${connection.id}`, { active: false }));
    expect((await cloud.anonymous.get('/auth/connections')).body).toHaveLength(1);
    await api.ok(api.delete(`/auth/connections/${connection.id}`));
    expect((await api.get(`/auth/connections/${connection.id}`)).status).toBe(404);
  });
});
