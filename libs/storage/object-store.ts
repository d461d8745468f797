import type { Readable } from 'node:stream';

/** Bytes from `start` on, up to and including `end`; without `end` to the end of the object. A start behind the end reads nothing. */
export type ByteRange = { start: number; end?: number };

export type ObjectInfo = {
  uri: string;
  /** A directory of a cloud store is a common prefix of objects; it has no size and no date. */
  kind: 'file' | 'directory';
  sizeBytes: number;
  modified?: Date;
};

/**
 * Read and write access to one artifact store. Paths are URIs as ZenML clients record them (`s3://bucket/prefix/…`, an absolute local path);
 * each must lie inside {@link root}. Every method throws only `StorageError`s, and so does a stream that breaks off.
 */
export interface ObjectStore {
  /** The store's root in the spelling of its configuration, without a trailing slash. */
  readonly root: string;
  /** Throws `not_found` unless there is an object, or objects below it. */
  stat(uri: string): Promise<ObjectInfo>;
  /** Resolves when the store has answered, so that a missing object is an error here and not one of the stream. */
  read(uri: string, range?: ByteRange): Promise<Readable>;
  /** The whole object; throws `too_large` as soon as more than `maxBytes` arrive. */
  readBytes(uri: string, maxBytes: number): Promise<Buffer>;
  /** {@link readBytes} as UTF-8. */
  readText(uri: string, maxBytes: number): Promise<string>;
  /** Creates or replaces the object; it is complete or not there. */
  write(uri: string, data: string | Uint8Array | Readable): Promise<void>;
  /** What is directly below `uri`, or with `recursive` all files at any depth; nothing if nothing is there. In no promised order. */
  list(uri: string, options?: { recursive?: boolean }): AsyncIterable<ObjectInfo>;
  /** Removes one object; one that is not there is not an error, as clouds do not tell. */
  remove(uri: string): Promise<void>;
  /** Removes the object at `uri` and everything below it. Refuses the root itself. */
  removeTree(uri: string): Promise<void>;
  /** Closes connections. The store cannot be used afterwards. */
  close(): Promise<void>;
}
