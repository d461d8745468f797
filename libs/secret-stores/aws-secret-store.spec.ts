import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { startMoto } from '#libs/storage/emulators.js';
import { type AwsSecretStoreOptions, openAwsSecretStore } from './aws-secret-store.js';
import { describeSecretStore, expectKind } from './secret-store.suite.js';

const id = '00000000-0000-4000-8000-000000000000';
let moto: Awaited<ReturnType<typeof startMoto>>;
beforeAll(async () => {
  moto = await startMoto();
}, 300_000);
afterAll(() => moto?.stop());

const open = (endpointUrl: string, deploymentId: string, more: Partial<AwsSecretStoreOptions> = {}) =>
  openAwsSecretStore({
    region: 'us-east-1',
    endpointUrl,
    deploymentId,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    policy: OutboundPolicy.parse('127.0.0.0/8'),
    ...more,
  });

describeSecretStore('AWS Secrets Manager (moto)', async () => ({ store: await open(moto.url, 'ours'), foreign: await open(moto.url, 'ours-not') }));

describe('AWS Secrets Manager', () => {
  it.each([
    [400, 'AccessDeniedException', 'forbidden'],
    [400, 'UnrecognizedClientException', 'forbidden'],
    [400, 'ThrottlingException', 'unavailable'],
    [500, 'InternalServiceError', 'unavailable'],
    [400, 'ResourceNotFoundException', 'not_found'],
  ] as const)('takes %s %s for %s', async (status, name, kind) => {
    const server = http.createServer((_, response) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify({ __type: name, message: 'no' })),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const store = await open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'ours');
    await expectKind(kind, () => store.get(id));
    await store.close();
    server.closeAllConnections();
    server.close();
  });

  it('contacts no private address unless the operator opens it', async () => {
    const store = await open(moto.url, 'ours', { policy: OutboundPolicy.publicOnly });
    await expectKind('forbidden', () => store.get(id));
    await store.close();
  });
});
