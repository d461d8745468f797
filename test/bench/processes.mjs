import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;
const pageBytes = 4_096;

/** The process and everything below it. */
function treeOf(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(name), Number(fields[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const tree = new Set([pid]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const [child, parent] of parents) if (tree.has(parent) && !tree.has(child)) grew = Boolean(tree.add(child));
  }
  return [...tree];
}

/** CPU seconds used so far by a process and its descendants, ended children included. */
export function cpuSeconds(pid) {
  let ticks = 0;
  for (const one of treeOf(pid)) {
    try {
      const stat = readFileSync(`/proc/${one}/stat`, 'utf8');
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      ticks += fields[11] + fields[12] + fields[13] + fields[14];
    } catch {
      // It ended meanwhile.
    }
  }
  return ticks / ticksPerSecond;
}

/** Private memory of a process and its descendants in MiB; shared buffers of PostgreSQL count once, in its own figure. */
export function memoryMiB(pid) {
  let bytes = 0;
  for (const one of treeOf(pid)) {
    try {
      const [, resident, shared] = readFileSync(`/proc/${one}/statm`, 'utf8').split(' ').map(Number);
      bytes += (resident - shared) * pageBytes;
    } catch {
      // It ended meanwhile.
    }
  }
  return bytes / 1024 / 1024;
}
