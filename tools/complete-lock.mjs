// Adds to package-lock.json the optional packages of other platforms that npm left out because its registry did not have them.
// Without their entries `npm ci` refuses the lock file, on every machine. Run it after changing dependencies. Usage: node tools/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const file = path.join(fileURLToPath(new URL('..', import.meta.url)), 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const platforms = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'windows', 'sunos', 'aix', 'netbsd', 'openbsd'];

let added = 0;
for (const [place, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (lock.packages[`${place}/node_modules/${name}`] || lock.packages[`node_modules/${name}`]) continue;
    const words = name.split('/').pop().split('-');
    const at = words.findIndex((word) => platforms.includes(word));
    if (at < 0 || !/^\d/.test(version)) {
      console.warn(`${name} ${version} of ${place} is missing too, and its platform is not in its name.`);
      continue;
    }
    const [os, cpu, abi = ''] = words.slice(at);
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(dev ? { dev } : {}),
      ...(abi.startsWith('musl') ? { libc: ['musl'] } : abi.startsWith('gnu') && os === 'linux' ? { libc: ['glibc'] } : {}),
      optional: true,
      os: [os === 'windows' ? 'win32' : os],
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries added.`);
