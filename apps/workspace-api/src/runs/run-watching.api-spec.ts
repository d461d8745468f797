import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { zenmlLocalRoot } from '#libs/storage/open-store.js';
import { chain, PipelineClient, step } from '../../test/pipeline.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

const nobody = '00000000-0000-4000-8000-000000000000';

describe('watching runs', () => {
  let workspace: TestWorkspace;
  let client: PipelineClient;
  let snapshot: string;
  beforeAll(async () => {
    workspace = await startWorkspace();
    client = new PipelineClient(workspace);
    snapshot = await client.snapshot();
  });
  afterAll(() => workspace.stop());

  const { stringify } = JSON;
  const event = (run: string, kind: string, extra: object = {}) => ({ pipeline_run_id: run, kind, payload: { n: 1 }, ...extra });
  const frames = async (run: string, query = '', headers: Record<string, string> = {}) => {
    const response = await fetch(`${workspace.api.url}/runs/${run}/events/stream${query}`, {
      headers: { authorization: `Bearer ${workspace.api.token}`, ...headers },
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    return (await response.text())
      .split('\n\n')
      .filter((frame) => frame && !frame.startsWith(':'))
      .map((frame) => Object.fromEntries(frame.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])));
  };
  const finish = async (run: string) => {
    for (const name of ['first', 'second']) {
      const made = await workspace.api.ok(client.step(run, name));
      await workspace.api.ok(workspace.api.put(`/steps/${made.id}`, { status: 'completed' }));
    }
  };

  it('shows events in the order they were taken in, and ends with the run', async () => {
    const { api } = workspace;
    const run = await client.run(snapshot);
    expect(await api.ok(api.post(`/runs/${run.id}/events`, { events: [event(run.id, 'token', { step_name: 'first' }), event(run.id, 'log')] }))).toEqual({
      count: 2,
      last_id: '2',
    });
    const watching = frames(run.id);
    await api.ok(api.post(`/runs/${run.id}/events`, { events: [event(run.id, 'late')] }));
    await finish(run.id);
    const seen = await watching;
    expect(seen.map((frame) => [frame.event, frame.id])).toEqual([
      ['token', '1'],
      ['log', '2'],
      ['late', '3'],
      ['end', undefined],
    ]);
    expect(JSON.parse(seen[0]?.data ?? '')).toEqual({
      pipeline_run_id: run.id,
      step_run_id: null,
      step_name: 'first',
      kind: 'token',
      correlation_id: null,
      index: null,
      payload: { n: 1 },
    });

    expect((await frames(run.id, '?since=2')).map((frame) => frame.event)).toEqual(['late', 'end']);
    expect((await frames(run.id, '', { 'last-event-id': '3' })).map((frame) => frame.event)).toEqual(['end']);
    // What a filter leaves out still moves the cursor, so a reconnect does not get it again.
    expect((await frames(run.id, '?kinds=log')).map((frame) => [frame.event, frame.id])).toEqual([
      ['cursor', '1'],
      ['log', '2'],
      ['cursor', '3'],
      ['end', undefined],
    ]);
  });

  it('refuses events of another run, of the kinds of the stream itself, and too large ones', async () => {
    const { api } = workspace;
    const run = await client.run(snapshot);
    const status = async (one: object) => (await api.post(`/runs/${run.id}/events`, { events: [one] })).status;
    expect(await status(event(nobody, 'token'))).toBe(400);
    expect(await status(event(run.id, 'end'))).toBe(400);
    expect(await status(event(run.id, 'token', { payload: { text: 'x'.repeat(70_000) } }))).toBe(413);
    expect((await api.post(`/runs/${nobody}/events`, { events: [] })).status).toBe(404);
    expect((await api.get(`/runs/${run.id}/events/stream?since=x`)).status).toBe(400);
  });

  it('draws steps, artifacts and what is still to come', async () => {
    const { api } = workspace;
    const run = await client.run(snapshot);
    const first = await api.ok(client.step(run.id, 'first'));
    const value = await client.artifactVersion();
    await api.ok(api.put(`/steps/${first.id}`, { status: 'completed', outputs: { output: [value] }, end_time: '2026-01-02T03:06:30' }));
    const dag = await api.ok(api.get(`/runs/${run.id}/dag`));
    expect(dag.nodes.map((node: { node_id: string; id: string | null }) => [node.node_id, node.id])).toEqual([
      ['step/first', first.id],
      ['step/second', null],
      ['first/outputs/step_output/output', value],
      ['second/outputs/step_output/output', null],
    ]);
    expect(dag.nodes[0].metadata).toMatchObject({ status: 'completed', start_time: '2026-01-02T03:05:00', duration: 90 });
    expect(dag.edges.map((edge: { source: string; target: string }) => `${edge.source} > ${edge.target}`)).toEqual([
      'step/first > first/outputs/step_output/output',
      'first/outputs/step_output/output > step/second',
      'step/second > second/outputs/step_output/output',
    ]);
  });

  it('reads logs from the store where the client wrote them, and nothing for logs that were never written', async () => {
    const { api } = workspace;
    const run = await client.run(snapshot);
    const store = (await api.ok(api.get('/components?type=artifact_store&name=default'))).items[0].id;
    const folder = path.join(zenmlLocalRoot(store), 'logs');
    const uri = path.join(folder, `${unique('log')}.log`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(uri, `${stringify({ message: 'json', level: 40, timestamp: '2026-01-02T03:04:05', id: nobody })}\n\n[2026-01-02 03:04:06 UTC] old\nplain\n`);
    try {
      const body = { artifact_store_id: store, project: workspace.projectId, pipeline_run_id: run.id };
      const made = await api.ok(api.post('/logs', { ...body, uri, source: 'step' }));
      await api.ok(api.post('/logs', { ...body, uri: `${uri}.missing`, source: 'client' }));
      const { items } = await api.ok(api.get(`/logs/${made.id}/entries`));
      expect(items.map(({ message, level, timestamp }: Record<string, unknown>) => [message, level, timestamp])).toEqual([
        ['json', 40, '2026-01-02T03:04:05'],
        ['old', 20, '2026-01-02T03:04:06Z'],
        ['plain', 20, null],
      ]);
      expect((await api.ok(api.get(`/logs/${made.id}/entries?limit=1`))).items).toHaveLength(1);
      expect(await api.ok(api.get(`/runs/${run.id}/logs?source=step`))).toHaveLength(3);
      expect(await api.ok(api.get(`/runs/${run.id}/logs?source=client`))).toEqual([]);
      expect((await api.get(`/runs/${run.id}/logs?source=other`)).status).toBe(404);
      expect((await api.get(`/runs/${run.id}/logs`)).status).toBe(400);
      const elsewhere = await api.ok(api.post('/logs', { ...body, uri: '/etc/passwd', source: 'outside' }));
      expect((await api.get(`/logs/${elsewhere.id}/entries`)).status).toBe(403);
    } finally {
      rmSync(zenmlLocalRoot(store), { recursive: true, force: true });
    }
  });

  it('tells a step by its heartbeat what became of the run', async () => {
    const { api } = workspace;
    const beating = await client.snapshot({ first: step('first', [], { spec: { enable_heartbeat: true } }) });
    const run = await client.run(beating);
    const first = await api.ok(client.step(run.id, 'first'));
    expect(await api.ok(api.put(`/steps/${first.id}/heartbeat`))).toMatchObject({ status: 'running', pipeline_run_status: 'running', heartbeat_enabled: true });
    await api.ok(api.post(`/runs/${run.id}/stop?graceful=true`));
    expect(await api.ok(api.put(`/steps/${first.id}/heartbeat`))).toMatchObject({ pipeline_run_status: 'stopping' });
    expect((await client.step(run.id, 'first')).status).toBe(403);
    await api.ok(api.put(`/steps/${first.id}`, { status: 'stopped' }));
    expect(await client.status(run.id)).toBe('stopped');
    expect((await api.put(`/steps/${first.id}/heartbeat`)).status).toBe(403);
  });

  it('makes every failed attempt but the last retrying, and retried once the next one starts', async () => {
    const { api } = workspace;
    const retrying = await client.snapshot({ first: step('first', [], { overrides: { retry: { max_retries: 1 } } }) });
    const run = await client.run(retrying);
    const one = await api.ok(client.step(run.id, 'first'));
    expect((await api.ok(api.put(`/steps/${one.id}`, { status: 'failed' }))).body.status).toBe('retrying');
    const two = await api.ok(client.step(run.id, 'first'));
    expect(two.body).toMatchObject({ version: 2, is_retriable: false });
    expect(await api.ok(api.get(`/steps/${one.id}/status`))).toBe('retried');
    await api.ok(api.put(`/steps/${two.id}`, { status: 'failed' }));
    expect(await client.status(run.id)).toBe('failed');
    expect((await client.step(run.id, 'first')).status).toBe(409);
  });

  it('waits for an answer that fits what was asked, and asks the same thing only once', async () => {
    const { api } = workspace;
    const dynamic = await client.snapshot({}, { is_dynamic: true });
    const run = await client.run(dynamic);
    const question = {
      project: workspace.projectId,
      run: run.id,
      name: 'approve',
      type: 'external_input',
      question: 'Go on?',
      data_schema: { type: 'integer', minimum: 1 },
      metadata: { by: 'me' },
    };
    const raw = JSON.stringify(question).replace('"minimum":1', '"minimum":1.0'); // as Python writes the float
    const json = { raw, headers: { 'content-type': 'application/json' } };
    const asked = await api.ok(api.post('/run_wait_conditions', undefined, json));
    expect(asked).toMatchObject({ body: { status: 'pending' }, metadata: { run_metadata: { by: 'me' } }, resources: { run: { id: run.id } } });
    expect((await api.ok(api.post('/run_wait_conditions', undefined, json))).id).toBe(asked.id);
    expect((await api.post('/run_wait_conditions', { ...question, question: 'Or not?' })).status).toBe(409);
    expect((await api.post('/run_wait_conditions', { ...question, name: 'another' })).status).toBe(403);
    expect((await api.ok(api.get(`/runs/${run.id}`))).resources.active_wait_condition.id).toBe(asked.id);

    expect(
      await api.ok(api.put(`/run_wait_conditions/${asked.id}`, { poller_instance_id: 'p', poller_lease_expires_at: '2030-01-01T00:00:00', mode: 'finalize' })),
    ).toBe('pending');
    expect(await client.status(run.id)).toBe('paused');
    const resolve = (body: object) => api.put(`/run_wait_conditions/${asked.id}/resolve`, body);
    expect((await resolve({ resolution: 'continue', result: 'no' })).status).toBe(400);
    const resolved = await api.ok(resolve({ resolution: 'continue', result: 3 }));
    expect(resolved).toMatchObject({ body: { status: 'resolved' }, metadata: { resolution: 'continue', result: 3 } });
    expect((await resolve({ resolution: 'abort' })).status).toBe(403);
    expect((await api.ok(api.get(`/runs/${run.id}`))).body).toMatchObject({ status: 'paused', status_reason: 'Waiting for manual resume.' });
    expect((await api.post('/run_wait_conditions', { ...question, run: (await client.run(snapshot)).id })).status).toBe(403);
  });

  it('keeps hooks with their outputs and logs until they are deleted', async () => {
    const { api } = workspace;
    const run = await client.run(snapshot);
    const value = await client.artifactVersion();
    const body = {
      project: workspace.projectId,
      hook_type: 'run_start',
      status: 'completed',
      start_time: '2026-01-02T03:04:05',
      pipeline_run_id: run.id,
      outputs: { seen: [value] },
    };
    const hook = await api.ok(api.post('/hook_invocations', body));
    expect(hook.resources.outputs.seen[0].id).toBe(value);
    expect((await api.ok(api.get(`/hook_invocations?pipeline_run_id=${run.id}`))).items.map((one: { id: string }) => one.id)).toEqual([hook.id]);
    expect((await api.post('/hook_invocations', { ...body, id: hook.id })).status).toBe(409);
    expect((await api.post('/hook_invocations', { ...body, outputs: { seen: [nobody] } })).status).toBe(404);
    await api.ok(api.delete(`/hook_invocations/${hook.id}`));
    expect((await api.get(`/hook_invocations/${hook.id}`)).status).toBe(404);
    expect((await api.get(`/artifact_versions/${value}`)).status).toBe(200);
  });

  it('counts runs by what they have in common', async () => {
    const { api } = workspace;
    const project = await api.ok(api.post('/projects', { name: unique('project') }));
    const [stack] = (await api.ok(api.get('/stacks?name=default'))).items;
    const pipeline = await api.ok(api.post('/pipelines', { project: project.id, name: 'p' }));
    const own = await api.ok(
      api.post('/pipeline_snapshots', {
        project: project.id,
        pipeline: pipeline.id,
        stack: stack.id,
        run_name_template: 'r',
        pipeline_configuration: { name: 'p' },
        step_configurations: chain,
      }),
    );
    for (const day of ['05', '06', '06']) {
      const made = await api.ok(
        api.post('/runs', {
          project: project.id,
          snapshot: own.id,
          name: unique('r'),
          status: 'running',
          orchestrator_run_id: unique('o'),
          start_time: `2026-01-${day}T10:00:00`,
        }),
      );
      await api.ok(
        api.post('/run-metadata', {
          project: project.id,
          resources: [{ id: made[0].id, type: 'pipeline_run' }],
          values: { score: Number(day) },
          types: { score: 'int' },
        }),
      );
    }
    const answer = await api.ok(
      api.post('/runs/statistics', {
        filter: { project: project.id },
        groupings: [{ name: 'day', type: 'time', granularity: 'day' }],
        metrics: [{ name: 'score', source: 'metadata', metadata_key: 'score', aggregation: 'sum' }],
      }),
    );
    expect(answer).toEqual({
      groups: [
        { group_keys: { day: '2026-01-05' }, metrics: { score: 5 }, run_count: 1 },
        { group_keys: { day: '2026-01-06' }, metrics: { score: 12 }, run_count: 2 },
      ],
      truncated: false,
    });
  });
});
