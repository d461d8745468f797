import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { withoutEnd } from '#libs/text/trim.js';
import { isS3Flavor, jsonObject, type StoreCredentials, text } from './credentials.js';
import { isInside } from './location.js';
import type { ObjectStore } from './object-store.js';
import { StorageError } from './storage-error.js';

export type OpenStoreOptions = {
  /** The component's flavor: `local`, `s3`, `b2`, `digitalocean`, `gcp` or `azure`. */
  flavor: string;
  /** The component's configuration, secret references resolved. Nested values may be objects or, as the CLI registers them, JSON text. */
  configuration: Record<string, unknown>;
  /** From the component's secret or service connector; wins over keys in the configuration. */
  credentials?: StoreCredentials;
  /** Where a local store without a `path` lives, see {@link zenmlLocalRoot}. */
  root?: string;
  /** Which private addresses may be contacted. Default none. */
  policy?: OutboundPolicy;
  /**
   * Local stores are files of the server's own machine: refused unless the operator says otherwise, and then only below one of `within`
   * if that is given. A workspace shared with strangers must never allow them.
   */
  local?: { isAllowed: boolean; within?: readonly string[] };
  /** Lets a store without credentials use those of the server's own environment. Refused by default: they belong to the operator. */
  isImplicitAuthAllowed?: boolean;
  /** The operator's own endpoint for Google Cloud Storage (emulator, private access). */
  gcsEndpoint?: string;
  /** For one request to a store, reading the body excepted. Default 30 s. */
  timeoutMs?: number;
};

/** Opens an artifact store; the cloud's SDK is loaded with the first store that needs it. Throws `StorageError`; close the store after use. */
export async function openStore(options: OpenStoreOptions): Promise<ObjectStore> {
  const { flavor, configuration, credentials } = options;
  const common = { policy: options.policy ?? OutboundPolicy.publicOnly, timeoutMs: options.timeoutMs ?? 30_000 };
  const path = text(configuration.path);
  if (flavor === 'local') return openLocal(path ?? options.root, options.local);
  if (path === undefined) throw new StorageError('unsupported', `The '${flavor}' artifact store has no path.`);
  if (isS3Flavor(flavor)) {
    const client = jsonObject(configuration.client_kwargs) ?? {};
    const config = jsonObject(configuration.config_kwargs) ?? {};
    const given = credentials?.type === 'aws' ? credentials : undefined;
    const keys = given ?? keysIn(configuration) ?? keysIn(client);
    if (!keys) assertImplicitAuth(options);
    const addressing = text(jsonObject(config.s3)?.addressing_style);
    const endpointUrl = text(client.endpoint_url);
    const { openS3Store } = await import('./s3-store.js');
    return openS3Store({
      ...common,
      path,
      credentials: keys && { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey, sessionToken: keys.sessionToken },
      endpointUrl: (endpointUrl === undefined ? undefined : withoutEnd(endpointUrl, '/')) ?? endpointOf(flavor, configuration) ?? given?.endpointUrl,
      region: text(client.region_name) ?? text(config.region_name) ?? given?.region ?? text(configuration.region),
      addressing: addressing === 'path' || addressing === 'virtual' ? addressing : undefined,
      isCertificateChecked: client.verify !== false,
      uploadOptions: Object.fromEntries(Object.entries(jsonObject(configuration.s3_additional_kwargs) ?? {}).map(([name, value]) => [name, String(value)])),
    });
  }
  if (flavor === 'gcp') {
    const given = credentials?.type === 'gcp' ? credentials : undefined;
    if (!given) assertImplicitAuth(options);
    const { openGcsStore } = await import('./gcs-store.js');
    return openGcsStore({ ...common, path, credentials: given, endpoint: options.gcsEndpoint });
  }
  if (flavor === 'azure') {
    const given = credentials?.type === 'azure' ? credentials : undefined;
    if (!given) assertImplicitAuth(options);
    const { openAzureStore } = await import('./azure-store.js');
    return openAzureStore({ ...common, path, credentials: given });
  }
  throw new StorageError('unsupported', `Artifact stores of flavor '${flavor}' cannot be read by the server.`);
}

/** Where the ZenML client keeps the files of a local artifact store without a `path`. `configPath` is `ZENML_CONFIG_PATH`. */
export function zenmlLocalRoot(componentId: string, configPath?: string): string {
  const base = configPath ?? (process.platform === 'darwin' ? join(homedir(), 'Library', 'Application Support', 'zenml') : join(homedir(), '.config', 'zenml'));
  return join(base, 'local_stores', componentId);
}

async function openLocal(root: string | undefined, local: OpenStoreOptions['local']): Promise<ObjectStore> {
  if (!local?.isAllowed) throw new StorageError('unsupported', 'Files in a local artifact store cannot be accessed from the server.');
  if (root === undefined) throw new StorageError('unsupported', 'The local artifact store has no path.');
  if (!root.startsWith('/')) throw new StorageError('unsupported', `The path '${root}' of the local artifact store is not absolute.`);
  const { LocalStore } = await import('./local-store.js');
  const store = new LocalStore(root);
  if (local.within) {
    const real = await realPathOf(store.root);
    const bases = await Promise.all(local.within.map(realPathOf));
    if (!bases.some((base) => isInside(base, real))) {
      throw new StorageError('forbidden', `The path '${root}' is outside of the folders that this server opens for local artifact stores.`);
    }
  }
  return store;
}

/** The real path of something that may not exist yet: a link among its existing parents counts all the same. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path === dirname(path) ? path : join(await realPathOf(dirname(path)), basename(path));
  }
}

function keysIn(values: Record<string, unknown>) {
  const accessKeyId = text(values.key) ?? text(values.aws_access_key_id);
  const secretAccessKey = text(values.secret) ?? text(values.aws_secret_access_key);
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: text(values.token) ?? text(values.aws_session_token) };
}

function endpointOf(flavor: string, configuration: Record<string, unknown>): string | undefined {
  if (flavor === 'b2') return 'https://s3.us-west-004.backblazeb2.com';
  const region = text(configuration.region);
  return flavor === 'digitalocean' && region && /^[a-z]{2,6}[0-9]{1,2}$/.test(region) ? `https://${region}.digitaloceanspaces.com` : undefined;
}

function assertImplicitAuth(options: OpenStoreOptions): void {
  if (options.isImplicitAuthAllowed) return;
  throw new StorageError(
    'forbidden',
    `The '${options.flavor}' artifact store has no credentials of its own. Give it a secret or a service connector; this server does not lend its own credentials.`,
  );
}
