// Starts an application from a bare clone: installs, generates, builds what changed, then becomes it. Usage: node tools/start.mjs <app>
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { install } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const app = process.argv[2] ?? 'standalone';

install();
// Only now: building needs packages.
const { build } = await import('./build.mjs');
try {
  await build();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

const main = path.join(root, 'dist/apps', app, 'src/main.js');
if (!existsSync(main)) {
  console.error(`There is no application "${app}".`);
  process.exit(1);
}
// Ctrl-C reaches this process twice, from the terminal and from npm, which passes it on; a person pressing it again takes longer.
const sameSignalMs = 300;
const emit = process.emit;
const lastSeen = new Map();
process.emit = function (event, ...values) {
  if (event === 'SIGINT' || event === 'SIGTERM') {
    const isRepeated = performance.now() - (lastSeen.get(event) ?? Number.NEGATIVE_INFINITY) < sameSignalMs;
    lastSeen.set(event, performance.now());
    if (isRepeated) return true;
  }
  return emit.call(this, event, ...values);
};

// Killing npm without mercy must not leave an application behind that holds the port and the data.
if (process.env.npm_lifecycle_event && process.platform !== 'win32') {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGTERM'), 500).unref();
}

// In this very process: signals need no forwarding, and its exit code is the exit code. The application sees its own arguments only.
process.setSourceMapsEnabled(true);
process.argv.splice(1, 2, main);
await import(pathToFileURL(main).href);
