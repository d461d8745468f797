import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { artifactVersionBody, defaultStack, makeArtifactVersion, makePipeline, makeRun, makeSnapshot, makeStep } from '../fixtures.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const services = scenario('services', async (s, operations) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const model = await s.post('given a model', '/models', { project, name: 'm' });
  const version = await s.post('given a model version', '/model_versions', { project, model: model.id, name: 'v' });
  const snapshot = await makeSnapshot(s, project, await makePipeline(s, project), stack);
  const run = await makeRun(s, project, snapshot.id, 'run');
  const type = { type: 'model-serving', flavor: 'mlflow', name: 'MLflow', description: 'serves', logo_url: '' };
  const config = (base: string) => ({ type: 'x', name: s.name(base), pipeline_name: 'p', pipeline_step_name: 'step', model_name: base });
  const create = { project, name: 'alpha', service_type: type, config: config('alpha') };
  const alpha = await s.post('create', '/services', {
    ...create,
    service_source: 'a.B',
    admin_state: 'active',
    labels: { a: 'b' },
    status: { state: 'active', last_state: 'inactive' },
    endpoint: { url: 'x' },
    prediction_url: 'http://x',
    health_check_url: 'http://y',
    model_version_id: version.id,
    pipeline_run_id: run.runId,
  });
  await s.post('the least', '/services', { ...create, name: 'beta', config: config('beta') });
  await s.post('the same name, another configuration', '/services', { ...create, config: config('gamma') });
  await s.post('the same configuration', '/services', { ...create, name: 'delta' });
  await s.post('an unknown model version', '/services', { ...create, name: 'x', config: config('x'), model_version_id: NOBODY });
  await s.post('an unknown run', '/services', { ...create, name: 'y', config: config('y'), pipeline_run_id: NOBODY });
  await s.post('an unknown project', '/services', { ...create, project: NOBODY, config: config('z') });
  await s.get('by id', `/services/${alpha.id}`);
  await s.get('by id, not hydrated', `/services/${alpha.id}`, { query: { hydrate: false } });
  await filterCases(s, operations, '/services', {
    scope: { project },
    samples: {
      name: 'alpha',
      id: alpha.id,
      user: 'admin',
      type: 'model-serving',
      flavor: 'mlflow',
      pipeline_name: 'p',
      pipeline_step_name: 'step',
      model_version_id: version.id,
      pipeline_run_id: run.runId,
    },
  });
  await s.put('update', `/services/${alpha.id}`, {
    name: 'alpha2',
    admin_state: 'inactive',
    status: { state: 'error' },
    endpoint: { url: 'z' },
    labels: { c: 'd' },
    prediction_url: 'http://z',
  });
  await s.put('nulls', `/services/${alpha.id}`, { prediction_url: null, health_check_url: null, model_version_id: null });
  await s.put('update nothing', `/services/${alpha.id}`, {});
  await refusals(s, '/services', {
    create: { ...create, name: 'r', config: config('r'), labels: {}, status: {}, endpoint: {} },
    update: { name: 'r2', labels: {}, status: {} },
    id: alpha.id,
  });
  await s.delete('the model version of a service', `/model_versions/${version.id}`);
  await s.delete('the run of a service', `/runs/${run.runId}`);
  await s.get('without them', `/services/${alpha.id}`);
  await s.delete('delete', `/services/${alpha.id}`);
  await s.delete('delete again', `/services/${alpha.id}`);
  await s.post('legacy: create', `/workspaces/${project}/services`, { ...create, name: 'legacy', config: config('legacy') });
});

/** Types of ours are described in other words, and property titles follow from the names. */
const withoutProse = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => ((key === 'description' || key === 'title') && typeof item === 'string' ? [] : [[key, withoutProse(item)]])),
  );
};

export const serviceConnectors = scenario('service_connectors', async (s, operations) => {
  const options = { scrub: withoutProse };
  for (const type of ['docker', 'oauth2', 'nope']) await s.get(`the type ${type}`, `/service_connector_types/${type}`, options);
  for (const query of [{ connector_type: 'docker' }, { resource_type: 'oauth2-api' }, { auth_method: 'client-credentials' }, { connector_type: 'nope' }])
    await s.get(`types by ${JSON.stringify(query)}`, '/service_connector_types', { query, ...options });
  await s.get('types without a token', '/service_connector_types', { token: null });

  const create = {
    name: s.name('alpha'),
    connector_type: 'docker',
    auth_method: 'password',
    resource_types: ['docker-registry'],
    configuration: { username: 'u', password: 'p', registry: 'r' },
  };
  const alpha = await s.post(
    'create',
    '/service_connectors',
    {
      ...create,
      description: 'first',
      resource_id: 'https://registry.example.com',
      labels: { team: 'a', other: 'b' },
      expiration_seconds: 100,
      expires_at: '2999-01-01T00:00:00',
      expires_skew_tolerance: 5,
    },
    options,
  );
  const unknownType = await s.post(
    'an unknown type',
    '/service_connectors',
    { ...create, name: s.name('custom'), connector_type: 'custom', auth_method: 'any', resource_types: ['thing'], configuration: { a: 'b' } },
    options,
  );
  await s.post('an unknown authentication method', '/service_connectors', { ...create, name: s.name('x'), auth_method: 'nope' }, options);
  await s.post('an unknown resource type', '/service_connectors', { ...create, name: s.name('x'), resource_types: ['nope'] }, options);
  await s.post('without resource types', '/service_connectors', { ...create, name: s.name('all'), resource_types: [] }, options);
  await s.post('a missing attribute', '/service_connectors', { ...create, name: s.name('x'), configuration: { username: 'u' } }, options);
  await s.post(
    'an unknown attribute',
    '/service_connectors',
    { ...create, name: s.name('more'), configuration: { ...create.configuration, nope: 1 } },
    options,
  );
  await s.post(
    'an attribute of another type',
    '/service_connectors',
    { ...create, name: s.name('x'), configuration: { ...create.configuration, password: 7 } },
    options,
  );
  await s.post('a name that is taken', '/service_connectors', create, options);
  await s.get('by id', `/service_connectors/${alpha.id}`, options);
  await s.get('by id, without secrets', `/service_connectors/${alpha.id}`, { query: { expand_secrets: false }, ...options });
  await s.get('by id, not hydrated', `/service_connectors/${alpha.id}`, { query: { hydrate: false }, ...options });
  await s.get('its secret is hidden', '/secrets', { query: { name: `contains:${s.name('alpha')}` } });
  await s.get('by labels', '/service_connectors', { query: { name: s.mine, labels_str: 'team=a' }, ...options });
  await s.get('by labels as JSON', '/service_connectors', { query: { name: s.mine, labels_str: '{"team": "a", "other": null}' }, ...options });
  await s.get('by resource type', '/service_connectors', { query: { name: s.mine, resource_type: 'docker-registry', sort_by: 'asc:name' }, ...options });
  await filterCases(s, operations, '/service_connectors', {
    scope: { name: s.mine },
    samples: {
      name: s.name('alpha'),
      id: alpha.id,
      user: 'admin',
      connector_type: 'docker',
      auth_method: 'password',
      resource_type: 'thing',
      resource_id: 'https://registry.example.com',
      labels_str: 'team=a',
    },
    without: ['expand_secrets'],
    unique: ['name'],
    scrub: withoutProse,
  });
  await s.put('rename', `/service_connectors/${alpha.id}`, { name: s.name('alpha2') }, options);
  await s.put('rename to a taken name', `/service_connectors/${alpha.id}`, { name: s.name('custom') }, options);
  await s.put('configuration', `/service_connectors/${alpha.id}`, { configuration: { username: 'v', password: 'q' } }, options);
  await s.put('labels', `/service_connectors/${alpha.id}`, { labels: { team: 'c' } }, options);
  await s.put('what is left out is kept or cleared', `/service_connectors/${alpha.id}`, { description: 'second' }, options);
  await s.put('resource id', `/service_connectors/${alpha.id}`, { resource_id: 'https://other.example.com', expiration_seconds: 5 }, options);
  await s.put('update nothing', `/service_connectors/${alpha.id}`, {}, options);
  await s.get('after the updates', `/service_connectors/${alpha.id}`, options);

  const component = await s.post(
    'a component that uses it',
    '/components',
    {
      name: s.name('registry'),
      type: 'container_registry',
      flavor: 'default',
      configuration: { uri: 'https://other.example.com' },
      connector: alpha.id,
      connector_resource_id: 'x',
    },
    options,
  );
  await s.get('the component', `/components/${component.id}`, options);
  await s.put('resource types while in use', `/service_connectors/${alpha.id}`, { resource_types: ['nope'] }, options);
  await s.delete('delete while in use', `/service_connectors/${alpha.id}`);
  await s.put('the component without it', `/components/${component.id}`, { connector: null, name: s.name('registry') }, options);
  await s.delete('the component', `/components/${component.id}`);
  await s.get('a client of an unknown type', `/service_connectors/${unknownType.id}/client`, options);
  await s.get('a client of nothing', `/service_connectors/${NOBODY}/client`);
  await s.put('verify nothing', `/service_connectors/${NOBODY}/verify`);
  await s.put('verify an unknown type', `/service_connectors/${unknownType.id}/verify`, undefined, options);
  await s.post('verify an unknown type before creating', '/service_connectors/verify', { ...create, connector_type: 'custom', auth_method: 'any' }, options);
  await s.post('full stack resources of nothing', '/service_connectors/full_stack_resources', undefined);
  await s.post('full stack resources of an unknown connector', '/service_connectors/full_stack_resources', undefined, { query: { connector_uuid: NOBODY } });
  await s.get('resources', '/service_connectors/resources', { query: { name: s.name('custom') }, ...options });
  await refusals(s, '/service_connectors', {
    create: { ...create, name: s.name('r'), connector_type: 'custom', auth_method: 'any', description: 'x', labels: {}, supports_instances: false },
    update: { description: 'x', labels: {} },
    id: unknownType.id,
  });
  await s.delete('delete', `/service_connectors/${alpha.id}`);
  await s.get('gone', `/service_connectors/${alpha.id}`);
  await s.delete('delete again', `/service_connectors/${alpha.id}`);
  await s.post('legacy: create', '/workspaces/default/service_connectors', { ...create, name: s.name('legacy') }, options);
  await s.get('legacy: list', '/workspaces/default/service_connectors', { query: { name: s.mine, sort_by: 'asc:name' }, ...options });
  await s.get('legacy: resources', '/workspaces/default/resources', { query: { name: s.name('custom') }, ...options });
});

export const visualizations = scenario('curated_visualizations', async (s) => {
  const project = await s.project();
  const other = await s.project('other');
  const stack = await defaultStack(s);
  const html = {
    visualizations: [
      { type: 'html', uri: '/tmp/a.html' },
      { type: 'json', uri: '/tmp/b.json' },
    ],
  };
  const version = await s.post('given an artifact version', '/artifact_versions', artifactVersionBody(project, html));
  const foreign = await s.post('given one of another project', '/artifact_versions', artifactVersionBody(other, html));
  const visualization = version.pick('metadata.visualizations.0.id') ?? NOBODY;
  const second = version.pick('metadata.visualizations.1.id') ?? NOBODY;
  const pipeline = await makePipeline(s, project);
  const snapshot = await makeSnapshot(s, project, pipeline, stack);
  const run = await makeRun(s, project, snapshot.id, 'run');
  const model = await s.post('given a model', '/models', { project, name: 'm' });
  const create = { project, artifact_visualization_id: visualization, resource_id: pipeline, resource_type: 'pipeline' };
  const alpha = await s.post('create', '/curated_visualizations', { ...create, display_name: 'first', display_order: 1, layout_size: 'half_width' });
  for (const [type, id] of [
    ['pipeline_run', run.runId],
    ['pipeline_snapshot', snapshot.id],
    ['model', model.id],
    ['project', project],
  ] as const) {
    await s.post(`on a ${type}`, '/curated_visualizations', { ...create, resource_type: type, resource_id: id });
  }
  await s.post('the same again', '/curated_visualizations', create);
  await s.post('the same place', '/curated_visualizations', { ...create, artifact_visualization_id: second, display_order: 1 });
  await s.post('a second one', '/curated_visualizations', { ...create, artifact_visualization_id: second, display_order: 0 });
  await s.post('an unknown visualisation', '/curated_visualizations', { ...create, artifact_visualization_id: NOBODY });
  await s.post('a visualisation of another project', '/curated_visualizations', {
    ...create,
    artifact_visualization_id: foreign.pick('metadata.visualizations.0.id') ?? NOBODY,
  });
  await s.post('on nothing', '/curated_visualizations', { ...create, resource_id: NOBODY });
  await s.post('on a project by the type of a model', '/curated_visualizations', { ...create, resource_type: 'model', resource_id: project });
  await s.get('by id', `/curated_visualizations/${alpha.id}`);
  await s.get('by id, not hydrated', `/curated_visualizations/${alpha.id}`, { query: { hydrate: false } });
  await s.get('the pipeline with them', `/pipelines/${pipeline}`);
  await s.get('the run with one', `/runs/${run.runId}`);
  await s.get('the project with one', `/projects/${project}`);
  await s.put('update', `/curated_visualizations/${alpha.id}`, { display_name: 'renamed', display_order: 5, layout_size: 'full_width' });
  await s.put('the place of another', `/curated_visualizations/${alpha.id}`, { display_order: 0 });
  await s.put('nulls', `/curated_visualizations/${alpha.id}`, { display_name: null, display_order: null, layout_size: null });
  await s.put('update nothing', `/curated_visualizations/${alpha.id}`, {});
  await refusals(s, '/curated_visualizations', {
    create: { ...create, resource_id: snapshot.id, resource_type: 'pipeline_snapshot', display_name: 'x', display_order: 3, layout_size: 'half_width' },
    update: { display_name: 'x', display_order: 9, layout_size: 'half_width' },
    id: alpha.id,
  });
  await s.delete('delete', `/curated_visualizations/${alpha.id}`);
  await s.delete('delete again', `/curated_visualizations/${alpha.id}`);
  await s.delete('the artifact version of the others', `/artifact_versions/${version.id}`);
  await s.get('the pipeline without them', `/pipelines/${pipeline}`);
});

export const hookInvocations = scenario('hook_invocations', async (s, operations) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const snapshot = await makeSnapshot(s, project, await makePipeline(s, project), stack);
  const run = await makeRun(s, project, snapshot.id, 'run');
  const step = await makeStep(s, project, run.runId, 'first');
  const artifact = await makeArtifactVersion(s, project);
  const own = `${s.session.replace(/[^0-9a-f]/g, '0').padEnd(8, 'e')}-4444-4444-8444-444444444444`;
  const create = { project, hook_type: 'run_start', status: 'completed', start_time: '2024-01-02T03:04:05', pipeline_run_id: run.runId };
  const alpha = await s.post('create', '/hook_invocations', {
    ...create,
    id: own,
    name: 'my-hook',
    end_time: '2024-01-02T03:04:06',
    source: 'a.b',
    step_run_id: step.id,
    outputs: { out: [artifact.id] },
    exception_info: { traceback: 'tb' },
  });
  await s.post('the same id again', '/hook_invocations', { ...create, id: own });
  await s.post('the least', '/hook_invocations', create);
  for (const type of [
    'run_success',
    'run_failure',
    'run_end',
    'run_pause',
    'run_resume',
    'step_start',
    'step_end',
    'step_success',
    'step_failure',
    'custom',
    'nope',
  ])
    await s.post(`of type ${type}`, '/hook_invocations', { ...create, hook_type: type });
  for (const name of ['9starts-with-a-digit', 'has space', 'ok.name_1-x', '']) await s.post(`the name '${name}'`, '/hook_invocations', { ...create, name });
  await s.post('an unknown run', '/hook_invocations', { ...create, pipeline_run_id: NOBODY });
  await s.post('an unknown step', '/hook_invocations', { ...create, step_run_id: NOBODY });
  await s.post('an unknown output', '/hook_invocations', { ...create, outputs: { out: [NOBODY] } });
  await s.post('unknown logs', '/hook_invocations', { ...create, logs_id: NOBODY });
  await s.get('by id', `/hook_invocations/${alpha.id}`);
  await s.get('by id, not hydrated', `/hook_invocations/${alpha.id}`, { query: { hydrate: false } });
  await filterCases(s, operations, '/hook_invocations', {
    scope: { project },
    samples: {
      id: alpha.id,
      user: 'admin',
      pipeline_run_id: run.runId,
      step_run_id: step.id,
      hook_type: 'run_start',
      name: 'my-hook',
      status: 'completed',
      start_time: '2024-01-02 03:04:05',
    },
  });
  await refusals(s, '/hook_invocations', { create: { ...create, name: 'r', source: 'x', outputs: {} }, id: alpha.id, verbs: ['GET', 'DELETE'] });
  await s.delete('the artifact version it made', `/artifact_versions/${artifact.id}`);
  await s.delete('delete', `/hook_invocations/${alpha.id}`);
  await s.delete('delete again', `/hook_invocations/${alpha.id}`);
  await s.delete('the run', `/runs/${run.runId}`);
  await s.get('its other hooks', '/hook_invocations', { query: { project } });
});

export const waitConditions = scenario('run_wait_conditions', async (s, operations) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const pipeline = await makePipeline(s, project);
  const dynamic = await makeSnapshot(s, project, pipeline, stack, { is_dynamic: true, step_configurations: {} });
  const fixed = await makeSnapshot(s, project, pipeline, stack);
  const run = await makeRun(s, project, dynamic.id, 'dynamic');
  const create = {
    project,
    run: run.runId,
    name: 'alpha',
    type: 'external_input',
    question: 'really?',
    data_schema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
    metadata: { rows: 3 },
  };
  const alpha = await s.post('create', '/run_wait_conditions', create);
  await s.post('the same again', '/run_wait_conditions', create);
  await s.post('the name with another question', '/run_wait_conditions', { ...create, question: 'other' });
  await s.post('a second one while the first is pending', '/run_wait_conditions', { ...create, name: 'beta' });
  await s.post('in a static run', '/run_wait_conditions', { ...create, run: (await makeRun(s, project, fixed.id, 'static')).runId });
  await s.post('in an unknown run', '/run_wait_conditions', { ...create, run: NOBODY });
  await s.post('of an unknown type', '/run_wait_conditions', { ...create, type: 'nope' });
  await s.get('by id', `/run_wait_conditions/${alpha.id}`);
  await s.get('by id, not hydrated', `/run_wait_conditions/${alpha.id}`, { query: { hydrate: false } });
  await s.get('the run that waits', `/runs/${run.runId}`);
  const lease = { poller_instance_id: 'poller', poller_lease_expires_at: '2999-01-01T00:00:00' };
  for (const mode of ['refresh', 'nope']) await s.put(`lease: ${mode}`, `/run_wait_conditions/${alpha.id}`, { ...lease, mode });
  await s.get('leased', `/run_wait_conditions/${alpha.id}`);
  await s.put('resolve with a result that does not fit', `/run_wait_conditions/${alpha.id}/resolve`, { resolution: 'continue', result: { a: 'x' } });
  await s.put('resolve', `/run_wait_conditions/${alpha.id}/resolve`, { resolution: 'continue', result: { a: 1 } });
  await s.put('resolve again', `/run_wait_conditions/${alpha.id}/resolve`, { resolution: 'abort' });
  await s.put('lease after it is resolved', `/run_wait_conditions/${alpha.id}`, { ...lease, mode: 'finalize' });
  const beta = await s.post('the next one', '/run_wait_conditions', { ...create, name: 'beta', data_schema: null });
  await s.put('resolve with a result that nobody asked for', `/run_wait_conditions/${beta.id}/resolve`, { resolution: 'continue', result: 1 });
  await s.put('finalize', `/run_wait_conditions/${beta.id}`, { ...lease, mode: 'finalize' });
  await s.get('the paused run', `/runs/${run.runId}`);
  await s.put('abort', `/run_wait_conditions/${beta.id}/resolve`, { resolution: 'abort' });
  await s.get('the aborted run', `/runs/${run.runId}`);
  const answers: [name: string, schema: object, result: unknown][] = [
    ['a float', { type: 'number', minimum: 0.5 }, '3.0'],
    ['a float as an integer', { type: 'integer' }, '2.0'],
    ['a naive time', { type: 'string', format: 'date-time' }, '"2026-11-23T10:00:00"'],
    ['too few', { type: 'array', minItems: 1 }, '[]'],
    ['what it must not be', { not: { type: 'string' } }, '"a"'],
    ['what is required and has a default', { type: 'object', required: ['a'], properties: { a: { default: 1 } } }, '{}'],
    ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'array', items: [{ type: 'string' }] }, '[1]'],
  ];
  for (const [name, data_schema, result] of answers) {
    const { runId } = await makeRun(s, project, dynamic.id, name);
    const asked = await s.post(`ask for ${name}`, '/run_wait_conditions', { ...create, run: runId, data_schema });
    const raw = `{"resolution": "continue", "result": ${result}}`;
    await s.put(`answer with ${name}`, `/run_wait_conditions/${asked.id}/resolve`, undefined, { raw, headers: { 'content-type': 'application/json' } });
  }
  await s.put('resolve nothing', `/run_wait_conditions/${NOBODY}/resolve`, { resolution: 'abort' });
  await filterCases(s, operations, '/run_wait_conditions', {
    scope: { project },
    samples: {
      id: alpha.id,
      user: 'admin',
      pipeline_run: 'dynamic',
      type: 'external_input',
      status: 'resolved',
      name: 'alpha',
      resolved_by: 'admin',
      resolution: 'continue',
      run_metadata: 'rows:3',
    },
  });
  await refusals(s, '/run_wait_conditions', { create: { ...create, name: 'r' }, update: { ...lease, mode: 'refresh' }, id: alpha.id, verbs: ['GET', 'PUT'] });
  await s.delete('the run', `/runs/${run.runId}`);
  await s.get('gone with its run', `/run_wait_conditions/${alpha.id}`);
});
