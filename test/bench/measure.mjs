import { cpuSeconds } from './processes.mjs';

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;

/**
 * Calls `work` with `concurrency` at a time for `seconds`, or until `most` calls.
 * @returns calls a second, median and p99 in milliseconds, CPU seconds of the server per 1,000 calls
 */
export async function load(pid, work, { concurrency, seconds, most = Number.POSITIVE_INFINITY }) {
  const times = [];
  const cpu = cpuSeconds(pid);
  const start = performance.now();
  const end = start + seconds * 1_000;
  let begun = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < end && begun < most) {
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
    cpu: ((cpuSeconds(pid) - cpu) / times.length) * 1_000,
  };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
