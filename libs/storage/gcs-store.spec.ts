import { generateKeyPairSync, verify } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { credentialsFromConnector, credentialsFromSecret } from './credentials.js';
import { startGcs } from './emulators.js';
import { googleAccessToken } from './google-token.js';
import { openStore } from './open-store.js';
import { describeStore, expectKind } from './store.suite.js';

const policy = OutboundPolicy.parse('127.0.0.0/8');
let gcs: Awaited<ReturnType<typeof startGcs>>;

beforeAll(async () => {
  gcs = await startGcs();
  for (const name of ['store', 'other']) {
    await fetch(`${gcs.url}/storage/v1/b?project=p`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
  }
}, 300_000);
afterAll(() => gcs?.stop());

const token = { type: 'gcp', accessToken: 'token', projectId: 'p' } as const;

describeStore('a GCS store below a prefix (gcp-storage-emulator)', async () => ({
  store: await openStore({
    flavor: 'gcp',
    configuration: { path: 'gs://store/some/prefix' },
    credentials: token,
    gcsEndpoint: gcs.url,
    policy,
  }),
  foreignUri: 'gs://other/some/prefix/x',
  siblingUri: 'gs://store/some/prefix-other/x',
}));

describeStore('a GCS store that owns its bucket (gcp-storage-emulator)', async () => ({
  store: await openStore({ flavor: 'gcp', configuration: { path: 'gs://other' }, credentials: token, gcsEndpoint: gcs.url, policy }),
  foreignUri: 'gs://store/x',
  siblingUri: 'gs://other-one/x',
}));

/** A server that stands for Google: token endpoint and storage. */
async function fakeGoogle(answer: (incoming: http.IncomingMessage, body: string) => [number, unknown]) {
  const seen: { url: string; headers: http.IncomingHttpHeaders; body: string }[] = [];
  const server = http.createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    seen.push({ url: incoming.url ?? '', headers: incoming.headers, body });
    const [status, reply] = answer(incoming, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a GCS store', () => {
  it.each([
    [404, 'not_found'],
    [401, 'forbidden'],
    [403, 'forbidden'],
    [400, 'unavailable'],
  ] as const)('takes status %s for %s', async (status, kind) => {
    const google = await fakeGoogle(() => [status, { error: { code: status, message: 'no' } }]);
    const store = await openStore({
      flavor: 'gcp',
      configuration: { path: 'gs://store/p' },
      credentials: token,
      gcsEndpoint: google.url,
      policy,
    });
    await expectKind(kind, () => store.read('gs://store/p/a'));
    expect(google.seen[0]?.headers.authorization).toBe('Bearer token');
    google.stop();
  });

  it('gives up on a store that does not answer', async () => {
    const server = http.createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const gcsEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const store = await openStore({
      flavor: 'gcp',
      configuration: { path: 'gs://store/p' },
      credentials: token,
      gcsEndpoint,
      policy,
      timeoutMs: 200,
    });
    await expectKind('unavailable', () => store.read('gs://store/p/a'));
    server.closeAllConnections();
    server.close();
  });

  it('needs credentials', async () => {
    await expectKind('forbidden', () => openStore({ flavor: 'gcp', configuration: { path: 'gs://store/p' } }));
    expect(credentialsFromSecret('gcp', { token: 'no json' })).toBeUndefined();
    const connector = credentialsFromConnector('gcp', { token: 't', project_id: 'p' });
    expect(connector).toEqual({ type: 'gcp', key: undefined, accessToken: 't', projectId: 'p' });
  });
});

describe('Google access tokens', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = (tokenUri: string) => ({
    type: 'service_account',
    project_id: 'p',
    private_key_id: 'key-1',
    client_email: 'robot@p.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: tokenUri,
  });

  it('signs the request of a service account, once for many requests of a store', async () => {
    const google = await fakeGoogle((incoming) =>
      incoming.url === '/token' ? [200, { access_token: 'fresh', expires_in: 3600 }] : [404, { error: { code: 404, message: 'no' } }],
    );
    const credentials = credentialsFromSecret('gcp', { token: JSON.stringify(key(`${google.url}/token`)) });
    const store = await openStore({ flavor: 'gcp', configuration: { path: 'gs://store/p' }, credentials, gcsEndpoint: google.url, policy });
    await expectKind('not_found', () => store.read('gs://store/p/a'));
    await expectKind('not_found', () => store.read('gs://store/p/b'));
    expect(google.seen.map(({ url }) => url.split('?')[0])).toEqual(['/token', '/storage/v1/b/store/o/p%2Fa', '/storage/v1/b/store/o/p%2Fb']);
    expect(google.seen[1]?.headers.authorization).toBe('Bearer fresh');
    const assertion = new URLSearchParams(google.seen[0]?.body).get('assertion') ?? '';
    const [head = '', claims = '', signature = ''] = assertion.split('.');
    expect(verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: 'robot@p.iam.gserviceaccount.com',
      aud: `${google.url}/token`,
    });
    google.stop();
  });

  it('repeats what Google said, and asks no private address', async () => {
    const google = await fakeGoogle(() => [400, { error: 'invalid_grant', error_description: 'Account not found' }]);
    await expect(googleAccessToken(key(google.url), { policy })).rejects.toThrow('Account not found');
    await expect(googleAccessToken(key('https://127.0.0.1/token'))).rejects.toThrow('not a public address');
    expect(google.seen).toHaveLength(1);
    google.stop();
  });

  it('exchanges the refresh token of a user, and refuses other documents', async () => {
    const google = await fakeGoogle(() => [200, { access_token: 'user', expires_in: 60 }]);
    const user = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r', token_uri: google.url };
    expect(await googleAccessToken(user, { policy, now: () => 0 })).toEqual({ token: 'user', expiresAt: new Date(60_000) });
    expect(Object.fromEntries(new URLSearchParams(google.seen[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'c',
      client_secret: 's',
      refresh_token: 'r',
    });
    await expect(googleAccessToken({ type: 'external_account', credential_source: { file: '/etc/passwd' } })).rejects.toThrow('cannot be used on the server');
    google.stop();
  });
});
