import { commonSettings } from '#libs/boot/settings.js';
import { readSettings } from '#libs/http/settings.js';
import { operatorOptions, operatorSettings } from './operator-settings.js';

const read = (env: Record<string, string>) => operatorOptions(readSettings({ ...commonSettings, ...operatorSettings }, env));

describe("the operator's settings", () => {
  it('keep secrets in the database unless a store is named', () => {
    expect(read({}).secretStores).toEqual({});
    expect(read({ ZENML_SECRETS_STORE_TYPE: 'sql' }).secretStores).toEqual({});
  });

  it('open a store for each workspace, and another one for backups', async () => {
    const { secretStores } = read({
      ZENML_SECRETS_STORE_TYPE: 'hashicorp',
      ZENML_SECRETS_STORE_VAULT_ADDR: 'https://vault.internal:8200',
      ZENML_SECRETS_STORE_VAULT_TOKEN: 'token',
      ZENML_BACKUP_SECRETS_STORE_TYPE: 'aws',
      ZENML_BACKUP_SECRETS_STORE_AUTH_CONFIG: '{"region":"eu-central-1","aws_access_key_id":"a","aws_secret_access_key":"b"}',
    });
    for (const open of [secretStores?.primary, secretStores?.backup]) await (await open?.('w'))?.close();
    expect(Object.keys(secretStores ?? {})).toEqual(['primary', 'backup']);
  });

  it('say which setting a store lacks', () => {
    expect(() => read({ ZENML_SECRETS_STORE_TYPE: 'hashicorp' })).toThrow('ZENML_SECRETS_STORE_VAULT_ADDR');
    expect(() => read({ ZENML_BACKUP_SECRETS_STORE_TYPE: 'aws' })).toThrow('region');
    expect(() => read({ ZENML_SECRETS_STORE_TYPE: 'gcp' })).toThrow('ZENML_SECRETS_STORE_TYPE');
    expect(() => read({ OUTBOUND_ALLOW: 'http://x/y' })).toThrow('OUTBOUND_ALLOW');
  });
});
