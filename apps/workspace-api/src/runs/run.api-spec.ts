import { chain, PipelineClient, step } from '../../test/pipeline.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('runs', () => {
  let workspace: TestWorkspace;
  let client: PipelineClient;
  let snapshot: string;
  beforeAll(async () => {
    workspace = await startWorkspace();
    client = new PipelineClient(workspace);
    snapshot = await client.snapshot();
  });
  afterAll(() => workspace.stop());

  const created = { project: '', snapshot: '', name: '' };
  const body = (extra: object = {}) => ({ ...created, project: workspace.projectId, snapshot, name: unique('run'), ...extra });

  it('are announced by the client, taken over by the orchestrator, and completed by their last step', async () => {
    const { api } = workspace;
    const fresh = await client.snapshot();
    const announced = await client.announce(fresh);
    expect(announced.body.status).toBe('initializing');
    const logs = await api.ok(api.post('/logs', { source: 'step', artifact_store_id: await storeId(), uri: '/tmp/logs', project: workspace.projectId }));

    const [taken, isNew] = await api.ok(
      api.post('/runs', body({ snapshot: fresh, status: 'running', orchestrator_run_id: 'o-1', start_time: '2030-01-01T00:00:00' })),
    );
    expect(isNew).toBe(true);
    expect(taken).toMatchObject({
      id: announced.id,
      name: announced.name,
      body: { status: 'running', index: 1 },
      metadata: { start_time: '2026-01-02T03:04:05.600000' },
    });
    const [again, isNewAgain] = await api.ok(api.post('/runs', body({ snapshot: fresh, status: 'running', orchestrator_run_id: 'o-1' })));
    expect([again.id, isNewAgain]).toEqual([announced.id, false]);

    const first = await api.ok(client.step(taken.id, 'first', { logs: logs.id }));
    expect(first.resources.log_collection.map((one: { id: string }) => one.id)).toEqual([logs.id]);
    const value = await client.artifactVersion();
    const done = await api.ok(api.put(`/steps/${first.id}`, { outputs: { output: [value] }, status: 'completed', end_time: '2026-01-02T03:06:00' }));
    expect(done.resources.outputs.output[0].id).toBe(value);
    expect(await client.status(taken.id)).toBe('running');

    const second = await api.ok(client.step(taken.id, 'second', { inputs: { x: [value] } }));
    expect(second.resources.inputs.x[0]).toMatchObject({ id: value, input_type: 'step_output', index: 0, body: { uri: '/tmp/artifacts/data' } });
    expect(second.metadata.parent_step_ids).toEqual([first.id]);
    await api.ok(api.put(`/steps/${second.id}`, { status: 'completed', end_time: '2026-01-02T03:07:00' }));
    // Clients send this after a local run has ended; it must not disturb.
    const ended = await api.ok(api.put(`/runs/${taken.id}`, { status: 'provisioning' }));
    expect(ended.body).toMatchObject({ status: 'completed', in_progress: false });
    expect(ended.metadata.end_time).not.toBeNull();
  });

  it('complete while still announced when every step comes from the cache', async () => {
    const { api } = workspace;
    const original = await client.run(snapshot);
    const key = unique('key');
    const first = await api.ok(client.step(original.id, 'first', { cache_key: key }));
    const value = await client.artifactVersion();
    await api.ok(
      api.post('/run-metadata', {
        project: workspace.projectId,
        resources: [{ id: first.id, type: 'step_run' }],
        values: { accuracy: 0.5 },
        types: { accuracy: 'float' },
        publisher_step_id: first.id,
      }),
    );
    await api.ok(api.put(`/steps/${first.id}`, { status: 'completed', outputs: { output: [value] } }));
    const hit = await api.ok(api.get(`/steps?cache_key=${key}&status=completed&cache_expired=False&size=1&hydrate=True&sort_by=desc:created`));
    expect(hit.items.map((one: { id: string }) => one.id)).toEqual([first.id]);

    const run = await client.announce(snapshot);
    const copy = await api.ok(client.step(run.id, 'first', { status: 'cached', original_step_run_id: first.id, outputs: { output: [value] } }));
    expect(copy.metadata.run_metadata).toEqual({ accuracy: 0.5 });
    expect(await client.status(run.id)).toBe('initializing');
    await api.ok(client.step(run.id, 'second', { status: 'cached', inputs: { x: [value] } }));
    expect(await client.status(run.id)).toBe('completed');
  });

  it('keep a configuration in which date and time are frozen', async () => {
    const { api } = workspace;
    const run = await client.announce(snapshot, { start_time: undefined });
    expect(run.metadata.config.substitutions.date).toMatch(/^\d{4}_\d\d_\d\d$/);
    const read = await api.ok(api.get(`/runs/${run.id}`));
    expect(read.metadata.config).toEqual(run.metadata.config);
    expect(await api.ok(api.get(`/runs/${run.id}/pipeline-configuration`))).toEqual(run.metadata.config);
    expect(read.metadata.client_environment).toEqual({ os: 'linux' });
    expect((await api.ok(api.get(`/runs/${run.id}?include_python_packages=true`))).metadata.client_environment.python_packages).toEqual(['a==1']);
  });

  it('are numbered without gaps, also when many start at once', async () => {
    const fresh = await client.snapshot();
    const made = await Promise.all(Array.from({ length: 8 }, () => client.run(fresh)));
    expect(made.map((one) => one.body.index).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('exist once, however many steps of one orchestrator run ask for them at the same time', async () => {
    const fresh = await client.snapshot();
    const name = unique('run');
    const request = body({ snapshot: fresh, name, status: 'running', orchestrator_run_id: 'same' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => workspace.api.ok(workspace.api.post('/runs', request))));
    expect(new Set(answers.map(([run]) => run.id)).size).toBe(1);
    expect(answers.filter(([, isNew]) => isNew)).toHaveLength(1);
  });

  it('refuse a name that another run has, and say how to name runs', async () => {
    const run = await client.announce(snapshot);
    const answer = await workspace.api.post('/runs', body({ name: run.name, status: 'initializing' }));
    expect(answer.status).toBe(409);
    expect(answer.body.detail[1]).toContain('{date}');
  });

  it('start as initializing or running and nothing else', async () => {
    expect((await workspace.api.post('/runs', body({ status: 'completed' }))).status).toBe(422);
    expect((await workspace.api.post('/runs', body({ status: 'running', child_key: 'a' }))).status).toBe(422);
  });

  it('fail with their first failed step, and go on in branches that do not depend on it', async () => {
    const { api } = workspace;
    const branches = await client.snapshot({ ...chain, alone: step('alone') });
    const run = await client.run(branches);
    const first = await api.ok(client.step(run.id, 'first'));
    await api.ok(api.put(`/steps/${first.id}`, { status: 'failed' }));
    const failed = await api.ok(api.get(`/runs/${run.id}`));
    expect(failed.body).toMatchObject({ status: 'failed', in_progress: true });
    expect(failed.metadata.end_time).toBeNull();
    const alone = await api.ok(client.step(run.id, 'alone'));
    await api.ok(api.put(`/steps/${alone.id}`, { status: 'completed' }));
    const ended = await api.ok(api.get(`/runs/${run.id}`));
    expect(ended.body).toMatchObject({ status: 'failed', in_progress: false });
    expect(ended.metadata.end_time).not.toBeNull();
    expect((await api.put(`/runs/${run.id}`, { status: 'completed' })).status).toBe(200);
    expect(await client.status(run.id)).toBe('failed');
  });

  it('fail also when the traceback has characters that no database stores', async () => {
    const { api } = workspace;
    const run = await client.run(await client.snapshot());
    const { id } = await api.ok(client.step(run.id, 'first'));
    await api.ok(api.put(`/steps/${id}`, { status: 'failed', exception_info: { traceback: 'ValueError: a\0b \uD800 \u{1F642}' } }));
    expect((await api.ok(api.get(`/steps/${id}`))).metadata.exception_info.traceback).toBe('ValueError: a\uFFFDb \uFFFD \u{1F642}');
    expect((await api.ok(api.get(`/runs/${run.id}`))).body.status).toBe('failed');
  });

  it('know the line of an exception under the name that older clients give it', async () => {
    const { api } = workspace;
    const run = await client.run(await client.snapshot());
    const { id } = await api.ok(client.step(run.id, 'first'));
    const failed = await api.ok(api.put(`/steps/${id}`, { status: 'failed', exception_info: { traceback: 't', step_code_line: 7 } }));
    expect(failed.metadata.exception_info).toMatchObject({ user_code_line: 7 });
  });

  it('take their outputs only from the same project', async () => {
    const { api } = workspace;
    const run = await client.run(snapshot);
    const value = await client.artifactVersion();
    const updated = await api.ok(api.put(`/runs/${run.id}`, { outputs: { b: value, a: value } }));
    expect(Object.keys(updated.resources.outputs)).toEqual(['b', 'a']);
    expect((await api.put(`/runs/${run.id}`, { outputs: { b: '00000000-0000-4000-8000-000000000000' } })).status).toBe(404);
  });

  it('go with their project, and with them what they returned', async () => {
    const { api } = workspace;
    const project = (await api.ok(api.post('/projects', { name: unique('project') }))).id;
    const pipeline = (await api.ok(api.post('/pipelines', { project, name: unique('pipeline') }))).id;
    const run = await client.run(await client.snapshot(chain, { project, pipeline }), { project });
    const value = await client.artifactVersion({ project });
    await api.ok(api.put(`/runs/${run.id}`, { outputs: { output: value } }));
    expect((await api.delete(`/artifact_versions/${value}`)).status).toBe(403);
    await api.ok(api.delete(`/projects/${project}`));
    expect([(await api.get(`/runs/${run.id}`)).status, (await api.get(`/artifact_versions/${value}`)).status]).toEqual([404, 404]);
  });

  it('have no logs of a runner that did not run them', async () => {
    const { api } = workspace;
    const { id } = await client.run(snapshot);
    const of = async (source: string) => (await api.get(`/runs/${id}/logs?source=${source}`)).body.detail[0];
    expect([await of('runner'), await of('client')]).toEqual(['ValueError', 'KeyError']);
  });

  it('record steps in a small number of statements, however many inputs and outputs they have', async () => {
    const { api, db } = workspace;
    const run = await client.run(snapshot);
    const values = await Promise.all(Array.from({ length: 5 }, () => client.artifactVersion()));
    const count = async (work: () => Promise<unknown>) => {
      db.forgetKept();
      const before = db.statements;
      await work();
      return db.statements - before;
    };
    let first = { id: '' };
    // Sign-in, BEGIN, run, what the step refers to, step and links, reply, COMMIT.
    expect(await count(async () => (first = await api.ok(client.step(run.id, 'first', { outputs: { output: values } }))))).toBeLessThanOrEqual(8);
    expect(await count(() => api.ok(api.put(`/steps/${first.id}`, { status: 'completed', outputs: { more: values } })))).toBeLessThanOrEqual(10);
    expect(await count(() => client.run(snapshot))).toBeLessThanOrEqual(9);
  });

  async function storeId(): Promise<string> {
    return (await workspace.api.ok(workspace.api.get('/components?type=artifact_store&name=default'))).items[0].id;
  }
});
