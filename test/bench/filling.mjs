import { randomUUID } from 'node:crypto';
import { each } from './client.mjs';

const source = (attribute) => ({ module: 'bench.steps', attribute, type: 'user' });

/** What every run needs to exist once on a server. Asks before it makes, so a server that was filled earlier is used as it is. */
export async function prepare(client, pipelines) {
  const project = (await client.get('/projects/default')).id;
  const stack = (await client.get('/stacks?name=default')).items[0].id;
  const components = (await client.get('/components?size=100')).items;
  const store = components.find((one) => one.body.type === 'artifact_store').id;
  const names = Array.from({ length: pipelines }, (_, i) => `bench-${i}`);
  const known = (await client.get(`/pipelines?project=${project}&size=1000`)).items;
  const ids = [];
  for (const name of names) {
    const found = known.find((one) => one.name === name);
    ids.push(found?.id ?? (await client.post('/pipelines', { project, name, tags: ['bench'] })).id);
  }
  return { project, stack, store, pipelines: ids.map((id, i) => ({ id, name: names[i] })), runs: [] };
}

/** The snapshot of a pipeline of `stepNames`, one after the other, as the client sends it. */
export function snapshotRequest({ project, stack }, pipeline, stepNames) {
  return {
    project,
    stack,
    pipeline: pipeline.id,
    run_name_template: `${pipeline.name}-{date}-{time}`,
    pipeline_configuration: { name: pipeline.name, enable_cache: true },
    step_configurations: Object.fromEntries(
      stepNames.map((name, i) => [
        name,
        {
          spec: { source: source(name), upstream_steps: i ? [stepNames[i - 1]] : [], inputs: {}, invocation_id: name },
          config: { name },
          step_config_overrides: { name },
        },
      ]),
    ),
    client_environment: { python_version: '3.11' },
    client_version: '0.98.0',
    server_version: '0.98.0',
  };
}

export function artifactVersionRequest({ project, store }, pipeline, step, { index, key }) {
  return {
    project,
    artifact_name: `${pipeline.name}::${step}::output`,
    type: 'DataArtifact',
    uri: `/tmp/bench/${key}/${step}/output`,
    materializer: source('Materializer'),
    data_type: { module: 'builtins', attribute: 'int', type: 'builtin' },
    save_type: 'step_output',
    artifact_store_id: store,
    metadata: { rows: index, accuracy: (index % 100) / 100 },
  };
}

export const wireTime = () => new Date().toISOString().replace('Z', '');

export const stepNamesOf = (steps) => Array.from({ length: steps }, (_, i) => `step_${i}`);

/**
 * One finished run with steps, outputs, inputs, logs, tags and metadata: the rows that recording it leaves, in as few requests as the API allows,
 * because the peer takes a second and a half of CPU for each run that is recorded call by call.
 */
async function writeRun(client, world, index, steps) {
  const { project, store } = world;
  const pipeline = world.pipelines[index % world.pipelines.length];
  const key = randomUUID().slice(0, 8);
  const stepNames = stepNamesOf(steps);
  const logs = (name) => ({ uri: `/tmp/bench/${key}/${name}.log`, source: 'step', artifact_store_id: store, project });
  const snapshot = await client.post('/pipeline_snapshots', snapshotRequest(world, pipeline, stepNames));
  const [run] = await client.post('/runs', {
    project,
    name: `${pipeline.name}-run-${index}-${key}`,
    snapshot: snapshot.id,
    status: 'running',
    orchestrator_run_id: key,
    start_time: wireTime(),
    tags: [`tag-${index % 10}`],
  });
  const versions = await client.post(
    '/artifact_versions/batch',
    stepNames.map((step) => artifactVersionRequest(world, pipeline, step, { index, key })),
  );
  const made = [];
  for (const [i, step] of stepNames.entries()) {
    const { id } = await client.post('/steps', {
      project,
      name: step,
      start_time: wireTime(),
      end_time: wireTime(),
      status: 'completed',
      cache_key: `${key}${step}`,
      source_code: 'def step(): ...',
      pipeline_run_id: run.id,
      inputs: i ? { value: [versions[i - 1].id] } : {},
      outputs: { output: [versions[i].id] },
      logs: logs(step),
    });
    made.push(id);
  }
  await client.post('/run-metadata', {
    project,
    resources: made.map((id) => ({ id, type: 'step_run' })),
    values: { loss: index / 7 },
    types: { loss: 'float' },
  });
  return run.id;
}

/** Brings a server to `runs` runs, whatever it has already. */
export async function fill(client, { runs, steps, pipelines }, { concurrency = 4, tell = () => {} } = {}) {
  const world = await prepare(client, pipelines);
  for (let page = 1; world.runs.length < runs; page++) {
    const { items } = await client.get(`/runs?project=${world.project}&size=500&page=${page}&sort_by=asc:created`);
    world.runs.push(...items.map(({ id }) => id));
    if (items.length < 500) break;
  }
  const start = performance.now();
  const missing = runs - world.runs.length;
  let done = 0;
  await each(Math.max(0, missing), concurrency, async (i) => {
    world.runs.push(await writeRun(client, world, runs - missing + i, steps));
    if (++done % 200 === 0) tell(`${done} of ${missing} runs written (${((performance.now() - start) / 1_000).toFixed(0)} s)`);
  });
  return { ...world, runs: world.runs.slice(0, runs), seconds: (performance.now() - start) / 1_000, written: Math.max(0, missing) };
}
