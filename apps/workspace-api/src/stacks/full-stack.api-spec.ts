import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('stacks with their parts described in place', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  const docker = { type: 'docker', auth_method: 'password', configuration: { username: 'u', password: 'p', registry: 'registry.example.com' } };
  const registry = { flavor: 'default', configuration: { uri: 'https://registry.example.com' }, service_connector_index: 0 };
  const body = (name: string, more: object = {}, connectors: unknown[] = [docker]) => ({
    name,
    components: {
      orchestrator: [{ flavor: 'local', configuration: {} }],
      artifact_store: [{ flavor: 'local', configuration: {} }],
      container_registry: [registry],
      ...more,
    },
    service_connectors: connectors,
    labels: { team: 'a' },
  });
  const post = (name: string, more?: object, connectors?: unknown[]) => workspace.api.post('/stacks', body(name, more, connectors));
  const made = async (name: string) =>
    Promise.all(
      ['/stacks', '/components', '/service_connectors'].map(
        async (path) => (await workspace.api.ok(workspace.api.get(`${path}?name=startswith:${name}`))).total,
      ),
    );

  it('make connectors and components that are called like the stack', async () => {
    const name = unique('full');
    const stack = await workspace.api.ok(post(name));
    expect(Object.keys(stack.metadata.components).sort()).toEqual(['artifact_store', 'container_registry', 'orchestrator']);
    const [component] = (await workspace.api.ok(workspace.api.get(`/components?name=${name}&type=container_registry&hydrate=True`))).items;
    expect(component.metadata).toMatchObject({ connector: { name }, connector_resource_id: 'https://registry.example.com', labels: { team: 'a' } });
  });

  it('give a second stack of that name nothing, and one with parts of that name parts with other names', async () => {
    const name = unique('twice');
    await workspace.api.ok(workspace.api.post('/service_connectors', { name, connector_type: 'custom', auth_method: 'x' }));
    await workspace.api.ok(post(name));
    expect(await made(name)).toEqual([1, 3, 2]);
    expect((await post(name)).status).toBe(409);
    expect(await made(name)).toEqual([1, 3, 2]);
  });

  it('leave nothing behind when one of the parts cannot be made', async () => {
    const name = unique('none');
    for (const [more, connectors, status] of [
      [{ container_registry: [{ ...registry, service_connector_index: 1 }] }, [docker], 422],
      [{ container_registry: [{ flavor: 'nope', configuration: {} }] }, [docker], 400],
      [{ orchestrator: [{ flavor: 'local', configuration: {}, service_connector_index: 0 }] }, [docker], 400],
      [{ image_builder: ['00000000-0000-4000-8000-000000000000'] }, [docker], 404],
      [{}, [{ ...docker, configuration: {} }], 400],
    ] as const)
      expect((await post(name, more, [...connectors])).status).toBe(status);
    expect(await made(name)).toEqual([0, 0, 0]);
  });

  it('note that a stack with a remote artifact store was made', async () => {
    const name = unique('remote');
    await workspace.api.ok(post(name, { artifact_store: [{ flavor: 's3', configuration: { path: 's3://bucket' } }] }));
    expect(await workspace.api.ok(workspace.api.get('/onboarding_state'))).toContain('stack_with_remote_artifact_store_created');
  });

  it('are found by the deployment that registered them', async () => {
    const path = (terraform: string) => `/stack-deployment/stack?provider=aws&stack_name=x&terraform=${terraform}`;
    expect((await workspace.api.get(path('True'))).body).toBeNull();
    const name = unique('deployed');
    const orchestrator = { flavor: 'kubernetes', configuration: {}, service_connector_index: 0, service_connector_resource_id: 'c' };
    const kubernetes = { type: 'kubernetes', auth_method: 'token', configuration: { server: 'https://k.example.com', token: 't', cluster_name: 'c' } };
    const labels = { 'zenml:provider': 'aws', 'zenml:deployment': 'terraform' };
    const answer = await workspace.api.post('/stacks', { ...body(name, { orchestrator: [orchestrator], container_registry: [] }, [kubernetes]), labels });
    expect(answer).toMatchObject({ status: 200 });
    expect(await workspace.api.ok(workspace.api.get(path('True')))).toMatchObject({ stack: { name }, service_connector: { name } });
    expect((await workspace.api.get(path('False'))).body).toBeNull();
  });
});

describe('component configurations', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  it('attach secrets by name or id, and only those that the caller sees', async () => {
    const secret = await workspace.api.ok(workspace.api.post('/secrets', { name: unique('secret'), values: { a: '1' } }));
    const component = { type: 'orchestrator', flavor: 'local', configuration: {} };
    for (const named of [secret.name, secret.id]) {
      const made = await workspace.api.ok(workspace.api.post('/components', { ...component, name: unique('o'), secrets: [named] }));
      expect(made.metadata.secrets).toEqual([secret.id]);
      const without = await workspace.api.ok(workspace.api.put(`/components/${made.id}`, { remove_secrets: [named] }));
      expect(without.metadata.secrets).toEqual([]);
    }
    expect((await workspace.api.post('/components', { ...component, name: unique('o'), secrets: ['nope'] })).status).toBe(404);
  });

  it('of flavors that somebody made are taken as they come', async () => {
    const name = unique('flavor');
    await workspace.api.ok(workspace.api.post('/flavors', { name, type: 'alerter', config_schema: {}, source: 'my.Flavor', integration: null }));
    const made = await workspace.api.ok(workspace.api.post('/components', { name, type: 'alerter', flavor: name, configuration: { anything: [1] } }));
    expect(made.metadata.configuration).toEqual({ anything: [1] });
  });
});
