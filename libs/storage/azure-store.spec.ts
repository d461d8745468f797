import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { BlobServiceClient } from '@azure/storage-blob';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { fromConnectionString } from './azure-store.js';
import { credentialsFromConnector, credentialsFromSecret } from './credentials.js';
import { startAzurite } from './emulators.js';
import { openStore } from './open-store.js';
import { describeStore, expectKind } from './store.suite.js';

const policy = OutboundPolicy.parse('127.0.0.0/8');
let azurite: Awaited<ReturnType<typeof startAzurite>>;

beforeAll(async () => {
  azurite = await startAzurite();
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString);
  for (const container of ['store', 'other']) await service.createContainer(container);
}, 300_000);
afterAll(() => azurite?.stop());

const secret = () => credentialsFromSecret('azure', { connection_string: azurite.connectionString });

describeStore('an Azure store below a prefix (Azurite)', async () => ({
  store: await openStore({ flavor: 'azure', configuration: { path: 'az://store/some/prefix' }, credentials: secret(), policy }),
  foreignUri: 'az://other/some/prefix/x',
  siblingUri: 'az://store/some/prefix-other/x',
}));

describeStore('an Azure store that owns its container (Azurite)', async () => ({
  store: await openStore({ flavor: 'azure', configuration: { path: 'abfs://other' }, credentials: secret(), policy }),
  foreignUri: 'abfs://store/x',
  siblingUri: 'abfs://other-one/x',
}));

describe('an Azure store', () => {
  it('says not_found for a container that does not exist, and forbidden for a wrong key', async () => {
    const missing = await openStore({ flavor: 'azure', configuration: { path: 'az://missing/p' }, credentials: secret(), policy });
    await expectKind('not_found', () => missing.stat('az://missing/p/a'));
    await expectKind('not_found', () => missing.write('az://missing/p/a', 'x'));
    const wrong = azurite.connectionString.replace('Eby8', 'AAAA');
    const store = await openStore({
      flavor: 'azure',
      configuration: { path: 'az://store/p' },
      credentials: { type: 'azure', connectionString: wrong },
      policy,
    });
    await expectKind('forbidden', () => store.stat('az://store/p/a'));
    await Promise.all([missing.close(), store.close()]);
  });

  it('does not contact private addresses unless the operator opens them', async () => {
    await expect(openStore({ flavor: 'azure', configuration: { path: 'az://store/p' }, credentials: secret() })).rejects.toThrow('not a public address');
    const named = azurite.connectionString.replace('127.0.0.1', 'localhost');
    const store = await openStore({
      flavor: 'azure',
      configuration: { path: 'az://store/p' },
      credentials: { type: 'azure', connectionString: named },
    });
    await expectKind('forbidden', () => store.stat('az://store/p/a'));
    await store.close();
  });

  it('gives up on a store that does not answer', async () => {
    const server = http.createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const connectionString = `AccountName=abc;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:${(server.address() as AddressInfo).port}/abc`;
    const store = await openStore({
      flavor: 'azure',
      configuration: { path: 'az://store/p' },
      credentials: { type: 'azure', connectionString },
      policy,
      timeoutMs: 200,
    });
    await expectKind('unavailable', () => store.readText('az://store/p/a', 1));
    await store.close();
    server.closeAllConnections();
    server.close();
  }, 30_000);

  it('needs an account and credentials', async () => {
    const configuration = { path: 'az://store/p' };
    await expectKind('forbidden', () => openStore({ flavor: 'azure', configuration }));
    await expectKind('unsupported', () => openStore({ flavor: 'azure', configuration, credentials: { type: 'azure', accountKey: 'x' } }));
    await expectKind('unsupported', () => openStore({ flavor: 'azure', configuration, credentials: { type: 'azure', accountName: 'abc' } }));
    const connector = credentialsFromConnector('azure', { client_id: 'c', client_secret: 's', tenant_id: 't', storage_account: 'abc' });
    expect(connector).toEqual({
      type: 'azure',
      clientId: 'c',
      clientSecret: 's',
      tenantId: 't',
      accountName: 'abc',
      accessToken: undefined,
    });
  });

  it.each([
    ['AccountName=abc;AccountKey=k==', 'https://abc.blob.core.windows.net', 'k=='],
    ['DefaultEndpointsProtocol=http;AccountName=abc;AccountKey=k;EndpointSuffix=core.chinacloudapi.cn', 'http://abc.blob.core.chinacloudapi.cn', 'k'],
    ['BlobEndpoint=https://x.example/;SharedAccessSignature=sv=1&sig=a=', 'https://x.example', undefined],
  ])('reads the connection string %s', (text, url, key) => {
    expect(fromConnectionString(text)).toMatchObject({ url, ...(key && { key }) });
  });
});
