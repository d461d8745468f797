import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isInside, outsideRoot, plainLocalPath } from './location.js';
import type { ByteRange, ObjectInfo, ObjectStore } from './object-store.js';
import { StorageError } from './storage-error.js';
import { collect, translated } from './stream.js';

/**
 * Files below one directory of this machine. Symbolic links are followed only where they stay inside the root; what leads outside does not
 * exist for readers and is `outside_root` for whoever names it.
 */
export class LocalStore implements ObjectStore {
  readonly root: string;

  constructor(root: string) {
    this.root = plainLocalPath(root, root);
  }

  async stat(uri: string): Promise<ObjectInfo> {
    return this.guarded(uri, async () => {
      const path = await this.resolve(uri);
      return infoOf(plainLocalPath(uri, this.root), await lstat(path), uri);
    });
  }

  async read(uri: string, range?: ByteRange): Promise<Readable> {
    return this.guarded(uri, async () => {
      const file = await this.openFile(uri);
      const { size } = await file.stat();
      const start = range?.start ?? 0;
      const end = Math.min(range?.end ?? Number.MAX_SAFE_INTEGER, size - 1);
      if (start > end) {
        await file.close();
        return Readable.from([], { objectMode: false });
      }
      return translated(file.createReadStream({ start, end }), (error) => asStorageError(error, uri));
    });
  }

  async readBytes(uri: string, maxBytes: number): Promise<Buffer> {
    return collect(await this.read(uri), maxBytes, uri);
  }

  async readText(uri: string, maxBytes: number): Promise<string> {
    return (await this.readBytes(uri, maxBytes)).toString('utf8');
  }

  async write(uri: string, data: string | Uint8Array | Readable): Promise<void> {
    return this.guarded(uri, async () => {
      const path = plainLocalPath(uri, this.root);
      if (path === this.root || !isInside(this.root, path)) throw outsideRoot(uri, this.root);
      // The deepest folder that exists decides whether creating the missing ones stays inside.
      await mkdir(this.root, { recursive: true });
      await this.assertInside(await realOfExisting(dirname(path)), uri);
      await mkdir(dirname(path), { recursive: true });
      const folder = await this.resolve(dirname(path));
      const target = join(folder, path.slice(dirname(path).length + 1));
      const temporary = join(folder, `.${randomUUID()}.part`);
      const file = await open(temporary, 'wx', 0o600);
      try {
        await pipeline(data instanceof Readable ? data : Readable.from([typeof data === 'string' ? Buffer.from(data) : data]), file.createWriteStream());
        await rename(temporary, target);
      } catch (error) {
        await file.close().catch(() => {});
        await unlink(temporary).catch(() => {});
        throw error;
      }
    });
  }

  async *list(uri: string, options: { recursive?: boolean } = {}): AsyncIterable<ObjectInfo> {
    const shown = plainLocalPath(uri, this.root);
    const children = await this.guarded(uri, async () => {
      const found: ObjectInfo[] = [];
      const folder = await this.resolve(uri).catch(absentAs(undefined));
      if (folder === undefined) return found;
      const names = await readdir(folder).catch((error: unknown) => {
        if (codeOf(error) === 'ENOTDIR' || codeOf(error) === 'ENOENT') return [];
        throw error;
      });
      for (const name of names.sort()) {
        if (/^\.[0-9a-f-]{36}\.part$/.test(name)) continue;
        const child = join(shown, name);
        // Gone meanwhile, a dangling link, or one that leads outside: not there for a reader.
        const info = await this.stat(child).catch((error: unknown) => {
          if (error instanceof StorageError && error.kind !== 'forbidden') return undefined;
          throw error;
        });
        if (info) found.push(info);
      }
      return found;
    });
    for (const child of children) {
      if (!options.recursive) yield child;
      else if (child.kind === 'file') yield child;
      // A linked folder could contain itself; its own place inside the root is listed anyway.
      else if (!(await lstat(child.uri)).isSymbolicLink()) yield* this.list(child.uri, options);
    }
  }

  async remove(uri: string): Promise<void> {
    await this.guarded(uri, async () => {
      const path = await this.resolveParent(uri).catch(absentAs(undefined));
      if (path === undefined) return;
      const found = await lstat(path).catch(absentAs(undefined));
      if (found?.isDirectory()) throw new StorageError('not_found', `'${uri}' is a directory, not a file.`);
      if (found) await unlink(path);
    });
  }

  async removeTree(uri: string): Promise<void> {
    await this.guarded(uri, async () => {
      const path = await this.resolveParent(uri).catch(absentAs(undefined));
      // rm removes links themselves and does not follow them.
      if (path !== undefined) await rm(path, { recursive: true, force: true });
    });
  }

  async close(): Promise<void> {}

  /** Opens a regular file and makes sure that what was opened is what was checked, in case a folder was swapped for a link in between. */
  private async openFile(uri: string): Promise<FileHandle> {
    const path = await this.resolve(uri);
    // Without O_NONBLOCK opening a pipe waits for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const opened = await file.stat();
      if (opened.isDirectory()) throw new StorageError('not_found', `'${uri}' is a directory, not a file.`);
      if (!opened.isFile()) throw new StorageError('unsupported', `'${uri}' is not a regular file.`);
      const checked = await lstat(await this.resolve(uri));
      if (checked.ino !== opened.ino || checked.dev !== opened.dev) throw new StorageError('unavailable', `'${uri}' changed while it was opened.`);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The real path of `uri`, which exists and is inside the root. */
  private async resolve(uri: string): Promise<string> {
    const path = plainLocalPath(uri, this.root);
    if (!isInside(this.root, path)) throw outsideRoot(uri, this.root);
    try {
      const real = await realpath(path);
      await this.assertInside(real, uri);
      return real;
    } catch (error) {
      // Whether something exists outside must not show either.
      if (codeOf(error) === 'ENOENT' && isInside(this.root, path) && path !== this.root) await this.assertInside(await realOfExisting(path), uri);
      throw error;
    }
  }

  /** The path of `uri` with its folder resolved; the last segment may be a link or missing. Refuses the root. */
  private async resolveParent(uri: string): Promise<string> {
    const path = plainLocalPath(uri, this.root);
    if (path === this.root || !isInside(this.root, path)) throw outsideRoot(uri, this.root);
    return join(await this.resolve(dirname(path)), path.slice(dirname(path).length + 1));
  }

  private async assertInside(real: string, uri: string): Promise<void> {
    const root = await realpath(this.root).catch(absentAs(undefined));
    // Without its root the store is empty: nothing is inside, and nothing was found outside.
    if (root === undefined) return;
    if (!isInside(root, real)) throw outsideRoot(uri, this.root);
  }

  private async guarded<T>(uri: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asStorageError(error, uri);
    }
  }
}

/** The real path of the deepest folder on the way to `path` that exists. */
async function realOfExisting(path: string): Promise<string> {
  const real = await realpath(path).catch(absentAs(undefined));
  return real ?? realOfExisting(dirname(path));
}

function infoOf(uri: string, stats: Stats, given: string): ObjectInfo {
  if (stats.isDirectory()) return { uri, kind: 'directory', sizeBytes: 0 };
  if (!stats.isFile()) throw new StorageError('unsupported', `'${given}' is not a regular file.`);
  return { uri, kind: 'file', sizeBytes: stats.size, modified: stats.mtime };
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return value;
    throw error;
  };
}

function asStorageError(error: unknown, uri: string): StorageError {
  if (error instanceof StorageError) return error;
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'ENAMETOOLONG':
      return new StorageError('not_found', `'${uri}' does not exist.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StorageError('forbidden', `This server has no access to '${uri}'.`, { cause: error });
    case 'ELOOP':
      return new StorageError('outside_root', `'${uri}' is a symbolic link that cannot be followed.`, { cause: error });
    default:
      return new StorageError('unavailable', `'${uri}' cannot be accessed at the moment.`, { cause: error });
  }
}
