import { randomUUID } from 'node:crypto';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { describeSecretStore, expectKind } from './secret-store.suite.js';
import { startVaultFixture } from './vault.fixture.js';
import { openVaultSecretStore, type VaultSecretStoreOptions } from './vault-secret-store.js';

let vault: Awaited<ReturnType<typeof startVaultFixture>>;
beforeAll(async () => {
  vault = await startVaultFixture();
});
afterAll(() => vault?.stop());
beforeEach(() => {
  vault.state.override = undefined;
  vault.state.leaseSeconds = 3600;
});

const appRole = { method: 'app_role', roleId: 'role', secretId: 'secret' } as const;
const open = (deploymentId: string, more: Partial<VaultSecretStoreOptions> = {}) =>
  openVaultSecretStore({
    address: `${vault.url}/`,
    deploymentId,
    auth: { method: 'token', token: 'root' },
    policy: OutboundPolicy.parse('127.0.0.0/8'),
    ...more,
  });

describeSecretStore('Vault with a token (a server that implements the documented KV v2 API)', async () => ({ store: open('ours'), foreign: open('theirs') }));
describeSecretStore('Vault with an app role (a server that implements the documented KV v2 API)', async () => ({
  store: open('ours-by-role', { auth: appRole }),
  foreign: open('theirs', { auth: appRole }),
}));

describe('Vault', () => {
  it('keeps values where the real server keeps them, and no older versions', async () => {
    const id = randomUUID();
    const store = open('ours');
    await store.put(id, { a: '1' });
    await store.put(id, { a: '2' });
    await store.put(id, { a: '3' });
    const stored = vault.state.secrets.get(`zenml/${id}`);
    expect(stored?.versions).toEqual([
      { data: { zenml_secret_values: { a: '3' }, zenml_secret_metadata: { zenml: 'ours', zenml_secret_id: id } }, deleted: false },
    ]);
  });

  it('writes again after somebody removed the version but not the secret', async () => {
    const id = randomUUID();
    const store = open('ours');
    await store.put(id, { a: '1' });
    const versions = vault.state.secrets.get(`zenml/${id}`)?.versions ?? [];
    for (const version of versions) version.deleted = true;
    await expectKind('not_found', () => store.get(id));
    await store.put(id, { a: '2' });
    expect(await store.get(id)).toEqual({ a: '2' });
  });

  it('logs in once for many requests, and again before the lease ends', async () => {
    let now = Date.now();
    const store = open('ours', { auth: appRole, now: () => now });
    const before = vault.state.logins;
    await Promise.all([1, 2, 3].map(() => expectKind('not_found', () => store.get(randomUUID()))));
    await expectKind('not_found', () => store.get(randomUUID()));
    expect(vault.state.logins).toBe(before + 1);
    now += 3000 * 1000;
    await expectKind('not_found', () => store.get(randomUUID()));
    expect(vault.state.logins).toBe(before + 2);
  });

  it('logs in again when its token was revoked', async () => {
    const id = randomUUID();
    const store = open('ours', { auth: appRole });
    await store.put(id, { a: '1' });
    for (const token of vault.state.tokens.keys()) if (token !== 'root') vault.state.tokens.delete(token);
    expect(await store.get(id)).toEqual({ a: '1' });
  });

  it('says forbidden for a wrong token, role or secret id', async () => {
    await expectKind('forbidden', () => open('ours', { auth: { method: 'token', token: 'wrong' } }).get(randomUUID()));
    await expectKind('forbidden', () => open('ours', { auth: { ...appRole, secretId: 'wrong' } }).get(randomUUID()));
  });

  it.each([
    [503, { errors: ['Vault is sealed'] }, 'unavailable'],
    [429, { errors: ['request rate limit'] }, 'unavailable'],
    [500, 'not json', 'unavailable'],
    [403, { errors: ['1 error occurred: permission denied'] }, 'forbidden'],
    [400, { errors: ['missing'] }, 'invalid'],
    [200, { data: { data: { zenml_secret_values: { a: 1 }, zenml_secret_metadata: {} } } }, 'not_found'],
  ] as const)('takes status %s %j for %s', async (status, body, kind) => {
    vault.state.override = [status, body];
    await expectKind(kind, () => open('ours').get(randomUUID()));
  });

  it('says invalid for what is not a set of values', async () => {
    const id = randomUUID();
    vault.state.override = [200, { data: { data: { zenml_secret_values: { a: 1 }, zenml_secret_metadata: { zenml: 'ours', zenml_secret_id: id } } } }];
    await expectKind('invalid', () => open('ours').get(id));
  });

  it('sends the namespace, uses the configured mount, and never climbs out of it', async () => {
    await expectKind('not_found', () =>
      open('ours', { namespace: 'team/a', mountPoint: '/kv one/x/', prefix: 'deep/er' }).get('00000000-0000-4000-8000-000000000000'),
    );
    expect(vault.state.seen.at(-1)).toBe('GET /v1/kv%20one/x/data/deep/er/00000000-0000-4000-8000-000000000000');
    expect(vault.state.headers['x-vault-namespace']).toBe('team/a');
    expect(() => open('ours', { mountPoint: 'a/../b' })).toThrow('not a path');
  });

  it('contacts no private address unless the operator opens it', async () => {
    await expectKind('forbidden', () => open('ours', { policy: OutboundPolicy.publicOnly }).get(randomUUID()));
  });
});
