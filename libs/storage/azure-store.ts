import type { Readable } from 'node:stream';
import type { ContainerClient, StoragePipelineOptions } from '@azure/storage-blob';
import { type GuardedAgents, guardedAgents } from '#libs/outbound/connect.js';
import { checkedUrl } from '#libs/outbound/guarded-fetch.js';
import { findOutboundError } from '#libs/outbound/outbound-error.js';
import type { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { withoutEnd } from '#libs/text/trim.js';
import type { StoreCredentials } from './credentials.js';
import { type CloudRoot, keyOf, outsideRoot, parseRoot, uriOf } from './location.js';
import type { ByteRange, ObjectInfo, ObjectStore } from './object-store.js';
import { StorageError } from './storage-error.js';
import { collect, pieces, translated } from './stream.js';

export type AzureStoreOptions = {
  path: string;
  /** Undefined means the credentials of the server itself, which the caller must have decided to lend. */
  credentials?: Extract<StoreCredentials, { type: 'azure' }>;
  policy: OutboundPolicy;
  timeoutMs: number;
};

const BLOCK_BYTES = 8 * 1024 * 1024;

export async function openAzureStore(options: AzureStoreOptions): Promise<ObjectStore> {
  const root = parseRoot('az', options.path);
  const account = accountOf(root, options.credentials);
  const url = checkedUrl(account.url, options.policy, {
    isPlainHttpAllowed: account.isEndpointGiven,
    ports: account.isEndpointGiven ? 'any' : undefined,
  });
  const sdk = await import('@azure/storage-blob');
  const agents = guardedAgents(options.policy, { idleTimeoutMs: options.timeoutMs });
  const pipelineOptions = {
    retryOptions: { maxTries: 3, retryDelayInMs: 250, maxRetryDelayInMs: 1_000 },
    agent: url.protocol === 'https:' ? agents.https : agents.http,
  };
  const credential = await credentialOf(account, options.credentials, sdk);
  const base = account.sas === undefined ? account.url : `${account.url}?${account.sas.replace(/^\?/, '')}`;
  // The pipeline takes an agent (core-rest-pipeline's option of that name) but the storage SDK's type leaves it out.
  const service = new sdk.BlobServiceClient(base, credential, pipelineOptions as StoragePipelineOptions);
  return new AzureStore(root, service.getContainerClient(root.bucket), agents);
}

type Account = { url: string; isEndpointGiven: boolean; name?: string; key?: string; sas?: string };

function accountOf(root: CloudRoot, credentials: AzureStoreOptions['credentials']): Account {
  if (credentials?.connectionString !== undefined) return fromConnectionString(credentials.connectionString);
  const name = credentials?.accountName ?? root.account;
  if (name === undefined || !/^[a-z0-9]{3,24}$/.test(name)) {
    throw new StorageError(
      'unsupported',
      'The Azure artifact store does not say which storage account it uses; add account_name to its secret or storage_account to its connector.',
    );
  }
  return {
    url: `https://${name}.blob.core.windows.net`,
    isEndpointGiven: false,
    name,
    key: credentials?.accountKey,
    sas: credentials?.sasToken,
  };
}

/** Reads an account from a connection string (Azure Storage's documented `Key=Value;` form). */
export function fromConnectionString(text: string): Account {
  const values = new Map(
    text
      .split(';')
      .filter((part) => part.includes('='))
      .map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1).trim()] as const),
  );
  const name = values.get('AccountName');
  const endpoint = values.get('BlobEndpoint');
  const url = endpoint ?? (name && `${values.get('DefaultEndpointsProtocol') ?? 'https'}://${name}.blob.${values.get('EndpointSuffix') ?? 'core.windows.net'}`);
  if (!url) throw new StorageError('unsupported', 'The connection string of the Azure artifact store names no account.');
  return {
    url: withoutEnd(url, '/'),
    isEndpointGiven: true,
    name,
    key: values.get('AccountKey'),
    sas: values.get('SharedAccessSignature'),
  };
}

async function credentialOf(account: Account, credentials: AzureStoreOptions['credentials'], sdk: typeof import('@azure/storage-blob')) {
  if (account.key !== undefined && account.name !== undefined) return new sdk.StorageSharedKeyCredential(account.name, account.key);
  if (account.sas !== undefined) return new sdk.AnonymousCredential();
  if (credentials?.accessToken !== undefined) {
    const token = credentials.accessToken;
    return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  }
  if (credentials?.tenantId !== undefined && credentials.clientId !== undefined && credentials.clientSecret !== undefined) {
    const { ClientSecretCredential } = await import('@azure/identity');
    return new ClientSecretCredential(credentials.tenantId, credentials.clientId, credentials.clientSecret);
  }
  if (credentials) throw new StorageError('unsupported', 'The Azure artifact store has neither an account key nor a SAS token nor a service principal.');
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
}

class AzureStore implements ObjectStore {
  readonly root: string;

  constructor(
    private readonly location: CloudRoot,
    private readonly container: ContainerClient,
    private readonly agents: GuardedAgents,
  ) {
    this.root = location.uri;
  }

  async stat(uri: string): Promise<ObjectInfo> {
    const key = keyOf(this.location, uri);
    return this.guarded(uri, async () => {
      if (key !== '') {
        const found = await this.container.getBlobClient(key).getProperties().catch(missingAsUndefined);
        // Accounts with a hierarchical namespace keep folders as blobs that say so.
        if (found && found.metadata?.hdi_isfolder !== 'true') {
          return { uri: uriOf(this.location, key), kind: 'file', sizeBytes: found.contentLength ?? 0, modified: found.lastModified };
        }
        if (found) return { uri: uriOf(this.location, key), kind: 'directory', sizeBytes: 0 };
      }
      for await (const _ of this.container.listBlobsFlat({ prefix: folderOf(key) })) return { uri: uriOf(this.location, key), kind: 'directory', sizeBytes: 0 };
      throw new StorageError('not_found', `'${uri}' does not exist.`);
    });
  }

  async read(uri: string, range?: ByteRange): Promise<Readable> {
    const key = keyOf(this.location, uri);
    return this.guarded(uri, async () => {
      if (key === '') throw new StorageError('not_found', `'${uri}' is a container, not a file.`);
      const count = range?.end === undefined ? undefined : range.end - range.start + 1;
      const answer = await this.container
        .getBlobClient(key)
        .download(range?.start ?? 0, count, { maxRetryRequests: 2 })
        .catch((error: unknown) => {
          if (statusOf(error) === 416) return undefined;
          throw error;
        });
      return translated((answer?.readableStreamBody as Readable | undefined) ?? emptyStream(), (error) => asStorageError(error, uri));
    });
  }

  async readBytes(uri: string, maxBytes: number): Promise<Buffer> {
    return collect(await this.read(uri), maxBytes, uri);
  }

  async readText(uri: string, maxBytes: number): Promise<string> {
    return (await this.readBytes(uri, maxBytes)).toString('utf8');
  }

  async write(uri: string, data: string | Uint8Array | Readable): Promise<void> {
    const key = keyOf(this.location, uri);
    if (key === this.location.prefix) throw outsideRoot(uri, this.root);
    await this.guarded(uri, async () => {
      const blob = this.container.getBlockBlobClient(key);
      if (typeof data === 'string' || data instanceof Uint8Array) {
        const bytes = typeof data === 'string' ? Buffer.from(data) : data;
        await blob.upload(bytes, bytes.byteLength);
        return;
      }
      // Blocks are invisible, and forgotten after a week, until the list that names them is committed.
      const blocks: string[] = [];
      for await (const piece of pieces(data, BLOCK_BYTES)) {
        const block = Buffer.from(String(blocks.length).padStart(8, '0')).toString('base64');
        if (piece.byteLength > 0) {
          await blob.stageBlock(block, piece, piece.byteLength);
          blocks.push(block);
        }
      }
      await blob.commitBlockList(blocks);
    });
  }

  async *list(uri: string, options: { recursive?: boolean } = {}): AsyncIterable<ObjectInfo> {
    const folder = folderOf(keyOf(this.location, uri));
    const listing = options.recursive
      ? this.container.listBlobsFlat({ prefix: folder, includeMetadata: true })
      : this.container.listBlobsByHierarchy('/', { prefix: folder });
    try {
      for await (const item of listing) {
        const isPrefix = 'kind' in item && item.kind === 'prefix';
        if (isPrefix) {
          if (item.name !== folder) yield { uri: uriOf(this.location, withoutEnd(item.name, '/')), kind: 'directory', sizeBytes: 0 };
        } else if (!item.name.endsWith('/') && !('metadata' in item && item.metadata?.hdi_isfolder === 'true')) {
          const { properties } = item as { properties: { contentLength?: number; lastModified?: Date } };
          yield {
            uri: uriOf(this.location, item.name),
            kind: 'file',
            sizeBytes: properties.contentLength ?? 0,
            modified: properties.lastModified,
          };
        }
      }
    } catch (error) {
      throw asStorageError(error, uri);
    }
  }

  async remove(uri: string): Promise<void> {
    const key = keyOf(this.location, uri);
    if (key === this.location.prefix) throw outsideRoot(uri, this.root);
    await this.guarded(uri, async () => {
      await this.container.getBlobClient(key).deleteIfExists({ deleteSnapshots: 'include' });
    });
  }

  async removeTree(uri: string): Promise<void> {
    const waiting = new Set<Promise<void>>();
    for await (const { uri: child } of this.list(uri, { recursive: true })) {
      const done = this.remove(child).finally(() => waiting.delete(done));
      waiting.add(done);
      if (waiting.size >= 10) await Promise.race(waiting);
    }
    await Promise.all(waiting);
    // Last, because a hierarchical account refuses to remove a folder that is not empty.
    await this.remove(uri);
  }

  async close(): Promise<void> {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private async guarded<T>(uri: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asStorageError(error, uri);
    }
  }
}

const folderOf = (key: string) => (key === '' ? '' : `${key}/`);
const statusOf = (error: unknown) => (error as { statusCode?: number }).statusCode;

function missingAsUndefined(error: unknown): undefined {
  if (statusOf(error) === 404 && (error as { code?: string }).code !== 'ContainerNotFound') return undefined;
  throw error;
}

function asStorageError(error: unknown, uri: string): StorageError {
  if (error instanceof StorageError) return error;
  const refusal = findOutboundError(error);
  if (refusal)
    return new StorageError(refusal.kind === 'forbidden' ? 'forbidden' : 'unavailable', `The store of '${uri}' cannot be contacted: ${refusal.message}`, {
      cause: error,
    });
  const status = statusOf(error);
  const name = (error as { name?: string }).name ?? '';
  if (status === 404) return new StorageError('not_found', `'${uri}' does not exist.`, { cause: error });
  if (status === 401 || status === 403 || /AuthenticationError|AuthenticationRequiredError|CredentialUnavailableError/.test(name)) {
    return new StorageError('forbidden', `The store refused access to '${uri}' with the credentials of this artifact store.`, {
      cause: error,
    });
  }
  return new StorageError('unavailable', `The store of '${uri}' does not answer as expected.`, { cause: error });
}

async function* emptyStream(): AsyncGenerator<Uint8Array> {}
