import { randomUUID } from 'node:crypto';
import { sql } from '#libs/database/sql.js';
import { queueOnly, runnableSnapshot } from '../../test/attached-snapshot.js';
import { PipelineClient } from '../../test/pipeline.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

let w: TestWorkspace;
let snapshotId: string;
beforeAll(async () => {
  w = await startWorkspace();
  snapshotId = await runnableSnapshot(w);
});
afterAll(() => w.stop());

async function trigger(): Promise<string> {
  return (await w.api.ok(w.api.post('/triggers', { project: w.projectId, name: unique('t'), type: 'schedule', cron_expression: '0 0 1 1 *' }))).id;
}

const resourcesOf = async (id: string) => (await w.api.ok(w.api.get(`/triggers/${id}`))).resources;

describe('a snapshot attached to a trigger', () => {
  it('is shown as people know it; what runs is a copy with the configuration in it', async () => {
    const id = await trigger();
    await w.api.ok(w.api.put(`/triggers/${id}/pipeline_snapshots/${snapshotId}`, { enable_cache: false, steps: { first: { parameters: { a: 7 } } } }));
    const { snapshots, executable_snapshots } = await resourcesOf(id);
    expect(snapshots.map((one: { id: string }) => one.id)).toEqual([snapshotId]);
    const copy = await w.api.ok(w.api.get(`/pipeline_snapshots/${executable_snapshots[0].id}`));
    expect(copy.name).toBeNull();
    expect(copy.metadata).toMatchObject({ source_snapshot_id: snapshotId, pipeline_configuration: { enable_cache: false } });
    expect(copy.metadata.step_configurations.first.config.parameters).toEqual({ a: 7 });
  });

  it('does not make its orchestrator wait for runs', async () => {
    const id = await trigger();
    await w.api.ok(w.api.put(`/triggers/${id}/pipeline_snapshots/${snapshotId}`));
    const copy = await w.api.ok(w.api.get(`/pipeline_snapshots/${(await resourcesOf(id)).executable_snapshots[0].id}`));
    expect(Object.values(copy.metadata.pipeline_configuration.settings)).toEqual([{ synchronous: false }]);
  });

  it('is replaced only on request', async () => {
    const id = await trigger();
    const path = `/triggers/${id}/pipeline_snapshots/${snapshotId}`;
    await w.api.ok(w.api.put(path));
    expect((await w.api.put(path)).status).toBe(403);
    await w.api.ok(w.api.put(`${path}?allow_replace=true`));
    expect((await resourcesOf(id)).executable_snapshots).toHaveLength(1);
  });

  it('needs a name and a stack that the server reaches', async () => {
    const id = await trigger();
    const unnamed = await runnableSnapshot(w, { name: null });
    const local = await new PipelineClient(w).snapshot(undefined, { name: unique('local') });
    expect((await w.api.put(`/triggers/${id}/pipeline_snapshots/${unnamed}`)).status).toBe(403);
    expect((await w.api.put(`/triggers/${id}/pipeline_snapshots/${local}`)).status).toBe(400);
  });

  it('is detached by the id of either of the two', async () => {
    const id = await trigger();
    const path = `/triggers/${id}/pipeline_snapshots`;
    await w.api.ok(w.api.put(`${path}/${snapshotId}`));
    await w.api.ok(w.api.delete(`${path}/${(await resourcesOf(id)).executable_snapshots[0].id}`));
    expect((await w.api.delete(`${path}/${snapshotId}`)).status).toBe(404);
  });

  it('forgets the error of its last dispatch when that is cleared', async () => {
    const id = await trigger();
    await w.api.ok(w.api.put(`/triggers/${id}/pipeline_snapshots/${snapshotId}`));
    const state = { last_status: 'ERROR', last_error_message: 'no quota', last_error_count: 1 };
    await w.db.read({ workspaceId: w.id }, sql`UPDATE workspace.trigger_snapshot SET dispatch_state = ${JSON.stringify(state)}::json WHERE trigger_id = ${id}`);
    expect((await resourcesOf(id)).snapshot_dispatch_states).toMatchObject({ [snapshotId]: state });
    expect((await w.api.delete(`/triggers/${id}/dispatch_state?snapshot_id=${randomUUID()}`)).status).toBe(404);
    await w.api.ok(w.api.delete(`/triggers/${id}/dispatch_state?snapshot_id=${snapshotId}`));
    expect((await resourcesOf(id)).snapshot_dispatch_states).toEqual({});
  });
});

it('a run shows the trigger that started it, and the trigger its latest run', async () => {
  const id = await trigger();
  const run = await new PipelineClient(w).run(snapshotId);
  await w.db.read(
    { workspaceId: w.id },
    sql`INSERT INTO workspace.trigger_execution (workspace_id, trigger_id, pipeline_run_id) VALUES (${w.id}, ${id}, ${run.id})`,
  );
  expect((await w.api.ok(w.api.get(`/runs/${run.id}`))).resources.trigger).toMatchObject({
    id,
    body: { type: 'schedule', cron_expression: '0 0 1 1 *' },
    resources: null,
  });
  expect((await resourcesOf(id)).latest_run.id).toBe(run.id);
});

it('where the server runs processes, a snapshot of a local stack is attached as well, with the configuration in it', async () => {
  const other = await startWorkspace({ workloads: queueOnly, areTriggersOn: false });
  try {
    await other.installation.serverSideRuns?.stop();
    const local = await new PipelineClient(other).snapshot(undefined, { name: unique('local') });
    const { id } = await other.api.ok(
      other.api.post('/triggers', { project: other.projectId, name: unique('t'), type: 'schedule', cron_expression: '0 0 1 1 *' }),
    );
    await other.api.ok(other.api.put(`/triggers/${id}/pipeline_snapshots/${local}`, { steps: { first: { parameters: { a: 7 } } } }));
    const { snapshots, executable_snapshots } = (await other.api.ok(other.api.get(`/triggers/${id}`))).resources;
    expect(snapshots[0].id).toBe(local);
    const copy = await other.api.ok(other.api.get(`/pipeline_snapshots/${executable_snapshots[0].id}`));
    expect(copy.metadata.step_configurations.first.config.parameters).toEqual({ a: 7 });
    const unknown = await other.api.put(`/triggers/${id}/pipeline_snapshots/${local}?allow_replace=true`, { steps: { first: { parameters: { b: 7 } } } });
    expect(unknown.status).toBe(400);
  } finally {
    await other.stop();
  }
});
