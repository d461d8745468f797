import { sql } from '#libs/database/sql.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('service connectors', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  const docker = { connector_type: 'docker', auth_method: 'password', resource_types: ['docker-registry'] };
  const configuration = { username: 'user-in-clear', password: 'password-in-clear', registry: 'registry.example.com' };
  const make = (body: object = {}) =>
    workspace.api.ok(workspace.api.post('/service_connectors', { name: unique('connector'), ...docker, configuration, ...body }));

  it('show their secrets on request only, and keep them sealed', async () => {
    const { id } = await make();
    const get = async (query = '') => (await workspace.api.ok(workspace.api.get(`/service_connectors/${id}${query}`))).metadata?.configuration;
    expect(await get()).toEqual(configuration);
    expect(await get('?expand_secrets=False')).toEqual({ registry: 'registry.example.com' });
    const rows = await workspace.db.read(
      { workspaceId: workspace.id },
      sql`SELECT c.configuration, s."values", s.internal FROM workspace.service_connector c JOIN workspace.secret s ON s.id = c.secret_id WHERE c.id = ${id}`,
    );
    expect(JSON.stringify(rows)).not.toMatch(/in-clear/);
    expect(rows).toMatchObject([{ internal: true }]);
  });

  it('hide the secrets they keep from everybody', async () => {
    const { id } = await make();
    const [row] = await workspace.db.read<{ secret_id: string }>(
      { workspaceId: workspace.id },
      sql`SELECT secret_id FROM workspace.service_connector WHERE id = ${id}`,
    );
    expect((await workspace.api.get(`/secrets/${row?.secret_id}`)).status).toBe(404);
    expect((await workspace.api.delete(`/secrets/${row?.secret_id}`)).status).toBe(404);
    expect((await workspace.api.ok(workspace.api.get('/secrets?name=startswith:connector-'))).total).toBe(0);
  });

  it('take their secrets with them when they are deleted', async () => {
    const count = async () =>
      (await workspace.db.read<{ n: number }>({ workspaceId: workspace.id }, sql`SELECT count(*)::int AS n FROM workspace.secret`))[0]?.n;
    const before = await count();
    const { id } = await make();
    await workspace.api.ok(workspace.api.delete(`/service_connectors/${id}`));
    expect(await count()).toBe(before);
  });

  it('of an unknown type are stored as they come', async () => {
    const made = await make({ connector_type: 'custom', auth_method: 'none', resource_types: ['thing'], configuration: { a: { b: 1 } } });
    expect(made).toMatchObject({ body: { connector_type: 'custom', resource_types: ['thing'] }, metadata: { configuration: { a: { b: 1 } } } });
    expect((await workspace.api.put(`/service_connectors/${made.id}/verify`)).status).toBe(501);
  });

  it('of a known type must fit it', async () => {
    for (const wrong of [
      { auth_method: 'nope' },
      { resource_types: ['nope'] },
      { configuration: { username: 'u' } },
      { configuration: { ...configuration, password: 7 } },
    ])
      expect((await workspace.api.post('/service_connectors', { name: unique('x'), ...docker, configuration, ...wrong })).status).toBe(400);
  });

  it('are found by labels and resource types', async () => {
    const team = unique('team');
    const { id } = await make({ labels: { team, other: 'b' } });
    for (const query of [
      `labels_str=team=${team}`,
      `labels_str=${encodeURIComponent(JSON.stringify({ team, other: null }))}`,
      `labels_str=team=${team}&resource_type=docker-registry`,
    ])
      expect((await workspace.api.ok(workspace.api.get(`/service_connectors?${query}`))).items).toMatchObject([{ id }]);
    for (const query of [`labels_str=team=${team},other=c`, `labels_str=team=${team}&resource_type=kubernetes-cluster`])
      expect((await workspace.api.ok(workspace.api.get(`/service_connectors?${query}`))).total).toBe(0);
  });

  it('keep what components rely on while components use them', async () => {
    const { id } = await make({ resource_id: 'a.example.com' });
    await workspace.api.ok(
      workspace.api.post('/components', {
        name: unique('registry'),
        type: 'container_registry',
        flavor: 'default',
        configuration: { uri: 'a.example.com' },
        connector: id,
      }),
    );
    const put = async (body: object) => (await workspace.api.put(`/service_connectors/${id}`, body)).status;
    expect(await put({ resource_id: 'b.example.com' })).toBe(403);
    expect(await put({ auth_method: 'other', resource_id: 'a.example.com' })).toBe(403);
    expect(await put({ ...docker, resource_id: 'a.example.com', description: 'changed' })).toBe(200);
    expect((await workspace.api.delete(`/service_connectors/${id}`)).status).toBe(403);
  });

  it('do not contact private addresses unless the operator says so', async () => {
    const kubernetes = { connector_type: 'kubernetes', auth_method: 'token', resource_types: ['kubernetes-cluster'] };
    const answer = await workspace.api.post('/service_connectors/verify', {
      name: 'x',
      ...kubernetes,
      configuration: { server: 'https://127.0.0.1:1', token: 't', cluster_name: 'c', insecure: true },
    });
    expect(answer.text).toContain('not a public address');
  });

  it('list every type that clients know', async () => {
    const types = await workspace.api.ok(workspace.api.get('/service_connector_types'));
    expect(types.map((type: { connector_type: string }) => type.connector_type)).toEqual(
      expect.arrayContaining(['aws', 'azure', 'docker', 'gcp', 'kubernetes']),
    );
    expect((await workspace.api.get('/service_connector_types/nope')).status).toBe(404);
  });
});
