// Everything that CI runs: lint, types, boundaries, tests. Arguments go to jest. Usage: node tools/test.mjs [--check] [jest arguments]
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const isCheckOnly = process.argv.includes('--check');
const jestArguments = process.argv.slice(2).filter((argument) => argument !== '--check');

install({ dev: true });
const { build } = await import('./build.mjs');
await build();

function run(title, script, args, { isLive = false } = {}) {
  const startedAt = Date.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(root, 'node_modules', script), ...args], {
      cwd: root,
      stdio: isLive ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (data) => (output += data));
    child.stderr?.on('data', (data) => (output += data));
    child.on('close', (code) => {
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${title} (${seconds} s)`);
      if (code !== 0 && output) console.log(output);
      resolve(code === 0);
    });
  });
}

const results = await Promise.all([
  run('lint', '@biomejs/biome/bin/biome', ['check', '--max-diagnostics=50']),
  run('types', 'typescript7/bin/tsc', ['-p', '.']),
  run('boundaries', 'dependency-cruiser/bin/dependency-cruise.mjs', ['--config', '.dependency-cruiser.cjs', 'apps', 'libs']),
]);
if (!isCheckOnly) results.push(await run('tests', 'jest/bin/jest.js', jestArguments, { isLive: true }));
process.exitCode = results.every(Boolean) ? 0 : 1;
