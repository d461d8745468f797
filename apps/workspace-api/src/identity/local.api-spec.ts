import { sql } from '#libs/database/sql.js';
import type { ApiClient } from '#libs/testing/api-client.js';
import { PipelineClient } from '../../test/pipeline.js';
import { adminName, adminPassword, startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('people and machines of a stand-alone workspace', () => {
  let workspace: TestWorkspace;
  let api: ApiClient;
  beforeAll(async () => {
    workspace = await startWorkspace({ local: { failedAttempts: { perMinute: 50, perDay: 50 } } });
    api = workspace.api;
  });
  afterAll(() => workspace.stop());

  const password = 'a long enough passphrase';
  const login = (form: Record<string, string>) => api.as(null).post('/login', undefined, { form });

  async function person(isAdmin = false) {
    const name = unique('person');
    const { id } = await api.ok(api.post('/users', { name, is_admin: isAdmin, password }));
    const { access_token } = await api.ok(login({ username: name, password }));
    return { id, name, api: api.as(access_token) };
  }

  it('lets somebody in who activates the account with the token that was shown once', async () => {
    const name = unique('invited');
    const made = await api.ok(api.post('/users', { name, is_admin: false }));
    expect(made.body).toMatchObject({ active: false, activation_token: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await api.ok(api.get(`/users/${made.id}`))).body.activation_token).toBeNull();
    const activate = (token: string) => api.as(null).put(`/users/${made.id}/activate`, { activation_token: token, password, full_name: 'Ada' });
    expect((await activate('0'.repeat(64))).status).toBe(401);
    expect((await activate(made.body.activation_token)).body.body).toMatchObject({ active: true, full_name: 'Ada' });
    expect((await activate(made.body.activation_token)).status).toBe(401);
    expect((await login({ username: name, password })).status).toBe(200);
  });

  it('ends all tokens of a person when the password changes', async () => {
    const ada = await person();
    const change = (old_password: string) => ada.api.put('/current-user', { password: 'another passphrase', old_password });
    expect((await change('wrong')).status).toBe(403);
    expect((await change(password)).status).toBe(200);
    expect((await ada.api.get('/current-user')).status).toBe(401);
    expect((await login({ username: ada.name, password })).status).toBe(401);
    expect((await login({ username: ada.name, password: 'another passphrase' })).status).toBe(200);
  });

  it('shows private data to nobody but their owner', async () => {
    const ada = await person();
    await ada.api.ok(ada.api.put('/current-user', { email: 'ada@example.com' }));
    expect((await ada.api.ok(ada.api.get('/current-user'))).metadata.email).toBe('ada@example.com');
    expect((await api.ok(api.get(`/users/${ada.id}`))).metadata.email).toBeNull();
  });

  it('lets people who are no administrators see and change nobody but themselves', async () => {
    const [ada, grace] = [await person(), await person()];
    expect((await ada.api.ok(ada.api.get('/users'))).items.map((one: { id: string }) => one.id)).toEqual([ada.id]);
    const attempts = [
      ada.api.get(`/users/${grace.id}`),
      ada.api.put(`/users/${grace.id}`, { full_name: 'x' }),
      ada.api.put(`/users/${grace.id}/deactivate`),
      ada.api.delete(`/users/${grace.id}`),
      ada.api.post('/users', { name: unique('x'), is_admin: true }),
      ada.api.put(`/users/${ada.id}`, { is_admin: true }),
      ada.api.post('/service_accounts', { name: unique('x'), active: true }),
      ada.api.put('/settings', { server_name: 'mine' }),
    ];
    expect((await Promise.all(attempts)).map((one) => one.status)).toEqual(attempts.map(() => 403));
  });

  it('keeps one administrator, whatever two of them do at the same time', async () => {
    const other = await person(true);
    const me = (await api.ok(api.get('/current-user'))).id;
    const answers = await Promise.all([api.put(`/users/${other.id}`, { is_admin: false }), other.api.put(`/users/${me}`, { is_admin: false })]);
    expect(answers.filter((one) => one.status === 200)).toHaveLength(1);
    const [row] = await workspace.db.read<{ admins: number }>(
      { workspaceId: workspace.id },
      sql`SELECT count(*)::int AS admins FROM workspace."user" WHERE is_admin AND active`,
    );
    expect(row?.admins).toBeGreaterThan(0);
    await workspace.db.read({ workspaceId: workspace.id }, sql`UPDATE workspace."user" SET is_admin = true WHERE name = ${adminName}`);
  });

  it('does not delete whoever owns something', async () => {
    const ada = await person();
    const tag = await ada.api.ok(ada.api.post('/tags', { name: unique('tag') }));
    expect((await api.delete(`/users/${ada.id}`)).status).toBe(403);
    await api.ok(api.delete(`/tags/${tag.id}`));
    expect((await api.delete(`/users/${ada.id}`)).status).toBe(200);
    expect((await ada.api.get('/current-user')).status).toBe(401);
  });

  describe('a service account', () => {
    async function machine() {
      const { id } = await api.ok(api.post('/service_accounts', { name: unique('machine'), active: true }));
      const made = await api.ok(api.post(`/service_accounts/${id}/api_keys`, { name: 'key' }));
      return { id, keys: `/service_accounts/${id}/api_keys/key`, key: made.body.key as string };
    }

    it('signs in with a key that is shown once and stored as a hash', async () => {
      const { keys, key } = await machine();
      expect((await api.ok(api.get(keys))).body.key).toBeNull();
      const { access_token } = await api.ok(login({ password: key }));
      for (const token of [key, access_token]) expect((await api.as(token).get('/current-user')).body.body.is_service_account).toBe(true);
      const rows = await workspace.db.read<{ key: string }>({ workspaceId: workspace.id }, sql`SELECT key FROM workspace.api_key`);
      const { key: secret } = JSON.parse(Buffer.from(key.slice('ZENKEY_'.length), 'base64').toString());
      expect(JSON.stringify(rows)).not.toContain(secret);
    });

    it('has no password to change', async () => {
      const { key } = await machine();
      expect((await api.as(key).put('/current-user', { password: 'a new password', old_password: 'an old one' })).status).toBe(404);
    });

    it('keeps a key and its tokens after a rotation as long as was asked for, and not longer', async () => {
      const { keys, key } = await machine();
      const { access_token } = await api.ok(login({ password: key }));
      const rotated = await api.ok(api.put(`${keys}/rotate`, { retain_period_minutes: 5 }));
      for (const token of [key, access_token, rotated.body.key]) expect((await api.as(token).get('/current-user')).status).toBe(200);
      await workspace.db.read({ workspaceId: workspace.id }, sql`UPDATE workspace.api_key SET last_rotated = last_rotated - interval '6 minutes'`);
      expect((await api.as(key).get('/current-user')).status).toBe(401);
      expect((await api.as(access_token).get('/current-user')).status).toBe(401);
      expect((await api.as(rotated.body.key).get('/current-user')).status).toBe(200);
    });

    it('leaves no key in what is kept for repeated requests, which get the same answer', async () => {
      const { id } = await machine();
      const headers = { 'idempotency-key': '5b0d5fb4-6c3d-4f53-9f0b-0a1b6a4f1c11' };
      const make = () => api.post(`/service_accounts/${id}/api_keys`, { name: 'again' }, { headers });
      const first = await make();
      expect((await make()).body).toEqual(first.body);
      const rows = await workspace.db.read({ workspaceId: workspace.id }, sql`SELECT result::text AS result FROM workspace.api_transaction`);
      expect(JSON.stringify(rows)).not.toContain(first.body.body.key);
    });

    it('loses all access at once when it or its key is switched off', async () => {
      const { id, keys, key } = await machine();
      const { access_token } = await api.ok(login({ password: key }));
      for (const [path, on] of [
        [keys, { active: true }],
        [`/service_accounts/${id}`, { active: true }],
      ] as const) {
        await api.ok(api.put(path, { active: false }));
        for (const token of [key, access_token]) expect((await api.as(token).get('/current-user')).status).toBe(401);
        await api.ok(api.put(path, on));
        expect((await api.as(key).get('/current-user')).status).toBe(200);
      }
    });
  });

  describe('a device', () => {
    let count = 0;
    async function start() {
      count += 1;
      const client_id = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
      const answer = await api.ok(
        api
          .as(null)
          .post('/device_authorization', undefined, { form: { client_id }, headers: { 'user-agent': 'Host/laptop ZenML/0.98.0 Python/3.11 OS/Linux' } }),
      );
      const link = new URL(answer.verification_uri_complete, 'http://x');
      const poll = (code = answer.device_code as string) => login({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id, device_code: code });
      return { id: link.searchParams.get('device_id') as string, code: answer.user_code as string, link, poll };
    }

    it('is signed in once its owner approved it, and one time only', async () => {
      const { id, code, link, poll } = await start();
      expect(link.pathname).toBe('/devices/verify');
      expect(await poll()).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
      const shown = await api.ok(api.get(`/devices/${id}?user_code=${code}`));
      expect(shown).toMatchObject({ body: { hostname: 'laptop', status: 'pending', user_id: null }, metadata: { zenml_version: '0.98.0' } });
      await api.ok(api.put(`/devices/${id}/verify`, { user_code: code, trusted_device: true }));
      const { access_token } = await api.ok(poll());
      expect((await api.as(access_token).get('/current-user')).body.name).toBe(adminName);
      expect(await poll()).toMatchObject({ status: 400, body: { error: 'expired_token' } });
    });

    it('is locked after three wrong codes, and tells what it knows only with the right one', async () => {
      const { id, poll } = await start();
      expect((await api.get(`/devices/${id}?user_code=${'0'.repeat(32)}`)).status).toBe(404);
      for (let i = 0; i < 3; i += 1) expect((await api.put(`/devices/${id}/verify`, { user_code: 'wrong' })).status).toBe(400);
      expect(await poll()).toMatchObject({ status: 400, body: { error: 'access_denied' } });
    });

    it('is nobody else’s business, and ends at once when locked or deleted', async () => {
      const { id, code, poll } = await start();
      await api.ok(api.put(`/devices/${id}/verify`, { user_code: code }));
      const { access_token } = await api.ok(poll());
      const ada = await person();
      for (const answer of [ada.api.get(`/devices/${id}`), ada.api.put(`/devices/${id}`, { locked: true }), ada.api.delete(`/devices/${id}`)])
        expect((await answer).status).toBe(404);
      expect((await ada.api.ok(ada.api.get('/devices'))).total).toBe(0);
      await api.ok(api.put(`/devices/${id}`, { locked: true }));
      expect((await api.as(access_token).get('/current-user')).status).toBe(401);
      await api.ok(api.put(`/devices/${id}`, { locked: false }));
      expect((await api.as(access_token).get('/current-user')).status).toBe(200);
      await api.ok(api.delete(`/devices/${id}`));
      expect((await api.as(access_token).get('/current-user')).status).toBe(401);
    });
  });

  it('makes API tokens from tokens, which end with what made them', async () => {
    const { id } = await api.ok(api.post('/service_accounts', { name: unique('machine'), active: true }));
    const { body } = await api.ok(api.post(`/service_accounts/${id}/api_keys`, { name: 'key' }));
    const { access_token } = await api.ok(login({ password: body.key }));
    expect((await api.as(body.key).get('/api_token')).status).toBe(401);
    const token = await api.ok(api.as(access_token).get('/api_token?expires_in=60'));
    expect((await api.as(token).get('/current-user')).status).toBe(200);
    await api.ok(api.put(`/service_accounts/${id}/api_keys/key`, { active: false }));
    expect((await api.as(token).get('/current-user')).status).toBe(401);
    expect((await api.get('/api_token?expires_in=604801')).status).toBe(400);
  });

  it('ties a workload token to its run: it makes none for another run, and ends within minutes of the run', async () => {
    const client = new PipelineClient(workspace);
    const snapshot = await client.snapshot();
    const [run, other] = [await client.run(snapshot), await client.run(snapshot)];
    const ask = (by: ApiClient, id: string) => by.get(`/api_token?token_type=workload&pipeline_run_id=${id}`);
    const token = await api.ok(ask(api, run.id));
    const worker = api.as(token);
    expect((await worker.get('/current-user')).status).toBe(200);
    expect((await ask(worker, run.id)).status).toBe(200);
    expect((await ask(worker, other.id)).status).toBe(401);
    const generic = api.as(await api.ok(worker.get('/api_token')));
    const end = (secondsAgo: number) =>
      workspace.db.read(
        { workspaceId: workspace.id },
        sql`UPDATE workspace.pipeline_run SET in_progress = false, status = 'completed', end_time = (now() AT TIME ZONE 'utc') - make_interval(secs => ${secondsAgo}::int) WHERE id = ${run.id}`,
      );
    await end(0);
    expect((await worker.get('/current-user')).status).toBe(200);
    expect((await ask(api, run.id)).status).toBe(400);
    await end(240);
    expect((await worker.get('/current-user')).status).toBe(200);
    await end(310);
    expect((await worker.get('/current-user')).status).toBe(401);
    // The run's own client says when it ended, and may not put that off.
    await end(-3_600);
    expect((await worker.get('/current-user')).status).toBe(401);
    expect((await generic.get('/current-user')).status).toBe(401);
  });

  it('refuses an address after too many wrong passwords, right ones not counted', async () => {
    const strict = await startWorkspace({ local: { failedAttempts: { perMinute: 2, perDay: 100 } } });
    try {
      const attempt = (secret: string) => strict.api.as(null).post('/login', undefined, { form: { username: adminName, password: secret } });
      for (let i = 0; i < 3; i += 1) expect((await attempt(adminPassword)).status).toBe(200);
      for (let i = 0; i < 2; i += 1) expect((await attempt('wrong')).status).toBe(401);
      const refused = await attempt(adminPassword);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await strict.stop();
    }
  });
});
