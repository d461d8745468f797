import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { defaultStack, makeArtifactVersion, makePipeline, makeRun, makeSnapshot, makeStep, step } from '../fixtures.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

const STATUSES = [
  'initializing',
  'provisioning',
  'queued',
  'running',
  'failed',
  'completed',
  'cached',
  'skipped',
  'retrying',
  'retried',
  'cancelling',
  'cancelled',
  'paused',
  'resuming',
  'stopped',
  'stopping',
];

export const steps = scenario('steps', async (s, operations) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const pipeline = await makePipeline(s, project);
  const snapshot = await makeSnapshot(s, project, pipeline, stack);
  const artifact = await makeArtifactVersion(s, project);
  const another = await makeArtifactVersion(s, project);
  const run = await makeRun(s, project, snapshot.id, 'main');
  const create = { project, pipeline_run_id: run.runId, name: 'first', status: 'running', start_time: '2024-01-02T03:05:00' };

  const first = await s.post('create', '/steps', {
    ...create,
    cache_key: 'key',
    cache_expires_at: '2999-01-01T00:00:00',
    code_hash: 'hash',
    docstring: 'doc',
    source_code: 'def first(): ...',
  });
  await s.post('an attempt while one is running', '/steps', create);
  await s.post('a step that the snapshot does not have', '/steps', { ...create, name: 'nope' });
  await s.post('an unknown run', '/steps', { ...create, pipeline_run_id: NOBODY });
  await s.post('an unknown project', '/steps', { ...create, project: NOBODY });
  await s.post('the run of another project', '/steps', { ...create, project: await s.project('other') });
  // The reference keeps a step that it refuses late, so each of these has a run of its own.
  const other = async (name: string) => ({ ...create, pipeline_run_id: (await makeRun(s, project, snapshot.id, name)).runId });
  await s.post('an unknown input', '/steps', { ...(await other('input')), inputs: { x: [NOBODY] } });
  await s.post('an unknown output', '/steps', { ...(await other('output')), outputs: { x: [NOBODY] } });
  await s.post('an unknown original', '/steps', { ...(await other('original')), original_step_run_id: NOBODY });
  await s.post('a dynamic configuration in a static run', '/steps', { ...(await other('static')), dynamic_config: step('first') });

  await s.get('by id', `/steps/${first.id}`);
  await s.get('by id, not hydrated', `/steps/${first.id}`, { query: { hydrate: false } });
  for (const part of ['status', 'step-configuration', 'logs']) {
    await s.get(part, `/steps/${first.id}/${part}`);
    await s.get(`${part} of nothing`, `/steps/${NOBODY}/${part}`);
  }
  await s.put('heartbeat', `/steps/${first.id}/heartbeat`);
  await s.put('heartbeat with a timeout', `/steps/${first.id}/heartbeat`, { heartbeat_liveness_timeout_seconds: 30 });
  await s.put('heartbeat with a timeout of 0', `/steps/${first.id}/heartbeat`, { heartbeat_liveness_timeout_seconds: 0 });
  await s.put('heartbeat of nothing', `/steps/${NOBODY}/heartbeat`);

  await s.put('outputs', `/steps/${first.id}`, { outputs: { output: [artifact.id] } });
  await s.put('the same outputs again', `/steps/${first.id}`, { outputs: { output: [artifact.id] } });
  await s.put('more outputs', `/steps/${first.id}`, { outputs: { output: [another.id] } });
  await s.put('unknown outputs', `/steps/${first.id}`, { outputs: { output: [NOBODY] } });
  await s.put('loaded artifacts', `/steps/${first.id}`, { loaded_artifact_versions: { loaded: another.id } });
  await s.put('loaded artifacts again', `/steps/${first.id}`, { loaded_artifact_versions: { loaded: another.id } });
  await s.put('cache expiry', `/steps/${first.id}`, { cache_expires_at: '2001-01-01T00:00:00' });
  await s.put('an end without a status', `/steps/${first.id}`, { end_time: '2024-01-02T03:06:00' });
  await s.put('completed', `/steps/${first.id}`, { status: 'completed', end_time: '2024-01-02T03:06:30' });
  await s.put('heartbeat of a finished step', `/steps/${first.id}/heartbeat`);
  for (const status of STATUSES) await s.put(`finished step set to ${status}`, `/steps/${first.id}`, { status });
  await s.put('outputs of a finished step', `/steps/${first.id}`, { outputs: { late: [artifact.id] } });
  await s.post('an attempt after success', '/steps', create);

  const second = await s.post('with inputs', '/steps', {
    ...create,
    name: 'second',
    inputs: { x: [artifact.id], manual: [another.id] },
    outputs: { output: [another.id] },
    status: 'completed',
    end_time: '2024-01-02T03:07:00',
  });
  await s.get('with inputs, read', `/steps/${second.id}`);

  // A second run takes its steps from the first.
  const cached = await makeRun(s, project, snapshot.id, 'cached');
  const copy = await s.post('cached', '/steps', {
    ...create,
    pipeline_run_id: cached.runId,
    status: 'cached',
    original_step_run_id: first.id,
    outputs: { output: [artifact.id] },
    end_time: '2024-01-02T03:05:00',
  });
  await s.post('cached with inputs', '/steps', {
    ...create,
    pipeline_run_id: cached.runId,
    name: 'second',
    status: 'cached',
    original_step_run_id: second.id,
    inputs: { x: [artifact.id], manual: [another.id] },
    outputs: { output: [another.id] },
    end_time: '2024-01-02T03:05:00',
  });
  await s.post('cached without an original', '/steps', {
    ...create,
    pipeline_run_id: cached.runId,
    name: 'third',
    status: 'cached',
    end_time: '2024-01-02T03:05:00',
  });
  await s.get('the cached run', `/runs/${cached.runId}`);
  await s.get('what the cache asks', '/steps', {
    query: { project, cache_key: 'key', cache_expired: false, status: 'completed', sort_by: 'desc:created', size: 1, hydrate: true },
  });
  await s.get('what the cache asks, expired', '/steps', { query: { project, cache_key: 'key', cache_expired: true } });

  for (const status of STATUSES) {
    const fresh = await makeRun(s, project, snapshot.id, `create-${status}`);
    const made = await s.post(`created as ${status}`, '/steps', { ...create, pipeline_run_id: fresh.runId, status, end_time: '2024-01-02T03:06:00' });
    await s.get(`run with a step created as ${status}`, `/runs/${fresh.runId}`, { query: { hydrate: false } });
    const other = await makeRun(s, project, snapshot.id, `update-${status}`);
    const running = await makeStep(s, project, other.runId, 'first');
    await s.put(`running step set to ${status}`, `/steps/${running.id}`, { status, end_time: '2024-01-02T03:06:00' });
    await s.put(`running step set to ${status}, then completed`, `/steps/${running.id}`, { status: 'completed' });
    await s.get(`run with a step set to ${status}`, `/runs/${other.runId}`, { query: { hydrate: false } });
    if (status === 'failed') await s.get('failed step', `/steps/${made.id}`);
  }
  await s.post('a step whose upstream step is missing', '/steps', {
    ...create,
    pipeline_run_id: (await makeRun(s, project, snapshot.id, 'gap')).runId,
    name: 'second',
  });

  // Retries.
  const retrying = await makeSnapshot(s, project, pipeline, stack, {
    step_configurations: { first: step('first', [], { overrides: { retry: { max_retries: 2, delay: 0, backoff: 1 } } }) },
  });
  const retried = await makeRun(s, project, retrying.id, 'retried');
  for (const attempt of [1, 2, 3]) {
    const one = await s.post(`attempt ${attempt}`, '/steps', { ...create, pipeline_run_id: retried.runId });
    await s.put(`attempt ${attempt} fails`, `/steps/${one.id}`, { status: 'failed', end_time: '2024-01-02T03:06:00' });
    await s.get(`run after attempt ${attempt}`, `/runs/${retried.runId}`, { query: { hydrate: false } });
  }
  await s.post('an attempt too many', '/steps', { ...create, pipeline_run_id: retried.runId });
  await s.get('all attempts', '/steps', { query: { project, pipeline_run_id: retried.runId, sort_by: 'asc:created' } });
  await s.get('without retried attempts', '/steps', { query: { project, pipeline_run_id: retried.runId, exclude_retried: true } });
  await s.get('dag with attempts', `/runs/${retried.runId}/dag`);

  // Dynamic pipelines bring their configuration along.
  const dynamic = await makeSnapshot(s, project, pipeline, stack, { is_dynamic: true, step_configurations: {} }, { environment: { A: '1' } });
  const moving = await makeRun(s, project, dynamic.id, 'dynamic');
  await s.post('dynamic step', '/steps', {
    ...create,
    pipeline_run_id: moving.runId,
    dynamic_config: step('first', [], { overrides: { environment: { B: '2' } } }),
  });
  await s.post('dynamic step without a configuration', '/steps', { ...create, pipeline_run_id: moving.runId, name: 'second' });
  await s.get('dag of a dynamic run', `/runs/${moving.runId}/dag`);

  // Few steps of different kinds, in a project of their own, to filter and sort.
  const few = await s.project('few');
  const alone = await makePipeline(s, few);
  const base = await makeSnapshot(s, few, alone, stack);
  const origin = await makeRun(s, few, base.id, 'origin');
  const start = await makeStep(s, few, origin.runId, 'first', { cache_key: 'key', code_hash: 'hash', cache_expires_at: '2001-01-01T00:00:00' });
  await s.put('few: first completes', `/steps/${start.id}`, { status: 'completed', end_time: '2024-01-02T03:06:30' });
  await makeStep(s, few, origin.runId, 'second', { cache_key: 'other', start_time: '2024-01-02T03:07:00' });
  const reused = await makeRun(s, few, base.id, 'reused');
  await makeStep(s, few, reused.runId, 'first', { status: 'cached', original_step_run_id: start.id, end_time: '2024-01-02T03:05:00' });
  await s.post('few: metadata', '/run-metadata', {
    project: few,
    resources: [{ id: start.id, type: 'step_run' }],
    values: { rows: 3, label: 'text' },
    types: { rows: 'int', label: 'str' },
  });
  await filterCases(s, operations, '/steps', {
    scope: { project: few },
    samples: {
      name: 'first',
      id: start.id,
      user: 'admin',
      code_hash: 'hash',
      cache_key: 'key',
      status: 'completed',
      start_time: '2024-01-02 03:05:00',
      end_time: '2024-01-02 03:06:30',
      pipeline_run_id: origin.runId,
      snapshot_id: base.id,
      original_step_run_id: start.id,
      version: 1,
      cache_expires_at: '2001-01-01 00:00:00',
      run_metadata: 'label:text',
    },
  });
  await filterCases(s, operations, `/runs/${origin.runId}/steps`, {
    scope: {},
    samples: { name: 'first' },
    without: operations
      .filters('/steps')
      .map((filter) => filter.name)
      .filter((name) => name !== 'name'),
  });
  await refusals(s, '/steps', {
    create: { ...create, name: 'third', inputs: {}, outputs: {}, cache_key: 'x', docstring: 'x' },
    update: { outputs: {}, end_time: '2024-01-02T03:06:00' },
    id: first.id,
    verbs: ['GET', 'PUT'],
  });
  await s.delete('an artifact version that a step made', `/artifact_versions/${artifact.id}`);
  await s.delete('the run of an original step', `/runs/${run.runId}`);
  await s.get('the copy without its original', `/steps/${copy.id}`);
});
