import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('model versions', () => {
  let workspace: TestWorkspace;
  let model: string;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  beforeEach(async () => {
    model = (await workspace.api.ok(workspace.api.post('/models', { project: workspace.projectId, name: unique('model') }))).id;
  });
  afterAll(() => workspace.stop());

  const create = (extra: object = {}) => workspace.api.ok(workspace.api.post('/model_versions', { project: workspace.projectId, model, ...extra }));

  it('never share a number, however many are made at once', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => create()));
    expect(made.map((one) => one.body.number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(made.every((one) => one.name === String(one.body.number))).toBe(true);
  });

  it('hold a stage alone: another one needs force, and archives the first', async () => {
    const [first, second] = [await create(), await create()];
    await workspace.api.ok(workspace.api.put(`/model_versions/${first.id}`, { stage: 'production' }));
    const refused = await workspace.api.put(`/model_versions/${second.id}`, { stage: 'production' });
    // 412 is what makes the client raise the RuntimeError at which its command line asks whether to go on.
    expect([refused.status, refused.body.detail[0]]).toEqual([412, 'RuntimeError']);
    await workspace.api.ok(workspace.api.put(`/model_versions/${second.id}`, { stage: 'production', force: true }));
    expect((await workspace.api.ok(workspace.api.get(`/model_versions/${first.id}`))).body.stage).toBe('archived');
  });

  it('leave exactly one in a stage when several are promoted at once', async () => {
    const versions = await Promise.all(Array.from({ length: 4 }, () => create()));
    await Promise.all(versions.map(({ id }) => workspace.api.put(`/model_versions/${id}`, { stage: 'staging', force: true })));
    expect((await workspace.api.get(`/models/${model}/model_versions?stage=staging`)).body.total).toBe(1);
  });

  it('are linked once to an artifact version, and answer a second link without metadata', async () => {
    const source = { module: 'builtins', attribute: 'int', type: 'builtin' };
    const artifact = await workspace.api.ok(
      workspace.api.post('/artifact_versions', {
        project: workspace.projectId,
        artifact_name: unique('linked'),
        type: 'ModelArtifact',
        uri: '/data',
        materializer: source,
        data_type: source,
        save_type: 'manual',
      }),
    );
    const { id } = await create();
    const link = { model_version: id, artifact_version: artifact.id };
    const first = await workspace.api.ok(workspace.api.post('/model_version_artifacts', link));
    const second = await workspace.api.ok(workspace.api.post('/model_version_artifacts', link));
    expect([first.metadata, second.metadata, second.id]).toEqual([{}, null, first.id]);
    await workspace.api.ok(workspace.api.delete(`/model_versions/${id}/artifacts/${artifact.body.artifact.name}`));
    expect((await workspace.api.get(`/model_version_artifacts?model_version_id=${id}`)).body.total).toBe(0);
  });

  it('do not take artifacts of another project', async () => {
    const other = (await workspace.api.ok(workspace.api.post('/projects', { name: unique('other') }))).id;
    const source = { module: 'builtins', attribute: 'int', type: 'builtin' };
    const artifact = await workspace.api.ok(
      workspace.api.post('/artifact_versions', {
        project: other,
        artifact_name: 'x',
        type: 'DataArtifact',
        uri: '/data',
        materializer: source,
        data_type: source,
        save_type: 'manual',
      }),
    );
    const { id } = await create();
    expect((await workspace.api.post('/model_version_artifacts', { model_version: id, artifact_version: artifact.id })).status).toBe(404);
  });
});
