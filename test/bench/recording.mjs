// The requests of the real client while it runs a pipeline on the local orchestrator, in its order, with what it sends.
import { randomUUID } from 'node:crypto';
import { artifactVersionRequest, snapshotRequest, stepNamesOf, wireTime } from './filling.mjs';

const cacheQuery = ({ project }, key) => `/steps?cache_key=${key}&status=completed&cache_expired=False&size=1&hydrate=True&project=${project}`;

/** From the pipeline's call to the placeholder of its run. */
async function announceRun(client, world, index, steps) {
  const { project, stack, store } = world;
  const pipeline = world.pipelines[index % world.pipelines.length];
  const key = randomUUID().slice(0, 8);
  await client.get(`/stacks/${stack}?hydrate=True`);
  await client.get(`/components?stack_id=${stack}&hydrate=True`);
  await client.get(`/projects/${project}`);
  const logs = randomUUID();
  await client.post('/logs', { id: logs, uri: `/tmp/bench/${logs}`, source: 'client', artifact_store_id: store, project });
  await client.get(`/code_repositories?project=${project}`);
  await client.get(`/pipelines?name=${pipeline.name}&size=1&project=${project}`);
  await client.get('/current-user');
  const snapshot = await client.post('/pipeline_snapshots', snapshotRequest(world, pipeline, stepNamesOf(steps)));
  const name = `${pipeline.name}-run-${index}-${key}`;
  const placeholder = { project, name, snapshot: snapshot.id, status: 'initializing', start_time: wireTime(), tags: [`tag-${index % 10}`] };
  const [run] = await client.post('/runs', placeholder);
  await client.request('PUT', `/logs/${logs}`, { pipeline_run_id: run.id });
  await client.get(`/api_token?token_type=workload&pipeline_run_id=${run.id}`);
  return { pipeline, key, run, name, snapshot };
}

const lookBack = (client, id) => client.get(`/runs/${id}?hydrate=True&include_full_metadata=False`);

/** A run whose steps are executed. @returns the cache keys of its steps */
export async function recordRun(client, world, index, steps) {
  const { project, stack, store } = world;
  const { pipeline, key, run, name, snapshot } = await announceRun(client, world, index, steps);
  let inputs = {};
  for (const [i, step] of stepNamesOf(steps).entries()) {
    const query = cacheQuery(world, `${key}${step}`);
    await client.get(query);
    if (i === 0) {
      await client.get(`/stacks/${stack}`);
      await client.post('/logs', { uri: `/tmp/bench/${key}/prepare`, source: 'prepare_step', artifact_store_id: store, project });
      await client.post('/runs', { project, name: `${name}-x`, snapshot: snapshot.id, status: 'running', orchestrator_run_id: key, start_time: wireTime() });
      await client.get(query);
    }
    const made = await client.post('/steps', {
      project,
      name: step,
      start_time: wireTime(),
      status: 'running',
      cache_key: `${key}${step}`,
      source_code: 'def step(): ...',
      pipeline_run_id: run.id,
      inputs,
    });
    await client.post('/logs', { uri: `/tmp/bench/${made.id}`, source: 'step', artifact_store_id: store, project, step_run_id: made.id });
    const [artifact] = await client.post('/artifact_versions/batch', [artifactVersionRequest(world, pipeline, step, { index, key })]);
    await client.request('PUT', `/steps/${made.id}`, { outputs: { output: [artifact.id] }, status: 'completed', end_time: wireTime() });
    inputs = { value: [artifact.id] };
  }
  await client.request('PUT', `/runs/${run.id}`, { status: 'provisioning' });
  await lookBack(client, run.id);
  return stepNamesOf(steps).map((step) => `${key}${step}`);
}

/** A run all of whose steps are taken from an earlier one with these cache keys. */
export async function recordCachedRun(client, world, index, cacheKeys) {
  const { project } = world;
  const { run } = await announceRun(client, world, index, cacheKeys.length);
  let inputs = {};
  for (const [i, step] of stepNamesOf(cacheKeys.length).entries()) {
    const [original] = (await client.get(cacheQuery(world, cacheKeys[i]))).items;
    if (!original) throw new Error(`The step with the cache key ${cacheKeys[i]} was not found.`);
    const outputs = Object.fromEntries(Object.entries(original.resources.outputs).map(([name, versions]) => [name, versions.map(({ id }) => id)]));
    await client.post('/steps', {
      project,
      name: step,
      start_time: wireTime(),
      end_time: wireTime(),
      status: 'cached',
      cache_key: cacheKeys[i],
      source_code: 'def step(): ...',
      pipeline_run_id: run.id,
      original_step_run_id: original.id,
      inputs,
      outputs,
    });
    inputs = { value: outputs.output };
  }
  await lookBack(client, run.id);
}
