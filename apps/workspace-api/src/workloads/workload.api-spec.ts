import { sql } from '#libs/database/sql.js';
import { NotStarted, type Runner } from '#libs/workloads/runner.js';
import { Worker } from '#libs/workloads/worker.js';
import { PipelineClient } from '../../test/pipeline.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';
import type { ServerSideRuns } from './server-side-runs.js';

const workloads = { python: '/nowhere/python', sourceRoot: '', timeoutSeconds: 60, memoryMegabytes: null, concurrency: 1, queueLimit: 3, serverUrl: null };

describe('a run that died in the queue', () => {
  let workspace: TestWorkspace;
  let runs: ServerSideRuns;
  let snapshot: string;
  beforeAll(async () => {
    workspace = await startWorkspace({ workloads });
    runs = workspace.installation.serverSideRuns as ServerSideRuns;
    await runs.stop();
    const { api } = workspace;
    const stack = (await api.ok(api.get('/stacks?name=default'))).items[0].id;
    snapshot = await new PipelineClient(workspace).snapshot(undefined, { stack });
  });
  afterAll(() => workspace.stop());
  afterEach(() => workspace.db.read({ workspaceId: workspace.id }, sql`DELETE FROM workspace.pipeline_run WHERE workspace_id = ${workspace.id}`));

  const add = async (): Promise<string> => {
    const run_configuration = { run_name: unique('run') };
    return (await workspace.api.ok(workspace.api.post(`/pipeline_snapshots/${snapshot}/runs`, { run_configuration }))).id;
  };
  const get = async (id: string) => (await workspace.api.ok(workspace.api.get(`/runs/${id}`))).body;
  const workloadOf = async (run: string) => {
    const { items } = await workspace.api.ok(workspace.api.get(`/workloads?run_id=${run}&hydrate=true`));
    expect(items).toHaveLength(1);
    return items[0];
  };

  /** Lets a worker go on until the run's workload is as wanted. */
  async function work(start: Runner['start'], run: string, status: string): Promise<void> {
    const worker = new Worker({ queue: runs.queue, runner: { name: 'fake', start }, workloads: runs, concurrency: 1, log: { warn: () => {} } });
    const deadline = Date.now() + 20_000;
    while ((await workloadOf(run)).body.status !== status) {
      if (Date.now() > deadline) throw new Error(JSON.stringify(await workloadOf(run)));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await worker.stop();
  }

  /** With four failed attempts behind it the next one is the last. */
  async function killBeforeStart(run: string): Promise<void> {
    await workspace.db.read(
      { workspaceId: workspace.id },
      sql`UPDATE workspace.workload SET attempts = 4 WHERE workspace_id = ${workspace.id} AND run_id = ${run}`,
    );
    await work(
      async () => {
        throw new NotStarted('no room on the machine');
      },
      run,
      'dead',
    );
  }

  async function killAfterStart(run: string): Promise<void> {
    await workspace.db.read(
      { workspaceId: workspace.id },
      sql`UPDATE workspace.workload SET status = 'started', worker = 'lost', started_at = created, lease_until = created - interval '1 second' WHERE workspace_id = ${workspace.id} AND run_id = ${run}`,
    );
    await work(async () => ({ finished: Promise.resolve({ kind: 'exited', code: 0 }), stop: () => {} }), run, 'dead');
  }

  it('is seen with what became of its attempts', async () => {
    const [waiting, dead] = [await add(), await add()];
    await workspace.db.read(
      { workspaceId: workspace.id },
      sql`UPDATE workspace.workload SET available_at = available_at + interval '1 hour' WHERE workspace_id = ${workspace.id} AND run_id = ${waiting}`,
    );
    await killBeforeStart(dead);
    const { api } = workspace;
    const list = await api.ok(api.get(`/workloads?status=dead&project_id=${workspace.projectId}`));
    expect(list.items.map(({ body }: { body: Record<string, unknown> }) => [body.run_id, body.error, body.started_at])).toEqual([
      [dead, 'The run could not be started.', null],
    ]);
    const one = await api.ok(api.get(`/workloads/${list.items[0].id}`));
    expect(one.metadata.history).toEqual([{ attempt: 5, ended_at: expect.any(String), error: 'The run could not be started.' }]);
    expect(one.resources).toMatchObject({ run: { id: dead }, user: { name: 'admin' } });
    expect((await api.ok(api.get('/workloads?status=queued'))).total).toBe(1);
  });

  it('goes back into the queue when it is retried and was never started, and then runs', async () => {
    const id = await add();
    await killBeforeStart(id);
    expect(await get(id)).toMatchObject({ status: 'failed', in_progress: false });
    const { api } = workspace;
    const again = await api.ok(api.post(`/workloads/${(await workloadOf(id)).id}/retry`));
    expect(again).toMatchObject({
      id,
      body: { status: 'initializing', status_reason: 'Queued at position 1.', in_progress: true },
      metadata: { end_time: null },
    });
    expect((await api.post(`/workloads/${(await workloadOf(id)).id}/retry`)).status).toBe(400);
    const started: string[] = [];
    await work(
      async ({ runId }) => {
        started.push(runId);
        return { finished: Promise.resolve({ kind: 'exited', code: 1 }), stop: () => {} };
      },
      id,
      'finished',
    );
    expect(started).toEqual([id]);
  });

  it('is replaced by a new run when it is retried and had been started, once', async () => {
    const id = await add();
    await killAfterStart(id);
    const { api } = workspace;
    const path = `/workloads/${(await workloadOf(id)).id}/retry`;
    const again = await api.ok(api.post(path));
    expect(again.id).not.toBe(id);
    expect(again).toMatchObject({ body: { status: 'initializing' }, resources: { original_run: { id } } });
    expect((await workloadOf(id)).body).toMatchObject({ status: 'dead', retried_run_id: again.id });
    expect((await api.post(path)).status).toBe(409);
    expect((await get(id)).status).toBe('failed');
  });

  it('does not go past a full queue', async () => {
    const id = await add();
    await killBeforeStart(id);
    await Promise.all([add(), add(), add()]);
    const { status, headers } = await workspace.api.post(`/workloads/${(await workloadOf(id)).id}/retry`);
    expect([status, headers.has('retry-after')]).toEqual([429, true]);
    expect((await get(id)).status).toBe('failed');
  });
});
