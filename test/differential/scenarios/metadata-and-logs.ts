import { scenario } from '../compare.js';
import { defaultComponent, defaultStack, makeArtifactVersion, makePipeline, makeRun, makeSnapshot, makeStep } from '../fixtures.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const runMetadata = scenario('run_metadata', async (s) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const snapshot = await makeSnapshot(s, project, await makePipeline(s, project), stack);
  const run = await makeRun(s, project, snapshot.id, 'run');
  const step = await makeStep(s, project, run.runId, 'first');
  const artifact = await makeArtifactVersion(s, project);
  const orchestrator = await defaultComponent(s, 'orchestrator');
  const on = (id: string, type: string) => ({ project, resources: [{ id, type }] });

  const create = {
    ...on(run.runId, 'pipeline_run'),
    values: { a: 1, b: 'text', c: 0.5, d: true, e: [1, 'x'], f: { g: { h: 1 } } },
    types: { a: 'int', b: 'str', c: 'float', d: 'bool', e: 'list', f: 'dict' },
  };
  await s.post('on a run', '/run-metadata', create);
  await s.get('the run', `/runs/${run.runId}`);
  await s.post('a newer value', '/run-metadata', { ...on(run.runId, 'pipeline_run'), values: { a: 2, f: { i: 2 } }, types: { a: 'int', f: 'dict' } });
  await s.get('the run with the newer value', `/runs/${run.runId}`);
  await s.post('another type under the same key', '/run-metadata', { ...on(run.runId, 'pipeline_run'), values: { f: 'now text' }, types: { f: 'str' } });
  await s.get('the run with another type', `/runs/${run.runId}`);
  await s.post('on several', '/run-metadata', {
    project,
    resources: [
      { id: step.id, type: 'step_run' },
      { id: artifact.id, type: 'artifact_version' },
    ],
    values: { shared: 1 },
    types: { shared: 'int' },
    stack_component_id: orchestrator,
    publisher_step_id: step.id,
  });
  await s.get('the step', `/steps/${step.id}`);
  await s.get('the artifact version', `/artifact_versions/${artifact.id}`);
  await s.get('the run with full metadata', `/runs/${run.runId}`, { query: { include_full_metadata: true } });
  for (const type of ['Uri', 'Path', 'DType', 'StorageSize', 'tuple', 'set', 'nope'])
    await s.post(`a value of type ${type}`, '/run-metadata', {
      ...on(run.runId, 'pipeline_run'),
      values: { [type]: type === 'StorageSize' ? 10 : 'x' },
      types: { [type]: type },
    });
  await s.post('a value without a type', '/run-metadata', { ...on(run.runId, 'pipeline_run'), values: { k: 1 }, types: {} });
  await s.post('a type without a value', '/run-metadata', { ...on(run.runId, 'pipeline_run'), values: {}, types: { k: 'int' } });
  await s.post('a null value', '/run-metadata', { ...on(run.runId, 'pipeline_run'), values: { k: null }, types: { k: 'str' } });
  await s.post('a long value', '/run-metadata', { ...on(run.runId, 'pipeline_run'), values: { long: 'x'.repeat(70_000) }, types: { long: 'str' } });
  await s.post('a long key', '/run-metadata', { ...on(run.runId, 'pipeline_run'), values: { ['k'.repeat(300)]: 1 }, types: { ['k'.repeat(300)]: 'int' } });
  await s.post('on nothing', '/run-metadata', { ...create, resources: [] });
  await s.post('on an unknown run', '/run-metadata', { ...create, ...on(NOBODY, 'pipeline_run') });
  await s.post('on another type than the id has', '/run-metadata', { ...create, ...on(run.runId, 'step_run') });
  await s.post('on an unknown type', '/run-metadata', { ...create, ...on(run.runId, 'stack') });
  await s.post('an unknown component', '/run-metadata', { ...create, stack_component_id: NOBODY });
  await s.post('an unknown publisher', '/run-metadata', { ...create, publisher_step_id: NOBODY });
  await s.post('an unknown project', '/run-metadata', { ...create, project: NOBODY });
  await s.get('the run in the end', `/runs/${run.runId}`);
  await refusals(s, '/run-metadata', { create, verbs: [] });
  await s.post('legacy: create', `/workspaces/${project}/run-metadata`, create);
});

export const logs = scenario('logs', async (s) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const store = await defaultComponent(s, 'artifact_store');
  const snapshot = await makeSnapshot(s, project, await makePipeline(s, project), stack);
  const run = await makeRun(s, project, snapshot.id, 'run');
  const step = await makeStep(s, project, run.runId, 'first');
  const create = { project, uri: '/tmp/nowhere/logs', source: 'client', artifact_store_id: store };
  const own = `${s.session.replace(/[^0-9a-f]/g, '0').padEnd(8, 'a')}-1111-4111-8111-111111111111`;

  const alpha = await s.post('create', '/logs', { ...create, id: own });
  await s.post('the same id again', '/logs', { ...create, id: own });
  const ofRun = await s.post('of a run', '/logs', { ...create, pipeline_run_id: run.runId });
  const ofStep = await s.post('of a step', '/logs', { ...create, source: 'step', step_run_id: step.id });
  await s.post('of a run and a step', '/logs', { ...create, pipeline_run_id: run.runId, step_run_id: step.id });
  await s.post('without a store', '/logs', { project, uri: '/tmp/x', source: 'client' });
  await s.post('a store without a uri', '/logs', { project, source: 'client', artifact_store_id: store });
  for (const source of ['runner', 'nope']) {
    await s.get(`the source ${source} of a run without it`, `/runs/${run.runId}/logs`, { query: { source } });
    await s.get(`the source ${source} of a step without it`, `/steps/${step.id}/logs`, { query: { source } });
  }
  await s.post('of a runner, without a store', '/logs', { project, source: 'runner', pipeline_run_id: run.runId });
  await s.post('an unknown store', '/logs', { ...create, artifact_store_id: NOBODY });
  await s.post('an unknown log store', '/logs', { ...create, artifact_store_id: undefined, uri: undefined, log_store_id: NOBODY });
  await s.post('of an unknown run', '/logs', { ...create, pipeline_run_id: NOBODY });
  await s.post('of an unknown step', '/logs', { ...create, step_run_id: NOBODY });
  await s.post('without a project', '/logs', { ...create, project: undefined });
  await s.post('an unknown project', '/logs', { ...create, project: NOBODY });
  await s.get('unattached', `/logs/${alpha.id}`);
  await s.get('of a run, read', `/logs/${ofRun.id}`);
  await s.get('of a run, not hydrated', `/logs/${ofRun.id}`, { query: { hydrate: false } });
  await s.put('attach to a run', `/logs/${alpha.id}`, { pipeline_run_id: run.runId });
  await s.put('attach to the same run again', `/logs/${alpha.id}`, { pipeline_run_id: run.runId });
  await s.put('attach to a step afterwards', `/logs/${alpha.id}`, { step_run_id: step.id });
  await s.put('attach to nothing', `/logs/${ofStep.id}`, { pipeline_run_id: NOBODY });
  await s.put('update nothing', `/logs/${alpha.id}`, {});
  await s.get('attached', `/logs/${alpha.id}`);
  await s.get('the run with its logs', `/runs/${run.runId}`);
  await s.get('the step with its logs', `/steps/${step.id}`);
  for (const [what, query] of [
    ['by default', {}],
    ['a limit', { limit: 1 }],
    ['a limit of 0', { limit: 0 }],
    ['a limit too high', { limit: 50_001 }],
    ['from the newest', { start: 'newest' }],
    ['from somewhere', { start: 'middle' }],
    ['a level', { level: 'info' }],
    ['a level by number', { level: 20 }],
    ['an unknown level', { level: 'loud' }],
    ['since after until', { since: '2024-01-02T00:00:00', until: '2024-01-01T00:00:00' }],
    ['a search', { search: 'x' }],
  ] as const) {
    await s.get(`entries, ${what}`, `/logs/${ofRun.id}/entries`, { query });
  }
  await s.get('entries of nothing', `/logs/${NOBODY}/entries`);
  for (const [kind, id, logsId] of [
    ['runs', run.runId, ofRun.id],
    ['steps', step.id, ofStep.id],
  ] as const) {
    await s.get(`${kind}: without source and id`, `/${kind}/${id}/logs`);
    await s.get(`${kind}: by source`, `/${kind}/${id}/logs`, { query: { source: kind === 'runs' ? 'client' : 'step' } });
    await s.get(`${kind}: by an unknown source`, `/${kind}/${id}/logs`, { query: { source: 'nope' } });
    await s.get(`${kind}: by id`, `/${kind}/${id}/logs`, { query: { logs_id: logsId } });
    await s.get(`${kind}: by an unknown id`, `/${kind}/${id}/logs`, { query: { logs_id: NOBODY } });
  }
  const claimed = await s.post('logs to claim', '/logs', create);
  await s.post('a run that claims logs', '/runs', {
    project,
    snapshot: snapshot.id,
    name: 'claims',
    status: 'running',
    orchestrator_run_id: 'claims',
    start_time: '2024-01-02T03:04:05',
    logs: claimed.id,
  });
  await s.post('a run that claims what is claimed', '/runs', {
    project,
    snapshot: snapshot.id,
    name: 'claims-2',
    status: 'running',
    orchestrator_run_id: 'claims-2',
    start_time: '2024-01-02T03:04:05',
    logs: claimed.id,
  });
  await s.post('a run that brings logs', '/runs', {
    project,
    snapshot: snapshot.id,
    name: 'brings',
    status: 'running',
    orchestrator_run_id: 'brings',
    start_time: '2024-01-02T03:04:05',
    logs: { uri: '/tmp/x', artifact_store_id: store },
  });
  await s.put('a run that adds logs', `/runs/${run.runId}`, { add_logs: [{ uri: '/tmp/y', artifact_store_id: store }] });
  await refusals(s, '/logs', { create: { ...create, id: undefined }, update: { pipeline_run_id: run.runId }, id: ofRun.id, verbs: ['GET', 'PUT'] });
  await s.delete('delete the run', `/runs/${run.runId}`);
  await s.get('its logs', `/logs/${ofRun.id}`);
  await s.get('the logs of its step', `/logs/${ofStep.id}`);
});
