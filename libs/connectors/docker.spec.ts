import { environment, kindOf, serve, stopServers, typeOf } from './connector.fixture.js';
import type { Connector } from './connector.js';
import { connectorClient, verifyConnector } from './verify.js';

const docker = typeOf('docker');
const connector = (registry: string | undefined, password = 'right'): Connector => ({
  name: 'mine',
  authMethod: 'password',
  resourceTypes: ['docker-registry'],
  configuration: { username: 'user', password, ...(registry !== undefined && { registry }) },
});
const isRight = (authorization: string | undefined) => authorization === `Basic ${Buffer.from('user:right').toString('base64')}`;
afterAll(stopServers);

/** The two ways in which registries ask for a log-in, as the OCI distribution specification and Docker's token documentation describe them. */
const basicRegistry = () =>
  serve(({ headers }) =>
    isRight(headers.authorization) ? [200, {}] : [401, { errors: [{ code: 'UNAUTHORIZED' }] }, { 'www-authenticate': 'Basic realm="registry"' }],
  );
const tokenRegistry = async () => {
  const tokens = await serve(({ headers }) => (isRight(headers.authorization) ? [200, { token: 't' }] : [401, { details: 'no' }]));
  const registry = await serve(() => [401, {}, { 'www-authenticate': `Bearer realm="${tokens.url}/token",service="registry.example"` }]);
  return { ...registry, tokens };
};

describe('a Docker connector', () => {
  it.each([
    ['basic', basicRegistry],
    ['bearer', tokenRegistry],
  ] as const)('logs in to a registry that asks for %s authentication', async (_, start) => {
    const registry = await start();
    expect(await verifyConnector(docker, connector(registry.url), {}, environment)).toEqual({
      id: null,
      name: 'mine',
      resources: [{ resource_type: 'docker-registry', resource_ids: [registry.host], error: null }],
      error: null,
    });
    const wrong = await verifyConnector(docker, connector(registry.url, 'wrong'), {}, environment);
    expect(wrong.error).toContain('refused the user name and password');
    expect(wrong.resources[0]).toMatchObject({ resource_ids: null, error: wrong.error });
  });

  it('names itself and its service to the token server', async () => {
    const { url, tokens } = await tokenRegistry();
    await verifyConnector(docker, connector(url), {}, environment);
    expect(tokens.seen[0]?.url).toBe('/token?service=registry.example&account=user');
  });

  it('accepts a registry that cannot be reached from here', async () => {
    const answer = await verifyConnector(docker, connector('registry.invalid'), {}, { ...environment, timeoutMs: 500 });
    expect(answer.resources).toEqual([{ resource_type: 'docker-registry', resource_ids: ['registry.invalid'], error: null }]);
  });

  it('is for one registry, under any of its names', async () => {
    const registry = await basicRegistry();
    const verify = (resourceId: string) => verifyConnector(docker, connector(registry.url), { resourceType: 'docker-registry', resourceId }, environment);
    expect((await verify(`${registry.url}/repository`)).resources[0]?.resource_ids).toEqual([registry.host]);
    expect((await verify('other.example')).error).toContain('gives no access');
    expect(await kindOf(verify('not a registry'))).toBe('invalid');
  });

  it('is its own client', async () => {
    const registry = await basicRegistry();
    const client = await connectorClient(docker, connector(registry.url), {}, environment);
    expect(client).toMatchObject({ name: 'mine', connectorType: 'docker', authMethod: 'password', resourceId: registry.host, expiresAt: null });
    expect(client.configuration).toEqual({ username: 'user', password: 'right', registry: registry.url });
    expect(await kindOf(connectorClient(docker, connector(registry.url, 'wrong'), {}, environment))).toBe('unauthorized');
  });
});
