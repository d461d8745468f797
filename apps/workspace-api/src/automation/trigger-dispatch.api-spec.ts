import { sql } from '#libs/database/sql.js';
import { attachedTrigger, queueOnly, runnableSnapshot } from '../../test/attached-snapshot.js';
import { attach, member } from '../../test/pro.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';
import type { TriggerRounds } from './trigger-rounds.js';

let w: TestWorkspace;
let snapshotId: string;
let triggers: TriggerRounds;
// Later than any real time, since the database stamps what it keeps with its own.
let nowMs = Date.parse('2031-05-01T12:00:00Z');

beforeAll(async () => {
  w = await startWorkspace({ workloads: { ...queueOnly }, areTriggersOn: false, clock: () => nowMs });
  await w.installation.serverSideRuns?.stop();
  triggers = w.installation.triggers as TriggerRounds;
  snapshotId = await runnableSnapshot(w);
});
afterAll(() => w.stop());

async function everything(): Promise<void> {
  await triggers.scheduler.look();
  await triggers.dispatcher.look();
}

/** Lets time pass, and does what is due then. */
async function pass(minutes: number): Promise<void> {
  nowMs += minutes * 60_000;
  await everything();
}

const hourly = { type: 'schedule', cron_expression: '0 * * * *' };
const resourcesOf = async (id: string) => (await w.api.ok(w.api.get(`/triggers/${id}`))).resources;
const stateOf = async (id: string) => (await resourcesOf(id)).snapshot_dispatch_states[snapshotId];
const runsOf = async (id: string) => (await w.api.ok(w.api.get(`/runs?trigger_id=${id}&hydrate=true&size=100`))).items;
const finish = (id: string, status: string) => w.api.ok(w.api.put(`/runs/${id}`, { status }));
const archive = (id: string) => w.api.ok(w.api.delete(`/triggers/${id}`));

describe('a schedule that is due', () => {
  it('starts a run of what is attached, once, in the name of its owner', async () => {
    const id = await attachedTrigger(w, snapshotId, hourly);
    await everything();
    expect(await runsOf(id)).toEqual([]);
    await pass(60);
    await everything();
    const [run, ...others] = await runsOf(id);
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      body: { status: 'initializing' },
      resources: { user: { name: 'admin' }, source_snapshot: { id: snapshotId }, trigger: { id } },
    });
    expect(await resourcesOf(id)).toMatchObject({ latest_run: { id: run.id } });
    expect(await stateOf(id)).toMatchObject({
      last_status: 'SUCCESS',
      last_status_details: { occasion: 'due 2031-05-01T13:00:00', pipeline_run_id: run.id },
      last_error_count: 0,
    });
    await archive(id);
  });

  it('makes up for what was missed by one run', async () => {
    const id = await attachedTrigger(w, snapshotId, hourly);
    await pass(10 * 60);
    expect(await runsOf(id)).toHaveLength(1);
    await pass(60);
    expect(await runsOf(id)).toHaveLength(2);
    await archive(id);
  });

  it('leaves out a time while a run of it is under way, unless runs may overlap', async () => {
    const id = await attachedTrigger(w, snapshotId, { ...hourly, concurrency: 'skip' });
    await pass(60);
    await pass(60);
    expect(await stateOf(id)).toMatchObject({ last_status: 'SKIPPED_CONCURRENCY' });
    const [run] = await runsOf(id);
    await finish(run.id, 'failed');
    await w.db.read({ workspaceId: w.id }, sql`UPDATE workspace.pipeline_run SET in_progress = false WHERE id = ${run.id}`);
    await pass(60);
    expect(await runsOf(id)).toHaveLength(2);
    await archive(id);
  });

  it('starts no more runs than it may, for each snapshot', async () => {
    const id = await attachedTrigger(w, snapshotId, { ...hourly, max_runs: 2 });
    for (let n = 0; n < 2; n++) await pass(60);
    const other = await runnableSnapshot(w);
    await w.api.ok(w.api.put(`/triggers/${id}/pipeline_snapshots/${other}`));
    await pass(60);
    expect(await runsOf(id)).toHaveLength(3);
    expect((await resourcesOf(id)).snapshot_dispatch_states).toMatchObject({
      [snapshotId]: { last_status: 'SKIPPED_MAX_RUNS', last_status_details: { max_runs: 2, run_count: 2 } },
      [other]: { last_status: 'SUCCESS' },
    });
    // Attaching it again does not begin again.
    await w.api.ok(w.api.put(`/triggers/${id}/pipeline_snapshots/${snapshotId}?allow_replace=true`));
    await pass(60);
    expect(await stateOf(id)).toMatchObject({ last_status: 'SKIPPED_MAX_RUNS' });
    await archive(id);
  });

  it('does nothing while it is paused, and does not make up for the pause', async () => {
    const id = await attachedTrigger(w, snapshotId, hourly);
    const update = (active: boolean) => w.api.ok(w.api.put(`/triggers/${id}`, { name: unique('t'), type: 'schedule', cron_expression: '0 * * * *', active }));
    await update(false);
    await pass(3 * 60);
    await update(true);
    await everything();
    expect(await runsOf(id)).toEqual([]);
    await pass(60);
    expect(await runsOf(id)).toHaveLength(1);
    await archive(id);
  });

  it('fires at its one time, and never again, even if it is saved again', async () => {
    const run_once_start_time = new Date(nowMs + 60_000).toISOString();
    const id = await attachedTrigger(w, snapshotId, { type: 'schedule', run_once_start_time });
    await pass(2);
    await w.api.ok(w.api.put(`/triggers/${id}`, { name: unique('t'), type: 'schedule', run_once_start_time, active: true, concurrency: 'submit' }));
    await pass(60);
    expect(await runsOf(id)).toHaveLength(1);
    expect((await w.api.ok(w.api.get(`/triggers/${id}`))).body.next_occurrence).toBeNull();
    await archive(id);
  });

  it('ends at its end', async () => {
    const end_time = new Date(nowMs + 100 * 60_000).toISOString();
    const id = await attachedTrigger(w, snapshotId, { ...hourly, end_time });
    for (let n = 0; n < 4; n++) await pass(60);
    const fired = (await runsOf(id)).length;
    expect(fired).toBeGreaterThan(0);
    expect(fired).toBeLessThan(3);
    expect((await w.api.ok(w.api.get(`/triggers/${id}`))).body.next_occurrence).toBeNull();
    await archive(id);
  });
});

describe('a run that cannot be started', () => {
  it('is shown with the reason, and leaves nothing behind', async () => {
    const id = await attachedTrigger(w, snapshotId, hourly);
    const copy = (await resourcesOf(id)).executable_snapshots[0].id;
    await w.db.read({ workspaceId: w.id }, sql`UPDATE workspace.pipeline_snapshot SET stack_id = NULL WHERE id = ${copy}`);
    const snapshots = (await w.api.ok(w.api.get('/pipeline_snapshots?size=1'))).total;
    for (let n = 0; n < 2; n++) await pass(60);
    expect(await stateOf(id)).toMatchObject({
      last_status: 'ERROR',
      last_error_type: 'ValueError',
      last_error_severity: 'Major',
      last_error_message: expect.stringContaining('stack'),
      last_error_count: 2,
    });
    expect(await runsOf(id)).toEqual([]);
    expect((await w.api.ok(w.api.get('/pipeline_snapshots?size=1'))).total).toBe(snapshots);
    await archive(id);
  });

  it('is tried again when the queue was full', async () => {
    const { options } = w.installation.serverSideRuns as NonNullable<typeof w.installation.serverSideRuns>;
    const id = await attachedTrigger(w, snapshotId, { type: 'schedule', run_once_start_time: new Date(nowMs + 60_000).toISOString() });
    options.queueLimit = 0;
    await pass(2);
    expect(await stateOf(id)).toMatchObject({ last_status: 'ERROR', last_error_type: 'MaxConcurrentTasksError', last_error_severity: 'Minor' });
    options.queueLimit = queueOnly.queueLimit;
    await pass(1);
    expect(await stateOf(id)).toMatchObject({ last_status: 'SUCCESS', last_error_type: 'MaxConcurrentTasksError' });
    expect(await runsOf(id)).toHaveLength(1);
    await archive(id);
  });

  it('is not started any more after the snapshot was detached', async () => {
    const id = await attachedTrigger(w, snapshotId, hourly);
    nowMs += 3_600_000;
    await triggers.scheduler.look();
    await w.api.ok(w.api.delete(`/triggers/${id}/pipeline_snapshots/${snapshotId}`));
    await triggers.dispatcher.look();
    expect(await runsOf(id)).toEqual([]);
    await archive(id);
  });

  it('is forgotten with a trigger that was deleted altogether', async () => {
    const id = await attachedTrigger(w, snapshotId, hourly);
    nowMs += 3_600_000;
    await triggers.scheduler.look();
    await w.api.ok(w.api.delete(`/triggers/${id}?soft=false`));
    await triggers.dispatcher.look();
    const left = sql`SELECT (SELECT count(*)::int FROM workspace.trigger_firing WHERE trigger_id = ${id}) AS firings, (SELECT count(*)::int FROM workspace.trigger_dispatch WHERE status = 'waiting') AS waiting`;
    expect(await w.db.read({ workspaceId: w.id }, left)).toEqual([{ firings: 0, waiting: 0 }]);
  });
});

describe('a trigger on what happens to runs', () => {
  const pipelineOf = async (id: string) => (await w.api.ok(w.api.get(`/pipeline_snapshots/${id}`))).body.pipeline_id;
  const on = (source_entity: object, ...target_events: string[]) => ({ type: 'platform_event', source_entity, target_events });
  const started = async (source: string) => {
    const run = await w.api.ok(w.api.post(`/pipeline_snapshots/${source}/runs`, {}));
    return run.id as string;
  };

  it('fires once for each run of its source that ends so, and tells the run which', async () => {
    const source = await runnableSnapshot(w);
    const pipeline = await pipelineOf(source);
    const ids = [
      await attachedTrigger(w, snapshotId, on({ type: 'pipeline', id: pipeline }, 'run_failed')),
      await attachedTrigger(w, snapshotId, on({ type: 'pipeline_snapshot', id: source }, 'run_completed', 'run_failed')),
      await attachedTrigger(w, snapshotId, on({ type: 'pipeline_snapshot', id: source }, 'run_completed')),
    ];
    const upstream = await started(source);
    ids.push(await attachedTrigger(w, snapshotId, on({ type: 'pipeline_run', id: upstream }, 'failed')));
    await finish(upstream, 'failed');
    await everything();
    await everything();
    const runs = await Promise.all(ids.map(runsOf));
    expect(runs.map((of) => of.length)).toEqual([1, 1, 0, 1]);
    expect(runs[0][0].metadata.trigger_execution_info).toMatchObject({ upstream_run_id: upstream, upstream_pipeline_ids: [pipeline] });
    for (const id of ids) await archive(id);
  });

  it('does not fire while it is paused', async () => {
    const source = await runnableSnapshot(w);
    const id = await attachedTrigger(w, snapshotId, { ...on({ type: 'pipeline_snapshot', id: source }, 'run_failed'), active: false });
    await finish(await started(source), 'failed');
    await everything();
    expect(await runsOf(id)).toEqual([]);
    await archive(id);
  });

  it('does not run a pipeline that led to the event, however long the way round', async () => {
    const [a, b] = [await runnableSnapshot(w), await runnableSnapshot(w)];
    const toB = await attachedTrigger(w, b, on({ type: 'pipeline', id: await pipelineOf(a) }, 'run_failed'));
    const toA = await attachedTrigger(w, a, on({ type: 'pipeline', id: await pipelineOf(b) }, 'run_failed'));
    const toItself = await attachedTrigger(w, a, on({ type: 'pipeline', id: await pipelineOf(a) }, 'run_failed'));
    await finish(await started(a), 'failed');
    await everything();
    const [second] = await runsOf(toB);
    await finish(second.id, 'failed');
    await everything();
    expect((await resourcesOf(toA)).snapshot_dispatch_states[a]).toMatchObject({ last_status: 'SKIPPED_TRIGGER_CYCLE' });
    expect((await resourcesOf(toItself)).snapshot_dispatch_states[a]).toMatchObject({ last_status: 'SKIPPED_TRIGGER_CYCLE' });
    expect([await runsOf(toA), await runsOf(toItself)]).toEqual([[], []]);
    for (const id of [toA, toB, toItself]) await archive(id);
  });
});

describe('what a trigger may do', () => {
  it('is what its owner may do when it fires', async () => {
    const { organizationId } = await attach(w);
    const owner = await member(w, organizationId, 'Workspace Admin');
    const id = await attachedTrigger(w, snapshotId, hourly, owner.api);
    await pass(60);
    expect(await runs(id)).toHaveLength(1);
    const audit = sql`SELECT action, target_id FROM cloud.audit_event WHERE actor_id = ${owner.externalId} AND credential_type = 'trigger' AND credential_id = ${id}`;
    expect(await w.owner.read({ workspaceId: null, isPlatform: true }, audit)).toEqual([
      { action: 'pipeline_run.start', target_id: (await runs(id))[0]?.pipeline_run_id },
    ]);
    await w.owner.read({ workspaceId: null, isPlatform: true }, sql`DELETE FROM cloud.role_assignment WHERE user_id = ${owner.externalId}`);
    await pass(60);
    expect(await state(id)).toMatchObject({ last_status: 'ERROR', last_error_type: 'AccessDenied' });
    await w.owner.read({ workspaceId: null, isPlatform: true }, sql`UPDATE cloud."user" SET is_active = false WHERE id = ${owner.externalId}`);
    await pass(60);
    expect(await state(id)).toMatchObject({ last_status: 'ERROR', last_error_type: 'CredentialsNotValid' });
    await w.db.read({ workspaceId: w.id }, sql`DELETE FROM workspace."user" WHERE id = ${owner.userId}`);
    await pass(60);
    expect(await state(id)).toMatchObject({ last_status: 'ERROR', last_error_type: 'OwnerGone' });
    expect(await runs(id)).toHaveLength(1);
  });

  it('is nothing while its workspace is not at work', async () => {
    const admin = await member(w, (await attach(w)).organizationId, 'Workspace Admin');
    const id = await attachedTrigger(w, snapshotId, hourly, admin.api);
    const become = (status: string) =>
      w.owner.read({ workspaceId: null, isPlatform: true }, sql`UPDATE cloud.workspace SET status = ${status} WHERE id = ${w.id}`);
    await become('deactivated');
    await pass(120);
    await become('available');
    expect(await runs(id)).toEqual([]);
    await pass(1);
    expect(await runs(id)).toHaveLength(1);
  });

  // In a workspace of the control plane the administrator of a stand-alone one is nobody.
  const rows = <T>(query: ReturnType<typeof sql>) => w.db.read<T>({ workspaceId: w.id }, query);
  const runs = (id: string) => rows<{ pipeline_run_id: string }>(sql`SELECT pipeline_run_id FROM workspace.trigger_execution WHERE trigger_id = ${id}`);
  const state = async (id: string) => {
    const [row] = await rows<{ dispatch_state: string }>(sql`SELECT dispatch_state FROM workspace.trigger_snapshot WHERE trigger_id = ${id}`);
    return JSON.parse(row?.dispatch_state ?? 'null');
  };
});
