import { z } from 'zod';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { openAwsSecretStore } from '#libs/secret-stores/aws-secret-store.js';
import { openVaultSecretStore, type VaultSecretStoreOptions } from '#libs/secret-stores/vault-secret-store.js';
import type { InstallationOptions } from './installation.js';
import type { OpenStore } from './secrets/secret-vault.js';

const json = z
  .string()
  .optional()
  .transform((text, context): Record<string, string> => {
    try {
      return text ? z.record(z.string(), z.string()).parse(JSON.parse(text)) : {};
    } catch {
      context.addIssue('must be a JSON object of texts');
      return z.NEVER;
    }
  });

const optional = z.string().optional();

/**
 * Where the values of secrets are kept: `sql` (sealed in the database), `hashicorp` (Vault with a KV version 2 engine) or `aws` (Secrets Manager).
 * Names and values are those of the original. AUTH_CONFIG is JSON with `region`, `aws_access_key_id`, `aws_secret_access_key`; the names of older
 * versions (REGION_NAME, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) work too.
 */
const storeShape = {
  TYPE: z.enum(['sql', 'hashicorp', 'aws', 'none']).optional(),
  VAULT_ADDR: z.url().optional(),
  VAULT_NAMESPACE: optional,
  MOUNT_POINT: optional,
  AUTH_METHOD: z.enum(['token', 'app_role', 'secret-key', 'implicit']).optional(),
  AUTH_MOUNT_POINT: optional,
  VAULT_TOKEN: optional,
  APP_ROLE_ID: optional,
  APP_SECRET_ID: optional,
  AUTH_CONFIG: json,
  REGION_NAME: optional,
  AWS_ACCESS_KEY_ID: optional,
  AWS_SECRET_ACCESS_KEY: optional,
  AWS_SESSION_TOKEN: optional,
} as const;

type StoreShape = typeof storeShape;
type StoreSettings = z.output<z.ZodObject<StoreShape>>;
type Prefixed<P extends string> = { [K in keyof StoreShape as `${P}_${K & string}`]: StoreShape[K] };

function prefixed<P extends string>(prefix: P): Prefixed<P> {
  return Object.fromEntries(Object.entries(storeShape).map(([name, value]) => [`${prefix}_${name}`, value])) as Prefixed<P>;
}

const primary = 'ZENML_SECRETS_STORE';
const backup = 'ZENML_BACKUP_SECRETS_STORE';

/** What only the operator of an installation can decide: where secrets are, and what may be contacted in users' names. */
export const operatorSettings = {
  /** Lets service connectors without credentials act as the server itself. */
  ZENML_ENABLE_IMPLICIT_AUTH_METHODS: z
    .string()
    .optional()
    .transform((text) => ['1', 'true', 'yes', 'on', 'y'].includes(text?.toLowerCase() ?? '')),
  ...prefixed(primary),
  ...prefixed(backup),
} as const;

type Settings = Partial<z.output<z.ZodObject<typeof operatorSettings>>> & { OUTBOUND_ALLOW?: OutboundPolicy | undefined };

/** @throws Error for a store whose settings are incomplete, naming them */
export function operatorOptions(settings: Settings): Pick<InstallationOptions, 'outbound' | 'isImplicitAuthAllowed' | 'secretStores'> {
  return {
    ...(settings.OUTBOUND_ALLOW ? { outbound: settings.OUTBOUND_ALLOW } : {}),
    isImplicitAuthAllowed: settings.ZENML_ENABLE_IMPLICIT_AUTH_METHODS ?? false,
    secretStores: { ...storeOf('primary', primary, settings), ...storeOf('backup', backup, settings) },
  };
}

function storeOf(role: 'primary' | 'backup', prefix: string, settings: object): { [K in typeof role]?: OpenStore } {
  const given = Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (name.startsWith(`${prefix}_`) ? [[name.slice(prefix.length + 1), value]] : [])),
  );
  const open = storeFrom(prefix, given as Partial<StoreSettings>);
  return open ? { [role]: open } : {};
}

/** Each workspace is a deployment of its own to the store, as each server of the original is: none reads what another one keeps there. */
function storeFrom(prefix: string, store: Partial<StoreSettings>): OpenStore | null {
  const need = (name: keyof StoreSettings): string => {
    const value = store[name];
    if (!value) throw new Error(`The setting ${prefix}_${name} is missing: a secrets store of type '${store.TYPE}' needs it.`);
    return value as string;
  };
  if (store.TYPE === 'hashicorp') {
    const address = need('VAULT_ADDR');
    const auth: VaultSecretStoreOptions['auth'] =
      store.AUTH_METHOD === 'app_role'
        ? {
            method: 'app_role',
            roleId: need('APP_ROLE_ID'),
            secretId: need('APP_SECRET_ID'),
            ...(store.AUTH_MOUNT_POINT ? { mountPoint: store.AUTH_MOUNT_POINT } : {}),
          }
        : { method: 'token', token: need('VAULT_TOKEN') };
    const { hostname, port, protocol } = new URL(address);
    // The operator named this address, so it may be in a private network.
    const policy = OutboundPolicy.parse(`${hostname.replace(/^\[|\]$/g, '')}${hostname.includes(':') ? '' : `:${port || (protocol === 'https:' ? 443 : 80)}`}`);
    const options = {
      address,
      auth,
      policy,
      ...(store.VAULT_NAMESPACE ? { namespace: store.VAULT_NAMESPACE } : {}),
      ...(store.MOUNT_POINT ? { mountPoint: store.MOUNT_POINT } : {}),
    };
    return async (workspaceId) => openVaultSecretStore({ ...options, deploymentId: workspaceId });
  }
  if (store.TYPE === 'aws') {
    const {
      region = store.REGION_NAME,
      aws_access_key_id: keyId = store.AWS_ACCESS_KEY_ID,
      aws_secret_access_key: key = store.AWS_SECRET_ACCESS_KEY,
    } = store.AUTH_CONFIG ?? {};
    if (!region) throw new Error(`The setting ${prefix}_AUTH_CONFIG needs a 'region': a secrets store of type 'aws' is in one.`);
    const session = store.AUTH_CONFIG?.aws_session_token ?? store.AWS_SESSION_TOKEN;
    const credentials = keyId && key ? { accessKeyId: keyId, secretAccessKey: key, ...(session ? { sessionToken: session } : {}) } : null;
    return (workspaceId) => openAwsSecretStore({ region, ...(credentials ? { credentials } : {}), deploymentId: workspaceId });
  }
  return null;
}
