import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { refusals } from '../refusals.js';
import { NOBODY, type Side } from '../side.js';

const login = (s: Side, title: string, form: Record<string, string>, headers = {}) => s.post(title, '/login', undefined, { form, token: null, headers });

export const auth = scenario('auth', async (s) => {
  const admin = 'username' in s.server.credentials ? s.server.credentials : { username: 'admin', password: '' };
  await login(s, 'log in', admin);
  await login(s, 'log in with a grant type', { ...admin, grant_type: 'password' });
  await login(s, 'a wrong password', { ...admin, password: 'wrong' });
  await login(s, 'an unknown user', { username: 'nobody', password: 'x' });
  await login(s, 'without a password', { username: admin.username });
  await login(s, 'without a user name', { password: 'x' });
  await login(s, 'without anything', {});
  await login(s, 'an unknown grant type', { ...admin, grant_type: 'nope' });
  await login(s, 'an API key that is none', { grant_type: 'zenml-api-key', password: 'ZENKEY_bm90aGluZw==' });
  await login(s, 'an API key that is missing', { grant_type: 'zenml-api-key' });
  await login(s, 'an external login', { grant_type: 'zenml-external' });
  await s.post('a JSON body', '/login', admin, { token: null });
  await s.get('log out without a token', '/logout', { token: null });
  await s.get('log out', '/logout', { token: await s.login() });

  for (const query of [
    {},
    { token_type: 'generic' },
    { token_type: 'generic', expires_in: 60 },
    { token_type: 'generic', expires_in: 10_000_000 },
    { token_type: 'generic', expires_in: -1 },
    { token_type: 'nope' },
    { token_type: 'workload' },
    { token_type: 'workload', pipeline_run_id: NOBODY },
    { token_type: 'workload', schedule_id: NOBODY },
    { token_type: 'workload', deployment_id: NOBODY },
    { token_type: 'generic', pipeline_run_id: NOBODY },
  ]) {
    await s.get(`API token ${JSON.stringify(query)}`, '/api_token', { query });
  }
  await s.get('API token without a token', '/api_token', { token: null });
  const token = (await s.get('an API token to use', '/api_token')).body;
  await s.get('as an API token', '/current-user', { token: String(token) });
  await s.get('an API token from an API token', '/api_token', { token: String(token) });

  // Devices.
  const client = `${s.session.replace(/[^0-9a-f]/g, '0').padEnd(8, 'b')}-2222-4222-8222-222222222222`;
  const headers = { 'user-agent': 'Host/box ZenML/0.98.0 Python/3.11.7 OS/linux' };
  const device = await s.post('authorise a device', '/device_authorization', undefined, {
    form: { client_id: client },
    token: null,
    headers,
    scrub: scrubDevice,
  });
  const { device_id: id, device_code: code, user_code: userCode } = device.body as Record<string, string>;
  await s.post('authorise it again', '/device_authorization', undefined, { form: { client_id: client }, token: null, headers, scrub: scrubDevice });
  await s.post('authorise a malformed client', '/device_authorization', undefined, { form: { client_id: 'nope' }, token: null, scrub: scrubDevice });
  await s.post('authorise without a client', '/device_authorization', undefined, { form: {}, token: null });
  const again = (
    await s.post('authorise once more', '/device_authorization', undefined, { form: { client_id: client }, token: null, headers, scrub: scrubDevice })
  ).body as Record<string, string>;
  const grant = 'urn:ietf:params:oauth:grant-type:device_code';
  await login(s, 'poll with an old code', { grant_type: grant, client_id: client, device_code: code ?? '' });
  await login(s, 'poll before it is verified', { grant_type: grant, client_id: client, device_code: again.device_code ?? '' });
  await login(s, 'poll without a code', { grant_type: grant, client_id: client });
  await login(s, 'poll for an unknown client', { grant_type: grant, client_id: NOBODY, device_code: 'x' });
  const path = `/devices/${again.device_id ?? id ?? NOBODY}`;
  await s.get('the device before it is claimed', path, { scrub: scrubDevice });
  await s.get('the device with its code', path, { query: { user_code: again.user_code ?? userCode }, scrub: scrubDevice });
  await s.get('the device with another code', path, { query: { user_code: 'nope' } });
  await s.put('verify with another code', `${path}/verify`, { user_code: 'nope' });
  await s.put('verify', `${path}/verify`, { user_code: again.user_code ?? '', trusted_device: true }, { scrub: scrubDevice });
  await s.put('verify again', `${path}/verify`, { user_code: again.user_code ?? '' });
  const answer = await login(s, 'poll after it is verified', { grant_type: grant, client_id: client, device_code: again.device_code ?? '' });
  await s.get('as the device', '/current-user', { token: answer.pick('access_token') ?? 'none' });
  await s.get('the device', path, { scrub: scrubDevice });
  await s.get('my devices', '/devices', { query: { client_id: client }, scrub: scrubDevice });
  await s.put('lock it', path, { locked: true }, { scrub: scrubDevice });
  await s.get('as the locked device', '/current-user', { token: answer.pick('access_token') ?? 'none' });
  await s.put('unlock it', path, { locked: false }, { scrub: scrubDevice });
  await s.put('update nothing', path, {}, { scrub: scrubDevice });
  await s.delete('delete it', path);
  await s.get('as the deleted device', '/current-user', { token: answer.pick('access_token') ?? 'none' });
  await refusals(s, '/devices', { update: { locked: true } });
});

/** Codes and addresses of this very moment and machine. */
function scrubDevice(body: unknown): unknown {
  return JSON.parse(
    JSON.stringify(body, (key, value) => {
      if (value !== null && ['user_code', 'device_code', 'verification_uri_complete', 'ip_address', 'hostname', 'city', 'region', 'country'].includes(key))
        return `<${key}>`;
      return value;
    }) ?? 'null',
  );
}

export const devices = scenario('devices', async (s, operations) => {
  for (const digit of ['c', 'd']) {
    const client = `${s.session.replace(/[^0-9a-f]/g, '0').padEnd(8, digit)}-3333-4333-8333-333333333333`;
    const device = (await s.post('given a device', '/device_authorization', undefined, { form: { client_id: client }, token: null, scrub: scrubDevice }))
      .body as Record<string, string>;
    await s.put('given a verified device', `/devices/${device.device_id}/verify`, { user_code: device.user_code }, { scrub: scrubDevice });
  }
  const first = await s.get('a device', '/devices', { query: { sort_by: 'asc:created', size: 1 }, scrub: () => null });
  await filterCases(s, operations, '/devices', {
    scope: { client_id: 'endswith:3333-4333-8333-333333333333' },
    samples: { id: first.pick('items.0.id') ?? NOBODY, status: 'verified', user: 'admin' },
  });
});

export const users = scenario('users', async (s, operations) => {
  const alpha = await s.post('create', '/users', {
    name: s.name('alpha'),
    full_name: 'Alpha',
    email: 'alpha@example.com',
    email_opted_in: true,
    password: 'secret-1',
    is_admin: false,
    active: true,
    user_metadata: { a: 1 },
    avatar_url: 'https://example.com/a.png',
  });
  const pending = await s.post('without a password', '/users', { name: s.name('pending'), is_admin: false });
  const boss = await s.post('an admin', '/users', { name: s.name('boss'), password: 'secret-2', is_admin: true });
  await s.post('a name that is taken', '/users', { name: s.name('alpha'), is_admin: false });
  await s.post('a name in another case', '/users', { name: s.name('ALPHA'), is_admin: false });
  await s.post('inactive with a password', '/users', { name: s.name('inactive'), password: 'x', active: false, is_admin: false });
  await s.get('me', '/current-user');
  await s.get('me, not hydrated', '/current-user', { query: { hydrate: false } });
  await s.get('by id', `/users/${alpha.id}`);
  await s.get('by name', `/users/${s.name('alpha')}`);
  await s.get('by id, not hydrated', `/users/${alpha.id}`, { query: { hydrate: false } });
  await filterCases(s, operations, '/users', {
    scope: { name: s.mine },
    samples: { name: s.name('alpha'), id: alpha.id, full_name: 'Alpha', email: 'alpha@example.com' },
    unique: ['name'],
  });

  const token = (await login(s, 'log in as the user', { username: s.name('alpha'), password: 'secret-1' })).pick('access_token') ?? 'none';
  await s.get('as the user: me', '/current-user', { token });
  await s.get('as the user: another', `/users/${boss.id}`, { token });
  await s.get('as the user: myself by id', `/users/${alpha.id}`, { token });
  await s.get('as the user: list', '/users', { token });
  await s.post('as the user: create', '/users', { name: s.name('x'), is_admin: false }, { token });
  await s.put('as the user: another', `/users/${boss.id}`, { full_name: 'x' }, { token });
  await s.put('as the user: make me admin', `/users/${alpha.id}`, { is_admin: true }, { token });
  await s.put('as the user: my name', '/current-user', { full_name: 'Me' }, { token });
  await s.put('as the user: my password without the old one', '/current-user', { password: 'secret-3' }, { token });
  await s.put('as the user: my password with a wrong old one', '/current-user', { password: 'secret-3', old_password: 'x' }, { token });
  await s.put('as the user: my password', '/current-user', { password: 'secret-3', old_password: 'secret-1' }, { token });
  await s.get('as the user: with the token from before', '/current-user', { token });
  await login(s, 'with the old password', { username: s.name('alpha'), password: 'secret-1' });
  await login(s, 'with the new password', { username: s.name('alpha'), password: 'secret-3' });
  await s.delete('as the user: delete another', `/users/${boss.id}`, undefined, { token });
  await s.post('as the user: a service account', '/service_accounts', { name: s.name('sa'), active: true }, { token });
  await s.put('as the user: settings', '/settings', { server_name: 'x' }, { token });
  const owned = await s.post('as the user: a tag', '/tags', { name: s.name('owned'), color: 'red' }, { token });
  await s.delete('a user who owns something', `/users/${alpha.id}`);
  await s.delete('what the user owned', `/tags/${owned.id}`);

  await s.put('update', `/users/${alpha.id}`, {
    name: s.name('alpha2'),
    full_name: 'Alpha two',
    email: 'a2@example.com',
    email_opted_in: false,
    user_metadata: { b: 2 },
  });
  await s.put('rename to a taken name', `/users/${alpha.id}`, { name: s.name('boss') });
  await s.put('deactivate by update', `/users/${alpha.id}`, { active: false });
  await login(s, 'as an inactive user', { username: s.name('alpha2'), password: 'secret-3' });
  await s.get('the token of an inactive user', '/current-user', { token });
  await s.put('activate by update', `/users/${alpha.id}`, { active: true });
  await s.put('make an admin', `/users/${alpha.id}`, { is_admin: true });
  await s.put('a default project', `/users/${alpha.id}`, { default_project_id: await s.project() });
  await s.put('a default project that is none', `/users/${alpha.id}`, { default_project_id: NOBODY });
  await s.put('update nothing', `/users/${alpha.id}`, {});
  await s.put('email opt-in', `/users/${alpha.id}/email-opt-in`, { email: 'in@example.com', email_opted_in: true });
  await s.put('my email opt-in', '/users/admin/email-opt-in', { email_opted_in: false });

  const activation = (await s.put('deactivate', `/users/${alpha.id}/deactivate`)).pick('body.activation_token') ?? 'none';
  await s.put('activate with another token', `/users/${alpha.id}/activate`, { activation_token: 'nope', password: 'secret-4' }, { token: null });
  await s.put('activate without a token', `/users/${alpha.id}/activate`, { password: 'secret-4' }, { token: null });
  await s.put('activate', `/users/${alpha.id}/activate`, { activation_token: activation, password: 'secret-4', full_name: 'Back' }, { token: null });
  await s.put('activate again', `/users/${alpha.id}/activate`, { activation_token: activation, password: 'secret-5' }, { token: null });
  await login(s, 'after the activation', { username: s.name('alpha2'), password: 'secret-4' });
  await s.put('deactivate myself', '/users/admin/deactivate');
  await s.put('deactivate nobody', `/users/${NOBODY}/deactivate`);
  await s.put('activate nobody', `/users/${NOBODY}/activate`, { activation_token: 'x' }, { token: null });
  await s.delete('delete myself', '/users/admin');
  await refusals(s, '/users', {
    create: { name: s.name('r'), full_name: 'x', email: 'x@example.com', is_admin: false, active: false, user_metadata: {} },
    update: { full_name: 'x', email: 'x@example.com' },
    id: pending.id,
  });
  await s.delete('delete', `/users/${pending.id}`);
  await s.get('gone', `/users/${pending.id}`);
  await s.delete('delete again', `/users/${pending.id}`);
  await s.delete('delete by name', `/users/${s.name('boss')}`);
});

export const serviceAccounts = scenario('service_accounts', async (s, operations) => {
  const alpha = await s.post('create', '/service_accounts', {
    name: s.name('alpha'),
    full_name: 'Alpha',
    description: 'first',
    active: true,
    avatar_url: 'https://example.com/a.png',
  });
  const idle = await s.post('inactive', '/service_accounts', { name: s.name('idle'), active: false });
  await s.post('a name that is taken', '/service_accounts', { name: s.name('alpha'), active: true });
  await s.post('the name of a user', '/service_accounts', { name: 'admin', active: true }, { scrub: () => null });
  await s.get('by id', `/service_accounts/${alpha.id}`);
  await s.get('by name', `/service_accounts/${s.name('alpha')}`);
  await s.get('by id, not hydrated', `/service_accounts/${alpha.id}`, { query: { hydrate: false } });
  await s.get('a user by id', `/service_accounts/${(await s.get('me', '/current-user')).id}`);
  await s.get('as a user', `/users/${alpha.id}`);
  await filterCases(s, operations, '/service_accounts', {
    scope: { name: s.mine },
    samples: { name: s.name('alpha'), id: alpha.id, description: 'first' },
    unique: ['name'],
  });
  await s.put('update', `/service_accounts/${alpha.id}`, { name: s.name('alpha2'), full_name: 'Alpha two', description: 'second' });
  await s.put('rename to a taken name', `/service_accounts/${alpha.id}`, { name: s.name('idle') });
  await s.put('update by name', `/service_accounts/${s.name('alpha2')}`, { description: 'third' });
  await s.put('description null', `/service_accounts/${alpha.id}`, { description: null });
  await s.put('update nothing', `/service_accounts/${alpha.id}`, {});
  await refusals(s, '/service_accounts', {
    create: { name: s.name('r'), full_name: 'x', description: 'x', active: true },
    update: { description: 'x', active: true },
    id: idle.id,
  });

  const keys = `/service_accounts/${alpha.id}/api_keys`;
  const key = await s.post('a key', keys, { name: 'key', description: 'first' });
  const secret = key.pick('body.key') ?? 'none';
  await s.post('a key whose name is taken', keys, { name: 'key' });
  await s.post('the name under another account', `/service_accounts/${idle.id}/api_keys`, { name: 'key' });
  await s.post('a key of nobody', `/service_accounts/${NOBODY}/api_keys`, { name: 'key' });
  await s.post('a key by the name of the account', `/service_accounts/${s.name('alpha2')}/api_keys`, { name: 'by-name' });
  await s.get('key by id', `${keys}/${key.id}`);
  await s.get('key by name', `${keys}/key`);
  await s.get('key by id, not hydrated', `${keys}/${key.id}`, { query: { hydrate: false } });
  await s.get('the key under another account', `/service_accounts/${idle.id}/api_keys/${key.id}`);
  await filterCases(s, operations, keys, {
    scope: {},
    samples: { name: 'key', id: key.id, description: 'first' },
    without: ['service_account'],
    unique: ['name'],
  });
  await s.get('as the key', '/current-user', { token: secret });
  const token = (await login(s, 'log in with the key', { grant_type: 'zenml-api-key', password: secret })).pick('access_token') ?? 'none';
  await s.get('as its token', '/current-user', { token });
  await s.get('an API token of an account', '/api_token', { token });
  await s.post('as the account: a key of its own', keys, { name: 'own' }, { token });
  await s.put('as the account: rotate', `${keys}/${key.id}/rotate`, { retain_period_minutes: 0 }, { token });
  await s.post('as the account: a user', '/users', { name: s.name('x'), is_admin: false }, { token });
  await s.put('as the account: my full name', '/current-user', { full_name: 'x' }, { token });
  await s.get('as the account: users', '/users', { token });
  await s.get('as the account: accounts', '/service_accounts', { token, query: { name: s.mine, sort_by: 'asc:name' } });
  await s.post('as the account: a project', '/projects', { name: s.name('by-account') }, { token });

  const rotated = await s.put('rotate and retain', `${keys}/${key.id}/rotate`, { retain_period_minutes: 10 });
  const fresh = rotated.pick('body.key') ?? 'none';
  await s.get('the old key while retained', '/current-user', { token: secret });
  await s.get('the old token while retained', '/current-user', { token });
  await s.get('the new key', '/current-user', { token: fresh });
  await s.put('rotate at once', `${keys}/${key.id}/rotate`, { retain_period_minutes: 0 });
  await s.get('the key before', '/current-user', { token: fresh });
  await s.get('the token before', '/current-user', { token });
  await s.put('rotate without a body', `${keys}/${key.id}/rotate`);
  await s.put('rotate for less than nothing', `${keys}/${key.id}/rotate`, { retain_period_minutes: -1 });
  await s.put('key: update', `${keys}/${key.id}`, { name: 'key2', description: 'second' });
  await s.put('key: rename to a taken name', `${keys}/${key.id}`, { name: 'by-name' });
  const last = (await s.put('rotate once more', `${keys}/key2/rotate`, {})).pick('body.key') ?? 'none';
  await s.put('key: deactivate', `${keys}/${key.id}`, { active: false });
  await s.get('an inactive key', '/current-user', { token: last });
  await login(s, 'log in with an inactive key', { grant_type: 'zenml-api-key', password: last });
  await s.put('key: activate', `${keys}/${key.id}`, { active: true });
  await s.get('an active key again', '/current-user', { token: last });
  await s.put('the account: deactivate', `/service_accounts/${alpha.id}`, { active: false });
  await s.get('a key of an inactive account', '/current-user', { token: last });
  await s.put('the account: activate', `/service_accounts/${alpha.id}`, { active: true });
  await refusals(s, keys, { create: { name: 'r', description: 'x' }, update: { description: 'x', active: true }, id: key.id });
  await s.delete('key: delete', `${keys}/${key.id}`);
  await s.get('a deleted key', '/current-user', { token: last });
  await s.delete('key: delete again', `${keys}/${key.id}`);
  await s.delete('an account that owns something', `/service_accounts/${alpha.id}`);
  await s.delete('delete', `/service_accounts/${idle.id}`);
  await s.get('gone', `/service_accounts/${idle.id}`);
  await s.delete('delete again', `/service_accounts/${idle.id}`);
});

/** What only describes one installation. */
const installation = (body: unknown): unknown =>
  JSON.parse(
    JSON.stringify(body, (key, value) => {
      if (
        [
          'server_id',
          'last_user_activity',
          'database_type',
          'server_url',
          'dashboard_url',
          'threads',
          'db_connections_total',
          'db_connections_active',
          'db_connections_overflow',
        ].includes(key)
      )
        return `<${key}>`;
      return value;
    }) ?? 'null',
  );

export const server = scenario('server', async (s) => {
  await s.get('version', '/version', { token: null });
  await s.get('info', '/info', { token: null, scrub: installation });
  await s.get('load', '/load-info', { scrub: installation });
  await s.get('load without a token', '/load-info', { token: null });
  await s.get('onboarding', '/onboarding_state', { scrub: (body) => (Array.isArray(body) ? body.includes('project_created') : body) });
  await s.get('settings', '/settings', { scrub: installation });
  await s.get('settings, hydrated', '/settings', { query: { hydrate: true }, scrub: installation });
  await s.get('settings without a token', '/settings', { token: null });
  await s.put(
    'change settings',
    '/settings',
    { server_name: s.name('server'), logo_url: 'https://example.com/l.png', display_updates: false, display_announcements: false, enable_analytics: false },
    { scrub: installation },
  );
  await s.get('info after the change', '/info', { token: null, scrub: installation });
  await s.put('change nothing', '/settings', {}, { scrub: installation });
  await s.put(
    'change back',
    '/settings',
    { server_name: 'default', logo_url: null, display_updates: true, display_announcements: true },
    { scrub: installation },
  );
  await s.put('a name that is too long', '/settings', { server_name: 'x'.repeat(256) });
  await s.put('activate what is active', '/activate', { admin_username: 'x', admin_password: 'y' }, { token: null });
  await s.get('statistics', '/statistics', { scrub: (body) => Object.keys(body as object) });
  for (const type of ['pipeline', 'pipeline_run', 'pipeline_snapshot', 'nope'])
    await s.get(`supported events of ${type}`, '/supported-events', { query: { source_type: type }, token: null, scrub: values });
  await s.get('supported events of nothing', '/supported-events', { token: null });
  const prose = (body: unknown) => ({ ...(body as object), description: '', instructions: '', post_deploy_instructions: '' });
  for (const provider of ['aws', 'gcp', 'azure']) {
    await s.get(`stack deployment on ${provider}`, '/stack-deployment/info', { query: { provider }, scrub: prose });
    await s.get(`stack deployed on ${provider}`, '/stack-deployment/stack', { query: { provider, stack_name: s.name('nope') } });
    await s.get(`configuration of a stack deployment on ${provider}`, '/stack-deployment/config', {
      query: { provider, stack_name: 'x' },
      scrub: (body) => Object.keys(body as object),
    });
  }
  await s.get('stack deployment on an unknown provider', '/stack-deployment/info', { query: { provider: 'nope' } });
  await s.get('resource requests', '/resource_requests');
  await s.get('resource request', `/resource_requests/${NOBODY}`);
  await s.post('renew a resource request', `/resource_requests/${NOBODY}/renew`, { lease_expires_at: '2999-01-01T00:00:00' });
  await s.post('release a resource request', `/resource_requests/${NOBODY}/release`);
  for (const path of ['version', 'info', 'load-info', 'settings', 'statistics', 'onboarding_state', 'current-user', 'component-types'])
    await s.post(`POST ${path}`, `/${path}`, {});
});

const values = (body: unknown): unknown => (Array.isArray(body) && typeof body[0] === 'object' ? body.map((one) => (one as { value?: unknown }).value) : body);
