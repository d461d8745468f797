import { environment, kindOf, serve, stopServers, typeOf } from './connector.fixture.js';
import type { Connector } from './connector.js';
import { connectorClient, verifyConnector } from './verify.js';

const kubernetes = typeOf('kubernetes');
const connector = (authMethod: string, configuration: Record<string, unknown>): Connector => ({
  name: 'mine',
  authMethod,
  resourceTypes: ['kubernetes-cluster'],
  configuration: { cluster_name: 'cluster', ...configuration },
});
afterAll(stopServers);

const RIGHT = ['Bearer token', `Basic ${Buffer.from('user:pass').toString('base64')}`];
const REVIEW = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** An API server: everybody may see `/version`; who one is needs credentials. Before 1.28 it cannot be asked. */
const cluster = (hasReviews = true) =>
  serve(({ url, headers }) => {
    const isKnown = RIGHT.includes(headers.authorization ?? '');
    if (headers.authorization !== undefined && !isKnown) return [401, { kind: 'Status', status: 'Failure', reason: 'Unauthorized' }];
    if (url === '/version') return [200, { major: '1', minor: '30' }];
    if (url === REVIEW && hasReviews) return isKnown ? [201, { kind: 'SelfSubjectReview' }] : [401, {}];
    return [404, {}];
  });

describe('a Kubernetes connector', () => {
  it.each([
    ['token', { token: 'token' }],
    ['password', { username: 'user', password: 'pass' }],
  ] as const)('is verified by what the cluster says to its %s', async (method, credentials) => {
    for (const hasReviews of [true, false]) {
      const { url } = await cluster(hasReviews);
      const answer = await verifyConnector(kubernetes, connector(method, { server: url, ...credentials }), {}, environment);
      expect(answer).toMatchObject({ error: null, resources: [{ resource_type: 'kubernetes-cluster', resource_ids: ['cluster'], error: null }] });
    }
  });

  it('is told when its credentials are wrong, although the version is public', async () => {
    for (const hasReviews of [true, false]) {
      const { url } = await cluster(hasReviews);
      expect((await verifyConnector(kubernetes, connector('token', { server: url, token: 'wrong' }), {}, environment)).error).toContain(
        'refused the credentials (status 401)',
      );
      expect((await verifyConnector(kubernetes, connector('password', { server: url, username: 'user', password: 'x' }), {}, environment)).error).toContain(
        'status 401',
      );
    }
  });

  it('says so when the cluster cannot be reached', async () => {
    const answer = await verifyConnector(kubernetes, connector('token', { server: 'https://10.0.0.1:6443', token: 't' }), {}, environment);
    expect(answer.error).toContain("'10.0.0.1' is not a public address");
  });

  it('is for one cluster, and its own client', async () => {
    const { url } = await cluster();
    const own = connector('token', { server: url, token: 'token' });
    expect(await connectorClient(kubernetes, own, { resourceId: 'cluster' }, environment)).toMatchObject({
      name: 'mine',
      connectorType: 'kubernetes',
      authMethod: 'token',
      resourceId: 'cluster',
      configuration: own.configuration,
    });
    expect(await kindOf(connectorClient(kubernetes, own, { resourceId: 'other' }, environment))).toBe('unauthorized');
  });
});
