import type { Readable } from 'node:stream';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { type GuardedAgents, guardedAgents } from '#libs/outbound/connect.js';
import { checkedUrl } from '#libs/outbound/guarded-fetch.js';
import { findOutboundError } from '#libs/outbound/outbound-error.js';
import type { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { withoutEnd } from '#libs/text/trim.js';
import type { AwsCredentials } from './credentials.js';
import { type CloudRoot, keyOf, outsideRoot, parseRoot, uriOf } from './location.js';
import type { ByteRange, ObjectInfo, ObjectStore } from './object-store.js';
import { StorageError } from './storage-error.js';
import { collect, pieces, translated } from './stream.js';

export type S3StoreOptions = {
  path: string;
  region?: string;
  /** For stores that speak S3 but are not AWS. */
  endpointUrl?: string;
  /** Undefined means the credentials of the server itself, which the caller must have decided to lend. */
  credentials?: AwsCredentials;
  /** Bucket in the path or in the host name; by default in the path when there is an endpoint. */
  addressing?: 'path' | 'virtual';
  isCertificateChecked?: boolean;
  /** Sent with every upload: `ACL`, `ServerSideEncryption`, `SSEKMSKeyId`, `StorageClass`, … as s3fs takes them in `s3_additional_kwargs`. */
  uploadOptions?: Record<string, string>;
  policy: OutboundPolicy;
  timeoutMs: number;
};

/** S3 allows parts from 5 MiB and 10,000 of them: up to 80 GB. */
const PART_BYTES = 8 * 1024 * 1024;
const UPLOAD_OPTIONS = [
  'ACL',
  'ServerSideEncryption',
  'SSEKMSKeyId',
  'SSEKMSEncryptionContext',
  'BucketKeyEnabled',
  'StorageClass',
  'RequestPayer',
  'Tagging',
  'ExpectedBucketOwner',
];

type Sdk = typeof import('@aws-sdk/client-s3');

export async function openS3Store(options: S3StoreOptions): Promise<ObjectStore> {
  const root = parseRoot('s3', options.path);
  if (options.endpointUrl !== undefined) checkedUrl(options.endpointUrl, options.policy, { isPlainHttpAllowed: true, ports: 'any' });
  const sdk = await import('@aws-sdk/client-s3');
  const agents = guardedAgents(options.policy, {
    tls: { rejectUnauthorized: options.isCertificateChecked ?? true },
    idleTimeoutMs: options.timeoutMs,
  });
  const config: S3ClientConfig = {
    // S3 wants a region even where it means nothing, as with MinIO.
    region: options.region ?? 'us-east-1',
    endpoint: options.endpointUrl,
    forcePathStyle: options.addressing ? options.addressing === 'path' : options.endpointUrl !== undefined,
    followRegionRedirects: options.endpointUrl === undefined,
    maxAttempts: 3,
    requestHandler: {
      httpAgent: agents.http,
      httpsAgent: agents.https,
      connectionTimeout: 5_000,
      requestTimeout: options.timeoutMs,
      throwOnRequestTimeout: true,
    },
    // The checksums that the SDK adds by itself are refused by stores that only speak the older S3.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(options.credentials && { credentials: { ...options.credentials } }),
  };
  return new S3Store(root, sdk, new sdk.S3Client(config), agents, options.uploadOptions ?? {});
}

class S3Store implements ObjectStore {
  readonly root: string;

  constructor(
    private readonly location: CloudRoot,
    private readonly sdk: Sdk,
    private readonly client: S3Client,
    private readonly agents: GuardedAgents,
    private readonly uploadOptions: Record<string, string>,
  ) {
    this.root = location.uri;
  }

  async stat(uri: string): Promise<ObjectInfo> {
    const key = keyOf(this.location, uri);
    return this.guarded(uri, async () => {
      if (key !== '') {
        const head = await this.client.send(new this.sdk.HeadObjectCommand({ ...this.bucket(), Key: key })).catch(missingAsUndefined);
        if (head) return { uri: uriOf(this.location, key), kind: 'file', sizeBytes: head.ContentLength ?? 0, modified: head.LastModified };
      }
      const below = await this.client.send(new this.sdk.ListObjectsV2Command({ ...this.bucket(), Prefix: folderOf(key), MaxKeys: 1 }));
      if ((below.KeyCount ?? below.Contents?.length ?? 0) === 0) throw new StorageError('not_found', `'${uri}' does not exist.`);
      return { uri: uriOf(this.location, key), kind: 'directory', sizeBytes: 0 };
    });
  }

  async read(uri: string, range?: ByteRange): Promise<Readable> {
    const key = keyOf(this.location, uri);
    return this.guarded(uri, async () => {
      if (key === '') throw new StorageError('not_found', `'${uri}' is a bucket, not a file.`);
      const answer = await this.client
        .send(new this.sdk.GetObjectCommand({ ...this.bucket(), Key: key, Range: range && `bytes=${range.start}-${range.end ?? ''}` }))
        .catch((error: unknown) => {
          if (range && statusOf(error) === 416) return undefined;
          throw error;
        });
      return translated((answer?.Body as Readable | undefined) ?? emptyStream(), (error) => this.asStorageError(error, uri));
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
    const target = { ...this.bucket(), Key: key };
    const extra = Object.fromEntries(Object.entries(this.uploadOptions).filter(([name]) => UPLOAD_OPTIONS.includes(name)));
    await this.guarded(uri, async () => {
      if (typeof data === 'string' || data instanceof Uint8Array) {
        const bytes = typeof data === 'string' ? Buffer.from(data) : data;
        await this.client.send(new this.sdk.PutObjectCommand({ ...target, ...extra, Body: bytes, ContentLength: bytes.byteLength }));
        return;
      }
      const parts = pieces(data, PART_BYTES);
      const first = await parts.next();
      const second = await parts.next();
      if (second.done) {
        const only = first.value as Buffer;
        await this.client.send(new this.sdk.PutObjectCommand({ ...target, ...extra, Body: only, ContentLength: only.byteLength }));
        return;
      }
      await this.writeParts(target, extra, [first.value as Buffer, second.value], parts);
    });
  }

  async *list(uri: string, options: { recursive?: boolean } = {}): AsyncIterable<ObjectInfo> {
    const folder = folderOf(keyOf(this.location, uri));
    for await (const page of this.pages(uri, folder, options.recursive ? undefined : '/')) {
      for (const { Prefix } of page.CommonPrefixes ?? []) {
        if (Prefix && Prefix !== folder) yield { uri: uriOf(this.location, withoutEnd(Prefix, '/')), kind: 'directory', sizeBytes: 0 };
      }
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        // Consoles create empty objects that end in a slash to show a folder.
        if (Key && !Key.endsWith('/')) yield { uri: uriOf(this.location, Key), kind: 'file', sizeBytes: Size ?? 0, modified: LastModified };
      }
    }
  }

  async remove(uri: string): Promise<void> {
    const key = keyOf(this.location, uri);
    if (key === this.location.prefix) throw outsideRoot(uri, this.root);
    await this.guarded(uri, async () => {
      await this.client.send(new this.sdk.DeleteObjectCommand({ ...this.bucket(), Key: key })).catch(missingAsUndefined);
    });
  }

  async removeTree(uri: string): Promise<void> {
    const key = keyOf(this.location, uri);
    await this.remove(uri);
    await this.guarded(uri, async () => {
      for await (const page of this.pages(uri, folderOf(key))) {
        const objects = (page.Contents ?? []).flatMap(({ Key }) => (Key ? [{ Key }] : []));
        if (objects.length === 0) continue;
        const answer = await this.client.send(new this.sdk.DeleteObjectsCommand({ ...this.bucket(), Delete: { Objects: objects, Quiet: true } }));
        const failed = answer.Errors?.[0];
        if (failed) {
          const kind = failed.Code === 'AccessDenied' ? 'forbidden' : 'unavailable';
          throw new StorageError(kind, `${answer.Errors?.length} objects below '${uri}' could not be removed: ${failed.Message ?? failed.Code}.`);
        }
      }
    });
  }

  async close(): Promise<void> {
    this.client.destroy();
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private bucket() {
    return { Bucket: this.location.bucket };
  }

  private async *pages(uri: string, prefix: string, delimiter?: string) {
    let token: string | undefined;
    do {
      const page = await this.guarded(uri, () =>
        this.client.send(new this.sdk.ListObjectsV2Command({ ...this.bucket(), Prefix: prefix, Delimiter: delimiter, ContinuationToken: token })),
      );
      yield page;
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  private async writeParts(
    target: { Bucket: string; Key: string },
    extra: Record<string, string>,
    first: Buffer[],
    rest: AsyncIterable<Buffer>,
  ): Promise<void> {
    const { UploadId } = await this.client.send(new this.sdk.CreateMultipartUploadCommand({ ...target, ...extra }));
    const Parts: { ETag: string | undefined; PartNumber: number }[] = [];
    const upload = async (part: Buffer) => {
      const PartNumber = Parts.length + 1;
      const { ETag } = await this.client.send(new this.sdk.UploadPartCommand({ ...target, UploadId, PartNumber, Body: part, ContentLength: part.byteLength }));
      Parts.push({ ETag, PartNumber });
    };
    try {
      for (const part of first) await upload(part);
      for await (const part of rest) await upload(part);
      await this.client.send(new this.sdk.CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
    } catch (error) {
      // Parts of an upload that nobody completes are stored, and paid for, until somebody aborts it.
      await this.client.send(new this.sdk.AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {});
      throw error;
    }
  }

  private async guarded<T>(uri: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.asStorageError(error, uri);
    }
  }

  private asStorageError(error: unknown, uri: string): StorageError {
    if (error instanceof StorageError) return error;
    const refusal = findOutboundError(error);
    if (refusal)
      return new StorageError(refusal.kind === 'forbidden' ? 'forbidden' : 'unavailable', `The store of '${uri}' cannot be contacted: ${refusal.message}`, {
        cause: error,
      });
    const name = (error as { name?: string }).name ?? '';
    const status = statusOf(error);
    if (status === 404 || name === 'NoSuchKey' || name === 'NoSuchBucket' || name === 'NotFound')
      return new StorageError('not_found', `'${uri}' does not exist.`, { cause: error });
    if (status === 401 || status === 403 || /^(AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|CredentialsProviderError)/.test(name)) {
      return new StorageError('forbidden', `The store refused access to '${uri}' with the credentials of this artifact store${name ? ` (${name})` : ''}.`, {
        cause: error,
      });
    }
    if (status === 400 && /^(InvalidBucketName|KeyTooLong)/.test(name)) return new StorageError('not_found', `'${uri}' does not exist.`, { cause: error });
    return new StorageError('unavailable', `The store of '${uri}' does not answer as expected${name ? ` (${name})` : ''}.`, {
      cause: error,
    });
  }
}

const folderOf = (key: string) => (key === '' ? '' : `${key}/`);
const statusOf = (error: unknown) => (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

function missingAsUndefined(error: unknown): undefined {
  const name = (error as { name?: string }).name;
  // A missing bucket is an error of its own, which HEAD cannot tell apart; the listing that follows does.
  if (statusOf(error) === 404 && name !== 'NoSuchBucket') return undefined;
  throw error;
}

async function* emptyStream(): AsyncGenerator<Uint8Array> {}
