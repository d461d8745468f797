import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('services', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  const body = (config: object) => ({ project: workspace.projectId, name: 'server', service_type: { type: 'model-serving', flavor: 'mlflow' }, config });

  it('are registered once for a configuration, also by two clients at once', async () => {
    const config = { model_uri: unique('uri') };
    const answers = await Promise.all([1, 2, 3].map(() => workspace.api.post('/services', body(config))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it('show the state that their status says', async () => {
    const made = await workspace.api.ok(workspace.api.post('/services', body({ model_uri: unique('uri') })));
    expect(made.body.state).toBeNull();
    const updated = await workspace.api.ok(workspace.api.put(`/services/${made.id}`, { status: { state: 'active' } }));
    expect([updated.body.state, updated.metadata.status]).toEqual(['active', { state: 'active' }]);
  });
});
