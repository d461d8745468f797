import { sql } from '#libs/database/sql.js';
import { attachedTrigger, queueOnly, runnableSnapshot } from '../../test/attached-snapshot.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';
import { purgeFirings } from '../server/housekeeping.js';

let w: TestWorkspace;
beforeAll(async () => {
  w = await startWorkspace({ workloads: queueOnly });
  await w.installation.serverSideRuns?.stop();
});
afterAll(() => w.stop());

const count = async (query: ReturnType<typeof sql>) => (await w.db.read<{ count: number }>({ workspaceId: w.id }, query))[0]?.count ?? 0;
const runsOf = (id: string) => count(sql`SELECT count(*)::int FROM workspace.trigger_execution WHERE trigger_id = ${id}`);
const firingsOf = (id: string) => count(sql`SELECT count(*)::int FROM workspace.trigger_firing WHERE trigger_id = ${id}`);

/** Long before a process would look without being told. */
const deadlineMs = 15_000;

async function until(isThere: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + deadlineMs;
  while (!(await isThere())) {
    if (Date.now() > endMs) throw new Error('It did not happen in time.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** First attached, then due: what is due with nothing attached starts nothing. */
async function dueNow(snapshotId: string): Promise<string> {
  const id = await attachedTrigger(w, snapshotId, { type: 'schedule', run_once_start_time: '2099-01-01T00:00:00' });
  const run_once_start_time = new Date().toISOString();
  await w.api.ok(w.api.put(`/triggers/${id}`, { name: unique('t'), type: 'schedule', active: true, concurrency: 'submit', run_once_start_time }));
  return id;
}

it('a running server fires by itself, as soon as something is due, and what its runs lead to', async () => {
  const [first, second] = [await runnableSnapshot(w), await runnableSnapshot(w)];
  const event = { type: 'platform_event', source_entity: { type: 'pipeline_snapshot', id: first }, target_events: ['run_failed'] };
  const afterwards = await attachedTrigger(w, second, event);
  const id = await dueNow(first);
  await until(async () => (await runsOf(id)) === 1);
  const [run] = (await w.api.ok(w.api.get(`/runs?trigger_id=${id}`))).items;
  await w.api.ok(w.api.put(`/runs/${run.id}`, { status: 'failed' }));
  await until(async () => (await runsOf(afterwards)) === 1);
});

it('firings are forgotten after a month, unless something still waits for its run', async () => {
  const snapshot = await runnableSnapshot(w);
  const [done, waiting] = [await dueNow(snapshot), await dueNow(snapshot)];
  await until(async () => (await runsOf(done)) === 1 && (await runsOf(waiting)) === 1);
  const scope = { workspaceId: w.id };
  await w.installation.triggers?.stop();
  await w.db.read(
    scope,
    sql`UPDATE workspace.trigger_dispatch SET status = 'waiting', available_at = 'infinity' WHERE firing_id IN (SELECT id FROM workspace.trigger_firing WHERE trigger_id = ${waiting})`,
  );
  await w.db.read(scope, sql`UPDATE workspace.trigger_firing SET created = created - interval '31 days' WHERE trigger_id IN (${done}, ${waiting})`);
  await purgeFirings(w.db);
  expect([await firingsOf(done), await firingsOf(waiting)]).toEqual([0, 1]);
});
