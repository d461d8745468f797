// Installs the packages when they are missing or package-lock.json changed; otherwise costs a few milliseconds. Node builtins only.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside node_modules, so that it disappears together with what it speaks about.
const marker = path.join(root, 'node_modules', '.installed-lock');

/** `dev` also wants what only tests and authors need; without it, npm's own settings decide. */
export function install({ dev = false } = {}) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node ${process.versions.node} is too old; 20.19 or newer is needed.`);
    process.exit(1);
  }
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const known = existsSync(marker) ? readFileSync(marker, 'utf8') : '';
  if (known === `${lock} dev` || (!dev && known === lock)) return;
  for (const withDev of dev ? [true] : [true, false]) {
    // Installed by hand; npm keeps its own record of what is there.
    if (isComplete(withDev)) return writeFileSync(marker, withDev ? `${lock} dev` : lock);
  }
  console.log('Installing packages (npm ci) …');
  // npm tells its location to scripts it runs; without npm in between, the one beside node is used.
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const args = [...npm.slice(1), 'ci', ...(dev ? ['--include=dev'] : []), '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(npm[0], args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32' && npm.length === 1,
  });
  if (status !== 0) {
    console.error(`The packages could not be installed${error ? `: ${error.message}` : ''}. Run "npm ci" to see why.`);
    process.exit(status ?? 1);
  }
  mkdirSync(path.dirname(marker), { recursive: true });
  writeFileSync(marker, dev || isComplete(true) ? `${lock} dev` : lock);
}

/** Whether node_modules holds exactly the packages of the lock file, by npm's own record of it. */
function isComplete(withDev) {
  try {
    const installed = JSON.parse(readFileSync(path.join(root, 'node_modules/.package-lock.json'), 'utf8')).packages;
    const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(
      ([name, { version, optional, peer, dev }]) => !name || optional || peer || (dev && !withDev) || installed[name]?.version === version,
    );
  } catch {
    return false;
  }
}
