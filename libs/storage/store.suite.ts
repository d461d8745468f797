import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectInfo, ObjectStore } from './object-store.js';
import { StorageError, type StorageErrorKind } from './storage-error.js';

export type StoreUnderTest = {
  store: ObjectStore;
  /** A URI of the same kind whose bucket (or folder) exists and is not the store's. */
  foreignUri: string;
  /** The same bucket, another prefix that starts with the same letters: `…/prefix` and `…/prefix-other`. */
  siblingUri: string;
};

/** What every adapter promises. `setup` runs once and gives a store with an empty root of its own. */
export function describeStore(name: string, setup: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let under: StoreUnderTest;
    let store: ObjectStore;
    const at = (path: string) => `${store.root}/${path}`;

    beforeAll(async () => {
      under = await setup();
      ({ store } = under);
    }, 240_000);
    afterAll(() => store?.close());

    it('reads back what it wrote: text, bytes, nothing, streams', async () => {
      await store.write(at('a/text.txt'), 'grüße');
      await store.write(at('a/bytes.bin'), new Uint8Array([0, 255, 1]));
      await store.write(at('a/empty'), '');
      await store.write(at('a/stream'), Readable.from([Buffer.from('one '), Buffer.from('two')]));
      await store.write(at('a/empty-stream'), Readable.from([]));
      expect(await store.readText(at('a/text.txt'), 100)).toBe('grüße');
      expect([...(await store.readBytes(at('a/bytes.bin'), 100))]).toEqual([0, 255, 1]);
      expect(await store.readText(at('a/empty'), 0)).toBe('');
      expect(await store.readText(at('a/stream'), 100)).toBe('one two');
      expect(await store.readText(at('a/empty-stream'), 100)).toBe('');
    });

    it('replaces what was there', async () => {
      await store.write(at('replaced'), 'a long first version');
      await store.write(at('replaced'), 'second');
      expect(await store.readText(at('replaced'), 100)).toBe('second');
    });

    it('writes and reads streams larger than one part', async () => {
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      await store.write(at('large'), Readable.from(Array.from({ length: 18 }, () => chunk)));
      expect(await store.stat(at('large'))).toMatchObject({ kind: 'file', sizeBytes: 18 * 1024 * 1024 });
      let size = 0;
      for await (const piece of await store.read(at('large'))) size += (piece as Buffer).byteLength;
      expect(size).toBe(18 * 1024 * 1024);
      await store.remove(at('large'));
    });

    it('leaves nothing behind when the source of a write fails', async () => {
      const failing = Readable.from(
        (async function* () {
          yield Buffer.from('half');
          throw new Error('source broke');
        })(),
      );
      await expect(store.write(at('half/file'), failing)).rejects.toThrow(StorageError);
      await expectKind('not_found', () => store.stat(at('half/file')));
      expect(await names(store.list(at('half')))).toEqual([]);
    });

    it('reads ranges, and nothing behind the end', async () => {
      await store.write(at('digits'), '0123456789');
      expect(await textOf(await store.read(at('digits'), { start: 2, end: 4 }))).toBe('234');
      expect(await textOf(await store.read(at('digits'), { start: 7 }))).toBe('789');
      expect(await textOf(await store.read(at('digits'), { start: 8, end: 100 }))).toBe('89');
      expect(await textOf(await store.read(at('digits'), { start: 10 }))).toBe('');
      expect(await textOf(await store.read(at('digits'), { start: 0, end: 0 }))).toBe('0');
    });

    it('stops reading at the size limit', async () => {
      await store.write(at('digits'), '0123456789');
      expect(await store.readText(at('digits'), 10)).toBe('0123456789');
      await expectKind('too_large', () => store.readText(at('digits'), 9));
    });

    it('tells files from directories', async () => {
      const before = Date.now() - 5_000;
      await store.write(at('tree/leaf'), 'x');
      const file = await store.stat(at('tree/leaf'));
      expect(file).toMatchObject({ uri: at('tree/leaf'), kind: 'file', sizeBytes: 1 });
      expect(file.modified?.getTime()).toBeGreaterThan(before);
      expect(await store.stat(at('tree'))).toMatchObject({ uri: at('tree'), kind: 'directory' });
      expect(await store.stat(`${at('tree')}/`)).toMatchObject({ uri: at('tree'), kind: 'directory' });
      expect(await store.stat(store.root)).toMatchObject({ uri: store.root, kind: 'directory' });
    });

    it('says not_found for what is not there', async () => {
      await expectKind('not_found', () => store.stat(at('missing')));
      await expectKind('not_found', () => store.read(at('missing')));
      await expectKind('not_found', () => store.readText(at('missing/deeper'), 10));
      // A prefix of a name is not a directory.
      await store.write(at('tree/leaf'), 'x');
      await expectKind('not_found', () => store.stat(at('tre')));
      await expectKind('not_found', () => store.readText(at('tree'), 10));
    });

    it('lists what is directly below, or all files', async () => {
      await store.write(at('list/b.txt'), 'bb');
      await store.write(at('list/a/1'), '1');
      await store.write(at('list/a/deep/2'), '2');
      await store.write(at('list-other/3'), '3');
      expect(await found(store.list(at('list')))).toEqual([
        ['directory', at('list/a'), 0],
        ['file', at('list/b.txt'), 2],
      ]);
      expect(await found(store.list(at('list'), { recursive: true }))).toEqual([
        ['file', at('list/a/1'), 1],
        ['file', at('list/a/deep/2'), 1],
        ['file', at('list/b.txt'), 2],
      ]);
      expect(await names(store.list(at('nothing')))).toEqual([]);
      expect(await names(store.list(at('list/b.txt')))).toEqual([]);
      expect(await names(store.list(store.root))).toEqual(expect.arrayContaining([at('list'), at('list-other')]));
    });

    it('keeps unusual names apart', async () => {
      const unusual = ['with space', 'plus+sign', 'per%cent', 'per%20cent', 'hash#tag', 'question?mark', 'ünï', 'a&b=c', '..hidden', 'dots...'];
      for (const name of unusual) await store.write(at(`names/${name}`), name);
      for (const name of unusual) expect(await store.readText(at(`names/${name}`), 100)).toBe(name);
      expect(await names(store.list(at('names')))).toEqual(unusual.map((name) => at(`names/${name}`)).sort());
    });

    it('removes one object, and does not mind if it is gone', async () => {
      await store.write(at('gone/one'), '1');
      await store.write(at('gone/two'), '2');
      await store.remove(at('gone/one'));
      await store.remove(at('gone/one'));
      expect(await names(store.list(at('gone')))).toEqual([at('gone/two')]);
    });

    it('removes a tree and nothing beside it', async () => {
      for (const name of ['cut/a', 'cut/b/c', 'cut/b/d', 'cut-not/e']) await store.write(at(name), name);
      await store.removeTree(at('cut'));
      await store.removeTree(at('cut'));
      expect(await names(store.list(at('cut'), { recursive: true }))).toEqual([]);
      expect(await names(store.list(at('cut-not')))).toEqual([at('cut-not/e')]);
      await store.write(at('single'), 'x');
      await store.removeTree(at('single'));
      await expectKind('not_found', () => store.stat(at('single')));
    });

    it('does not leave its root', async () => {
      const outside = [
        under.foreignUri,
        under.siblingUri,
        at('../outside'),
        at('a/../../outside'),
        at('a/..'),
        at('..'),
        `${store.root}/..`,
        'https://example.com/x',
        'relative/path',
        '/etc/passwd',
        's3://another-bucket/x',
        'gs://another-bucket/x',
        'file:///etc/passwd',
        at('nul\0byte'),
        '',
      ];
      for (const uri of outside) {
        await expectKind('outside_root', () => store.stat(uri), uri);
        await expectKind('outside_root', () => store.read(uri), uri);
        await expectKind('outside_root', () => store.write(uri, 'x'), uri);
        await expectKind('outside_root', () => names(store.list(uri)), uri);
        await expectKind('outside_root', () => store.remove(uri), uri);
        await expectKind('outside_root', () => store.removeTree(uri), uri);
      }
    });

    it('refuses to remove or overwrite the root itself', async () => {
      await expectKind('outside_root', () => store.removeTree(store.root));
      await expectKind('outside_root', () => store.removeTree(`${store.root}/`));
      await expectKind('outside_root', () => store.remove(store.root));
      await expectKind('outside_root', () => store.write(store.root, 'x'));
    });

    it('closes the source when a reader stops early', async () => {
      await store.write(at('early'), Buffer.alloc(4 * 1024 * 1024, 'x'));
      const stream = await store.read(at('early'));
      for await (const _ of stream) break;
      expect(stream.destroyed).toBe(true);
      await delay(10);
    });
  });
}

async function names(list: AsyncIterable<ObjectInfo>): Promise<string[]> {
  return (await found(list)).map(([, uri]) => uri);
}

async function found(list: AsyncIterable<ObjectInfo>): Promise<[string, string, number][]> {
  const all: [string, string, number][] = [];
  for await (const { kind, uri, sizeBytes } of list) all.push([kind, uri, sizeBytes]);
  return all.sort(([, a], [, b]) => (a < b ? -1 : 1));
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export async function expectKind(kind: StorageErrorKind, work: () => unknown, what = ''): Promise<void> {
  const error = await Promise.resolve()
    .then(work)
    .then(
      () => 'no error',
      (reason: unknown) => reason,
    );
  expect([what, error instanceof StorageError ? error.kind : error]).toEqual([what, kind]);
}
