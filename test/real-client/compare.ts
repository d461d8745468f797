/**
 * Runs the same scripts against two servers and prints where the outcomes differ. Without `--ours` two reference servers are compared,
 * which shows that the comparison itself is sound.
 *
 *   node --import ./tools/reference/typescript.mjs test/real-client/compare.ts [--ours URL --username U --password P | --ours URL --api-key KEY]
 */
import { parseArgs } from 'node:util';
import { REFERENCE_ADMIN, startReferenceServer } from '../../tools/reference/server.mjs';
import { type ClientServer, runComparableSession } from './run-scripts.js';

const { values } = parseArgs({
  options: { ours: { type: 'string' }, username: { type: 'string' }, password: { type: 'string' }, 'api-key': { type: 'string' } },
});

/** Paths at which two JSON values differ, with both values. */
function differences(left: unknown, right: unknown, path = ''): string[] {
  if (left !== null && right !== null && typeof left === 'object' && typeof right === 'object' && Array.isArray(left) === Array.isArray(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].flatMap((key) => differences((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key], `${path}/${key}`));
  }
  if (left === right) return [];
  const show = (value: unknown) => (JSON.stringify(value) ?? 'absent').slice(0, 300);
  return [`${path}\n  reference: ${show(left)}\n  ours:      ${show(right)}`];
}

const reference = await startReferenceServer();
const other = values.ours ? undefined : await startReferenceServer();
try {
  const ours: ClientServer = values['api-key']
    ? { url: values.ours ?? '', apiKey: values['api-key'] }
    : { url: values.ours ?? other?.url ?? '', username: values.username ?? REFERENCE_ADMIN.username, password: values.password ?? REFERENCE_ADMIN.password };
  const [left, right] = await Promise.all([runComparableSession({ url: reference.url, ...REFERENCE_ADMIN }), runComparableSession(ours)]);
  const counts = (left.read_back as { counts: Record<string, number> }).counts;
  const found = differences(left, right);
  for (const one of found) console.log(one);
  console.log(
    `read back: ${Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')}`,
  );
  console.log(`differences: ${found.length}`);
  process.exitCode = found.length === 0 ? 0 : 1;
} finally {
  await Promise.all([reference.stop(), other?.stop()]);
}
