import { environment, serve, stopServers, typeOf } from './connector.fixture.js';
import type { Connector } from './connector.js';
import { connectorClient, verifyConnector } from './verify.js';

const oauth2 = typeOf('oauth2');
const connector = (authMethod: string, configuration: Record<string, unknown>): Connector => ({
  name: 'mine',
  authMethod,
  resourceTypes: ['oauth2-api'],
  configuration: { api_url: 'https://api.example', client_id: 'c', ...configuration },
});
afterAll(stopServers);

describe('an OAuth 2 connector', () => {
  it('exchanges client credentials, in the header or in the body', async () => {
    const server = await serve(() => [200, { access_token: 'fresh', token_type: 'Bearer', expires_in: 60 }]);
    const configuration = {
      token_url: server.url,
      client_secret: 's',
      scope: 'a b',
      audience: 'x',
      token_params: { extra: '1' },
      token_headers: { 'X-Own': 'y' },
    };
    const client = await connectorClient(oauth2, connector('client-credentials', configuration), {}, { ...environment, now: () => Date.now() + 3_600_000 });
    expect(client).toMatchObject({
      connectorType: 'oauth2',
      authMethod: 'token',
      resourceId: 'https://api.example',
      configuration: { api_url: 'https://api.example', access_token: 'fresh' },
    });
    expect(client.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 3_600_000);
    expect(Object.fromEntries(new URLSearchParams(server.seen[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b',
      audience: 'x',
      extra: '1',
    });
    expect(server.seen[0]?.headers).toMatchObject({ authorization: `Basic ${Buffer.from('c:s').toString('base64')}`, 'x-own': 'y' });
    expect(server.seen).toHaveLength(1);
    await verifyConnector(oauth2, connector('client-credentials', { ...configuration, client_auth_method: 'client_secret_post' }), {}, environment);
    expect(Object.fromEntries(new URLSearchParams(server.seen[1]?.body))).toMatchObject({ client_id: 'c', client_secret: 's' });
    expect(server.seen[1]?.headers).not.toHaveProperty('authorization');
  });

  it('exchanges a refresh token, also of a client without a secret', async () => {
    const server = await serve(() => [200, { access_token: 'fresh' }]);
    const client = await connectorClient(oauth2, connector('refresh-token', { token_url: server.url, refresh_token: 'r' }), {}, environment);
    expect(client.expiresAt).toBeNull();
    expect(Object.fromEntries(new URLSearchParams(server.seen[0]?.body))).toEqual({ grant_type: 'refresh_token', refresh_token: 'r', client_id: 'c' });
  });

  it('hands a given token on without asking anybody', async () => {
    expect(await verifyConnector(oauth2, connector('token', { access_token: 't' }), {}, environment)).toMatchObject({
      error: null,
      resources: [{ resource_ids: ['https://api.example'] }],
    });
    expect((await connectorClient(oauth2, connector('token', { access_token: 't' }), {}, environment)).configuration).toEqual({
      api_url: 'https://api.example',
      access_token: 't',
    });
  });

  it.each([
    [400, { error: 'invalid_client' }, 'invalid_client'],
    [200, { token_type: 'bearer' }, 'without an access token'],
    [200, { access_token: 't', token_type: 'mac' }, "type 'mac'"],
    [200, 'no json', 'without an access token'],
    [302, {}, 'without an access token'],
  ] as const)('says what is wrong with status %s %j', async (status, body, text) => {
    const server = await serve(() => [status, body, { location: 'http://169.254.169.254/' }]);
    const answer = await verifyConnector(oauth2, connector('client-credentials', { token_url: server.url, client_secret: 's' }), {}, environment);
    expect(answer.error).toContain(text);
  });

  it('asks no private address', async () => {
    const answer = await verifyConnector(
      oauth2,
      connector('client-credentials', { token_url: 'https://169.254.169.254/token', client_secret: 's' }),
      {},
      environment,
    );
    expect(answer.error).toContain('not a public address');
  });
});
