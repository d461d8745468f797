import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalStore } from './local-store.js';
import { openStore, zenmlLocalRoot } from './open-store.js';
import { describeStore, expectKind } from './store.suite.js';

const folders: string[] = [];
const folder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'local-store-'));
  folders.push(path);
  return path;
};
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true, force: true }))));

describeStore('a local store', async () => {
  const base = await folder();
  await mkdir(join(base, 'store'));
  await mkdir(join(base, 'store-other'));
  await writeFile(join(base, 'store-other', 'x'), 'x');
  const store = await openStore({ flavor: 'local', configuration: { path: join(base, 'store') }, local: { isAllowed: true } });
  return { store, foreignUri: join(base, 'x'), siblingUri: join(base, 'store-other', 'x') };
});

describe('a local store and symbolic links', () => {
  const setup = async () => {
    const base = await folder();
    const root = join(base, 'store');
    await mkdir(join(root, 'inside'), { recursive: true });
    await mkdir(join(base, 'outside'));
    await writeFile(join(base, 'outside', 'secret'), 'secret');
    await writeFile(join(root, 'inside', 'file'), 'plain');
    return { base, root, store: new LocalStore(root) };
  };

  it('does not follow one that leads outside, as file, as folder, or on the way', async () => {
    const { base, root, store } = await setup();
    await symlink(join(base, 'outside', 'secret'), join(root, 'file-link'));
    await symlink(join(base, 'outside'), join(root, 'folder-link'));
    await symlink('../../outside', join(root, 'inside', 'relative-link'));
    for (const path of ['file-link', 'folder-link/secret', 'folder-link', 'inside/relative-link/secret']) {
      await expectKind('outside_root', () => store.stat(join(root, path)), path);
      await expectKind('outside_root', () => store.read(join(root, path)), path);
    }
    for (const path of ['folder-link/new', 'folder-link/deep/new', 'inside/relative-link/new']) {
      await expectKind('outside_root', () => store.write(join(root, path), 'x'), path);
      await expectKind('outside_root', () => store.removeTree(join(root, path)), path);
    }
    expect(execFileSync('ls', [join(base, 'outside')], { encoding: 'utf8' })).toBe('secret\n');
    const listed: string[] = [];
    for await (const { uri } of store.list(root, { recursive: true })) listed.push(uri);
    expect(listed).toEqual([join(root, 'inside', 'file')]);
  });

  it('replaces and removes the link, never what it points to', async () => {
    const { base, root, store } = await setup();
    const link = join(root, 'link');
    await symlink(join(base, 'outside', 'secret'), link);
    await store.write(link, 'mine');
    expect(await readFile(join(base, 'outside', 'secret'), 'utf8')).toBe('secret');
    expect(await store.readText(link, 10)).toBe('mine');
    await mkdir(join(root, 'tree'));
    await symlink(join(base, 'outside'), join(root, 'tree', 'link'));
    await store.removeTree(join(root, 'tree'));
    expect(await readFile(join(base, 'outside', 'secret'), 'utf8')).toBe('secret');
  });

  it('follows one that stays inside, and survives a circle', async () => {
    const { root, store } = await setup();
    await symlink(join(root, 'inside', 'file'), join(root, 'again'));
    await symlink(root, join(root, 'inside', 'circle'));
    expect(await store.readText(join(root, 'again'), 10)).toBe('plain');
    const listed: string[] = [];
    for await (const { uri } of store.list(root, { recursive: true })) listed.push(uri);
    expect(listed.sort()).toEqual([join(root, 'again'), join(root, 'inside', 'file')]);
  });

  it('works below a root that is a link itself', async () => {
    const { base, root } = await setup();
    await symlink(root, join(base, 'alias'));
    expect(await new LocalStore(join(base, 'alias')).readText(join(base, 'alias', 'inside', 'file'), 10)).toBe('plain');
  });

  it('does not wait for a pipe', async () => {
    const { root, store } = await setup();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    await expectKind('unsupported', () => store.read(join(root, 'pipe')));
  });
});

describe('opening a local store', () => {
  it('is refused unless the operator allows it', async () => {
    await expectKind('unsupported', () => openStore({ flavor: 'local', configuration: { path: '/etc' } }));
    await expectKind('unsupported', () => openStore({ flavor: 'local', configuration: { path: '/etc' }, local: { isAllowed: false } }));
  });

  it('is limited to the folders that the operator opens', async () => {
    const base = await folder();
    const local = { isAllowed: true, within: [join(base, 'open')] };
    await mkdir(join(base, 'open'));
    await symlink('/etc', join(base, 'open', 'link'));
    await openStore({ flavor: 'local', configuration: { path: join(base, 'open', 'a') }, local });
    await expectKind('forbidden', () => openStore({ flavor: 'local', configuration: { path: '/etc' }, local }));
    await expectKind('forbidden', () => openStore({ flavor: 'local', configuration: { path: join(base, 'opener') }, local }));
    await expectKind('forbidden', () => openStore({ flavor: 'local', configuration: { path: join(base, 'open', 'link') }, local }));
    await expectKind('forbidden', () => openStore({ flavor: 'local', configuration: { path: join(base, 'open', 'link', 'new') }, local }));
  });

  it('falls back to the place where the client keeps a store without a path', async () => {
    const base = await folder();
    const store = await openStore({
      flavor: 'local',
      configuration: { path: '' },
      root: zenmlLocalRoot('1234', base),
      local: { isAllowed: true },
    });
    expect(store.root).toBe(join(base, 'local_stores', '1234'));
    await expectKind('not_found', () => store.stat(store.root));
    await store.write(`${store.root}/a`, 'x');
    expect(await store.readText(`${store.root}/a`, 1)).toBe('x');
  });
});
