import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { withoutEnd } from '#libs/text/trim.js';
import type { ObjectInfo, ObjectStore } from './object-store.js';
import { StorageError } from './storage-error.js';

/** Tar works in blocks of this size. */
const block = 512;
/** The classic header holds names of 100 bytes and sizes of 8 GiB. */
const maxNameBytes = 100;
const maxOctalSize = 0o77777777777;

/** What an archive would hold. */
export type Contents = { files: ObjectInfo[]; sizeBytes: number; isTree: boolean };

/** Files at and below `uri`. Throws `not_found` when there are none, `too_large` as soon as they are larger than `maxBytes` together. */
export async function contentsOf(store: ObjectStore, uri: string, maxBytes: number): Promise<Contents> {
  const info = await store.stat(uri);
  const files: ObjectInfo[] = [];
  let sizeBytes = 0;
  const add = (file: ObjectInfo) => {
    files.push(file);
    sizeBytes += file.sizeBytes;
    if (sizeBytes > maxBytes) throw new StorageError('too_large', `'${uri}' is larger than the ${maxBytes} bytes that can be downloaded at once.`);
  };
  if (info.kind === 'file') add(info);
  else for await (const file of store.list(uri, { recursive: true })) if (file.kind === 'file') add(file);
  return { files, sizeBytes, isTree: info.kind === 'directory' };
}

/** A gzipped tar of the contents, made while it is read: neither memory nor disk holds the whole. Names are relative to `uri`. */
export function archiveOf(store: ObjectStore, uri: string, { files, isTree }: Contents): Readable {
  const root = withoutEnd(uri, '/');
  async function* parts() {
    for (const file of files) {
      const name = isTree ? file.uri.slice(root.length + 1) : (file.uri.split('/').at(-1) ?? 'data');
      yield* headers(name, file.sizeBytes);
      let sent = 0;
      for await (const chunk of await store.read(file.uri)) {
        sent += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
      // The header has promised a size; a file that changed meanwhile would shift everything behind it.
      if (sent !== file.sizeBytes) throw new StorageError('unavailable', `'${file.uri}' changed while it was read. Try again.`);
      if (sent % block > 0) yield Buffer.alloc(block - (sent % block));
    }
    yield Buffer.alloc(2 * block);
  }
  const source = Readable.from(parts(), { objectMode: false });
  const gzip = createGzip();
  source.on('error', (error) => gzip.destroy(error));
  gzip.on('close', () => source.destroy());
  return source.pipe(gzip);
}

/** Long names and large sizes go ahead of the file in an extended header, as POSIX has it. */
function headers(name: string, sizeBytes: number): Buffer[] {
  const isLong = Buffer.byteLength(name) > maxNameBytes || /[^\x20-\x7e]/.test(name);
  const isLarge = sizeBytes > maxOctalSize;
  if (!isLong && !isLarge) return [header(name, sizeBytes, '0')];
  const records = [...(isLong ? [record('path', name)] : []), ...(isLarge ? [record('size', String(sizeBytes))] : [])].join('');
  const body = Buffer.from(records);
  const padding = Buffer.alloc((block - (body.length % block)) % block);
  const short = Buffer.from(name)
    .subarray(0, maxNameBytes)
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, '_');
  return [header('PaxHeader', body.length, 'x'), body, padding, header(short, isLarge ? 0 : sizeBytes, '0')];
}

/** `<length> key=value\n`, where the length counts itself. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const size = Buffer.byteLength(rest);
  let length = size + String(size).length;
  if (size + String(length).length !== length) length += 1;
  return `${length}${rest}`;
}

function header(name: string, sizeBytes: number, type: '0' | 'x'): Buffer {
  const out = Buffer.alloc(block);
  const octal = (value: number, offset: number, length: number) => out.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  out.write(name, 0, maxNameBytes, 'latin1');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(sizeBytes, 124, 12);
  octal(0, 136, 12);
  out.fill(' ', 148, 156);
  out.write(type, 156, 'latin1');
  out.write('ustar\0', 257, 'latin1');
  out.write('00', 263, 'latin1');
  octal(
    out.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return out;
}
