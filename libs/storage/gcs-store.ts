import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Bucket, Storage } from '@google-cloud/storage';
import { findOutboundError } from '#libs/outbound/outbound-error.js';
import type { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { withoutEnd } from '#libs/text/trim.js';
import { type GoogleToken, GoogleTokenError, googleAccessToken } from './google-token.js';
import { type CloudRoot, keyOf, outsideRoot, parseRoot, uriOf } from './location.js';
import type { ByteRange, ObjectInfo, ObjectStore } from './object-store.js';
import { StorageError } from './storage-error.js';
import { collect, pieces, translated, within } from './stream.js';

export type GcsStoreOptions = {
  path: string;
  /** Undefined means the credentials of the server itself, which the caller must have decided to lend. */
  credentials?: { accessToken?: string; key?: Record<string, unknown>; projectId?: string };
  /** Set by the operator (an emulator, a private endpoint), never by a user: it is contacted without the outbound guard. */
  endpoint?: string;
  policy: OutboundPolicy;
  timeoutMs: number;
};

export async function openGcsStore(options: GcsStoreOptions): Promise<ObjectStore> {
  const root = parseRoot('gs', options.path);
  const { Storage } = await import('@google-cloud/storage');
  const storage = new Storage({
    projectId: options.credentials?.projectId ?? 'zenml',
    timeout: options.timeoutMs,
    retryOptions: { maxRetries: 2, totalTimeout: options.timeoutMs / 1000 },
    ...(options.endpoint !== undefined && { apiEndpoint: options.endpoint, useAuthWithCustomEndpoint: options.credentials !== undefined }),
    // The SDK asks its auth client for nothing but headers; ours gets tokens through the guarded client (see google-token.ts).
    ...(options.credentials && { authClient: tokenClient(options.credentials, options.policy) as unknown as GoogleAuthClient }),
  });
  return new GcsStore(root, storage.bucket(root.bucket), options.timeoutMs);
}

type GoogleAuthClient = NonNullable<NonNullable<ConstructorParameters<typeof Storage>[0]>['authClient']>;

function tokenClient(credentials: NonNullable<GcsStoreOptions['credentials']>, policy: OutboundPolicy) {
  let held: GoogleToken | undefined;
  const current = async () => {
    if (credentials.accessToken !== undefined) return credentials.accessToken;
    if (!credentials.key) throw new GoogleTokenError('The artifact store has no Google credentials.');
    if (!held || held.expiresAt.getTime() < Date.now() + 60_000) held = await googleAccessToken(credentials.key, { policy });
    return held.token;
  };
  return {
    universeDomain: 'googleapis.com',
    projectId: credentials.projectId,
    getRequestHeaders: async () => ({ Authorization: `Bearer ${await current()}` }),
    getAccessToken: async () => ({ token: await current() }),
  };
}

/** A resumable upload sends multiples of 256 KiB. What fits into one part goes as one request, which is there or not. */
const PART_BYTES = 8 * 1024 * 1024;
const WITHOUT_LIMIT = Number.POSITIVE_INFINITY;

class GcsStore implements ObjectStore {
  readonly root: string;

  constructor(
    private readonly location: CloudRoot,
    private readonly bucket: Bucket,
    private readonly timeoutMs: number,
  ) {
    this.root = location.uri;
  }

  async stat(uri: string): Promise<ObjectInfo> {
    const key = keyOf(this.location, uri);
    return this.guarded(uri, this.timeoutMs, async () => {
      if (key !== '') {
        const found = await this.bucket.file(key).getMetadata().catch(missingAsUndefined);
        if (found) return infoOf(uriOf(this.location, key), found[0]);
      }
      const [below] = await this.bucket.getFiles({ prefix: folderOf(key), maxResults: 1, autoPaginate: false });
      if (below.length === 0) throw new StorageError('not_found', `'${uri}' does not exist.`);
      return { uri: uriOf(this.location, key), kind: 'directory', sizeBytes: 0 };
    });
  }

  async read(uri: string, range?: ByteRange): Promise<Readable> {
    const key = keyOf(this.location, uri);
    return this.guarded(uri, this.timeoutMs, async () => {
      if (key === '') throw new StorageError('not_found', `'${uri}' is a bucket, not a file.`);
      const file = this.bucket.file(key);
      const { sizeBytes } = infoOf(uri, (await file.getMetadata())[0]);
      const end = Math.min(range?.end ?? Number.MAX_SAFE_INTEGER, sizeBytes - 1);
      const start = range?.start ?? 0;
      if (start > end) return Readable.from([], { objectMode: false });
      // Checksums cover whole objects only; `decompress` would answer with other bytes than are stored.
      const stream = file.createReadStream({ ...(range && { start, end }), decompress: false, validation: range ? false : 'crc32c' });
      return translated(stream, (error) => asStorageError(error, uri), this.timeoutMs);
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
    // An upload takes as long as its data: only its parts are retried and timed by the SDK.
    await this.guarded(uri, WITHOUT_LIMIT, async () => {
      const file = this.bucket.file(key);
      if (!(data instanceof Readable)) {
        await file.save(typeof data === 'string' ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength), { resumable: false });
        return;
      }
      const parts = pieces(data, PART_BYTES);
      const first = await parts.next();
      const second = await parts.next();
      if (second.done) {
        await file.save(first.value as Buffer, { resumable: false });
        return;
      }
      async function* all() {
        yield first.value as Buffer;
        yield second.value as Buffer;
        yield* parts;
      }
      await pipeline(all, file.createWriteStream({ resumable: true, chunkSize: PART_BYTES }));
    });
  }

  async *list(uri: string, options: { recursive?: boolean } = {}): AsyncIterable<ObjectInfo> {
    const folder = folderOf(keyOf(this.location, uri));
    let pageToken: string | undefined;
    do {
      const [files, next, answer] = await this.guarded(uri, this.timeoutMs, () =>
        this.bucket.getFiles({ prefix: folder, autoPaginate: false, pageToken, ...(!options.recursive && { delimiter: '/' }) }),
      );
      for (const prefix of (answer as { prefixes?: string[] } | undefined)?.prefixes ?? []) {
        if (prefix !== folder) yield { uri: uriOf(this.location, withoutEnd(prefix, '/')), kind: 'directory', sizeBytes: 0 };
      }
      for (const file of files) if (!file.name.endsWith('/')) yield infoOf(uriOf(this.location, file.name), file.metadata);
      pageToken = (next as { pageToken?: string } | null | undefined)?.pageToken;
    } while (pageToken !== undefined);
  }

  async remove(uri: string): Promise<void> {
    const key = keyOf(this.location, uri);
    if (key === this.location.prefix) throw outsideRoot(uri, this.root);
    await this.guarded(uri, this.timeoutMs, async () => {
      await this.bucket.file(key).delete().catch(missingAsUndefined);
    });
  }

  async removeTree(uri: string): Promise<void> {
    await this.remove(uri);
    const waiting = new Set<Promise<void>>();
    for await (const { uri: child } of this.list(uri, { recursive: true })) {
      const done = this.remove(child).finally(() => waiting.delete(done));
      waiting.add(done);
      // GCS has no call that removes many objects; ten at a time are kind to its limits.
      if (waiting.size >= 10) await Promise.race(waiting);
    }
    await Promise.all(waiting);
  }

  async close(): Promise<void> {
    // The SDK keeps its agents to itself; idle sockets close by their own timeout.
  }

  private async guarded<T>(uri: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
    try {
      return await (timeoutMs === WITHOUT_LIMIT ? work() : within(timeoutMs, work()));
    } catch (error) {
      throw asStorageError(error, uri);
    }
  }
}

const folderOf = (key: string) => (key === '' ? '' : `${key}/`);
const statusOf = (error: unknown) => Number((error as { code?: unknown }).code);

function infoOf(uri: string, metadata: { size?: string | number; updated?: string }): ObjectInfo {
  return {
    uri,
    kind: 'file',
    sizeBytes: Number(metadata.size ?? 0),
    modified: metadata.updated === undefined ? undefined : new Date(metadata.updated),
  };
}

function missingAsUndefined(error: unknown): undefined {
  if (statusOf(error) === 404) return undefined;
  throw error;
}

function asStorageError(error: unknown, uri: string): StorageError {
  if (error instanceof StorageError) return error;
  const refusal = findOutboundError(error);
  if (refusal)
    return new StorageError(refusal.kind === 'forbidden' ? 'forbidden' : 'unavailable', `No credentials for '${uri}': ${refusal.message}`, {
      cause: error,
    });
  if (error instanceof GoogleTokenError) return new StorageError('forbidden', `No credentials for '${uri}': ${error.message}`, { cause: error });
  const status = statusOf(error);
  if (status === 404) return new StorageError('not_found', `'${uri}' does not exist.`, { cause: error });
  if (status === 401 || status === 403)
    return new StorageError('forbidden', `The store refused access to '${uri}' with the credentials of this artifact store.`, {
      cause: error,
    });
  return new StorageError('unavailable', `The store of '${uri}' does not answer as expected.`, { cause: error });
}
