import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { ApiClient } from '#libs/testing/api-client.js';
import { type RunningInstallation, startInstallation } from '../end-to-end/installation.js';
import { Component, Connector, Info, Project, ProviderClient, page, Resources, Secret, Stack, text, User } from './terraform-provider.js';

/**
 * What the Terraform provider (zenml-io/zenml, the `main` branch of its repository) sends to a workspace while it plans, applies, refreshes and destroys, in its
 * order and with its headers and bodies. Replies must decode into its structures, and statuses be those that it decides by: 401 logs in again, 404 means
 * that something was deleted elsewhere, and everything else from 300 on ends the run with the text of the body.
 */
jest.setTimeout(120_000);

let running: RunningInstallation;
let apiKey: string;
let provider: ProviderClient;
let user: z.output<typeof User>;
const keys = '/organizations/default/service_accounts/terraform/api_keys';
const unique = (prefix: string) => `${prefix}-${randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  running = await startInstallation();
  const { cloud, workspace } = running;
  const bot = await cloud.ok(cloud.post('/organizations/default/service_accounts', { username: 'terraform' }));
  await running.assign(bot.id, 'Workspace Admin', 'workspace', workspace.id);
  ({ key: apiKey } = await cloud.ok(cloud.post(keys, { name: 'ci' })));
  provider = new ProviderClient(workspace.url, { apiKey });
  user = await provider.decode(User, 'GET', '/api/v1/current-user');
});
afterAll(() => running?.stop());

const connectorRequest = (name: string) => ({
  user: user.id,
  workspace: '',
  name,
  connector_type: 'custom',
  auth_method: 'none',
  resource_types: ['thing'],
  configuration: { region: 'eu-central-1' },
  secrets: { token: 'x' },
  labels: { environment: 'test' },
});
const componentRequest = (name: string, more: object = {}) => ({
  user: user.id,
  name,
  type: 'artifact_store',
  flavor: 's3',
  configuration: { path: 's3://bucket/path' },
  labels: { environment: 'test' },
  ...more,
});
const orchestratorRequest = (name: string) => ({
  ...componentRequest(name),
  type: 'orchestrator',
  flavor: 'kubernetes',
  configuration: { synchronous: 'true' },
});

describe('the Terraform provider', () => {
  it('configures itself: logs in once with the key alone, and accepts the version', async () => {
    const fresh = new ProviderClient(running.workspace.url, { apiKey });
    const info = await fresh.decode(Info, 'GET', '/api/v1/info');
    const [major = 0, minor = 0] = info.version.split('.').map(Number);
    expect(major * 1_000 + minor).toBeGreaterThanOrEqual(80);
    expect(info).toMatchObject({ pro_api_url: running.cloudUrl, pro_workspace_id: running.workspace.id });
    await fresh.decode(User, 'GET', '/api/v1/current-user');
    expect(fresh.logins).toBe(1);
  });

  it('may be given a token instead of a key', async () => {
    const token = await provider.decode(text, 'GET', '/api/v1/api_token?token_type=generic');
    const other = new ProviderClient(running.workspace.url, { apiToken: token });
    await other.decode(Info, 'GET', '/api/v1/info');
    await other.decode(page(Stack), 'GET', '/api/v1/stacks?page=1&size=100');
    expect((await new ProviderClient(running.workspace.url, { apiToken: 'expired' }).send('GET', '/api/v1/current-user')).status).toBe(401);
  });

  it('logs in again when its token is refused, and is told when its key is', async () => {
    const { cloud } = running;
    const { id, key } = await cloud.ok(cloud.post(keys, { name: 'short' }));
    const other = new ProviderClient(running.workspace.url, { apiKey: key, apiToken: 'expired' });
    await other.decode(User, 'GET', '/api/v1/current-user');
    await other.decode(User, 'GET', '/api/v1/current-user');
    expect(other.logins).toBe(1);
    await cloud.ok(cloud.delete(`${keys}/${id}`));
    const refused = await new ApiClient(running.workspace.url).post('/api/v1/login', undefined, { form: { password: key } });
    expect([refused.status, typeof refused.body.detail]).toEqual([401, 'object']);
  });

  it('creates, reads, renames and deletes a project', async () => {
    const name = unique('project');
    const made = await provider.decode(Project, 'POST', '/api/v1/projects', { name, display_name: 'Shown', description: 'About' });
    expect(made).toMatchObject({ name, body: { display_name: 'Shown' }, metadata: { description: 'About' } });
    expect((await provider.send('POST', '/api/v1/projects', { name, display_name: '', description: '' })).status).toBe(409);
    expect(await provider.decode(Project, 'GET', `/api/v1/projects/${made.id}`)).toEqual(made);
    // By name: for `terraform import`.
    expect((await provider.decode(Project, 'GET', `/api/v1/projects/${name}`)).id).toBe(made.id);
    const update = { name: `${name}-2`, display_name: 'Other', description: 'More' };
    const updated = await provider.decode(Project, 'PUT', `/api/v1/projects/${made.id}`, update);
    expect(updated).toMatchObject({ id: made.id, name: update.name, body: { display_name: 'Other' }, metadata: { description: 'More' } });
    expect((await provider.send('DELETE', `/api/v1/projects/${made.id}`)).status).toBe(200);
    expect(await provider.isGone(`/api/v1/projects/${made.id}`)).toBe(true);
    expect((await provider.send('DELETE', `/api/v1/projects/${made.id}`)).status).toBe(404);
  });

  it('creates, reads, changes and deletes a secret with its values', async () => {
    const name = unique('secret');
    const made = await provider.decode(Secret, 'POST', '/api/v1/secrets', { name, private: false, values: { user: 'ada', password: 'x' } });
    expect(made.body).toMatchObject({ private: false, user_id: user.id, values: { user: 'ada', password: 'x' } });
    expect((await provider.send('POST', '/api/v1/secrets', { name, private: false, values: {} })).status).toBe(409);
    expect(await provider.decode(Secret, 'GET', `/api/v1/secrets/${made.id}`)).toEqual(made);
    const update = { name: `${name}-2`, private: true, values: { user: 'grace', password: null, port: '1' } };
    const updated = await provider.decode(Secret, 'PUT', `/api/v1/secrets/${made.id}`, update);
    expect(updated).toMatchObject({ name: update.name, body: { private: true, values: { user: 'grace', port: '1' } } });
    expect(updated.body.values).not.toHaveProperty('password');
    expect((await provider.send('DELETE', `/api/v1/secrets/${made.id}`)).status).toBe(200);
    expect(await provider.isGone(`/api/v1/secrets/${made.id}`)).toBe(true);
  });

  it('verifies and creates a connector, finds it by name, changes and deletes it', async () => {
    const name = unique('connector');
    const checked = await provider.send('POST', '/api/v1/service_connectors/verify', connectorRequest(name));
    // A type that the server does not know cannot be verified here; the answer says so, and `verify = false` goes on without.
    expect([200, 501]).toContain(checked.status);
    if (checked.status === 200) Resources.parse(checked.body);
    else expect(checked.body.detail).toEqual(['NotImplementedError', expect.stringContaining('custom')]);
    const made = await provider.decode(Connector, 'POST', '/api/v1/service_connectors', connectorRequest(name));
    expect(made).toMatchObject({ name, body: { auth_method: 'none', resource_types: ['thing'] } });
    expect((await provider.send('POST', '/api/v1/service_connectors', connectorRequest(name))).status).toBe(409);
    const read = await provider.decode(Connector, 'GET', `/api/v1/service_connectors/${made.id}`);
    expect(read.metadata).toMatchObject({ configuration: { region: 'eu-central-1' }, labels: { environment: 'test' } });
    const found = await provider.decode(page(Connector), 'GET', `/api/v1/service_connectors?name=${name}&page=1&size=100`);
    expect(found.items.map(({ id }) => id)).toEqual([made.id]);
    const update = { name: `${name}-2`, configuration: { region: 'eu-west-1' }, labels: { environment: 'live' }, resource_types: ['thing'] };
    const updated = await provider.decode(Connector, 'PUT', `/api/v1/service_connectors/${made.id}`, update);
    expect(updated).toMatchObject({ id: made.id, name: update.name, metadata: { configuration: { region: 'eu-west-1' }, labels: { environment: 'live' } } });
    expect((await provider.send('DELETE', `/api/v1/service_connectors/${made.id}`)).status).toBe(200);
    expect(await provider.isGone(`/api/v1/service_connectors/${made.id}`)).toBe(true);
  });

  it('creates a stack with its components and connector, follows changes, and destroys all of it in its order', async () => {
    const connector = await provider.decode(Connector, 'POST', '/api/v1/service_connectors', connectorRequest(unique('connector')));
    const connected = { connector: connector.id, connector_resource_id: 'thing-1' };
    const store = await provider.decode(Component, 'POST', '/api/v1/components', componentRequest(unique('store'), connected));
    const orchestrator = await provider.decode(Component, 'POST', '/api/v1/components', orchestratorRequest(unique('orchestrator')));
    expect((await provider.send('POST', '/api/v1/components', componentRequest(store.name))).status).toBe(409);
    const read = await provider.decode(Component, 'GET', `/api/v1/components/${store.id}`);
    expect(read).toMatchObject({
      body: { type: 'artifact_store', flavor_name: 's3' },
      metadata: {
        configuration: { path: 's3://bucket/path' },
        labels: { environment: 'test' },
        connector_resource_id: 'thing-1',
        connector: { id: connector.id },
      },
    });
    const change = { name: store.name, configuration: { path: 's3://bucket/other' }, labels: { environment: 'live' }, ...connected };
    const changed = await provider.decode(Component, 'PUT', `/api/v1/components/${store.id}`, change);
    expect(changed.metadata).toMatchObject({ configuration: { path: 's3://bucket/other' }, labels: { environment: 'live' } });
    const listed = await provider.decode(page(Component), 'GET', `/api/v1/components?name=${store.name}&page=1&size=100&type=artifact_store`);
    expect(listed.items.map(({ id }) => id)).toEqual([store.id]);

    const components = { artifact_store: [store.id], orchestrator: [orchestrator.id] };
    const stackName = unique('stack');
    const stack = await provider.decode(Stack, 'POST', '/api/v1/stacks', { name: stackName, components, labels: { environment: 'test' } });
    expect((await provider.send('POST', '/api/v1/stacks', { name: stackName, components, labels: {} })).status).toBe(409);
    const refreshed = await provider.decode(Stack, 'GET', `/api/v1/stacks/${stack.id}`);
    expect(refreshed.metadata).toMatchObject({
      components: { artifact_store: [{ id: store.id }], orchestrator: [{ id: orchestrator.id }] },
      labels: { environment: 'test' },
    });
    const byName = await provider.decode(page(Stack), 'GET', `/api/v1/stacks?name=${stackName}&page=1&size=100`);
    expect(byName.items.map(({ id }) => id)).toEqual([stack.id]);
    const renamed = await provider.decode(Stack, 'PUT', `/api/v1/stacks/${stack.id}`, { name: `${stackName}-2`, components, labels: { environment: 'live' } });
    expect(renamed).toMatchObject({ id: stack.id, name: `${stackName}-2`, metadata: { labels: { environment: 'live' } } });

    // What is in use stays; the provider then looks for the stacks that use it, and takes it out of them.
    const inUse = await provider.send('DELETE', `/api/v1/components/${store.id}`);
    expect([400, 403, 409]).toContain(inUse.status);
    const using = await provider.decode(page(Stack), 'GET', `/api/v1/stacks?component_id=${store.id}&page=1&size=100`);
    expect(using.items.map(({ id }) => id)).toEqual([stack.id]);
    const other = await provider.decode(Component, 'POST', '/api/v1/components', componentRequest(unique('store')));
    const swapped = { name: `${stackName}-2`, components: { ...components, artifact_store: [other.id] }, labels: {} };
    const after = await provider.decode(Stack, 'PUT', `/api/v1/stacks/${stack.id}`, swapped);
    expect(after.metadata?.components.artifact_store?.map(({ id }) => id)).toEqual([other.id]);

    for (const path of [
      `components/${store.id}`,
      `stacks/${stack.id}`,
      `components/${other.id}`,
      `components/${orchestrator.id}`,
      `service_connectors/${connector.id}`,
    ]) {
      expect([path, (await provider.send('DELETE', `/api/v1/${path}`)).status]).toEqual([path, 200]);
      expect([path, await provider.isGone(`/api/v1/${path}`)]).toEqual([path, true]);
      expect([path, (await provider.send('DELETE', `/api/v1/${path}`)).status]).toEqual([path, 404]);
    }
  });

  it('may repeat a request that it got no answer to', async () => {
    const idempotency = { headers: { 'idempotency-key': randomUUID() } };
    const api = new ApiClient(running.workspace.url);
    const { access_token: token } = await api.ok(api.post('/api/v1/login', undefined, { form: { password: apiKey } }));
    const request = () => api.as(token).post('/api/v1/components', componentRequest('repeated'), idempotency);
    const [first, second] = [await request(), await request()];
    expect([first.status, second.status, second.body.id]).toEqual([200, 200, first.body.id]);
  });
});
