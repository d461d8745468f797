import { environment, kindOf, type Seen, serve, stopServers, typeOf } from './connector.fixture.js';
import type { Connector, ConnectorEnvironment } from './connector.js';
import { connectorClient, verifyConnector } from './verify.js';

const azure = typeOf('azure');
const principal = { client_id: 'c', client_secret: 's', tenant_id: 't' };
const connector = (more: Partial<Connector> = {}): Connector => ({
  name: 'mine',
  authMethod: 'service-principal',
  resourceTypes: [],
  configuration: principal,
  ...more,
});
afterAll(stopServers);

const subscriptions = '/subscriptions/sub';
const resource = (group: string, provider: string, name: string) => ({ name, id: `${subscriptions}/resourceGroups/${group}/providers/${provider}/${name}` });

/** Log-in, management API and blob service in the shapes of their reference documentation, on one server. */
async function microsoft(answer?: (request: Seen) => [number, unknown] | undefined): Promise<ConnectorEnvironment & { seen: Seen[] }> {
  const server = await serve((request) => {
    const own = answer?.(request);
    if (own) return own;
    const path = request.url.split('?')[0] ?? '';
    if (path === '/t/oauth2/v2.0/token') return [200, { access_token: 'fresh', expires_in: 3600 }];
    if (request.headers.authorization !== 'Bearer fresh') return [401, { error: { message: 'bad token' } }];
    if (path === '/subscriptions') return [200, { value: [{ subscriptionId: 'sub', displayName: 'My Subscription' }] }];
    if (path.endsWith('/storageAccounts'))
      return [
        200,
        { value: [resource('one', 'Microsoft.Storage/storageAccounts', 'account1'), resource('two', 'Microsoft.Storage/storageAccounts', 'account2')] },
      ];
    if (path.endsWith('/registries')) return [200, { value: [resource('one', 'Microsoft.ContainerRegistry/registries', 'images')] }];
    if (path.endsWith('/managedClusters')) return [200, { value: [resource('one', 'Microsoft.ContainerService/managedClusters', 'cluster')] }];
    if (path.startsWith('/blob-'))
      return [
        200,
        `<?xml version="1.0"?><EnumerationResults><Containers><Container><Name>in-${path.slice(6, 14)}</Name><Properties/></Container></Containers><NextMarker/></EnumerationResults>`,
      ];
    return [404, { error: { message: 'not found' } }];
  });
  return {
    ...environment,
    endpoints: { azureLogin: server.url, azureManagement: server.url, azureBlob: (account) => `${server.url}/blob-${account}` },
    seen: server.seen,
  };
}

describe('an Azure connector', () => {
  it('lists what a service principal can reach', async () => {
    expect(await verifyConnector(azure, connector(), {}, await microsoft())).toMatchObject({
      error: null,
      resources: [
        { resource_type: 'azure-generic', resource_ids: ['My Subscription'], error: null },
        { resource_type: 'blob-container', resource_ids: ['az://in-account1', 'az://in-account2'], error: null },
        { resource_type: 'kubernetes-cluster', resource_ids: ['one/cluster'], error: null },
        { resource_type: 'docker-registry', resource_ids: ['images.azurecr.io'], error: null },
      ],
    });
  });

  it('stays within the resource group and the storage account of its configuration', async () => {
    const blobs = (configuration: object) => connector({ resourceTypes: ['blob-container'], configuration: { ...principal, ...configuration } });
    expect((await verifyConnector(azure, blobs({ resource_group: 'two' }), {}, await microsoft())).resources[0]?.resource_ids).toEqual(['az://in-account2']);
    expect((await verifyConnector(azure, blobs({ storage_account: 'account1' }), {}, await microsoft())).resources[0]?.resource_ids).toEqual([
      'az://in-account1',
    ]);
  });

  it('follows pages, and never to another host', async () => {
    const own = await microsoft(({ url }) => {
      if (url.startsWith('/subscriptions?')) return [200, { value: [], nextLink: 'https://evil.example/next?page=2' }];
      return url === '/next?page=2' ? [200, { value: [{ subscriptionId: 'sub', displayName: 'Second Page' }] }] : undefined;
    });
    expect((await verifyConnector(azure, connector({ resourceTypes: ['azure-generic'] }), {}, own)).resources[0]?.resource_ids).toEqual(['Second Page']);
  });

  it('says what was refused', async () => {
    const refused = await microsoft(({ url }) =>
      url.includes('/token') ? [401, { error_description: 'AADSTS7000215: Invalid client secret\r\nTrace ID: x' }] : undefined,
    );
    expect((await verifyConnector(azure, connector(), {}, refused)).error).toMatch(/status 401, AADSTS7000215: Invalid client secret$/);
    const token = connector({ authMethod: 'access-token', resourceTypes: ['blob-container'], configuration: { token: 'fresh' } });
    expect((await verifyConnector(azure, token, {}, await microsoft())).error).toContain('not supported for blob storage');
  });

  it('hands its principal to clients of containers and registries', async () => {
    const blob = await connectorClient(azure, connector(), { resourceType: 'blob-container', resourceId: 'in-account1' }, await microsoft());
    expect(blob).toMatchObject({ connectorType: 'azure', authMethod: 'service-principal', resourceId: 'az://in-account1', configuration: principal });
    const registry = await connectorClient(azure, connector(), { resourceType: 'docker-registry', resourceId: 'images' }, await microsoft());
    expect(registry).toMatchObject({ connectorType: 'docker', configuration: { username: 'c', password: 's', registry: 'images.azurecr.io' } });
  });

  it('names what this server does not do', async () => {
    expect(await kindOf(connectorClient(azure, connector(), { resourceType: 'kubernetes-cluster', resourceId: 'cluster' }, await microsoft()))).toBe(
      'not_implemented',
    );
    const implicit = verifyConnector(azure, connector({ authMethod: 'implicit', configuration: {} }), {}, await microsoft());
    await expect(implicit).rejects.toThrow("'azure' connectors that use 'implicit' authentication");
    const hyperai = { authMethod: 'rsa-key', resourceTypes: [], configuration: { base64_ssh_key: 'x', hostnames: ['h'], username: 'u' } };
    await expect(verifyConnector(typeOf('hyperai'), hyperai, {}, environment)).rejects.toThrow("'hyperai' connectors that use 'rsa-key' authentication");
  });
});
