import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('artifact versions', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  const source = { module: 'builtins', attribute: 'int', type: 'builtin' };
  const body = (artifact_name: string, extra: object = {}) => ({
    project: workspace.projectId,
    artifact_name,
    type: 'DataArtifact',
    uri: '/data',
    materializer: source,
    data_type: source,
    save_type: 'step_output',
    ...extra,
  });
  const batch = (bodies: object[]) => workspace.api.ok(workspace.api.post('/artifact_versions/batch', bodies));

  it('come back from a batch in the order they were sent, with all that came along', async () => {
    const name = unique('batch');
    const visualizations = ['html', 'csv', 'json'].map((type) => ({ type, uri: `/v.${type}` }));
    const made = await batch([body(name, { visualizations, metadata: { rows: 3 }, tags: ['a-tag'] }), body(`${name}-2`), body(name)]);
    expect(made.map((one: { body: { version: string } }) => one.body.version)).toEqual(['1', '1', '2']);
    expect(made[0].metadata.visualizations.map((one: { body: { type: string } }) => one.body.type)).toEqual(['html', 'csv', 'json']);
    expect(made[0].metadata.run_metadata).toEqual({ rows: 3 });
    expect(made[0].resources.tags.map((tag: { name: string }) => tag.name)).toEqual(['a-tag']);
    expect(await workspace.api.ok(workspace.api.get(`/artifact_versions/${made[2].id}`))).toEqual(made[2]);
  });

  it('are found by metadata, under keys that read like operators, too', async () => {
    const made = await batch([body(unique('a'), { metadata: { rows: 3, oneof: 'x' } }), body(unique('b'), { metadata: { rows: 4 } })]);
    const found = async (filter: string) =>
      (await workspace.api.ok(workspace.api.get(`/artifact_versions?project=${workspace.projectId}&run_metadata=${filter}`))).items.map(
        ({ id }: { id: string }) => id,
      );
    expect(await found('rows:gt:3')).toEqual([made[1].id]);
    expect(await found('oneof:x')).toEqual([made[0].id]);
    expect(await found('isnull:x')).toEqual([]);
  });

  it('make their artifacts in the order of a batch, whatever their names', async () => {
    const names = ['z', 'a', 'm'].map((name) => unique(name));
    await batch(names.map((name) => body(name)));
    const found = (await workspace.api.ok(workspace.api.get(`/artifacts?sort_by=created&name=${encodeURIComponent(`oneof:${JSON.stringify(names)}`)}`))).items;
    expect(found.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  it('take as many statements for twenty as for one', async () => {
    const count = async (bodies: object[]) => {
      workspace.db.forgetKept();
      const before = workspace.db.statements;
      await batch(bodies);
      return workspace.db.statements - before;
    };
    const many = Array.from({ length: 20 }, (_, n) => body(unique('many'), { metadata: { n }, visualizations: [{ type: 'html', uri: '/v' }] }));
    const one = await count(many.slice(0, 1));
    expect(await count(many)).toBe(one);
  });

  it('never share a number, however many are made at once', async () => {
    const name = unique('race');
    const made = await Promise.all(Array.from({ length: 12 }, () => workspace.api.ok(workspace.api.post('/artifact_versions', body(name)))));
    const numbers = made.map((one) => Number(one.body.version)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
  });

  it('are written all or none', async () => {
    const name = unique('half');
    const answer = await workspace.api.post('/artifact_versions/batch', [body(name), body(name, { artifact_store_id: workspace.projectId })]);
    expect(answer.status).toBe(404);
    expect((await workspace.api.get(`/artifacts?name=${name}`)).body.total).toBe(0);
  });

  it('refuse a version that exists with 409, whichever way the artifact is named', async () => {
    const name = unique('taken');
    const made = await workspace.api.ok(workspace.api.post('/artifact_versions', body(name, { version: 'first' })));
    expect((await workspace.api.post('/artifact_versions', body(name, { version: 'first' }))).status).toBe(409);
    const byId = { artifact_name: undefined, artifact_id: made.body.artifact.id, version: 'first' };
    expect((await workspace.api.post('/artifact_versions', body(name, byId))).status).toBe(409);
  });

  it('give the number of a deleted last version again', async () => {
    const name = unique('gone');
    const [, second] = await batch([body(name), body(name)]);
    await workspace.api.ok(workspace.api.delete(`/artifact_versions/${second.id}`));
    expect((await workspace.api.ok(workspace.api.post('/artifact_versions', body(name)))).body.version).toBe('2');
  });

  it('do not show files of a local store to the server', async () => {
    const store = (await workspace.api.ok(workspace.api.get('/components?type=artifact_store'))).items[0].id;
    const made = await workspace.api.ok(
      workspace.api.post('/artifact_versions', body(unique('local'), { artifact_store_id: store, visualizations: [{ type: 'html', uri: '/v' }] })),
    );
    expect((await workspace.api.get(`/artifact_versions/${made.id}/visualize`)).status).toBe(403);
    expect((await workspace.api.get(`/artifact_versions/${made.id}/visualize?index=3`)).body.detail[0]).toBe('DoesNotExistException');
    expect((await workspace.api.get(`/artifact_versions/${made.id}/download-token`)).status).toBe(403);
    expect((await workspace.api.get(`/artifact_versions/${made.id}/data?token=x`)).status).toBe(401);
  });

  it('are pruned in one project only', async () => {
    const other = (await workspace.api.ok(workspace.api.post('/projects', { name: unique('prune') }))).id;
    const name = unique('kept');
    await batch([body(name), body(name, { project: other })]);
    await workspace.api.ok(workspace.api.delete(`/artifact_versions?project_name_or_id=${other}&only_versions=false`));
    expect((await workspace.api.get(`/artifact_versions?artifact=${name}`)).body.total).toBe(1);
    expect((await workspace.api.get(`/artifacts?project=${other}`)).body.total).toBe(0);
  });
});
