import { sql } from '#libs/database/sql.js';
import { NotStarted, type Runner } from '#libs/workloads/runner.js';
import { Worker } from '#libs/workloads/worker.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';
import type { ServerSideRuns } from './server-side-runs.js';

const workloads = { python: '/nowhere/python', sourceRoot: '', timeoutSeconds: 60, memoryMegabytes: null, concurrency: 1, queueLimit: 100, serverUrl: null };

describe('the queue of runs', () => {
  let workspace: TestWorkspace;
  let snapshot: string;
  let runs: ServerSideRuns;
  beforeAll(async () => {
    workspace = await startWorkspace({ workloads });
    runs = workspace.installation.serverSideRuns as ServerSideRuns;
    await runs.stop();
    const { api, projectId: project } = workspace;
    const stack = (await api.ok(api.get('/stacks?name=default'))).items[0].id;
    const pipeline = (await api.ok(api.post('/pipelines', { project, name: unique('pipeline') }))).id;
    const config = { name: 'train' };
    const train = {
      spec: { source: { module: 'm', attribute: 'a', type: 'user' }, upstream_steps: [], inputs: {}, invocation_id: 'train' },
      config,
      step_config_overrides: config,
    };
    const body = { project, stack, pipeline, run_name_template: '{date}-{time}', pipeline_configuration: { name: 'p' }, step_configurations: { train } };
    snapshot = (await api.ok(api.post('/pipeline_snapshots', body))).id;
  });
  afterAll(() => workspace.stop());

  const add = async (): Promise<string> => {
    const run_configuration = { run_name: unique('run') };
    return (await workspace.api.ok(workspace.api.post(`/pipeline_snapshots/${snapshot}/runs`, { run_configuration }))).id;
  };
  const status = async (id: string) => (await workspace.api.ok(workspace.api.get(`/runs/${id}`))).body;
  const change = (id: string, what: ReturnType<typeof sql>) =>
    workspace.db.read({ workspaceId: workspace.id }, sql`UPDATE workspace.workload SET ${what} WHERE workspace_id = ${workspace.id} AND run_id = ${id}`);
  const stored = async (id: string) =>
    (
      await workspace.db.read<{ status: string; attempts: number; error: string | null }>(
        { workspaceId: workspace.id },
        sql`SELECT status, attempts, error FROM workspace.workload WHERE workspace_id = ${workspace.id} AND run_id = ${id}`,
      )
    )[0];

  function worker(start: Runner['start']): Worker {
    const runner = { name: 'fake', start };
    return new Worker({ queue: runs.queue, runner, workloads: runs, concurrency: 3, log: { warn: () => {} }, longestPauseMs: 50 });
  }

  /** Lets workers go on until every given workload is where it belongs. */
  async function until(ids: string[], wanted: (row: { status: string; attempts: number }) => boolean, ...workers: Worker[]): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const rows = await Promise.all(ids.map(stored));
      if (rows.every((row) => row && wanted(row))) break;
      if (Date.now() > deadline) throw new Error(JSON.stringify(rows));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.all(workers.map((one) => one.stop()));
  }

  it('starts each run once, however many workers there are', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, add));
    const started: string[] = [];
    const start: Runner['start'] = async ({ runId, environment }) => {
      started.push(runId);
      expect(environment).toMatchObject({ ZENML_STORE_TYPE: 'rest', ZENML_ACTIVE_PROJECT_ID: workspace.projectId });
      return { finished: Promise.resolve({ kind: 'exited', code: 0 }), stop: () => {} };
    };
    await until(ids, (row) => row.status === 'finished', worker(start), worker(start), worker(start));
    expect(started.sort()).toEqual([...ids].sort());
    // Its process is over, and it never took the run over.
    expect(await status(ids[0] as string)).toMatchObject({ status: 'failed', status_reason: expect.stringContaining('without starting'), in_progress: false });
  });

  it('tries again what certainly did not start, later, and gives up in the end', async () => {
    const id = await add();
    const start: Runner['start'] = async () => {
      throw new NotStarted('no room');
    };
    await until([id], (row) => row.status === 'queued' && row.attempts === 1, worker(start));
    expect((await status(id)).status).toBe('initializing');
    await change(id, sql`attempts = 4, available_at = created`);
    await until([id], (row) => row.status === 'dead', worker(start));
    expect(await status(id)).toMatchObject({ status: 'failed', status_reason: 'The run could not be started.' });
  });

  it('takes over what a lost worker had not started, and never starts what it had', async () => {
    const [leased, started] = [await add(), await add()];
    const seen: string[] = [];
    const start: Runner['start'] = async ({ runId }) => {
      seen.push(runId);
      return { finished: Promise.resolve({ kind: 'exited', code: 3 }), stop: () => {} };
    };
    for (const [id, state] of [
      [leased, 'leased'],
      [started, 'started'],
    ] as const)
      await change(id, sql`status = ${state}, worker = 'lost', attempts = 1, lease_until = (clock_timestamp() AT TIME ZONE 'utc') - interval '1 second'`);
    await until([leased, started], (row) => row.status === 'finished' || row.status === 'dead', worker(start));
    expect(seen).toEqual([leased]);
    expect(await status(leased)).toMatchObject({ status: 'failed', status_reason: 'Its process ended with exit code 3.' });
    expect(await status(started)).toMatchObject({ status: 'failed', status_reason: expect.stringContaining('lost') });
  });

  it('gives a run a token that ends with it', async () => {
    const id = await add();
    let token = '';
    const whoAmI = async () => (await workspace.api.as(token).get('/current-user')).status;
    const start: Runner['start'] = async ({ secrets }) => {
      token = secrets.ZENML_STORE_API_TOKEN as string;
      expect(await whoAmI()).toBe(200);
      return { finished: Promise.resolve({ kind: 'exited', code: 1 }), stop: () => {} };
    };
    await until([id], (row) => row.status === 'finished', worker(start));
    await workspace.api.ok(workspace.api.delete(`/runs/${id}`));
    expect(await whoAmI()).toBe(401);
  });
});
