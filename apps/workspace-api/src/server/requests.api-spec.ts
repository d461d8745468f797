import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('a request', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  it('may name hundreds of ids in its URL', async () => {
    const ids = Array.from({ length: 1_000 }, () => crypto.randomUUID());
    const found = await workspace.api.ok(workspace.api.get(`/tags?id=${encodeURIComponent(`oneof:${JSON.stringify(ids)}`)}`));
    expect(found.total).toBe(0);
  });

  it('that is too long is refused in the shape of other errors', async () => {
    const { status, body } = await workspace.api.get('/tags', { headers: { 'x-long': 'x'.repeat(200_000) } });
    expect([status, typeof body.detail]).toEqual([431, 'string']);
  });

  it('takes the last of a repeated parameter that has one value', async () => {
    expect((await workspace.api.ok(workspace.api.get('/tags?size=1&size=2'))).max_size).toBe(2);
    expect((await workspace.api.get('/tags?page=1&page=x')).status).toBe(422);
    expect((await workspace.api.get('/tags?logical_operator=and&logical_operator=xor')).status).toBe(422);
  });

  it.each(['', '1e1', '0x1', '1.5', '-1', '10001'])('refuses the page size "%s"', async (size) => {
    expect((await workspace.api.get(`/tags?size=${size}`)).status).toBe(422);
  });

  it('may carry a byte order mark in front of its JSON', async () => {
    const raw = `\uFEFF${JSON.stringify({ name: unique('marked') })}`;
    expect((await workspace.api.post('/tags', undefined, { raw, headers: { 'content-type': 'application/json' } })).status).toBe(200);
  });

  it('with another method is told which methods there are', async () => {
    const refused = await workspace.api.patch('/tags', {});
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });

  it('is told that the server cannot do what it has no path for, and that there is nothing to read', async () => {
    expect([(await workspace.api.post('/nope', {})).status, (await workspace.api.delete('/nope/again')).status]).toEqual([405, 405]);
    for (const path of ['/nope', '/run-metadata']) expect(await workspace.api.get(path)).toMatchObject({ status: 404, body: { detail: 'Not Found' } });
  });

  it('compares whole numbers with whole numbers of any size, as Python writes them', async () => {
    const { api, projectId } = workspace;
    const model = await api.ok(api.post('/models', { project: projectId, name: unique('numbered') }));
    await api.ok(api.post('/model_versions', { project: projectId, model: model.id, name: 'first' }));
    const found = async (number: string) => {
      const { status, body } = await api.get(`/model_versions?model=${model.id}&number=${encodeURIComponent(number)}`);
      return status === 200 ? body.total : status;
    };
    const big = '99999999999999999999';
    expect(await Promise.all(['1', '+1', '0_1', `lt:${big}`, `gt:-${big}`, `gt:${big}`, big].map(found))).toEqual([1, 1, 1, 1, 1, 0, 0]);
    expect(await Promise.all(['1.0', '1e0', '0x1', 'notequals:1.0', '1_', ''].map(found))).toEqual(Array(6).fill(422));
  });

  it('may name the source of a code repository by its import path in an update, not when it is new', async () => {
    const { api, projectId } = workspace;
    const repository = { project: projectId, name: unique('code'), config: {} };
    expect((await api.post('/code_repositories', { ...repository, source: 'package.module.Class' })).status).toBe(422);
    const made = await api.ok(api.post('/code_repositories', { ...repository, source: { module: 'a', attribute: 'B', type: 'user' } }));
    // Which changes nothing: what a repository is stays.
    const updated = await api.ok(api.put(`/code_repositories/${made.id}`, { source: 'package.module.Class' }));
    expect(updated.body.source).toMatchObject({ module: 'a', attribute: 'B' });
  });

  it('may not make a webhook whose secret is blank', async () => {
    const { api, projectId } = workspace;
    for (const secret of ['', '  '])
      expect((await api.post('/webhooks', { project: projectId, name: unique('hook'), webhook_type: 'custom', secret })).status).toBe(422);
  });

  it('looks for backslashes as for any other character', async () => {
    const { api } = workspace;
    const name = `back\\${unique('slash')}\\`;
    await api.ok(api.post('/tags', { name }));
    for (const filter of [`contains:\\${name.slice(5)}`, `startswith:${name.slice(0, 9)}`, `endswith:${name.slice(8)}`])
      expect((await api.ok(api.get(`/tags?name=${encodeURIComponent(filter)}`))).items).toMatchObject([{ name }]);
  });

  it('finds nothing under a path that is not encoded properly', async () => {
    for (const name of ['%zz', '%ff']) expect(await workspace.api.get(`/projects/${name}`)).toMatchObject({ status: 404, body: { detail: 'Not Found' } });
  });
});
