import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { chain, defaultStack, makeArtifactVersion, makePipeline, makeRun, makeSnapshot, makeStep, step } from '../fixtures.js';
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

export const runs = scenario('runs', async (s, operations) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const pipeline = await makePipeline(s, project, 'p', { tags: [s.name('auto-pipeline')] });
  const snapshot = await makeSnapshot(s, project, pipeline, stack, {}, { substitutions: { who: 'me' }, parameters: { a: 1 }, tags: [s.name('auto-conf')] });
  const create = { project, snapshot: snapshot.id, name: 'alpha', status: 'running', orchestrator_run_id: 'o-1', start_time: '2024-01-02T03:04:05' };

  // Get or create, placeholders, conflicts.
  const alpha = await s.post('create', '/runs', {
    ...create,
    orchestrator_environment: { os: 'linux', python_packages: ['a'] },
    tags: [s.name('auto-a'), { name: s.name('auto-cascade'), cascade: true }],
    status_reason: 'why',
  });
  const id = alpha.pick('0.id') ?? NOBODY;
  await s.post('the same orchestrator run again', '/runs', create);
  await s.post('the same orchestrator run under another name', '/runs', { ...create, name: 'other' });
  // Refused runs leave gaps in the numbering of the reference, so they belong to a pipeline of their own.
  const refused = await makeSnapshot(s, project, await makePipeline(s, project, 'refused'), stack);
  await s.post('a name that is taken', '/runs', { ...create, snapshot: refused.id, orchestrator_run_id: 'o-2' });
  await s.post('a name that is taken, without an orchestrator run', '/runs', { ...create, snapshot: refused.id, orchestrator_run_id: null });
  const own = await makeSnapshot(s, project, pipeline, stack);
  const placeholder = await s.post('a placeholder', '/runs', { project, snapshot: own.id, name: 'placeholder', status: 'initializing' });
  await s.post('a second placeholder', '/runs', { project, snapshot: own.id, name: 'placeholder-2', status: 'initializing' });
  await s.post('the run that replaces a placeholder', '/runs', {
    project,
    snapshot: own.id,
    name: 'real',
    status: 'running',
    orchestrator_run_id: 'o-3',
    start_time: '2024-01-02T03:04:06',
    orchestrator_environment: { a: 1 },
    tags: [s.name('auto-b')],
  });
  await s.get('the placeholder that was replaced', `/runs/${placeholder.pick('0.id')}`);
  await s.post('again', '/runs', { project, snapshot: own.id, name: 'real', status: 'running', orchestrator_run_id: 'o-3' });
  for (const status of STATUSES)
    await s.post(`created as ${status}`, '/runs', { ...create, name: `as-${status}`, orchestrator_run_id: `as-${status}`, status });
  await s.post('an unknown status', '/runs', { ...create, name: 'x', status: 'nope' });
  await s.post('an unknown snapshot', '/runs', { ...create, name: 'x', snapshot: NOBODY });
  await s.post('an unknown project', '/runs', { ...create, name: 'x', project: NOBODY });
  await s.post('a snapshot of another project', '/runs', { ...create, name: 'x', project: await s.project('other') });
  await s.post('a parent without a key', '/runs', { ...create, name: 'x', orchestrator_run_id: 'x', parent_run_id: id });
  await s.post('a key without a parent', '/runs', { ...create, name: 'x', orchestrator_run_id: 'x', child_key: 'k' });
  const child = await s.post('a child', '/runs', { ...create, name: 'child', orchestrator_run_id: 'child', parent_run_id: id, child_key: 'k' });
  await s.post('a second child under the same key', '/runs', {
    ...create,
    snapshot: refused.id,
    name: 'child-2',
    orchestrator_run_id: 'child-2',
    parent_run_id: id,
    child_key: 'k',
  });
  await s.post('a grandchild', '/runs', {
    ...create,
    name: 'grandchild',
    orchestrator_run_id: 'grandchild',
    parent_run_id: child.pick('0.id') ?? NOBODY,
    child_key: 'k',
  });
  await s.post('an unknown parent', '/runs', { ...create, name: 'x', orchestrator_run_id: 'x', parent_run_id: NOBODY, child_key: 'k' });
  await s.post('a replay of another', '/runs', { ...create, name: 'replay', orchestrator_run_id: 'replay', original_run_id: id });
  await s.post('a replay of nothing', '/runs', { ...create, name: 'x', orchestrator_run_id: 'x2', original_run_id: NOBODY });
  await s.post('with an exception', '/runs', {
    ...create,
    name: 'exception',
    orchestrator_run_id: 'exception',
    exception_info: { traceback: 'tb', message: 'm', user_code_line: 3 },
  });
  await s.post('a start with an offset', '/runs', { ...create, name: 'offset', orchestrator_run_id: 'offset', start_time: '2024-01-02T03:04:05+02:00' });

  await s.get('by id', `/runs/${id}`);
  await s.get('by id, not hydrated', `/runs/${id}`, { query: { hydrate: false } });
  await s.get('by id with python packages', `/runs/${id}`, { query: { include_python_packages: true } });
  await s.get('by id with full metadata', `/runs/${id}`, { query: { include_full_metadata: true } });
  await s.get('by id, refreshed', `/runs/${id}`, { query: { refresh_status: true } });
  for (const part of ['status', 'pipeline-configuration', 'dag', 'steps', 'logs']) {
    await s.get(`${part} of a run without steps`, `/runs/${id}/${part}`);
    await s.get(`${part} of nothing`, `/runs/${NOBODY}/${part}`);
    await s.get(`${part} of a malformed id`, `/runs/nope/${part}`);
  }

  // Steps make the status.
  const artifact = await makeArtifactVersion(s, project);
  const worked = await makeRun(s, project, snapshot.id, 'worked');
  const first = await makeStep(s, project, worked.runId, 'first');
  await s.get('status with one step running', `/runs/${worked.runId}`);
  await s.put('first completes', `/steps/${first.id}`, { status: 'completed', end_time: '2024-01-02T03:06:00', outputs: { output: [artifact.id] } });
  await s.get('status with one step of three completed', `/runs/${worked.runId}/status`);
  await s.put('completed by hand too early', `/runs/${worked.runId}`, { status: 'completed' });
  const next = await makeStep(s, project, worked.runId, 'second', { inputs: { x: [artifact.id] }, status: 'completed', end_time: '2024-01-02T03:07:00' });
  await s.get('dag in the middle', `/runs/${worked.runId}/dag`);
  const last = await makeStep(s, project, worked.runId, 'third');
  await s.put('third completes', `/steps/${last.id}`, { status: 'completed', end_time: '2024-01-02T03:08:00' });
  await s.get('completed', `/runs/${worked.runId}`, { scrub: (body) => body });
  await s.get('steps', `/runs/${worked.runId}/steps`, { query: { sort_by: 'asc:created' } });
  await s.get('steps, hydrated', `/runs/${worked.runId}/steps`, { query: { sort_by: 'asc:created', hydrate: true, name: 'second' } });
  await s.get('dag at the end', `/runs/${worked.runId}/dag`);
  await s.get('dag with metadata', `/runs/${worked.runId}/dag`, { query: { include_step_metadata: ['a'] } });
  for (const status of STATUSES) await s.put(`finished run set to ${status}`, `/runs/${worked.runId}`, { status });
  await s.get('pipeline configuration', `/runs/${worked.runId}/pipeline-configuration`);

  const failing = await makeRun(s, project, snapshot.id, 'failing');
  const broken = await makeStep(s, project, failing.runId, 'first');
  await s.put('a step fails', `/steps/${broken.id}`, {
    status: 'failed',
    end_time: '2024-01-02T03:06:00',
    exception_info: { traceback: 'tb', step_code_line: 7 },
  });
  await s.get('failed', `/runs/${failing.runId}`);
  await s.put('completed after failure', `/runs/${failing.runId}`, { status: 'completed' });
  await s.put('resuming after failure', `/runs/${failing.runId}`, { status: 'resuming' });
  for (const mode of ['continue_on_failure', 'fail_fast', 'stop_on_failure']) {
    const branching = await makeSnapshot(
      s,
      project,
      pipeline,
      stack,
      { step_configurations: { a: step('a'), b: step('b'), c: step('c', ['a']) } },
      { execution_mode: mode },
    );
    const run = await makeRun(s, project, branching.id, `branching-${mode}`);
    const a = await makeStep(s, project, run.runId, 'a');
    await s.put(`${mode}: a fails`, `/steps/${a.id}`, { status: 'failed', end_time: '2024-01-02T03:06:00' });
    await s.get(`${mode}: after the failure`, `/runs/${run.runId}`);
    const b = await makeStep(s, project, run.runId, 'b');
    await s.put(`${mode}: the other branch ends`, `/steps/${b.id}`, { status: 'completed', end_time: '2024-01-02T03:07:00' });
    await s.get(`${mode}: at the end`, `/runs/${run.runId}`);
  }
  const dynamic = await makeSnapshot(s, project, pipeline, stack, { is_dynamic: true, step_configurations: {} });
  for (const status of STATUSES) {
    const run = await makeRun(s, project, dynamic.id, `dynamic-${status}`);
    await s.put(`dynamic run set to ${status}`, `/runs/${run.runId}`, { status, status_reason: 'because' });
    await s.put(`dynamic run set to ${status}, then running`, `/runs/${run.runId}`, { status: 'running' });
    await s.put(`dynamic run set to ${status}, then failed`, `/runs/${run.runId}`, { status: 'failed' });
    await s.get(`dynamic run set to ${status}, in the end`, `/runs/${run.runId}`);
  }
  for (const status of STATUSES) {
    const run = await makeRun(s, project, snapshot.id, `static-${status}`);
    await s.put(`running static run set to ${status}`, `/runs/${run.runId}`, { status });
  }
  for (const [what, query] of [
    ['gracefully', { graceful: true }],
    ['at once', { graceful: false }],
    ['by default', {}],
  ] as const) {
    const run = await makeRun(s, project, snapshot.id, `stop-${what}`);
    await s.post(`stop ${what}`, `/runs/${run.runId}/stop`, undefined, { query });
    await s.get(`after stopping ${what}`, `/runs/${run.runId}`);
  }
  await s.post('stop a finished run', `/runs/${worked.runId}/stop`);
  await s.post('stop nothing', `/runs/${NOBODY}/stop`);
  await s.post('refresh', `/runs/${id}/refresh`);
  await s.post('refresh with steps', `/runs/${id}/refresh`, undefined, { query: { include_steps: true } });
  await s.post('refresh nothing', `/runs/${NOBODY}/refresh`);
  await s.put('disable the heartbeat', `/runs/${id}/disable_heartbeat`);
  await s.get('without a heartbeat', `/runs/${id}`);
  await s.put('disable the heartbeat of nothing', `/runs/${NOBODY}/disable_heartbeat`);
  await s.post('stream events', `/runs/${id}/events`, { events: [] });
  // The stream of a run that goes on would not end.
  await s.get('read the stream', `/runs/${worked.runId}/events/stream`);

  await s.put('tags', `/runs/${id}`, { add_tags: [s.name('auto-new')], remove_tags: [s.name('auto-a')] });
  await s.put('outputs', `/runs/${id}`, { outputs: { result: artifact.id } });
  await s.put('other outputs', `/runs/${id}`, { outputs: { result: artifact.id, more: artifact.id } });
  await s.put('unknown outputs', `/runs/${id}`, { outputs: { result: NOBODY } });
  await s.put('no outputs', `/runs/${id}`, { outputs: {} });
  await s.put('an orchestrator run id', `/runs/${id}`, { orchestrator_run_id: 'changed' });
  await s.put('an exception', `/runs/${id}`, { exception_info: { traceback: 'tb', message: 'm' } });
  await s.put('a reason only', `/runs/${id}`, { status_reason: 'only a reason' });
  await s.put('update nothing', `/runs/${id}`, {});
  await refusals(s, '/runs', {
    create: { ...create, name: 'r', orchestrator_run_id: 'r', orchestrator_environment: {}, tags: [] },
    update: { status_reason: 'x', add_tags: [], outputs: {} },
    id,
  });

  // Few runs of different kinds, in a project of their own, to filter and sort.
  const few = await s.project('few');
  const alone = await makePipeline(s, few, 'p');
  const base = await makeSnapshot(s, few, alone, stack);
  const lonely = await makeSnapshot(s, few, await makePipeline(s, few, 'q'), stack, { source_snapshot: base.id });
  const done = await makeRun(s, few, base.id, 'worked', { tags: [s.name('auto-b')] });
  for (const name of ['first', 'second', 'third']) {
    const one = await makeStep(s, few, done.runId, name);
    await s.put(`few: ${name} completes`, `/steps/${one.id}`, { status: 'completed', end_time: '2024-01-02T03:06:00' });
  }
  const waiting = await makeRun(s, few, base.id, 'waiting', { start_time: '2024-01-03T03:04:05', parent_run_id: done.runId, child_key: 'k' });
  await makeRun(s, few, lonely.id, 'lonely', { start_time: undefined, status: 'initializing', orchestrator_run_id: null });
  await s.post('few: metadata', '/run-metadata', {
    project: few,
    resources: [{ id: waiting.runId, type: 'pipeline_run' }],
    values: { rows: 3, label: 'text', flag: true },
    types: { rows: 'int', label: 'str', flag: 'bool' },
  });
  await filterCases(s, operations, '/runs', {
    scope: { project: few },
    samples: {
      name: 'worked',
      id: done.runId,
      user: 'admin',
      tags: s.name('auto-b'),
      index: 2,
      orchestrator_run_id: 'orchestrator-worked',
      pipeline_id: alone,
      pipeline: 'p',
      pipeline_name: 'p',
      stack_id: stack,
      stack: 'default',
      snapshot_id: base.id,
      source_snapshot_id: base.id,
      status: 'completed',
      start_time: '2024-01-02 03:04:05',
      stack_component: 'default',
      parent_run_id: done.runId,
      run_metadata: 'label:text',
    },
    without: ['include_full_metadata'],
    unique: ['name'],
  });
  await s.get('list with full metadata', '/runs', { query: { project, include_full_metadata: true, hydrate: true, size: 3 } });
  const statistics = { filter: { project }, groupings: [], metrics: [] };
  await s.post('statistics', '/runs/statistics', statistics);
  await s.post('statistics by status', '/runs/statistics', {
    ...statistics,
    groupings: [{ name: 's', type: 'status' }],
    metrics: [{ name: 'n', source: 'step_count', aggregation: 'sum' }],
  });
  await s.post('statistics by pipeline and user', '/runs/statistics', {
    ...statistics,
    groupings: [
      { name: 'p', type: 'pipeline' },
      { name: 'u', type: 'user' },
    ],
    metrics: [
      { name: 'c', source: 'cached_step_count', aggregation: 'max' },
      { name: 'o', source: 'output_artifact_count', aggregation: 'avg' },
    ],
  });
  await s.post('statistics of one', '/runs/statistics', { ...statistics, filter: { project, name: 'worked' }, groupings: [{ name: 'stack', type: 'stack' }] });
  for (const type of ['tag', 'trigger', 'snapshot', 'source_snapshot'])
    await s.post(`statistics by ${type}`, '/runs/statistics', { ...statistics, filter: { project, name: 'worked' }, groupings: [{ name: 'x', type }] });
  for (const granularity of ['hour', 'day', 'week', 'month', 'minute'])
    await s.post(`statistics by ${granularity}`, '/runs/statistics', { ...statistics, groupings: [{ name: 't', type: 'time', granularity }] });
  await s.post('statistics by metadata', '/runs/statistics', {
    ...statistics,
    groupings: [{ name: 'm', type: 'metadata', metadata_key: 'k' }],
    metrics: [{ name: 'v', source: 'metadata', metadata_key: 'k', aggregation: 'sum' }],
  });
  await s.post('statistics with one name twice', '/runs/statistics', {
    ...statistics,
    groupings: [
      { name: 'a', type: 'status' },
      { name: 'a', type: 'user' },
    ],
  });
  await s.post('statistics by an unknown type', '/runs/statistics', { ...statistics, groupings: [{ name: 'a', type: 'nope' }] });
  await s.post('statistics with too few groups', '/runs/statistics', { ...statistics, groupings: [{ name: 'a', type: 'status' }], max_groups: 1 });
  await s.post('statistics without a filter', '/runs/statistics', {});

  // What goes with a run.
  await s.delete('delete a run with steps', `/runs/${worked.runId}`);
  await s.get('its steps are gone', `/steps/${next.id}`);
  await s.get('the artifact version remains', `/artifact_versions/${artifact.id}`);
  await s.delete('delete a run with children', `/runs/${id}`);
  await s.get('the child without its parent', `/runs/${child.pick('0.id')}`);
  await s.delete('delete it again', `/runs/${id}`);
  await s.get('the index goes on', '/pipelines', { query: { project, hydrate: true } });
  await makeRun(s, project, snapshot.id, 'after-deletes');
  await s.get('the steps of the chain', `/pipeline_snapshots/${snapshot.id}`, { query: { step_configuration_filter: Object.keys(chain) } });

  await s.post('legacy: create', `/workspaces/${project}/runs`, { ...create, name: 'legacy', orchestrator_run_id: 'legacy' });
  await s.get('legacy: list', `/workspaces/${project}/runs`, { query: { name: 'legacy' } });
});
