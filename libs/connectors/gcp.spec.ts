import { generateKeyPairSync } from 'node:crypto';
import { environment, kindOf, type Seen, serve, stopServers, typeOf } from './connector.fixture.js';
import type { Connector } from './connector.js';
import { connectorClient, verifyConnector } from './verify.js';

const gcp = typeOf('gcp');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = (url: string, more: object = {}) =>
  JSON.stringify({
    type: 'service_account',
    project_id: 'project',
    private_key_id: 'k',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: 'robot@project.iam.gserviceaccount.com',
    client_id: '1',
    auth_uri: `${url}/auth`,
    token_uri: `${url}/token`,
    auth_provider_x509_cert_url: url,
    client_x509_cert_url: url,
    ...more,
  });
afterAll(stopServers);

/** Google's token endpoint and the REST resources that a connector asks for, in the shapes of their reference documentation. */
const google = (answer?: (request: Seen) => [number, unknown] | undefined) =>
  serve((request) => {
    const own = answer?.(request);
    if (own) return own;
    const { url, headers } = request;
    if (url === '/token') return [200, { access_token: 'fresh', expires_in: 3600 }];
    if (!['Bearer fresh', 'Bearer other'].includes(headers.authorization ?? '')) return [401, { error: { code: 401, message: 'bad token' } }];
    if (url.startsWith('/v1/projects/-/serviceAccounts/')) return [200, { accessToken: 'other', expireTime: '2999-01-01T00:00:00Z' }];
    if (url === '/storage/v1/b?project=project') return [200, { items: [{ name: 'bucket-1' }], nextPageToken: 'p' }];
    if (url === '/storage/v1/b?project=project&pageToken=p') return [200, { items: [{ name: 'bucket-2' }] }];
    if (url === '/storage/v1/b/bucket-1') return [200, { name: 'bucket-1' }];
    if (url === '/v1/projects/project/locations/-/clusters') {
      const control = { dnsEndpointConfig: { endpoint: 'gke-1.example', allowExternalTraffic: true } };
      return [
        200,
        {
          clusters: [
            { name: 'by-address', endpoint: '203.0.113.5', masterAuth: { clusterCaCertificate: 'Q0E=' } },
            { name: 'by-name', endpoint: '203.0.113.6', controlPlaneEndpointsConfig: control },
          ],
        },
      ];
    }
    if (url === '/v1/projects/project/locations') return [200, { locations: [{ locationId: 'europe-west1' }] }];
    if (url === '/v1/projects/project/locations/europe-west1/repositories') {
      const base = 'projects/project/locations/europe-west1/repositories';
      return [
        200,
        {
          repositories: [
            { name: `${base}/images`, format: 'DOCKER' },
            { name: `${base}/jars`, format: 'MAVEN' },
          ],
        },
      ];
    }
    if (url === '/v1/projects/project/locations/europe-west1/repositories/images') return [200, { format: 'DOCKER' }];
    return [404, { error: { code: 404, message: 'not found' } }];
  });

const connector = (url: string, more: Partial<Connector> = {}): Connector => ({
  name: 'mine',
  authMethod: 'service-account',
  resourceTypes: [],
  configuration: { service_account_json: key(url) },
  ...more,
});

describe('a GCP connector', () => {
  it('lists what a service account can reach', async () => {
    const { url } = await google();
    const answer = await verifyConnector(gcp, connector(url), {}, { ...environment, endpoints: { google: url } });
    expect(answer).toEqual({
      id: null,
      name: 'mine',
      error: null,
      resources: [
        { resource_type: 'gcp-generic', resource_ids: ['project'], error: null },
        { resource_type: 'gcs-bucket', resource_ids: ['gs://bucket-1', 'gs://bucket-2'], error: null },
        { resource_type: 'kubernetes-cluster', resource_ids: ['by-address', 'by-name'], error: null },
        {
          resource_type: 'docker-registry',
          resource_ids: ['gcr.io/project', 'us.gcr.io/project', 'eu.gcr.io/project', 'asia.gcr.io/project', 'europe-west1-docker.pkg.dev/project/images'],
          error: null,
        },
      ],
    });
  });

  it('gives out tokens, and the key only when it is told to', async () => {
    const { url } = await google();
    const own = { ...environment, endpoints: { google: url } };
    const client = await connectorClient(gcp, connector(url), { resourceType: 'gcs-bucket', resourceId: 'bucket-1' }, own);
    expect(client).toMatchObject({ authMethod: 'oauth2-token', resourceId: 'gs://bucket-1', name: 'mine (gcs-bucket | gs://bucket-1 client)' });
    expect(client.configuration).toEqual({ project_id: 'project', token: 'fresh', service_account_email: 'robot@project.iam.gserviceaccount.com' });
    expect(client.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
    const shared = connector(url, { configuration: { service_account_json: key(url), generate_temporary_tokens: false } });
    expect(await connectorClient(gcp, shared, { resourceType: 'gcp-generic' }, own)).toMatchObject({
      authMethod: 'service-account',
      expiresAt: null,
      configuration: { service_account_json: key(url) },
    });
  });

  it('turns into Docker and Kubernetes connectors', async () => {
    const { url } = await google();
    const own = { ...environment, endpoints: { google: url } };
    const docker = await connectorClient(
      gcp,
      connector(url),
      { resourceType: 'docker-registry', resourceId: 'https://europe-west1-docker.pkg.dev/project/images/app' },
      own,
    );
    expect(docker).toMatchObject({ connectorType: 'docker', authMethod: 'password', resourceId: 'europe-west1-docker.pkg.dev' });
    expect(docker.configuration).toEqual({ username: 'oauth2accesstoken', password: 'fresh', registry: 'europe-west1-docker.pkg.dev/project/images' });
    const byAddress = await connectorClient(gcp, connector(url), { resourceType: 'kubernetes-cluster', resourceId: 'by-address' }, own);
    expect(byAddress.configuration).toMatchObject({
      cluster_name: 'gke_project_by-address',
      server: 'https://203.0.113.5',
      certificate_authority: 'Q0E=',
      token: 'fresh',
    });
    const byName = await connectorClient(gcp, connector(url), { resourceType: 'kubernetes-cluster', resourceId: 'by-name' }, own);
    expect(byName.configuration).toMatchObject({ server: 'https://gke-1.example' });
    expect(byName.configuration).not.toHaveProperty('certificate_authority');
  });

  it('impersonates another account', async () => {
    const { url, seen } = await google();
    const own = connector(url, { authMethod: 'impersonation', configuration: { service_account_json: key(url), target_principal: 'other@project.example' } });
    const client = await connectorClient(gcp, own, { resourceType: 'gcs-bucket', resourceId: 'bucket-1' }, { ...environment, endpoints: { google: url } });
    expect(client.configuration).toEqual({ project_id: 'project', token: 'other', service_account_email: 'other@project.example' });
    expect(client.expiresAt).toEqual(new Date('2999-01-01T00:00:00Z'));
    expect(JSON.parse(seen[1]?.body ?? '')).toMatchObject({ lifetime: '3600s' });
  });

  it('says what Google refused', async () => {
    const { url } = await google(({ url: path }) => (path === '/token' ? [400, { error: 'invalid_grant', error_description: 'Invalid JWT' }] : undefined));
    expect((await verifyConnector(gcp, connector(url), {}, { ...environment, endpoints: { google: url } })).error).toContain('Invalid JWT');
    const open = await google();
    const missing = { resourceType: 'gcs-bucket', resourceId: 'bucket-9' };
    expect((await verifyConnector(gcp, connector(open.url), missing, { ...environment, endpoints: { google: open.url } })).error).toContain(
      'status 404, not found',
    );
  });

  it('refuses documents of another kind, and sources on the machine of the server', async () => {
    const verify = (authMethod: string, configuration: Record<string, unknown>) =>
      kindOf(verifyConnector(gcp, { authMethod, resourceTypes: [], configuration }, {}, environment));
    expect(await verify('service-account', { service_account_json: key('https://x', { type: 'external_account' }) })).toBe('invalid');
    expect(await verify('service-account', { service_account_json: '{"type":"service_account"}' })).toBe('invalid');
    expect(
      await verify('external-account', { project_id: 'p', external_account_json: '{"type":"external_account","credential_source":{"file":"/etc/passwd"}}' }),
    ).toBe('not_implemented');
    expect(await verify('implicit', { project_id: 'p' })).toBe('not_implemented');
  });
});
