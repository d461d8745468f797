import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { refusals } from '../refusals.js';
import { NOBODY, type Side } from '../side.js';

const password = 'a long enough passphrase';

/** A token of somebody else than the administrator; never recorded, since it is random. */
async function tokenOf(s: Side, username: string, secret = password): Promise<string> {
  const answer = await s.post(`log in as ${username.replace(s.session, '<session>')}`, '/login', undefined, { form: { username, password: secret } });
  return answer.pick('access_token') ?? 'none';
}

export const accounts = scenario('accounts', async (s, operations) => {
  const name = (base: string) => s.name(base);
  const alpha = await s.post('create with a password', '/users', { name: name('alpha'), full_name: 'Alpha', is_admin: false, password });
  const beta = await s.post('create without a password', '/users', { name: name('beta'), is_admin: true, email: 'beta@example.com' });
  await s.post('create with an empty password', '/users', { name: name('empty'), is_admin: false, password: '' });
  await s.post('create with everything', '/users', {
    name: name('gamma'),
    full_name: 'Gamma',
    is_admin: false,
    password,
    email: 'gamma@example.com',
    email_opted_in: false,
    active: false,
    activation_token: 'mine',
    user_metadata: { a: 1 },
    oidc_claims: { sub: 'x' },
    avatar_url: 'https://example.com/a.png',
    external_user_id: NOBODY,
  });
  await s.post('a name that is taken', '/users', { name: name('alpha'), is_admin: false });
  await s.post('a name in another case', '/users', { name: name('ALPHA'), is_admin: false });
  await s.get('by id', `/users/${alpha.id}`);
  await s.get('by id, not hydrated', `/users/${alpha.id}`, { query: { hydrate: false } });
  await s.get('by name', `/users/${name('gamma')}`);
  await s.get('the current user', '/current-user');
  await filterCases(s, operations, '/users', {
    scope: { name: s.mine },
    samples: { name: name('alpha'), full_name: 'Alpha', email: 'gamma@example.com', id: alpha.id, external_user_id: NOBODY },
    unique: ['name'],
  });

  const token = await tokenOf(s, name('alpha'));
  const asAlpha = { token };
  await s.get('current user of somebody else', '/current-user', asAlpha);
  await s.get('a user sees only the own record in lists', '/users', { ...asAlpha, query: { name: s.mine } });
  await s.get('a user gets the own record', `/users/${alpha.id}`, asAlpha);
  await s.get('a user gets nobody else', `/users/${beta.id}`, asAlpha);
  await s.post('a user creates nobody', '/users', { name: name('never'), is_admin: true }, asAlpha);
  await s.put('a user changes nobody else', `/users/${beta.id}`, { full_name: 'x' }, asAlpha);
  await s.put('a user deactivates nobody', `/users/${beta.id}/deactivate`, undefined, asAlpha);
  await s.delete('a user deletes nobody', `/users/${beta.id}`, undefined, asAlpha);
  await s.put('no administrator by oneself', `/users/${alpha.id}`, { is_admin: true }, asAlpha);
  await s.put('no settings', '/settings', { server_name: 'mine' }, asAlpha);
  await s.put('an empty change of settings', '/settings', {}, asAlpha);

  await s.put(
    'update oneself through /users',
    `/users/${alpha.id}`,
    { full_name: 'Alpha the first', user_metadata: { theme: 'dark' }, avatar_url: 'x' },
    asAlpha,
  );
  await s.put('e-mail through /users', `/users/${alpha.id}`, { email: 'alpha@example.com', email_opted_in: true }, asAlpha);
  await s.put('opting in without an address', '/current-user', { email_opted_in: true }, asAlpha);
  await s.put('e-mail through /current-user', '/current-user', { email: 'alpha@example.com' }, asAlpha);
  await s.get('the e-mail is private', `/users/${alpha.id}`);
  await s.get('and seen by its owner', '/current-user', asAlpha);
  await s.put('metadata null', '/current-user', { user_metadata: null }, asAlpha);
  await s.put(
    'fields that nobody changes',
    '/current-user',
    { is_admin: true, active: false, external_user_id: NOBODY, oidc_claims: { a: 1 }, activation_token: 'x' },
    asAlpha,
  );
  await s.put('update nothing', '/current-user', {}, asAlpha);
  await s.put('the answer about e-mails', `/users/${alpha.id}/email-opt-in`, { email: 'a@example.com', email_opted_in: true }, asAlpha);
  await s.put('the answer no', `/users/${alpha.id}/email-opt-in`, { email_opted_in: false }, asAlpha);
  await s.put('the answer by name', `/users/${name('alpha')}/email-opt-in`, { email_opted_in: false }, asAlpha);
  await s.put('the answer of somebody else', `/users/${beta.id}/email-opt-in`, { email_opted_in: false }, asAlpha);
  await s.put('the answer of nobody', `/users/${NOBODY}/email-opt-in`, { email_opted_in: false }, asAlpha);
  await s.put('a taken name', '/current-user', { name: name('gamma') }, asAlpha);
  await s.put('a new password without the old one', '/current-user', { password: 'x' }, asAlpha);
  await s.put('a new password with a wrong old one', '/current-user', { password: 'x', old_password: 'y' }, asAlpha);
  await s.put('a new password with a wrong old one, through /users', `/users/${alpha.id}`, { password: 'x', old_password: 'y' }, asAlpha);
  await s.put("a new password for somebody else's account", `/users/${alpha.id}`, { password: 'x' });
  const project = await s.project();
  await s.put('a default project', '/current-user', { default_project_id: project }, asAlpha);
  await s.put('no default project', '/current-user', { default_project_id: null }, asAlpha);
  await s.put('a new password', '/current-user', { password: 'another passphrase', old_password: password }, asAlpha);
  await s.get('tokens from before are refused', '/current-user', asAlpha);
  await s.post('the old password', '/login', undefined, { form: { username: name('alpha'), password } });
  await s.post('the new password', '/login', undefined, { form: { username: name('alpha'), password: 'another passphrase' } });

  await s.put('an administrator renames', `/users/${alpha.id}`, { name: name('alpha2') });
  await s.put('to a taken name', `/users/${alpha.id}`, { name: name('gamma') });
  await s.put('by name', `/users/${name('alpha2')}`, { full_name: 'by name' });
  await s.put('makes an administrator', `/users/${alpha.id}`, { is_admin: true });
  await s.put('and takes it back', `/users/${alpha.id}`, { is_admin: false });
  await s.put('deactivates by update', `/users/${alpha.id}`, { active: false });
  await s.put('activates by update', `/users/${alpha.id}`, { active: true });
  await s.put('not the own status', '/users/admin', { active: false });
  await s.put('not the own rights', '/users/admin', { is_admin: false });
  await s.put("somebody's e-mail", `/users/${alpha.id}`, { email: 'x@example.com' });
  await s.put('unknown', `/users/${NOBODY}`, { full_name: 'x' });

  const activation = beta.pick('body.activation_token') ?? 'none';
  await s.post('log in before activation', '/login', undefined, { form: { username: name('beta'), password: '' } });
  await s.put('activate with a wrong token', `/users/${beta.id}/activate`, { activation_token: 'wrong' }, { token: null });
  await s.put('activate without a token', `/users/${beta.id}/activate`, { password }, { token: null });
  await s.put('activate nobody', `/users/${NOBODY}/activate`, { activation_token: activation }, { token: null });
  await s.put(
    'activate',
    `/users/${beta.id}/activate`,
    { activation_token: activation, password, full_name: 'Beta', is_admin: false, active: false, email: 'beta2@example.com' },
    { token: null, scrub: (body) => body },
  );
  await s.put('activate again', `/users/${beta.id}/activate`, { activation_token: activation, password: 'x' }, { token: null });
  const asBeta = { token: await tokenOf(s, name('beta')) };
  await s.get('activated', '/current-user', asBeta);
  await s.put('deactivate', `/users/${beta.id}/deactivate`);
  await s.get('tokens of the inactive', '/current-user', asBeta);
  await s.post('log in of the inactive', '/login', undefined, { form: { username: name('beta'), password } });
  await s.put('deactivate oneself', '/users/admin/deactivate');
  await s.put('deactivate nobody', `/users/${NOBODY}/deactivate`);

  await refusals(s, '/users', {
    create: { name: name('r'), full_name: 'R', is_admin: false, email: 'r@example.com', avatar_url: 'x', user_metadata: {} },
    update: { full_name: 'R2', avatar_url: 'y' },
    id: alpha.id,
    without: ['name'],
  });
  await s.delete('oneself', '/users/admin');
  const owner = await s.post('somebody who will own something', '/users', { name: name('owner'), is_admin: false, password });
  const asOwner = { token: await tokenOf(s, name('owner')) };
  const pipeline = await s.post('something owned', '/pipelines', { name: 'owned', project }, asOwner);
  await s.delete('an owner', `/users/${owner.id}`);
  await s.delete('what is owned', `/pipelines/${pipeline.id}`);
  await s.delete('an owner of nothing', `/users/${owner.id}`);
  await s.get('the token of the deleted', '/current-user', asOwner);
  await s.delete('again', `/users/${owner.id}`);
  await s.delete('by name', `/users/${name('gamma')}`);
  await s.get('gone', `/users/${name('gamma')}`);
});

export const machines = scenario('machines', async (s, operations) => {
  const name = (base: string) => s.name(base);
  const alpha = await s.post('create', '/service_accounts', { name: name('alpha'), active: true, description: 'first', full_name: 'Alpha' });
  await s.post('create an inactive one', '/service_accounts', { name: name('beta'), active: false, avatar_url: 'x' });
  await s.post('a name that is taken', '/service_accounts', { name: name('alpha'), active: true });
  await s.post('a user of the same name', '/users', { name: name('alpha'), is_admin: false });
  await s.get('by id', `/service_accounts/${alpha.id}`);
  await s.get('by name, not hydrated', `/service_accounts/${name('alpha')}`, { query: { hydrate: false } });
  await s.get('as a user by id', `/users/${alpha.id}`);
  await s.put('as a user, deactivate', `/users/${alpha.id}/deactivate`);
  await s.put('as a user, update', `/users/${alpha.id}`, { full_name: 'x' });
  await s.delete('as a user, delete', `/users/${alpha.id}`);
  await filterCases(s, operations, '/service_accounts', {
    scope: { name: s.mine },
    samples: { name: name('alpha'), description: 'first', id: alpha.id },
    unique: ['name'],
  });
  await s.put('update', `/service_accounts/${alpha.id}`, { name: name('alpha2'), description: 'second', full_name: 'A', avatar_url: 'y' });
  await s.put('nulls keep', `/service_accounts/${alpha.id}`, { name: null, description: null, full_name: null, active: null, avatar_url: null });
  await s.put('to a taken name', `/service_accounts/${alpha.id}`, { name: name('beta') });
  await s.put('by name', `/service_accounts/${name('alpha2')}`, { description: 'by name' });
  await refusals(s, '/service_accounts', {
    create: { name: name('r'), active: true, description: 'text', full_name: 'R' },
    update: { description: 'text', active: true },
    id: alpha.id,
    without: ['name'],
  });

  const keys = `/service_accounts/${alpha.id}/api_keys`;
  const first = await s.post('a key', keys, { name: 'first', description: 'a key' });
  await s.post('a key of the same name', keys, { name: 'first' });
  const second = await s.post('another key', keys, { name: 'second' });
  await s.get('a key by id', `${keys}/${first.id}`);
  await s.get('a key by name, not hydrated', `${keys}/first`, { query: { hydrate: false } });
  await filterCases(s, operations, keys, { scope: {}, samples: { name: 'first', description: 'a key', id: first.id }, unique: ['name'] });
  await s.put('update a key', `${keys}/${second.id}`, { name: 'second2', description: 'changed' });
  await s.put('rename it to a taken name', `${keys}/second2`, { name: 'first' });
  await s.put('nulls of a key keep', `${keys}/${second.id}`, { name: null, description: null, active: null });
  const other = await s.post('another account', '/service_accounts', { name: name('other'), active: true });
  await s.get('a key of another account', `/service_accounts/${other.id}/api_keys/${first.id}`);
  await s.get('keys of nobody', `/service_accounts/${NOBODY}/api_keys`);
  await s.post('a key for nobody', `/service_accounts/${NOBODY}/api_keys`, { name: 'x' });
  await refusals(s, keys, { create: { name: 'r', description: 'text' }, update: { description: 'text' }, id: first.id, without: ['name'] });

  const login = async (title: string, key: string | undefined) => s.post(title, '/login', undefined, { form: { password: key ?? '' } });
  const firstKey = first.pick('body.key');
  const token = (await login('log in with the key', firstKey)).pick('access_token') ?? 'none';
  await s.get('the machine by token', '/current-user', { token });
  await s.get('the machine by key', '/current-user', { token: firstKey ?? 'none' });
  await s.post('a machine is no administrator', '/service_accounts', { name: name('never'), active: true }, { token });
  await s.put('nor rotates its own key', `${keys}/first/rotate`, {}, { token });
  await s.get('a machine sees service accounts', '/service_accounts', { token, query: { name: s.mine, sort_by: 'asc:name' } });
  await s.get('a key makes no API token', '/api_token', { token: firstKey ?? 'none' });
  const scrub = (body: unknown) => (typeof body === 'string' ? '<token>' : body);
  await s.get('its token makes one', '/api_token', { token, scrub });

  const rotated = await s.put('rotate', `${keys}/first/rotate`, { retain_period_minutes: 5 });
  await s.get('after the rotation', `${keys}/first`);
  await login('log in with the old key', firstKey);
  await s.get('an old token', '/current-user', { token });
  const newKey = rotated.pick('body.key');
  await login('log in with the new key', newKey);
  const last = await s.put('rotate at once', `${keys}/first/rotate`, {});
  await login('log in with the key before', newKey);
  await s.get('a token of the first generation', '/current-user', { token });
  const lastKey = last.pick('body.key');
  const lastToken = (await login('log in with the last key', lastKey)).pick('access_token') ?? 'none';
  await s.put('deactivate the key', `${keys}/first`, { active: false });
  await login('log in with an inactive key', lastKey);
  await s.get('a token of an inactive key', '/current-user', { token: lastToken });
  await s.put('activate the key', `${keys}/first`, { active: true });
  await s.put('deactivate the account', `/service_accounts/${alpha.id}`, { active: false });
  await login('log in of an inactive account', lastKey);
  await s.get('a token of an inactive account', '/current-user', { token: lastToken });
  await s.put('activate the account', `/service_accounts/${alpha.id}`, { active: true });
  await s.put('rotate a key of nobody', `${keys}/nobody/rotate`, {});
  await s.delete('delete the key', `${keys}/first`);
  await s.get('a token of a deleted key', '/current-user', { token: lastToken });
  await s.delete('delete it again', `${keys}/first`);
  await s.post('a machine logs in by name', '/login', undefined, { form: { username: name('alpha2'), password: '' } });
  await s.delete('delete the account', `/service_accounts/${alpha.id}`);
  await s.get('its keys are gone', `${keys}/${second.id}`);
  await s.delete('delete by name', `/service_accounts/${name('beta')}`);
  await s.delete('delete again', `/service_accounts/${name('beta')}`);
});

export const signIn = scenario('sign_in', async (s) => {
  const form = (title: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    s.post(title, '/login', undefined, { form: fields, headers, token: null });
  const admin = s.server.credentials as { username: string; password: string };
  await form('by password', admin);
  await form('by password, said so', { ...admin, grant_type: 'password' });
  await form('a wrong password', { ...admin, password: 'wrong' });
  await form('no password', { username: 'admin' });
  await form('an unknown user', { username: s.name('nobody'), password: 'x' });
  await form('nothing', {});
  await form('an empty name', { username: '', password: '' });
  await form('an unknown grant', { ...admin, grant_type: 'magic' });
  await form('the external grant', { grant_type: 'zenml-external' });
  await form('a key that is none', { password: 'ZENKEY_x' });
  await form('a key without prefix', { password: 'nonsense' });
  await form('a Pro key', { password: 'ZENPROKEY_x' });
  await form('the key grant without a key', { grant_type: 'zenml-api-key' });
  await s.post('JSON', '/login', admin, { token: null });
  await form('from a browser of the same site', admin, { origin: s.server.url });
  await form('from a browser of another site', admin, { origin: 'https://elsewhere.example' });
  const me = await s.get('who am I', '/current-user');
  await form('by id', { username: me.id, password: admin.password });
  await s.get('log out', '/logout');
  await s.get('log out without a token', '/logout', { token: null });

  const api = (title: string, query: Record<string, string | number>) =>
    s.get(title, '/api_token', { query, scrub: (body) => (typeof body === 'string' ? '<token>' : body) });
  await api('an API token', {});
  await api('of an hour', { expires_in: 3600 });
  await api('of seven days', { expires_in: 604_800 });
  await api('of more', { expires_in: 604_801 });
  await api('of a word', { expires_in: 'long' });
  await api('of an unknown type', { token_type: 'magic' });
  await api('generic and scoped', { schedule_id: NOBODY });
  await api('workload of nothing', { token_type: 'workload' });
  await api('workload of an unknown schedule', { token_type: 'workload', schedule_id: NOBODY });
  await api('workload of an unknown run', { token_type: 'workload', pipeline_run_id: NOBODY });
  await api('workload of an unknown deployment', { token_type: 'workload', deployment_id: NOBODY });
  const generic = await s.get('used', '/api_token');
  await s.get('a generic token works', '/current-user', { token: generic.body as string });
});

export const deviceFlow = scenario('device_flow', async (s, operations) => {
  const clientId = `${s.session
    .replace(/[^0-9a-f]/g, '0')
    .padEnd(8, '0')
    .slice(0, 8)}-0000-4000-8000-000000000001`;
  const agent = { 'user-agent': 'Host/my-laptop ZenML/0.98.0 Python/3.11.2 OS/Linux' };
  const grant = (title: string, code: string, client = clientId) =>
    s.post(title, '/login', undefined, {
      token: null,
      form: { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: client, device_code: code },
    });
  const start = async (title: string) => {
    const answer = await s.post(title, '/device_authorization', undefined, { token: null, form: { client_id: clientId }, headers: agent, scrub: withoutLink });
    const link = new URL((answer.body as { verification_uri_complete: string }).verification_uri_complete, 'http://x');
    return {
      id: link.searchParams.get('device_id') ?? NOBODY,
      userCode: link.searchParams.get('user_code') ?? 'none',
      deviceCode: answer.pick('device_code') ?? 'none',
    };
  };
  await s.post('no client id', '/device_authorization', undefined, { token: null, form: {} });
  await s.post('a client id that is none', '/device_authorization', undefined, { token: null, form: { client_id: 'x' } });
  await grant('a client that started nothing', 'x');
  const first = await start('start');
  await grant('poll before the approval', first.deviceCode);
  await grant('poll with a client id that is none', first.deviceCode, 'x');
  await s.post('poll without a code', '/login', undefined, {
    token: null,
    form: { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: clientId },
  });
  await s.get('unclaimed without code', `/devices/${first.id}`);
  await s.get('unclaimed with a wrong code', `/devices/${first.id}`, { query: { user_code: 'wrong' } });
  await s.get('unclaimed with its code', `/devices/${first.id}`, { query: { user_code: first.userCode }, scrub: withoutAddress });
  await s.put('change an unclaimed one', `/devices/${first.id}`, { locked: true });
  await s.put('verify with a wrong code', `/devices/${first.id}/verify`, { user_code: 'wrong' });
  await s.put('verify', `/devices/${first.id}/verify`, { user_code: first.userCode, trusted_device: true }, { scrub: withoutAddress });
  await s.put('verify again', `/devices/${first.id}/verify`, { user_code: first.userCode });
  await grant('poll with a wrong code', 'wrong');
  const granted = await grant('poll after the approval', first.deviceCode);
  await grant('poll again', first.deviceCode);
  const token = granted.pick('access_token') ?? 'none';
  await s.get('the token works', '/current-user', { token });
  await s.get('one of mine', `/devices/${first.id}`, { scrub: withoutAddress });
  await filterCases(s, operations, '/devices', {
    scope: { client_id: clientId },
    samples: { status: 'active', id: first.id, client_id: clientId, failed_auth_attempts: 0 },
  });
  await s.put('lock', `/devices/${first.id}`, { locked: true }, { scrub: withoutAddress });
  await s.get('a token of a locked device', '/current-user', { token });
  await grant('poll of a locked device', first.deviceCode);
  await s.put('unlock', `/devices/${first.id}`, { locked: false }, { scrub: withoutAddress });
  await s.get('a token of an unlocked device', '/current-user', { token });
  await s.put('change nothing', `/devices/${first.id}`, {}, { scrub: withoutAddress });

  const second = await start('start again');
  await s.get('a token from before', '/current-user', { token });
  for (const time of ['first', 'second', 'third', 'fourth'])
    await s.put(`a wrong code for the ${time} time`, `/devices/${second.id}/verify`, { user_code: 'wrong' });
  await s.get('it is locked', `/devices/${second.id}`, { scrub: withoutAddress });
  await s.get('an unknown device', `/devices/${NOBODY}`);
  await s.put('verify an unknown device', `/devices/${NOBODY}/verify`, { user_code: 'x' });
  await s.delete('delete', `/devices/${second.id}`);
  await s.delete('delete again', `/devices/${second.id}`);
  await s.get('the onboarding knows', '/onboarding_state', {
    scrub: (body) => (Array.isArray(body) ? body.filter((step) => step === 'device_verified') : body),
  });
});

/** Codes are random; where the page is depends on settings. */
function withoutLink(body: unknown): unknown {
  return body !== null && typeof body === 'object' ? { ...body, verification_uri_complete: '<link>' } : body;
}

function withoutAddress(body: unknown): unknown {
  const device = body as { body?: Record<string, unknown> };
  if (device.body && 'ip_address' in device.body) device.body.ip_address = '<address>';
  return body;
}

export const settings = scenario('settings', async (s) => {
  const scrub = (body: unknown) => {
    const page = body as { body?: Record<string, unknown> };
    if (page.body) Object.assign(page.body, { server_id: '<server>', last_user_activity: '<activity>' });
    return body;
  };
  await s.get('version', '/version', { token: null });
  await s.get('info', '/info', { token: null, scrub: infoOf });
  await s.get('settings', '/settings', { scrub });
  await s.get('settings, not hydrated', '/settings', { query: { hydrate: false }, scrub });
  await s.get('settings without a token', '/settings', { token: null });
  await s.put(
    'change settings',
    '/settings',
    { server_name: 'mine', logo_url: 'x', enable_analytics: false, display_announcements: false, display_updates: true },
    { scrub },
  );
  await s.put('change nothing', '/settings', {}, { scrub });
  await s.put('clear the logo', '/settings', { logo_url: null, display_announcements: null }, { scrub });
  await s.put('of another type', '/settings', { enable_analytics: 'perhaps' });
  await s.put('as they were', '/settings', { server_name: 'default', logo_url: null, display_announcements: true, display_updates: true }, { scrub });
  await s.put('activate again', '/activate', { admin_username: 'x', admin_password: 'y' }, { token: null });
  await s.get('load', '/load-info', { scrub: (body) => Object.keys(body as object) });
  await s.get('load without a token', '/load-info', { token: null });
  await s.get('onboarding without a token', '/onboarding_state', { token: null });
  await s.get('statistics', '/statistics', { scrub: (body) => Object.keys(body as object) });
});

/** What two installations must have in common. */
function infoOf(body: unknown): unknown {
  const {
    id: _id,
    database_type: _database,
    last_user_activity: _activity,
    analytics_enabled: _analytics,
    metadata: _metadata,
    ...rest
  } = body as Record<string, unknown>;
  return rest;
}
