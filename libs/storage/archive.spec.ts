import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { archiveOf, contentsOf } from './archive.js';
import { LocalStore } from './local-store.js';

describe('an archive', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'archive-'));
  const store = new LocalStore(root);
  const long = `${'deep/'.repeat(30)}täst.txt`;
  beforeAll(() => {
    mkdirSync(path.dirname(path.join(root, 'data', long)), { recursive: true });
    writeFileSync(path.join(root, 'data', long), 'unicode');
    writeFileSync(path.join(root, 'data', 'a.bin'), Buffer.alloc(1_000, 7));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('is read by tar, whatever the names are', async () => {
    const uri = path.join(root, 'data');
    const contents = await contentsOf(store, uri, 10_000);
    expect(contents.sizeBytes).toBe(1_007);
    const target = path.join(root, 'out');
    mkdirSync(target);
    execFileSync('tar', ['-xzf', '-', '-C', target], { input: await buffer(archiveOf(store, uri, contents)) });
    expect(readFileSync(path.join(target, long), 'utf8')).toBe('unicode');
    expect(readFileSync(path.join(target, 'a.bin'))).toEqual(Buffer.alloc(1_000, 7));
  });

  it('holds a single file under its own name', async () => {
    const uri = path.join(root, 'data', 'a.bin');
    const bytes = await buffer(archiveOf(store, uri, await contentsOf(store, uri, 10_000)));
    expect(execFileSync('tar', ['-tzf', '-'], { input: bytes, encoding: 'utf8' })).toBe('a.bin\n');
  });

  it('is refused when it would become too large', async () => {
    await expect(contentsOf(store, path.join(root, 'data'), 100)).rejects.toMatchObject({ kind: 'too_large' });
  });
});
