import { cpuSeconds } from './processes.mjs';

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;

/** Of one server or of several that belong together. */
const cpuOf = (pid) => [pid].flat().reduce((sum, one) => sum + cpuSeconds(one), 0);

/**
 * Calls `work` with `concurrency` at a time for `seconds`.
 * @returns {Promise<{ calls: number, perSecond: number, p50: number, p99: number, cpu: number }>} p50 and p99 in milliseconds, `cpu` in seconds of the
 *   server and its children per 1,000 calls
 */
export async function load(pid, work, { concurrency, seconds }) {
  const times = [];
  const cpu = cpuOf(pid);
  const start = performance.now();
  const end = start + seconds * 1_000;
  let begun = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < end) {
        const from = performance.now();
        await work(begun++);
        times.push(performance.now() - from);
      }
    }),
  );
  const elapsed = (performance.now() - start) / 1_000;
  times.sort((a, b) => a - b);
  return {
    calls: times.length,
    perSecond: times.length / elapsed,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    cpu: ((cpuOf(pid) - cpu) / times.length) * 1_000,
  };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const medians = (rounds) => Object.fromEntries(Object.keys(rounds[0]).map((key) => [key, median(rounds.map((round) => round[key]))]));

/**
 * Measures several sides in turns, A B A B, so that a machine that drifts hurts all of them alike. What a side learns at its first calls (compiled
 * code, prepared statements, caches) is not measured.
 * @param {{ pid: number | number[], work: (i: number) => Promise<unknown> }[]} sides
 * @returns {Promise<{ medians: object[], ratio: (key: string, a: number, b: number) => number }>} the ratio is the median of the ratios of the rounds
 */
export async function inTurns(sides, { rounds, concurrency, seconds }) {
  for (const { pid, work } of sides) await load(pid, work, { concurrency, seconds: Math.min(1, seconds / 3) });
  const all = sides.map(() => []);
  for (let round = 0; round < rounds; round++) for (const [i, { pid, work }] of sides.entries()) all[i].push(await load(pid, work, { concurrency, seconds }));
  return { medians: all.map(medians), ratio: (key, a, b) => median(all[a].map((one, round) => one[key] / all[b][round][key])) };
}
