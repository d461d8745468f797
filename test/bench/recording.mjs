import { randomUUID } from 'node:crypto';

const source = (attribute) => ({ module: 'bench.steps', attribute, type: 'user' });

/** What every recorded run needs to exist once on a server. */
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
    ids.push(found?.id ?? (await client.request('POST', '/pipelines', { project, name, tags: ['bench'] })).id);
  }
  return { project, stack, store, pipelines: ids.map((id, i) => ({ id, name: names[i] })) };
}

/** The calls of one recorded run of `steps` steps on the local orchestrator, in the order in which the client makes them. */
export async function recordRun(client, world, index, steps) {
  const { project, stack, store } = world;
  const pipeline = world.pipelines[index % world.pipelines.length];
  const key = randomUUID().slice(0, 8);
  const stepNames = Array.from({ length: steps }, (_, i) => `step_${i}`);
  await client.get(`/projects/${project}?hydrate=True`);
  await client.get(`/stacks/${stack}?hydrate=True`);
  await client.get(`/components?stack_id=${stack}&hydrate=True`);
  const logs = randomUUID();
  await client.request('POST', '/logs', { id: logs, uri: `/tmp/bench/${logs}`, source: 'client', artifact_store_id: store, project });
  await client.get(`/code_repositories?project=${project}`);
  await client.get(`/pipelines?name=${pipeline.name}&size=1&project=${project}`);
  await client.get('/current-user');
  const snapshot = await client.request('POST', '/pipeline_snapshots', {
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
  });
  const name = `${pipeline.name}-run-${index}-${key}`;
  const now = () => new Date().toISOString().replace('Z', '');
  const [run] = await client.request('POST', '/runs', {
    project,
    name,
    snapshot: snapshot.id,
    status: 'initializing',
    start_time: now(),
    tags: [`tag-${index % 10}`],
  });
  await client.request('PUT', `/logs/${logs}`, { pipeline_run_id: run.id });
  await client.get(`/api_token?token_type=workload&pipeline_run_id=${run.id}`);
  await client.request('POST', '/runs', { project, name: `${name}-x`, snapshot: snapshot.id, status: 'running', orchestrator_run_id: key, start_time: now() });
  for (const step of stepNames) {
    await client.get(`/steps?cache_key=${key}${step}&status=completed&cache_expired=False&size=1&hydrate=True&project=${project}`);
    const made = await client.request('POST', '/steps', {
      project,
      name: step,
      start_time: now(),
      status: 'running',
      cache_key: `${key}${step}`,
      source_code: 'def step(): ...',
      pipeline_run_id: run.id,
    });
    await client.request('POST', '/logs', { uri: `/tmp/bench/${made.id}`, source: 'step', artifact_store_id: store, project, step_run_id: made.id });
    const [artifact] = await client.request('POST', '/artifact_versions/batch', [
      {
        project,
        artifact_name: `${pipeline.name}::${step}::output`,
        type: 'DataArtifact',
        uri: `/tmp/bench/${made.id}/output`,
        materializer: source('Materializer'),
        data_type: { module: 'builtins', attribute: 'int', type: 'builtin' },
        save_type: 'step_output',
        artifact_store_id: store,
        metadata: { rows: index, accuracy: (index % 100) / 100 },
      },
    ]);
    await client.request('POST', '/run-metadata', {
      project,
      resources: [{ id: made.id, type: 'step_run' }],
      values: { loss: index / 7 },
      types: { loss: 'float' },
    });
    await client.request('PUT', `/steps/${made.id}`, { outputs: { output: [artifact.id] }, status: 'completed', end_time: now() });
  }
  await client.request('PUT', `/runs/${run.id}`, { status: 'provisioning' });
  await client.get(`/runs/${run.id}?hydrate=True&include_full_metadata=False`);
  return run.id;
}
