import { sql } from '#libs/database/sql.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

const source = { module: 'steps', attribute: 'load', type: 'user' };

function step(name: string, overrides: Record<string, unknown> = {}) {
  const config = { name, ...overrides };
  return { spec: { source, upstream_steps: [], inputs: {}, invocation_id: name }, config, step_config_overrides: config };
}

/** An interpreter that does not exist: nothing ever starts, so what waits can be looked at. */
const workloads = { python: '/nowhere/python', sourceRoot: '', timeoutSeconds: 60, memoryMegabytes: null, concurrency: 1, queueLimit: 2, serverUrl: null };

async function maker(workspace: TestWorkspace) {
  const { api, projectId: project } = workspace;
  const stack = (await api.ok(api.get('/stacks?name=default'))).items[0].id as string;
  const pipeline = (await api.ok(api.post('/pipelines', { project, name: unique('pipeline') }))).id as string;
  return async (extra: Record<string, unknown> = {}): Promise<string> => {
    const body = {
      project,
      stack,
      pipeline,
      run_name_template: 'run-{date}-{time}',
      client_version: '0.98.0',
      pipeline_configuration: { name: 'p', settings: {}, extra: { ratio: 1 } },
      step_configurations: { train: step('train', { parameters: { rate: 1, rounds: 2 } }) },
      ...extra,
    };
    // 1.0 is not 1 to whoever reads it in Python.
    const raw = JSON.stringify(body).replace('"rate":1', '"rate":1.0').replaceAll('"rate":1,', '"rate":1.0,');
    return (await api.ok(api.post('/pipeline_snapshots', undefined, { raw, headers: { 'content-type': 'application/json' } }))).id;
  };
}

describe('a run from the server without a runner', () => {
  let workspace: TestWorkspace;
  let make: Awaited<ReturnType<typeof maker>>;
  beforeAll(async () => {
    workspace = await startWorkspace();
    make = await maker(workspace);
  });
  afterAll(() => workspace.stop());

  it('is not offered, and says what is missing', async () => {
    const { api } = workspace;
    const { status, body } = await api.post(`/pipeline_snapshots/${await make()}/runs`, {});
    expect([status, body.detail[0]]).toEqual([501, 'NotImplementedError']);
    expect(body.detail[1]).toContain('WORKLOAD_PYTHON');
  });

  it('answers for what does not exist as everywhere', async () => {
    const nothing = '00000000-0000-4000-8000-000000000000';
    for (const path of [`/pipeline_snapshots/${nothing}/runs`, `/run_templates/${nothing}/runs`, `/runs/${nothing}/replay`])
      expect([path, (await workspace.api.post(path, {})).status]).toEqual([path, 404]);
  });
});

describe('a run from the server', () => {
  let workspace: TestWorkspace;
  let make: Awaited<ReturnType<typeof maker>>;
  beforeAll(async () => {
    workspace = await startWorkspace({ workloads });
    // The queue is looked at by tests, not worked off.
    await workspace.installation.serverSideRuns?.stop();
    make = await maker(workspace);
  });
  afterAll(() => workspace.stop());
  afterEach(() => workspace.db.read({ workspaceId: workspace.id }, sql`DELETE FROM workspace.pipeline_run WHERE workspace_id = ${workspace.id}`));

  const start = (id: string, run_configuration: Record<string, unknown> = {}) => workspace.api.post(`/pipeline_snapshots/${id}/runs`, { run_configuration });

  it.each([
    ['parameters of a static pipeline', { parameters: { a: 1 } }, /static/],
    ['a build', { build: '00000000-0000-4000-8000-000000000000' }, /build/],
    ['a schedule', { schedule: { cron_expression: '* * * * *' } }, /schedule/],
    ['Docker settings', { settings: { docker: { requirements: ['x'] } } }, /Docker/],
    ['Docker settings of a step', { steps: { train: { settings: { docker: { requirements: ['x'] } } } } }, /Docker/],
    ['a step that is not there', { steps: { test: {} } }, /'test'/],
    ['a parameter that is not there', { steps: { train: { parameters: { depth: 1 } } } }, /'depth'/],
    ['settings of a component that the stack lacks', { settings: { step_operator: { x: 1 } } }, /step_operator/],
  ])('refuses %s, and leaves nothing behind', async (_, configuration, text) => {
    const { api } = workspace;
    const id = await make();
    const before = (await api.ok(api.get('/pipeline_snapshots?size=1'))).total;
    const { status, body } = await start(id, configuration);
    expect([status, body.detail?.[0]]).toEqual([400, 'ValueError']);
    expect(body.detail[1]).toMatch(text);
    expect((await api.ok(api.get('/pipeline_snapshots?size=1'))).total).toBe(before);
  });

  it('refuses a secret that does not exist', async () => {
    expect((await start(await make(), { secrets: ['nowhere'] })).status).toBe(404);
  });

  it('has a snapshot of its own, with what was asked for over what was there', async () => {
    const { api } = workspace;
    const id = await make({ name: unique('named') });
    const run = await api.ok(
      start(id, { run_name: unique('mine'), extra: { more: [1] }, steps: { train: { parameters: { rounds: 5 }, enable_cache: false } } }),
    );
    expect(run).toMatchObject({ body: { status: 'initializing', status_reason: expect.stringMatching(/^Queued/) }, resources: { source_snapshot: { id } } });
    const { text, body } = await api.get(`/pipeline_snapshots/${run.resources.snapshot.id}`);
    expect(body).toMatchObject({ name: null, metadata: { source_snapshot_id: id, pipeline_configuration: { extra: { ratio: 1, more: [1] } } } });
    expect(body.metadata.step_configurations.train).toMatchObject({ config: { parameters: { rate: 1, rounds: 5 }, enable_cache: false } });
    expect(text).toMatch(/"rate":\s?1\.0/);
    expect(await api.ok(api.get(`/runs/${run.id}/logs?source=runner`))).toEqual([]);
  });

  it('is found at the snapshot that people know, also when it repeats a run of another one', async () => {
    const { api } = workspace;
    const id = await make({ name: unique('named') });
    const first = await api.ok(start(id));
    const again = await api.ok(api.post(`/runs/${first.id}/replay`, { skip_successful_steps: true }));
    expect(again.resources).toMatchObject({ source_snapshot: { id }, original_run: { id: first.id } });
    expect((await api.ok(api.get(`/runs/${again.id}/pipeline-configuration`))).skip_successful_steps).toBe(true);
    const { status } = await api.post(`/runs/${first.id}/replay`, { step_input_overrides: { train: { data: 5 } } });
    expect(status).toBe(501);
  });

  it('waits in a queue of a limited length, and says where', async () => {
    const { api } = workspace;
    const id = await make();
    const answers = [await start(id), await start(id), await start(id)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.body.detail[0]).toBe('MaxConcurrentTasksError');
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
    const reasons = async () => {
      const { items } = await api.ok(api.get('/runs?sort_by=created&status=initializing'));
      return items.map(({ body }: { body: { status_reason: string } }) => body.status_reason);
    };
    expect(await reasons()).toEqual(['Queued at position 1.', 'Queued at position 2.']);
    await api.ok(api.post(`/runs/${answers[0]?.body.id}/stop`));
    expect(await reasons()).toEqual(['Queued at position 1.']);
  });

  it('can be stopped while it waits', async () => {
    const { api } = workspace;
    const { id } = await api.ok(start(await make()));
    await api.ok(api.post(`/runs/${id}/stop`));
    expect((await api.ok(api.get(`/runs/${id}`))).body).toMatchObject({ status: 'stopped', in_progress: false });
  });
});
