import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('stacks', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  async function components(): Promise<Record<string, string>> {
    const page = await workspace.api.ok(workspace.api.get('/components?size=100'));
    return Object.fromEntries(page.items.map((item: { body: { type: string }; id: string }) => [item.body.type, item.id]));
  }

  it('is made of components, which it lists by type when hydrated', async () => {
    const { orchestrator, artifact_store } = await components();
    const name = unique('stack');
    const made = await workspace.api.ok(
      workspace.api.post('/stacks', { name, components: { orchestrator: [orchestrator], artifact_store: [artifact_store] } }),
    );
    expect(made.metadata.components.orchestrator[0].id).toBe(orchestrator);
    const listed = await workspace.api.ok(workspace.api.get(`/stacks?name=${name}&hydrate=True`));
    expect(listed.items).toEqual([made]);
  });

  it('refuses a second stack of the same name with 409', async () => {
    const { orchestrator, artifact_store } = await components();
    const answer = await workspace.api.post('/stacks', { name: 'default', components: { orchestrator: [orchestrator], artifact_store: [artifact_store] } });
    expect(answer.status).toBe(409);
    expect(answer.body.detail[0]).toBe('EntityExistsError');
  });

  it('refuses a component that does not exist with 404 and keeps nothing', async () => {
    const name = unique('stack');
    const { artifact_store } = await components();
    const nobody = '00000000-0000-4000-8000-000000000000';
    const answer = await workspace.api.post('/stacks', { name, components: { orchestrator: [nobody], artifact_store: [artifact_store] } });
    expect(answer.status).toBe(404);
    expect((await workspace.api.get(`/stacks?name=${name}`)).body.total).toBe(0);
  });

  it('has default components in the order in which the original makes them', async () => {
    expect(Object.keys(await components()).slice(0, 3)).toEqual(['orchestrator', 'deployer', 'artifact_store']);
  });

  it('never changes or deletes the default stack', async () => {
    const [stack] = (await workspace.api.ok(workspace.api.get('/stacks?name=default'))).items;
    expect((await workspace.api.put(`/stacks/${stack.id}`, { description: 'x' })).status).toBe(403);
    expect((await workspace.api.delete(`/stacks/${stack.id}`)).status).toBe(403);
  });

  it('answers a request repeated with the same idempotency key as it answered the first', async () => {
    const { orchestrator, artifact_store } = await components();
    const headers = { 'idempotency-key': '7b1f2f0e-4d7f-4a6e-9c7a-3e5f0c1d2b3a' };
    const body = { name: unique('stack'), components: { orchestrator: [orchestrator], artifact_store: [artifact_store] } };
    const answers = await Promise.all([1, 2, 3].map(() => workspace.api.post('/stacks', body, { headers })));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  });
});
