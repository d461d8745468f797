import { scenario } from '../compare.js';
import { defaultStack, makePipeline, remoteStack, source, step } from '../fixtures.js';
import { NOBODY } from '../side.js';

type Given = Record<string, unknown>;

/** Every field in the ways in which clients, files and people write it. Of steps and pipelines alike unless said otherwise. */
const common: Record<string, unknown[]> = {
  enable_cache: ['yes', 0, 'off', 2, null],
  settings: [
    { docker: { requirements: ['a', 'b'], parent_image: null } },
    { docker: { copy_files: true } },
    { resources: { cpu_count: '2', memory: '1GB' } },
    { resources: { memory: '1XB' } },
    { 'orchestrator.local': { synchronous: false, nested: { a: [1.0, 1e3, 12345678901234567890n.toString()] } } },
    { orchestrator: null },
    { orchestrator: 'text' },
    { 'nope.nope': {} },
    null,
  ],
  environment: [{ A: 1 }, { A: null }, { A: true }, { A: 1.5 }, { A: '' }, [], { '': 'x' }],
  secrets: [['nope'], [NOBODY], [1], 'text', null],
  extra: [{ a: { b: [{}, [], null, 1.0] } }, { a: null, n: { m: null } }, { a: 'é😀\n' }, 'text', null],
  failure_hook_source: [
    'my.hooks.failed',
    'hooks',
    '',
    'my.hooks.failed@abc',
    { module: 'a' },
    { module: 'a', type: 'user' },
    { module: 'a', type: 'nope' },
    7,
  ],
  start_hook_source: [{ module: 'a', attribute: 'b', type: 'code_repository', repository_id: NOBODY, commit: 'c', subdirectory: '' }],
  success_hook_source: [{ module: 'a', attribute: 'b', type: 'distribution_package', package_name: 'p', version: '1' }],
  model: [
    { name: 'm' },
    { name: 'm', version: 1 },
    { name: 'm', version: '1' },
    { name: 'm', version: 'production' },
    { name: 'm', version: 'latest' },
    { name: 'm', version: null },
    { name: 'm', version: 1.5 },
    { name: 'm', version: true },
    { name: 'm', tags: ['a', 'a'] },
    { name: 'm', model_version_id: NOBODY },
    { name: 'm', model_version_id: NOBODY, suppress_class_validation_warnings: true },
    { name: 'm', nope: 1 },
    { version: 'x' },
  ],
  retry: [{}, { max_retries: 0 }, { max_retries: 3, delay: 10, backoff: 2 }, { max_retries: '3' }, { delay: -1 }, { delay: 1.0 }, { delay: 1.5 }, null, 3],
  substitutions: [{ a: 'b' }, { date: 'x' }, { a: 1 }, { a: null }, null],
  cache_policy: [
    'default',
    'DEFAULT',
    'nope',
    {},
    null,
    { include_step_code: false },
    { ignored_inputs: ['a'] },
    { source_dependencies: ['a.b', source('c')] },
    { cache_func: 'a.b' },
    { cache_func: 7 },
    { expires_after: 60 },
    { expires_after: '60' },
    { expires_after: -1 },
    { file_dependencies: ['/etc/passwd'] },
    { nope: true },
  ],
};

const ofPipeline: Record<string, unknown[]> = {
  name: ['', 'a'.repeat(300), 'é', null, 7],
  execution_mode: ['fail_fast', 'stop_on_failure', 'continue_on_failure', 'nope', null],
  tags: [['a'], [{ name: 'a', cascade: true }], [{ name: 'a', color: 'red', exclusive: false }], [{ color: 'red' }], ['a', 'a'], 'a', null],
  parameters: [{ a: 1 }, { a: null }, [], null],
  init_hook_source: ['a.b'],
  init_hook_kwargs: [{ a: 1 }, [], null],
  cleanup_hook_source: ['a.b'],
  pause_hook_source: ['a.b'],
  steps_to_skip: [['a', 'a'], 'a', null],
  skip_successful_steps: ['true', null],
  step_input_overrides: [{ a: { b: NOBODY } }, { a: { b: 'x' } }, { a: null }],
  enable_heartbeat: [true, 'nope'],
  nope: [1],
};

const ofStep: Record<string, unknown[]> = {
  step_operator: [true, 'op', 'true', 'yes', 1, null, ['a']],
  experiment_tracker: [false, 'track', 0],
  parameters: [{ a: { b: 1.0 } }, [], null],
  runtime: ['inline', 'isolated', 'nope', null],
  heartbeat_healthy_threshold: [10, 9, 61, '30', 30.0, null],
  group: [{ id: 'a' }, { id: 'a', type: 'map' }, { id: 'a', type: 'nope' }, { name: 'a' }, null],
  outputs: [
    { o: { materializer_source: 'a.b' } },
    { o: { materializer_source: source('b') } },
    { o: { materializer_source: [source('b'), 'c.d'], artifact_source: 'x' } },
    { o: { materializer_source: null } },
    { o: {} },
    { o: { materializer_source: [], artifact_config: { name: 'n', version: 1, tags: ['a'], run_metadata: { a: 1 }, artifact_type: 'ModelArtifact' } } },
    { o: { materializer_source: [], artifact_config: { name: 'n', version: 1.5 } } },
    { o: { materializer_source: [], default_materializer_source: 'a.b' } },
  ],
  step_type: ['hook', 'nope', null],
  template: ['t', null],
  command: [['echo', 'a'], 'echo', null],
  caching_parameters: [{ a: 1 }],
  external_input_artifacts: [{ a: { id: NOBODY } }, { a: {} }, { a: { id: 'x' } }],
  model_artifacts_or_metadata: [{ a: { model_name: 'm', model_version: '1', artifact_name: 'x' } }, { a: {} }],
  client_lazy_loaders: [{ a: { method_name: 'm', call_chain: [{ attribute_name: 'x', is_call: true, call_args: [1], selector: 0 }] } }, { a: {} }],
  docstring: ['text'],
  inputs: [{ a: 'b' }],
};

const ofSpec: Record<string, unknown[]> = {
  source: ['a.b', '', { module: 'a' }, null],
  upstream_steps: [['nope'], 'a', null],
  inputs: [
    { x: { step_name: 'other', output_name: 'o' } },
    { x: [{ step_name: 'other', output_name: 'o', chunk_index: 0, chunk_size: 2 }] },
    { x: [] },
    { x: {} },
    { x: { step_name: 'nope', output_name: 'o' } },
  ],
  enable_heartbeat: [true, 'x'],
  parameter_spec: [{ a: 1 }, null, []],
};

const ofPipelineSpec: unknown[] = [
  { steps: [] },
  {},
  { steps: [], version: '0.4', source: 'a.b', parameters: { b: 1, a: 2 } },
  { steps: [], outputs: [{ step_name: 'a', output_name: 'b' }], input_schema: { type: 'object' }, output_schema: null },
  { steps: [], outputs: [{ step_name: 'a' }] },
  { steps: [{ source: 'a.b', upstream_steps: [], pipeline_parameter_name: 'x' }] },
  { steps: [{ source: 'a.b', upstream_steps: [] }] },
  null,
  [],
];

/** What a step or a pipeline is configured with, in requests for snapshots. */
export const configurations = scenario('configurations', async (s) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const pipeline = await makePipeline(s, project);
  const create = (title: string, configuration: Given, steps: Given, extra: Given = {}) =>
    s.post(title, '/pipeline_snapshots', {
      project,
      pipeline,
      stack,
      run_name_template: 'run',
      pipeline_configuration: { name: 'p', ...configuration },
      step_configurations: steps,
      ...extra,
    });
  const each = async (fields: Record<string, unknown[]>, ask: (name: string, value: unknown) => Promise<unknown>) => {
    for (const [name, values] of Object.entries(fields)) for (const value of values) await ask(name, value);
  };
  const asked = (name: string, value: unknown) => `${name} ${JSON.stringify(value)}`;
  const one = (overrides: Given, spec: Given = {}) => ({ one: step('one', [], { overrides, spec }), other: step('other') });

  await each({ ...common, ...ofPipeline }, (name, value) => create(`of a pipeline, ${asked(name, value)}`, { [name]: value }, one({})));
  await each({ ...common, ...ofStep }, (name, value) => create(`of a step, ${asked(name, value)}`, {}, one({ [name]: value })));
  // Where a pipeline says something, too.
  const under = {
    settings: { docker: { requirements: ['x'], apt_packages: ['y'] }, orchestrator: { a: { b: 1 } } },
    environment: { A: 'x', B: 'y' },
    extra: { a: { c: 1 }, d: [1] },
    substitutions: { a: 'x', z: 'y' },
    retry: { max_retries: 5, delay: 7 },
    cache_policy: { expires_after: 5, ignored_inputs: ['z'], include_step_code: false },
    failure_hook_source: source('under'),
    model: { name: 'under' },
  };
  for (const is_dynamic of [false, true])
    await each(common, (name, value) =>
      create(`of a step of a ${is_dynamic ? 'dynamic' : 'static'} pipeline that is configured, too, ${asked(name, value)}`, under, one({ [name]: value }), {
        is_dynamic,
      }),
    );
  await each(ofSpec, (name, value) => create(`of a step, its ${asked(name, value)}`, {}, one({}, { [name]: value })));
  for (const value of ofPipelineSpec) await create(`the specification ${JSON.stringify(value)}`, {}, {}, { pipeline_spec: value });
  const { spec, config } = step('one');
  await create('steps without overrides', {}, { one: { spec, config: { ...config, extra: { a: 1 } } } });
  await create(
    'steps with other overrides than their configuration',
    { extra: { p: 1 } },
    { one: { spec, config, step_config_overrides: { name: 'other', extra: { a: 1 } } } },
  );
  await create('a step whose place has another name', {}, { two: { spec, config } });
  await create('steps as a list', {}, [{ spec, config }] as never);

  const triggered = await s.post('given a trigger', '/triggers', { project, name: 'trigger', type: 'schedule', cron_expression: '0 0 1 1 *' });
  const remote = await remoteStack(s);
  const build = await s.post('given a build', '/pipeline_builds', {
    project,
    is_local: false,
    contains_code: true,
    images: { orchestrator: { image: 'img' } },
    stack: remote,
    pipeline,
    zenml_version: '0.98.0',
  });
  const named = await create('given a snapshot', under, one({ extra: { a: { own: 1 } }, environment: { B: 'own' } }), {
    name: 'named',
    build: build.id,
    stack: remote,
  });
  const path = `/triggers/${triggered.id}/pipeline_snapshots/${named.id}`;
  const schedules: unknown[] = [
    { cron_expression: '* * * * *' },
    {},
    { start_time: '2024-01-01T00:00:00' },
    { start_time: '2024-01-01T00:00:00', interval_second: 60 },
    { run_once_start_time: '2024-01-01T00:00:00' },
    { interval_second: 'PT1M', start_time: 1 },
  ];
  for (const schedule of schedules) await s.put(`a run configuration with the schedule ${JSON.stringify(schedule)}`, path, { schedule });
  for (const build of [NOBODY, 'x', {}, { is_local: true, contains_code: true }])
    await s.put(`a run configuration with the build ${JSON.stringify(build)}`, path, { build });
  const attach = async (title: string, body: Given) => {
    await s.put(title, path, body, { query: { allow_replace: true } });
    const trigger = await s.get(`${title}: attached`, `/triggers/${triggered.id}`);
    const copy = trigger.pick('resources.executable_snapshots.0.id');
    if (copy) await s.get(`${title}: the copy`, `/pipeline_snapshots/${copy}`);
  };
  await each({ ...common, execution_mode: ['nope', 'fail_fast'], tags: [['a'], 'a'], run_name: [7, 'x'], parameters: [[]] }, (name, value) =>
    attach(`a run configuration with ${asked(name, value)}`, { [name]: value }),
  );
  await each({ ...common, ...ofStep }, (name, value) =>
    attach(`a run configuration whose step has ${asked(name, value)}`, { steps: { one: { [name]: value } } }),
  );
});
