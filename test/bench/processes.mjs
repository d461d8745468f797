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

/** User and system time of a process itself, and of its children that have ended. */
function timesOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { own: fields[11] + fields[12], ended: fields[13] + fields[14] };
  } catch {
    return { own: 0, ended: 0 };
  }
}

/** CPU seconds used so far by a process and its descendants, ended children included. */
export function cpuSeconds(pid) {
  return treeOf(pid).reduce((ticks, one) => ticks + timesOf(one).own + timesOf(one).ended, 0) / ticksPerSecond;
}

/** The same of the process alone. */
export const ownCpuSeconds = (pid) => timesOf(pid).own / ticksPerSecond;

/** Memory of a process and its descendants in MiB. What several of them share, such as PostgreSQL's buffers, counts once. */
export function memoryMiB(pid) {
  return treeOf(pid).reduce((sum, one) => sum + bytesOf(one), 0) / 1024 / 1024;
}

function bytesOf(pid) {
  try {
    // The kernel divides every shared page by those who share it.
    const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1_024;
  } catch {
    // Somebody else's process, or one that ended meanwhile.
  }
  try {
    const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number);
    return (resident - shared) * pageBytes;
  } catch {
    return 0;
  }
}

/** The same of the process alone. */
export const ownMemoryMiB = (pid) => bytesOf(pid) / 1024 / 1024;
