// Builds apps and libs to dist, and the Prisma client to generated. Nothing is done twice: contents are compared by hash.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const cache = path.join(root, '.cache');

/** Files under the folders, relative to the repository, in a stable order. */
function filesOf(folders, extension) {
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(name);
      else if (name.endsWith(extension)) found.push(name);
    }
  };
  for (const folder of folders) if (existsSync(path.join(root, folder))) walk(folder);
  return found.sort();
}

const hash = (...parts) => {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('hex');
};
const read = (file) => readFileSync(path.join(root, file));

/** What a step made last time; empty when its output is gone. */
function remembered(name) {
  try {
    return JSON.parse(readFileSync(path.join(cache, `${name}.json`), 'utf8'));
  } catch {
    return {};
  }
}

function remember(name, value) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(path.join(cache, `${name}.json`), JSON.stringify(value));
}

/** The typed database client, from prisma/schema. */
export async function generate() {
  const files = filesOf(['prisma/schema'], '.prisma');
  const key = hash(read('node_modules/prisma/package.json'), ...files.flatMap((file) => [file, read(file)]));
  const output = path.join(root, 'generated/prisma/client.ts');
  if (existsSync(output) && remembered('generate').key === key) return false;
  const { prisma } = await import('./prisma.mjs');
  const { code, output: printed } = await prisma(['generate'], { quiet: true });
  if (code !== 0) throw new Error(`The database client could not be generated:\n${printed}`);
  remember('generate', { key });
  return true;
}

/** Compiles what changed; removes from dist what has no source any more. */
export async function compile() {
  const swcrc = read('.swcrc');
  const settings = hash(swcrc, read('node_modules/@swc/core/package.json'));
  const before = remembered('build');
  const known = before.settings === settings ? (before.files ?? {}) : {};
  const files = {};
  const changed = [];
  for (const file of filesOf(['apps', 'libs', 'generated'], '.ts')) {
    if (/\.(spec|api-spec|d)\.ts$/.test(file)) continue;
    const sum = hash(read(file));
    files[file] = sum;
    if (known[file] !== sum || !existsSync(outputOf(file))) changed.push(file);
  }
  for (const file of Object.keys(before.files ?? {})) {
    if (file in files) continue;
    rmSync(outputOf(file), { force: true });
    rmSync(`${outputOf(file)}.map`, { force: true });
  }
  if (changed.length > 0) {
    const swc = (await import('@swc/core')).default;
    const options = { ...JSON.parse(swcrc), swcrc: false, configFile: false };
    await Promise.all(
      changed.map(async (file) => {
        const output = outputOf(file);
        const source = path.relative(path.dirname(output), path.join(root, file));
        const { code, map } = await swc.transform(read(file).toString('utf8'), { ...options, filename: path.join(root, file), sourceFileName: source });
        mkdirSync(path.dirname(output), { recursive: true });
        writeFileSync(output, `${code}\n//# sourceMappingURL=${path.basename(output)}.map\n`);
        writeFileSync(`${output}.map`, map ?? '');
      }),
    );
  }
  if (changed.length > 0 || Object.keys(before.files ?? {}).length !== Object.keys(files).length) remember('build', { settings, files });
  return changed.length;
}

function outputOf(file) {
  return path.join(root, 'dist', file.replace(/\.ts$/, '.js'));
}

export async function build() {
  const isGenerated = await generate();
  return { isGenerated, compiled: await compile() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { isGenerated, compiled } = process.argv.includes('--generate') ? { isGenerated: await generate(), compiled: 0 } : await build();
  console.log(`${isGenerated ? 'Client generated, ' : ''}${compiled} files compiled.`);
}
