import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { startMoto } from '#libs/storage/emulators.js';
import { kindOf, loopback, serve, stopServers, typeOf } from './connector.fixture.js';
import type { Connector, ConnectorEnvironment } from './connector.js';
import { signed } from './sigv4.js';
import { connectorClient, verifyConnector } from './verify.js';

const aws = typeOf('aws');
let moto: Awaited<ReturnType<typeof startMoto>>;
let environment: ConnectorEnvironment;

const own = { aws_access_key_id: 'AKIAOWNOWNOWNOWNOWNX', aws_secret_access_key: 'secret', region: 'us-east-1' };
const connector = (more: Partial<Connector> = {}, configuration: Record<string, unknown> = {}): Connector => ({
  id: '11111111-1111-4111-8111-111111111111',
  name: 'mine',
  authMethod: 'secret-key',
  resourceTypes: ['s3-bucket'],
  configuration: { ...own, ...configuration },
  ...more,
});

/** A request to ECR or EKS as an SDK would send it, to prepare moto. */
async function send(service: string, method: 'GET' | 'POST', path: string, body: unknown, target?: string) {
  const headers: Record<string, string> =
    target === undefined ? { 'content-type': 'application/json' } : { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  const credentials = { accessKeyId: own.aws_access_key_id, secretAccessKey: own.aws_secret_access_key };
  const request = signed(
    { method, url: `${moto.url}${path}`, headers, body: JSON.stringify(body) },
    { service, region: own.region, credentials, now: Date.now() },
  );
  const answer = await fetch(request.url, { method, headers: request.headers, body: request.body });
  if (!answer.ok) throw new Error(`${service}${path}: ${answer.status} ${await answer.text()}`);
}

beforeAll(async () => {
  moto = await startMoto();
  environment = { policy: loopback, endpoints: { aws: moto.url } };
  const client = new S3Client({ endpoint: moto.url, region: own.region, forcePathStyle: true, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  for (const Bucket of ['first-bucket', 'second-bucket']) await client.send(new CreateBucketCommand({ Bucket }));
  client.destroy();
  await send('ecr', 'POST', '/', { repositoryName: 'repo' }, 'AmazonEC2ContainerRegistry_V20150921.CreateRepository');
  await send('eks', 'POST', '/clusters', { name: 'cluster-1', roleArn: 'arn:aws:iam::123456789012:role/eks', resourcesVpcConfig: { subnetIds: [] } });
}, 300_000);
afterAll(async () => {
  stopServers();
  await moto?.stop();
});

describe('verifying an AWS connector (moto)', () => {
  it('lists the buckets', async () => {
    expect(await verifyConnector(aws, connector(), {}, environment)).toEqual({
      id: '11111111-1111-4111-8111-111111111111',
      name: 'mine',
      resources: [{ resource_type: 's3-bucket', resource_ids: ['s3://first-bucket', 's3://second-bucket'], error: null }],
      error: null,
    });
  });

  it('checks the credentials and lists every kind of resource of a connector for all of them', async () => {
    const answer = await verifyConnector(aws, connector({ resourceTypes: [] }), {}, environment);
    expect(answer.error).toBeNull();
    expect(answer.resources).toEqual([
      { resource_type: 'aws-generic', resource_ids: ['us-east-1'], error: null },
      { resource_type: 's3-bucket', resource_ids: ['s3://first-bucket', 's3://second-bucket'], error: null },
      { resource_type: 'kubernetes-cluster', resource_ids: ['cluster-1'], error: null },
      { resource_type: 'docker-registry', resource_ids: ['123456789012.dkr.ecr.us-east-1.amazonaws.com'], error: null },
    ]);
  });

  it('lists nothing when it is not asked to', async () => {
    const answer = await verifyConnector(aws, connector({ resourceTypes: [] }), { listResources: false }, environment);
    expect(answer.error).toBeNull();
    expect(new Set(answer.resources.map(({ resource_ids }) => resource_ids))).toEqual(new Set([null]));
  });

  it.each(['s3://first-bucket', 'first-bucket', 'arn:aws:s3:::first-bucket/prefix', 's3://first-bucket/prefix'])(
    'takes %s for the bucket',
    async (resourceId) => {
      const answer = await verifyConnector(aws, connector(), { resourceType: 's3-bucket', resourceId }, environment);
      expect(answer.resources).toEqual([{ resource_type: 's3-bucket', resource_ids: ['s3://first-bucket'], error: null }]);
    },
  );

  it('says what failed, for the resource type and for the connector when they are one', async () => {
    const answer = await verifyConnector(aws, connector({ resourceId: 's3://missing-bucket' }), {}, environment);
    expect(answer.error).toContain("connector 'mine' authorization failure: failed to fetch S3 bucket missing-bucket");
    expect(answer.resources).toEqual([{ resource_type: 's3-bucket', resource_ids: null, error: answer.error }]);
  });

  it('refuses requests that do not fit', async () => {
    const verify = (request: Parameters<typeof verifyConnector>[2], more: Partial<Connector> = {}, configuration = {}) =>
      kindOf(verifyConnector(aws, connector(more, configuration), request, environment));
    expect(await verify({ resourceType: 'kubernetes-cluster' })).toBe('invalid');
    expect(await verify({ resourceType: 's3-bucket', resourceId: 'NOT A BUCKET' })).toBe('invalid');
    expect(await verify({ resourceType: 's3-bucket', resourceId: 's3://second-bucket' }, { resourceId: 's3://first-bucket' })).toBe('invalid');
    expect(await verify({}, { expirationSeconds: 900 })).toBe('invalid');
    expect(await verify({}, {}, { region: 'evil.example/' })).toBe('invalid');
    expect(await verify({}, { resourceTypes: ['kubernetes-cluster'], resourceId: 'arn:aws:eks:eu-west-1:123456789012:cluster/cluster-1' })).toBe('invalid');
  });

  it('does not use what has expired, with a margin', async () => {
    const sts = connector({ authMethod: 'sts-token', expiresAt: new Date(Date.now() + 60_000) }, { aws_session_token: 't' });
    expect((await verifyConnector(aws, sts, {}, environment)).error).toContain('have expired');
    expect((await verifyConnector(aws, { ...sts, expiresSkewToleranceSeconds: 10 }, {}, environment)).error).toBeNull();
    expect(await kindOf(connectorClient(aws, sts, { resourceId: 'first-bucket' }, environment))).toBe('unauthorized');
  });

  it('stops at credentials that STS refuses', async () => {
    const sts = await serve(() => [
      403,
      '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>bad token</Message></Error></ErrorResponse>',
    ]);
    const answer = await verifyConnector(aws, connector({ resourceTypes: [] }), {}, { policy: loopback, endpoints: { aws: sts.url } });
    expect(answer.error).toContain('failed to verify AWS account access: InvalidClientTokenId');
    expect(answer.resources.map(({ error }) => error)).toEqual(Array(4).fill(answer.error));
    expect(sts.seen).toHaveLength(1);
  });

  it('contacts no private address and lends no credentials of the server', async () => {
    const closed = await verifyConnector(
      aws,
      connector({}, { endpoint_url: 'http://localhost:9' }),
      {},
      { ...environment, policy: OutboundPolicy.parse('127.0.0.2') },
    );
    expect(closed.error).toContain('not a public address');
    const implicit = connector({ authMethod: 'implicit', configuration: { region: 'us-east-1' } });
    expect((await verifyConnector(aws, implicit, {}, environment)).error).toContain('implicit authentication is disabled');
  });
});

describe('clients of an AWS connector (moto)', () => {
  it('are the connector itself where it is made for that one resource', async () => {
    const client = await connectorClient(aws, connector({ resourceId: 's3://first-bucket' }), {}, environment);
    expect(client).toMatchObject({
      name: 'mine',
      connectorType: 'aws',
      authMethod: 'secret-key',
      resourceTypes: ['s3-bucket'],
      resourceId: 's3://first-bucket',
      supportsInstances: true,
      expiresAt: null,
    });
    expect(client.configuration).toEqual(own);
  });

  it('need a resource', async () => {
    expect(await kindOf(connectorClient(aws, connector(), {}, environment))).toBe('invalid');
    expect(await kindOf(connectorClient(aws, connector({ resourceTypes: [] }), { resourceId: 'first-bucket' }, environment))).toBe('invalid');
    expect(await kindOf(connectorClient(aws, connector(), { resourceId: 'missing-bucket' }, environment))).toBe('unauthorized');
  });

  it.each([
    ['iam-role', { role_arn: 'arn:aws:iam::123456789012:role/reader' }, 3600],
    ['session-token', {}, 43200],
    ['federation-token', {}, 43200],
  ] as const)('of %s get temporary credentials that work and expire', async (authMethod, configuration, seconds) => {
    const client = await connectorClient(
      aws,
      connector({ authMethod, expiresSkewToleranceSeconds: 7 }, configuration),
      { resourceId: 'first-bucket' },
      environment,
    );
    expect(client).toMatchObject({
      name: 'mine (s3-bucket | s3://first-bucket client)',
      authMethod: 'sts-token',
      resourceId: 's3://first-bucket',
      expiresSkewToleranceSeconds: 7,
    });
    expect(Object.keys(client.configuration).sort()).toEqual(['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token', 'region']);
    expect(client.configuration.aws_access_key_id).not.toBe(own.aws_access_key_id);
    const lifeSeconds = ((client.expiresAt?.getTime() ?? 0) - Date.now()) / 1000;
    expect(Math.abs(lifeSeconds - seconds)).toBeLessThan(120);
    const { aws_access_key_id, aws_secret_access_key, aws_session_token } = client.configuration as Record<string, string>;
    const s3 = new S3Client({
      endpoint: moto.url,
      region: own.region,
      forcePathStyle: true,
      credentials: { accessKeyId: aws_access_key_id ?? '', secretAccessKey: aws_secret_access_key ?? '', sessionToken: aws_session_token },
    });
    expect((await s3.send(new ListBucketsCommand({}))).Buckets).toHaveLength(2);
    s3.destroy();
  });

  it('of a role get rights for their resource only, unless the connector has a policy', async () => {
    const reply = (name: string) =>
      `<${name}Response><${name}Result><Account>1</Account><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey><SessionToken>C</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></${name}Result></${name}Response>`;
    const server = await serve(({ body }) => [200, reply(new URLSearchParams(body).get('Action') ?? '')]);
    const ask = async (configuration: Record<string, unknown>) => {
      const before = server.seen.length;
      await connectorClient(
        aws,
        connector({ authMethod: 'iam-role' }, { role_arn: 'arn:r', ...configuration }),
        { resourceId: 'first-bucket' },
        { policy: loopback, endpoints: { aws: server.url } },
      );
      return server.seen
        .slice(before)
        .map(({ body }) => new URLSearchParams(body))
        .filter((form) => form.get('Action') === 'AssumeRole');
    };
    const [narrowed, ...more] = await ask({});
    expect(more).toHaveLength(0);
    expect(narrowed?.get('RoleSessionName')).toBe('zenml-connector-11111111-1111-4111-8111-111111111111');
    expect(JSON.parse(narrowed?.get('Policy') ?? '').Statement[0].Resource).toEqual(['arn:aws:s3:::first-bucket', 'arn:aws:s3:::first-bucket/*']);
    expect((await ask({ policy: '{"own":1}' }))[0]?.get('Policy')).toBe('{"own":1}');
    expect((await ask({ policy_arns: ['arn:p'] }))[0]?.get('PolicyArns.member.1.arn')).toBe('arn:p');
  });

  it('for a registry are Docker connectors', async () => {
    const client = await connectorClient(aws, connector({ resourceTypes: ['docker-registry'] }), {}, environment);
    expect(client).toMatchObject({ connectorType: 'docker', authMethod: 'password', resourceTypes: ['docker-registry'], supportsInstances: false });
    expect(client.configuration).toMatchObject({ username: 'AWS', registry: expect.stringContaining('.dkr.ecr.us-east-1.amazonaws.com') });
    expect(client.configuration.registry).toContain(client.resourceId);
    // moto's tokens ended in 2015, which nobody could use.
    expect(client.expiresAt).toBeNull();
  });

  it('for a cluster are Kubernetes connectors with a signed token', async () => {
    const client = await connectorClient(aws, connector({ resourceTypes: ['kubernetes-cluster'] }), { resourceId: 'cluster-1' }, environment);
    expect(client).toMatchObject({
      connectorType: 'kubernetes',
      authMethod: 'token',
      resourceTypes: ['kubernetes-cluster'],
      resourceId: 'arn:aws:eks:us-east-1:123456789012:cluster/cluster-1',
    });
    const token = String(client.configuration.token);
    expect(token).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
    const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
    expect(url.host).toBe('sts.us-east-1.amazonaws.com');
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('host;x-k8s-aws-id');
  });
});

describe('Signature Version 4', () => {
  it("agrees with AWS's published test vector", () => {
    const request = signed(
      { method: 'GET', url: 'https://example.amazonaws.com/?Param2=value2&Param1=value1', headers: {} },
      {
        service: 'service',
        region: 'us-east-1',
        credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
        now: Date.UTC(2015, 7, 30, 12, 36, 0),
      },
    );
    expect(request.headers.authorization).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    );
  });
});
