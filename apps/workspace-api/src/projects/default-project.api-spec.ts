import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('the default project', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace({ defaultProject: 'main' });
  });
  afterAll(() => workspace.stop());

  it('is the one that the installation names, when a list names none', async () => {
    const { api } = workspace;
    expect((await api.get('/pipelines')).status).toBe(400);
    const project = (await api.ok(api.post('/projects', { name: 'main' }))).id;
    const name = unique('pipeline');
    await api.ok(api.post('/pipelines', { name, project }));
    await api.ok(api.post('/pipelines', { name, project: workspace.projectId }));
    const { items } = await api.ok(api.get(`/pipelines?name=${name}`));
    expect(items.map((one: { body: { project_id: string } }) => one.body.project_id)).toEqual([project]);
  });
});
