import { sql } from '#libs/database/sql.js';
import type { ApiClient } from '#libs/testing/api-client.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('secrets', () => {
  let workspace: TestWorkspace;
  let colleague: ApiClient;
  beforeAll(async () => {
    workspace = await startWorkspace();
    const { api } = workspace;
    await api.ok(api.post('/users', { name: 'colleague', password: 'correct horse', is_admin: false }));
    const login = await api.ok(api.post('/login', undefined, { form: { username: 'colleague', password: 'correct horse' } }));
    colleague = api.as(login.access_token);
  });
  afterAll(() => workspace.stop());

  async function make(body: object) {
    return workspace.api.ok(workspace.api.post('/secrets', { name: unique('secret'), ...body }));
  }

  it('come back with their values by id, and without them in lists', async () => {
    const made = await make({ values: { user: 'u', password: 'ü\n"', none: null } });
    expect(made.body.values).toEqual({ user: 'u', password: 'ü\n"' });
    expect(await workspace.api.ok(workspace.api.get(`/secrets/${made.id}`))).toEqual(made);
    const listed = await workspace.api.ok(workspace.api.get(`/secrets?name=${made.name}&hydrate=True`));
    expect(listed.items).toEqual([{ ...made, body: { ...made.body, values: {} } }]);
  });

  it('are sealed in the database', async () => {
    const { id } = await make({ values: { password: 'hunter2-in-clear' } });
    const [row] = await workspace.db.read<{ values: string }>({ workspaceId: workspace.id }, sql`SELECT "values" FROM workspace.secret WHERE id = ${id}`);
    expect(row?.values).toMatch(/^v1\./);
    expect(row?.values).not.toContain('hunter2');
  });

  it('leave no clear text behind for repeated requests, which get the same answer', async () => {
    const headers = { 'idempotency-key': '1b1f2f0e-4d7f-4a6e-9c7a-3e5f0c1d2b3b' };
    const body = { name: unique('secret'), values: { password: 'only-once-in-clear' } };
    const first = await workspace.api.post('/secrets', body, { headers });
    const second = await workspace.api.post('/secrets', body, { headers });
    expect(second).toMatchObject({ status: 200, body: first.body });
    const rows = await workspace.db.read<{ result: string }>({ workspaceId: workspace.id }, sql`SELECT result::text AS result FROM workspace.api_transaction`);
    expect(JSON.stringify(rows)).not.toContain('only-once-in-clear');
  });

  it('lose values that an update leaves out, unless it only patches', async () => {
    const { id } = await make({ values: { a: '1', b: '2' } });
    const put = async (body: object, query = '') => (await workspace.api.ok(workspace.api.put(`/secrets/${id}${query}`, body))).body.values;
    expect(await put({ values: { c: '3' } }, '?patch_values=True')).toEqual({ a: '1', b: '2', c: '3' });
    expect(await put({ values: { b: null } }, '?patch_values=True')).toEqual({ a: '1', c: '3' });
    expect(await put({ values: { c: '4' } })).toEqual({ c: '4' });
    expect(await put({ name: unique('renamed') })).toEqual({ c: '4' });
  });

  it('share one space of names when public, and have one for each owner when private', async () => {
    const { name } = await make({});
    const create = (api: ApiClient, isPrivate: boolean) => api.post('/secrets', { name, private: isPrivate, values: {} });
    expect((await create(colleague, false)).status).toBe(409);
    expect((await create(workspace.api, true)).status).toBe(200);
    expect((await create(workspace.api, true)).status).toBe(409);
    expect((await create(colleague, true)).status).toBe(200);
  });

  it('are invisible to others when private, administrators included', async () => {
    const theirs = await colleague.ok(colleague.post('/secrets', { name: unique('private'), private: true, values: { a: '1' } }));
    for (const answer of [
      await workspace.api.get(`/secrets/${theirs.id}`),
      await workspace.api.put(`/secrets/${theirs.id}`, { name: 'x' }),
      await workspace.api.delete(`/secrets/${theirs.id}`),
    ])
      expect(answer.status).toBe(404);
    for (const query of ['', '&logical_operator=or&private=true', `&scope_user=${theirs.body.user_id}`])
      expect((await workspace.api.ok(workspace.api.get(`/secrets?id=${theirs.id}${query}`))).items).not.toContainEqual(
        expect.objectContaining({ id: theirs.id }),
      );
    expect((await colleague.ok(colleague.get(`/secrets?id=${theirs.id}`))).total).toBe(1);
  });

  it('change between private and public only for their owner', async () => {
    const { id } = await make({});
    expect((await colleague.put(`/secrets/${id}`, { private: true })).status).toBe(403);
    expect((await workspace.api.ok(workspace.api.put(`/secrets/${id}`, { private: true }))).body.private).toBe(true);
  });

  it('are refused beyond 64 KiB', async () => {
    const answer = await workspace.api.post('/secrets', { name: unique('large'), values: { a: 'x'.repeat(65_536) } });
    expect(answer).toMatchObject({ status: 400, body: { detail: ['ValueError', expect.stringContaining('65536')] } });
  });

  it('cannot be backed up without a backup store', async () => {
    expect((await workspace.api.put('/secrets_operations/backup', undefined)).status).toBe(501);
    expect((await workspace.api.put('/secrets_operations/restore', undefined)).status).toBe(501);
    expect((await colleague.put('/secrets_operations/backup', undefined)).status).toBe(403);
  });
});
