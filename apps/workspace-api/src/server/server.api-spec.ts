import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fastify } from 'fastify';
import { sql } from '#libs/database/sql.js';
import { ApiClient } from '#libs/testing/api-client.js';
import { startWorkspace, type TestWorkspace } from '../../test/workspace.js';
import { Activity } from './activity.js';
import { servePages } from './dashboard.js';
import { purgeReplies } from './housekeeping.js';

describe('the server of a workspace', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  const settings = async () => (await workspace.api.ok(workspace.api.get('/settings'))).body;

  it('is activated once', async () => {
    const activate = () => workspace.api.as(null).put('/activate', { server_name: 'mine', admin_username: 'first', admin_password: 'a passphrase' });
    expect((await activate()).status).toBe(403);
    await workspace.db.read({ workspaceId: workspace.id }, sql`UPDATE workspace.server_settings SET active = false`);
    expect((await workspace.api.get('/info')).body.active).toBe(false);
    const answers = await Promise.all([activate(), activate()]);
    expect(answers.map((one) => one.status).sort()).toEqual([200, 403]);
    expect(answers.find((one) => one.status === 200)?.body).toMatchObject({ name: 'first', body: { is_admin: true, active: true } });
    expect((await workspace.api.get('/info')).body).toMatchObject({ active: true, name: 'mine' });
  });

  it('says which of its settings cannot be nothing', async () => {
    const refused = await workspace.api.put('/settings', { server_name: 'default', enable_analytics: null });
    expect([refused.status, refused.body.detail[1]]).toEqual([422, expect.stringContaining('enable_analytics')]);
  });

  it('notes activity at most every 30 seconds, without touching when settings changed, and not for /info', async () => {
    let nowMs = 1_000_000;
    const activity = new Activity(workspace.db, () => nowMs);
    const past = '2020-01-01T00:00:00';
    const noted = async (url: string) => {
      await workspace.db.read({ workspaceId: workspace.id }, sql`UPDATE workspace.server_settings SET last_user_activity = ${past}`);
      await activity.note({ url, workspaceId: workspace.id } as never); // all that is read of a request without a caller
      return (await settings()).last_user_activity !== past;
    };
    const { updated } = await settings();
    expect(await noted('/api/v1/info')).toBe(false);
    expect(await noted('/docs')).toBe(false);
    expect(await noted('/api/v1/pipelines?page=1')).toBe(true);
    nowMs += 29_999;
    expect(await noted('/api/v1/pipelines')).toBe(false);
    nowMs += 1;
    expect(await noted('/api/v1/pipelines')).toBe(true);
    expect((await settings()).updated).toBe(updated);
  });

  it('forgets replies whose time is over, and keeps the others', async () => {
    const rows = async () =>
      (await workspace.db.read<{ id: string }>({ workspaceId: workspace.id }, sql`SELECT id FROM workspace.api_transaction ORDER BY id`)).map((row) => row.id);
    const keys = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
    for (const key of keys) await workspace.api.ok(workspace.api.post('/tags', { name: `tag-${key}` }, { headers: { 'idempotency-key': key } }));
    expect(await rows()).toEqual(keys);
    await workspace.db.read(
      { workspaceId: workspace.id },
      sql`UPDATE workspace.api_transaction SET expired = (now() AT TIME ZONE 'utc') - interval '1 second' WHERE id = ${keys[0]}`,
    );
    await purgeReplies(workspace.db);
    expect(await rows()).toEqual([keys[1]]);
  });

  describe('without a dashboard', () => {
    it('has a page to approve devices on, and no other', async () => {
      const root = new ApiClient(await workspace.app.getUrl());
      const page = await root.get('/devices/verify?device_id=x&user_code=y');
      expect(page.headers.get('content-type')).toContain('text/html');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'sha256-");
      expect((await root.get('/')).status).toBe(404);
    });
  });

  describe('with a dashboard', () => {
    let folder: string;
    let served: TestWorkspace;
    let root: ApiClient;
    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'dashboard-'));
      mkdirSync(path.join(folder, 'assets'));
      writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>start</title>');
      writeFileSync(path.join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
      writeFileSync(path.join(folder, 'assets/index-1.js'), 'export {};');
      served = await startWorkspace({ dashboardDir: folder });
      root = new ApiClient(await served.app.getUrl());
    });
    afterAll(async () => {
      await served.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(['/', '/login', '/projects/default/pipelines?page=1', '/devices/verify?device_id=x', '/index.html', '/apiary'])(
      'answers %s with the start page, asked for again each time',
      async (url) => {
        const page = await root.get(url);
        expect(page).toMatchObject({ status: 200, text: expect.stringContaining('start') });
        expect(page.headers.get('cache-control')).toBe('no-cache');
      },
    );

    it('serves files whose name says their content for ever', async () => {
      const file = await root.get('/assets/index-1.js');
      expect(file).toMatchObject({ status: 200, text: 'export {};' });
      expect(file.headers.get('cache-control')).toContain('immutable');
      expect((await root.get('/favicon.svg')).headers.get('content-type')).toContain('svg');
      expect((await root.get('/assets/index-0.js')).status).toBe(404);
    });

    it('leaves the API alone', async () => {
      expect(await root.get('/api/v1/nothing')).toMatchObject({ status: 404, body: { detail: 'Not Found' } });
      expect((await root.get('/api/v1/info')).body.version).toBe('0.98.0');
      expect((await root.post('/login', {})).status).toBe(405);
      expect(await root.get('/health')).toMatchObject({ text: 'ok' });
    });

    it.each(['/../package.json', '/%2e%2e/%2e%2e/etc/passwd', '/assets/..%2f..%2fetc/passwd', '/%00', '/%ff'])(
      'serves nothing outside of its folder for %s',
      async (url) => {
        const { text } = await root.get(url);
        expect(text === '' || /start|Not Found|detail|message/.test(text)).toBe(true);
        expect(text).not.toMatch(/root:|"name"/);
      },
    );
  });

  it('does not start with a dashboard that is not there', async () => {
    await expect(servePages(fastify(), path.join(tmpdir(), 'no-such-dashboard'))).rejects.toThrow('no-such-dashboard');
    await expect(servePages(fastify(), path.join(process.cwd(), 'docs'))).rejects.toThrow('has no index.html');
  });

  it('reads requests under the path that a proxy leaves in them', async () => {
    const nested = await startWorkspace({ local: { rootPath: '/zenml' } });
    try {
      const root = new ApiClient(await nested.app.getUrl());
      for (const url of ['/zenml/api/v1/version', '/api/v1/version']) expect((await root.get(url)).body).toBe('0.98.0');
      expect((await root.get('/zenmlx/api/v1/version')).status).toBe(404);
      expect((await root.get('/zenml/devices/verify')).status).toBe(200);
    } finally {
      await nested.stop();
    }
  });
});
