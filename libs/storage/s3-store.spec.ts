import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { credentialsFromConnector, credentialsFromSecret } from './credentials.js';
import { startMoto } from './emulators.js';
import { openStore } from './open-store.js';
import { describeStore, expectKind } from './store.suite.js';

const policy = OutboundPolicy.parse('127.0.0.0/8');
let moto: Awaited<ReturnType<typeof startMoto>>;

beforeAll(async () => {
  moto = await startMoto();
  const client = new S3Client({
    endpoint: moto.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  for (const Bucket of ['store', 'other']) await client.send(new CreateBucketCommand({ Bucket }));
  client.destroy();
}, 300_000);
afterAll(() => moto?.stop());

describeStore('an S3 store below a prefix (moto)', async () => ({
  store: await openStore({
    flavor: 's3',
    configuration: {
      path: 's3://store/some/prefix',
      key: 'a',
      secret: 'b',
      client_kwargs: JSON.stringify({ endpoint_url: moto.url, region_name: 'us-east-1' }),
    },
    policy,
  }),
  foreignUri: 's3://other/some/prefix/x',
  siblingUri: 's3://store/some/prefix-other/x',
}));

describeStore('an S3 store that owns its bucket (moto)', async () => ({
  store: await openStore({
    flavor: 's3',
    configuration: { path: 's3://other/', key: 'a', secret: 'b', client_kwargs: { endpoint_url: moto.url } },
    policy,
  }),
  foreignUri: 's3://store/x',
  siblingUri: 's3://other-bucket/x',
}));

const fakes: http.Server[] = [];
afterAll(() => {
  for (const server of fakes) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server in S3's place that answers every request alike, and keeps their headers. */
async function fakeS3(status: number, code: string) {
  const seen: http.IncomingMessage[] = [];
  const server = http.createServer((incoming, response) => {
    seen.push(incoming);
    if (status !== 0)
      response.writeHead(status, { 'content-type': 'application/xml' }).end(status === 200 ? '' : `<Error><Code>${code}</Code><Message>no</Message></Error>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  fakes.push(server);
  return {
    url,
    seen,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('an S3 store', () => {
  const configured = (url: string, more: Record<string, unknown> = {}) => ({
    path: 's3://store/p',
    key: 'a',
    secret: 'b',
    client_kwargs: { endpoint_url: url },
    ...more,
  });

  it('says not_found for a bucket that does not exist', async () => {
    const store = await openStore({ flavor: 's3', configuration: configured(moto.url, { path: 's3://no-such-bucket/p' }), policy });
    await expectKind('not_found', () => store.stat('s3://no-such-bucket/p/a'));
    await expectKind('not_found', () => store.read('s3://no-such-bucket/p/a'));
    await expectKind('not_found', () => store.write('s3://no-such-bucket/p/a', 'x'));
    await store.close();
  });

  it.each([
    [403, 'AccessDenied', 'forbidden'],
    [403, 'InvalidAccessKeyId', 'forbidden'],
    [400, 'ExpiredToken', 'forbidden'],
    [503, 'SlowDown', 'unavailable'],
    [500, 'InternalError', 'unavailable'],
  ] as const)('takes %s %s for %s', async (status, code, kind) => {
    const server = await fakeS3(status, code);
    const store = await openStore({ flavor: 's3', configuration: configured(server.url), policy });
    await expectKind(kind, () => store.readText('s3://store/p/a', 10));
    await store.close();
    server.stop();
  });

  it('gives up on a store that does not answer', async () => {
    const server = await fakeS3(0, '');
    const store = await openStore({ flavor: 's3', configuration: configured(server.url), policy, timeoutMs: 200 });
    await expectKind('unavailable', () => store.readText('s3://store/p/a', 10));
    await store.close();
    server.stop();
  });

  it('does not contact private addresses unless the operator opens them', async () => {
    const server = await fakeS3(200, '');
    await expectKind('forbidden', async () => {
      const store = await openStore({ flavor: 's3', configuration: configured('http://localhost:1') });
      await store.stat('s3://store/p/a');
    });
    expect(server.seen).toHaveLength(0);
    await expect(openStore({ flavor: 's3', configuration: configured(server.url) })).rejects.toThrow('not a public address');
    server.stop();
  });

  it('does not lend the credentials of the server', async () => {
    await expectKind('forbidden', () => openStore({ flavor: 's3', configuration: { path: 's3://store/p' } }));
  });

  it('signs with a secret, a connector or the configuration, in that order', async () => {
    const server = await fakeS3(404, 'NoSuchKey');
    const signedBy = async (credentials: Parameters<typeof openStore>[0]['credentials']) => {
      const store = await openStore({ flavor: 's3', configuration: configured(server.url), credentials, policy });
      await store.read('s3://store/p/a').catch(() => {});
      await store.close();
      return server.seen.at(-1)?.headers;
    };
    expect((await signedBy(undefined))?.authorization).toContain('Credential=a/');
    const secret = credentialsFromSecret('s3', { access_key_id: 'from-secret', secret_access_key: 'x', session_token: 'session' });
    expect(await signedBy(secret)).toMatchObject({
      authorization: expect.stringContaining('Credential=from-secret/'),
      'x-amz-security-token': 'session',
    });
    const connector = credentialsFromConnector('aws', {
      aws_access_key_id: 'from-connector',
      aws_secret_access_key: 'x',
      region: 'eu-west-1',
    });
    expect((await signedBy(connector))?.authorization).toMatch(/Credential=from-connector\/\d+\/eu-west-1\//);
    server.stop();
  });

  it('passes on what the flavor says about uploads', async () => {
    const server = await fakeS3(200, '');
    const store = await openStore({
      flavor: 's3',
      configuration: configured(server.url, {
        s3_additional_kwargs: '{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key", "Bucket": "evil"}',
      }),
      policy,
    });
    await store.write('s3://store/p/a', 'x');
    expect(server.seen.at(-1)?.headers).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key',
    });
    expect(server.seen.at(-1)?.url).toContain('/store/p/a');
    await store.close();
    server.stop();
  });

  it('removes more objects than one request takes', async () => {
    const store = await openStore({ flavor: 's3', configuration: configured(moto.url), policy });
    for (let batch = 0; batch < 67; batch++) {
      await Promise.all(Array.from({ length: 15 }, (_, index) => store.write(`s3://store/p/many/${batch}-${index}`, '')));
    }
    await store.removeTree('s3://store/p/many');
    await expectKind('not_found', () => store.stat('s3://store/p/many'));
    await store.close();
  }, 120_000);
});
