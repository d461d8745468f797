import type { Answer, ApiClient } from '#libs/testing/api-client.js';

/** Ids of one of everything, by table. */
export type World = Record<string, string>;

const source = (attribute: string) => ({ module: 'example.steps', attribute, type: 'user' });
const builtin = { module: 'builtins', attribute: 'int', type: 'builtin' };

export function stepConfiguration(name: string, upstream: string[] = [], inputs: Record<string, unknown> = {}): object {
  return { spec: { source: source(name), upstream_steps: upstream, inputs, invocation_id: name }, config: { name }, step_config_overrides: { name } };
}

/**
 * One of every kind of resource in a workspace, made through the API as clients make it, so that suites can walk all operations with real ids.
 * @param token makes names of two worlds in one workspace differ
 */
export async function makeWorld(api: ApiClient, projectId: string, token = 'w'): Promise<World> {
  const world: World = { project: projectId };
  const make = async (table: string, request: Promise<Answer>): Promise<any> => {
    // any: replies of every shape
    const answer = await request;
    // A family that is not served yet: suites walk what is.
    if (answer.status === 404 && answer.body?.detail === 'Not Found') return {};
    const body = await api.ok(Promise.resolve(answer));
    const made = Array.isArray(body) ? body[0] : body;
    if (made?.id) world[table] = made.id;
    return made;
  };
  const project = projectId;
  const components = (await api.ok(api.get('/components?size=100'))).items as { id: string; body: { type: string } }[];
  const ofType = (type: string) => components.find((one) => one.body.type === type)?.id as string;

  await make(
    'flavor',
    api.post('/flavors', { name: `flavor-${token}`, type: 'artifact_store', config_schema: {}, source: 'example.Flavor', integration: null }),
  );
  // A stack on remote machines: run templates are made only for those.
  const orchestrator = await api.ok(
    api.post('/components', { name: `orchestrator-${token}`, type: 'orchestrator', flavor: 'kubernetes', configuration: { kubernetes_context: 'example' } }),
  );
  await make(
    'stack_component',
    api.post('/components', { name: `store-${token}`, type: 'artifact_store', flavor: 's3', configuration: { path: `s3://bucket-${token}` } }),
  );
  await make(
    'stack',
    api.post('/stacks', { name: `stack-${token}`, components: { orchestrator: [orchestrator.id], artifact_store: [world.stack_component] } }),
  );
  await make('secret', api.post('/secrets', { name: `secret-${token}`, values: { key: 'value' } }));
  await make(
    'service_connector',
    api.post('/service_connectors', {
      name: `connector-${token}`,
      connector_type: 'custom',
      auth_method: 'none',
      resource_types: ['thing'],
      configuration: {},
    }),
  );
  await make('code_repository', api.post('/code_repositories', { project, name: `repository-${token}`, config: {}, source: source('Repository') }));
  await make('tag', api.post('/tags', { name: `tag-${token}` }));

  await make('pipeline', api.post('/pipelines', { project, name: `pipeline-${token}`, tags: [`tag-${token}`] }));
  await make(
    'pipeline_build',
    api.post('/pipeline_builds', {
      project,
      is_local: false,
      contains_code: true,
      images: { orchestrator: { image: 'example/image' } },
      stack: world.stack,
      pipeline: world.pipeline,
    }),
  );
  await make(
    'schedule',
    api.post('/schedules', {
      project,
      name: `schedule-${token}`,
      active: true,
      cron_expression: '0 * * * *',
      orchestrator_id: ofType('orchestrator'),
      pipeline_id: world.pipeline,
    }),
  );
  await make(
    'pipeline_snapshot',
    api.post('/pipeline_snapshots', {
      project,
      name: `snapshot-${token}`,
      run_name_template: `run-${token}-{date}-{time}`,
      pipeline_configuration: { name: `pipeline-${token}` },
      step_configurations: { load: stepConfiguration('load'), train: stepConfiguration('train', ['load']) },
      client_environment: {},
      client_version: '0.98.0',
      server_version: '0.98.0',
      stack: world.stack,
      pipeline: world.pipeline,
      build: world.pipeline_build,
    }),
  );
  await make('run_template', api.post('/run_templates', { project, name: `template-${token}`, source_snapshot_id: world.pipeline_snapshot }));
  await make(
    'pipeline_run',
    api.post('/runs', {
      project,
      name: `run-${token}`,
      snapshot: world.pipeline_snapshot,
      status: 'running',
      orchestrator_run_id: `orchestrator-${token}`,
      start_time: '2026-01-02T03:04:05',
    }),
  );
  await make(
    'step_run',
    api.post('/steps', { project, name: 'load', start_time: '2026-01-02T03:04:05', status: 'running', pipeline_run_id: world.pipeline_run }),
  );
  await make('logs', api.post('/logs', { project, uri: '/tmp/none', source: 'step', artifact_store_id: world.stack_component, step_run_id: world.step_run }));

  const version = await make(
    'artifact_version',
    api.post('/artifact_versions', {
      project,
      artifact_name: `artifact-${token}`,
      type: 'DataArtifact',
      uri: '/tmp/none/data',
      materializer: source('Materializer'),
      data_type: builtin,
      save_type: 'step_output',
      artifact_store_id: world.stack_component,
      visualizations: [{ type: 'html', uri: '/tmp/none/view.html' }],
      metadata: { rows: 3 },
    }),
  );
  world.artifact = version.body.artifact.id;
  world.artifact_visualization = version.metadata.visualizations[0].id;
  await api.ok(api.put(`/steps/${world.step_run}`, { outputs: { output: [world.artifact_version] }, status: 'completed', end_time: '2026-01-02T03:05:05' }));
  await make(
    'curated_visualization',
    api.post('/curated_visualizations', {
      project,
      artifact_visualization_id: world.artifact_visualization,
      resource_id: world.pipeline,
      resource_type: 'pipeline',
    }),
  );
  await make(
    'hook_invocation',
    api.post('/hook_invocations', {
      project,
      hook_type: 'run_success',
      status: 'completed',
      start_time: '2026-01-02T03:04:05',
      pipeline_run_id: world.pipeline_run,
    }),
  );
  const dynamic = await api.ok(
    api.post('/pipeline_snapshots', {
      project,
      is_dynamic: true,
      run_name_template: 'run',
      pipeline_configuration: { name: `pipeline-${token}` },
      stack: world.stack,
      pipeline: world.pipeline,
    }),
  );
  const [waiting] = await api.ok(
    api.post('/runs', { project, name: `dynamic-${token}`, snapshot: dynamic.id, status: 'running', orchestrator_run_id: `dynamic-${token}` }),
  );
  await make('run_wait_condition', api.post('/run_wait_conditions', { project, run: waiting.id, name: 'approve', type: 'external_input' }));
  await api.ok(
    api.post('/run-metadata', {
      project,
      resources: [{ id: world.pipeline_run, type: 'pipeline_run' }],
      values: { accuracy: 0.9 },
      types: { accuracy: 'float' },
    }),
  );

  await make('model', api.post('/models', { project, name: `model-${token}` }));
  await make('model_version', api.post('/model_versions', { project, name: 'first', model: world.model }));
  await make(
    'model_versions_artifacts',
    api.post('/model_version_artifacts', { model_version: world.model_version, artifact_version: world.artifact_version }),
  );
  await make('model_versions_runs', api.post('/model_version_pipeline_runs', { model_version: world.model_version, pipeline_run: world.pipeline_run }));

  await make(
    'service',
    api.post('/services', { project, name: `service-${token}`, service_type: { type: 'model-serving', flavor: 'custom' }, config: { token } }),
  );
  await make(
    'deployment',
    api.post('/deployments', { project, name: `deployment-${token}`, snapshot_id: world.pipeline_snapshot, deployer_id: ofType('deployer') }),
  );
  await make(
    'trigger',
    api.post('/triggers', { project, name: `trigger-${token}`, type: 'schedule', flavor: 'native schedule', cron_expression: '0 * * * *' }),
  );
  await make('webhook', api.post('/webhooks', { project, name: `webhook-${token}`, webhook_type: 'custom' }));
  // Switched off: the worlds of tests are told to nobody.
  await make(
    'event_subscription',
    api.post('/event_subscriptions', { name: `subscription-${token}`, url: 'https://localhost/hook', events: ['*'], active: false }),
  );
  const tested = await api.ok(api.post(`/event_subscriptions/${world.event_subscription}/test`));
  world.delivery = tested.id;
  return world;
}
