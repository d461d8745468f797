import { scenario } from '../compare.js';
import { artifactVersionBody, chain, defaultComponent, defaultStack, makePipeline, makeRun, makeSnapshot, makeStep, source } from '../fixtures.js';
import { NOBODY } from '../side.js';

type Given = Record<string, unknown>;
const long = (length: number) => 'a'.repeat(length);

/** What single fields of requests must be, and which go together: the rules of the original's request models, one by one. */
export const requests = scenario('requests', async (s) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const store = await defaultComponent(s, 'artifact_store');
  const orchestrator = await defaultComponent(s, 'orchestrator');
  const pipeline = await makePipeline(s, project);
  const snapshot = await makeSnapshot(s, project, pipeline, stack, { step_configurations: chain });
  const run = await makeRun(s, project, snapshot.id, 'r');
  const step = await makeStep(s, project, run.runId, 'first');
  const each = async (method: 'post' | 'put', path: string, least: Given, variants: Given[]) => {
    for (const one of variants)
      await s[method](`${method} ${path} with ${JSON.stringify(one).slice(0, 300)}`.replaceAll(/[0-9a-f-]{36}/g, ':id').slice(0, 160), path, {
        ...least,
        ...one,
      });
  };

  await each('post', '/steps', { project, pipeline_run_id: run.runId, name: 'second', start_time: '2024-01-02T03:05:00' }, [
    { status: 'failed', exception_info: { traceback: 't', step_code_line: 3 } },
    { status: 'failed', name: 'third', exception_info: { traceback: 't', step_code_line: 3, user_code_line: 4, more: { a: 1 } } },
    { status: 'nope' },
    { status: 'running', name: 'nope' },
    { status: 'running', name: long(300) },
    { status: 'running', exception_info: {} },
  ]);
  await each('put', `/steps/${step.id}`, {}, [
    { exception_info: { traceback: 't', step_code_line: 0 } },
    { exception_info: { traceback: 't', message: 'm', step_code_line: 7 } },
    { status: 'nope' },
    { end_time: 'yesterday' },
    { end_time: 1700000000 },
    { outputs: { a: [NOBODY] } },
    { outputs: { a: 'x' } },
    { loaded_artifact_versions: { a: NOBODY } },
  ]);
  await each('post', '/runs', { project, snapshot: snapshot.id, name: 'x', status: 'running' }, [
    { status: 'completed' },
    { status: 'failed' },
    { status: 'provisioning' },
    { parent_run_id: run.runId },
    { child_key: 'k' },
    { parent_run_id: run.runId, child_key: 'k', name: 'child' },
    { parent_run_id: run.runId, child_key: 'k', name: 'child again' },
    { parent_run_id: NOBODY, child_key: 'k' },
    { name: '' },
    { start_time: '2024-01-01' },
    { start_time: '2024-01-01T00:00:00.123456789' },
    { orchestrator_environment: { a: { b: null } }, name: 'z' },
    { client_environment: 'x' },
    {
      tags: [
        { name: s.name('red'), color: 'red' },
        { name: s.name('red'), color: 'red' },
      ],
      name: 'tagged',
    },
    { trigger_info: { step_run_id: NOBODY }, name: 'triggered' },
    { trigger_info: { deployment_id: NOBODY }, name: 'deployed' },
    { logs: { source: 'x' }, name: 'logged' },
    { logs: { uri: 'u', source: 'x', artifact_store_id: store }, name: 'logged with a store' },
  ]);
  await each('put', `/runs/${run.runId}`, {}, [
    { status: 'nope' },
    { status_reason: long(300) },
    { end_time: 'x' },
    { add_tags: ['a', 7] },
    { orchestrator_run_id: long(300) },
    { exception_info: { traceback: 't', step_code_line: 9 } },
  ]);
  await each('post', '/artifact_versions', artifactVersionBody(project), [
    { artifact_id: NOBODY },
    { artifact_name: null },
    { version: 1 },
    { version: '2' },
    { version: long(255) },
    { version: long(254) },
    { version: 1.5 },
    { version: true },
    { version: '' },
    { type: 'nope' },
    { save_type: 'nope' },
    { uri: long(70_000) },
    { materializer: 'a.b' },
    { data_type: '' },
    { content_hash: 'h', item_count: 3 },
    { item_count: -1 },
    { item_count: '4' },
    { metadata: { a: 1, b: [1, 'x'], c: { d: null }, e: true, f: 1.5, g: 'text' } },
    { metadata: { a: null } },
    { visualizations: [{ type: 'html', uri: 'x' }] },
    { visualizations: [{ type: 'nope', uri: 'x' }] },
    { has_custom_name: 'yes' },
    { artifact_store_id: store },
    { artifact_store_id: NOBODY },
    { producer_step_run_id: NOBODY },
    { metadata: { 'a:b': 1 } },
    { tags: [NOBODY] },
  ]);
  await each('post', '/artifacts', { project, name: 'artifact', has_custom_name: true }, [
    { name: '' },
    { name: long(256) },
    { has_custom_name: 2 },
    { tags: 'a' },
    { tags: [] },
  ]);
  await each('post', '/projects', {}, [
    {},
    { name: '' },
    { display_name: 'My Project!' },
    { display_name: '***' },
    { display_name: 'Ünïcode ß' },
    { name: s.name('a'), display_name: '' },
    { name: s.name('b'), display_name: null },
    { name: 'with space' },
    { name: 'UPPER' },
    { name: null, display_name: null },
    { name: long(256) },
    { name: s.name('c'), project_metadata: { a: { b: 1 } } },
    { name: s.name('d'), project_metadata: [] },
    { name: 7 },
  ]);
  await each('post', '/components', { type: 'orchestrator', flavor: 'local', configuration: {} }, [
    { name: '{{a.b}}' },
    { name: '' },
    { name: long(256) },
    { name: s.name('x y') },
    { name: s.name('e'), labels: { a: 1, b: null } },
    { name: s.name('f'), labels: [] },
    { name: s.name('g'), environment: { a: 1 } },
    { name: s.name('h'), configuration: null },
  ]);
  const components = { orchestrator: [orchestrator], artifact_store: [store] };
  await each('post', '/stacks', { name: s.name('stack'), components }, [
    { components: {} },
    { components: { orchestrator: [orchestrator] } },
    { components: { orchestrator: [], artifact_store: [store] } },
    { components: { orchestrator: [orchestrator, orchestrator], artifact_store: [store] } },
    { components: { nope: [orchestrator] } },
    { components: { ...components, alerter: [] } },
    { components: { ...components, orchestrator: [{ flavor: 'local', configuration: {}, service_connector_index: 0 }] } },
    { components: { ...components, orchestrator: [{ flavor: 'local', configuration: {}, service_connector_index: -1 }] } },
    { name: s.name('nobody'), components: { ...components, orchestrator: [NOBODY] } },
    { components: { ...components, orchestrator: ['x'] } },
    { name: '' },
    { name: s.name('labelled'), labels: { a: null } },
    { name: s.name('described'), description: null },
    { name: s.name('long'), description: long(256) },
  ]);
  await each('post', '/tags', {}, [
    { name: NOBODY },
    { name: NOBODY.replaceAll('-', '') },
    { name: `{${NOBODY}}` },
    { name: `urn:uuid:${NOBODY}` },
    { name: long(256) },
    { name: s.name('red'), color: 'red' },
    { name: s.name('pink'), color: 'pink' },
    { name: s.name('exclusive'), color: 'red', exclusive: 'yes' },
  ]);
  const tag = await s.post('given a tag', '/tags', { name: s.name('tag'), color: 'red' });
  await each('put', `/tags/${tag.id}`, {}, [{ name: NOBODY }]);
  const metadata = { project, resources: [{ id: run.runId, type: 'pipeline_run' }], values: { a: 1 }, types: { a: 'int' } };
  await each('post', '/run-metadata', metadata, [
    {},
    { values: { 'a:b': 1 }, types: { 'a:b': 'int' } },
    { values: { a: 1 }, types: {} },
    { values: {}, types: {} },
    { values: { a: 1 }, types: { a: 'nope' } },
    { values: { a: null }, types: { a: 'str' } },
    { values: { a: { b: [1, null] } }, types: { a: 'dict' } },
    { resources: [] },
    { resources: [{ id: NOBODY, type: 'pipeline_run' }] },
    { resources: [{ id: run.runId, type: 'nope' }] },
    { stack_component_id: NOBODY },
    { stack_component_id: orchestrator },
  ]);
  await each('post', '/logs', { project, uri: 'u', source: 'x', artifact_store_id: store }, [
    { artifact_store_id: null },
    { artifact_store_id: null, source: 'runner' },
    { pipeline_run_id: run.runId, step_run_id: step.id },
    { pipeline_run_id: run.runId, source: 'y' },
    { step_run_id: step.id, source: 'z' },
    { uri: long(70_000) },
    { uri: null, source: 'null' },
    { source: '' },
    { source: long(256) },
    { log_store_id: NOBODY },
    { id: '0c0ffee0-0000-4000-8000-0000000000aa', source: 'with an id', uri: 'v' },
  ]);
  await each('post', '/models', { project, name: 'm' }, [
    { name: '' },
    { name: long(256) },
    { save_models_to_registry: 'no' },
    { license: long(70_000) },
    { tags: ['a', 'a'] },
  ]);
  const model = await s.post('given a model', '/models', { project, name: 'model' });
  await each('post', `/models/${model.id}/model_versions`, { project, model: model.id }, [
    {},
    { name: '1' },
    { name: 'production' },
    { name: 'latest' },
    { name: '' },
    { name: long(256) },
    { stage: 'production' },
    { name: 'named', tags: [] },
  ]);
  const version = await s.post('given a model version', '/model_versions', { project, model: model.id, name: 'v' });
  await each('put', `/model_versions/${version.id}`, {}, [
    { stage: 'nope' },
    { stage: null },
    { stage: 'latest' },
    { stage: 'staging' },
    { stage: 'staging', force: false },
    { force: true },
    { name: '7' },
    { name: 'production' },
    { name: '' },
  ]);
  await each('post', '/schedules', { project, name: 'schedule', active: true, orchestrator_id: orchestrator, pipeline_id: pipeline }, [
    {},
    { cron_expression: '' },
    { cron_expression: 'nope' },
    { start_time: '2024-01-01T00:00:00' },
    { interval_second: 60 },
    { name: 'a', start_time: '2024-01-01T00:00:00', interval_second: 0 },
    { name: 'b', start_time: '2024-01-01T00:00:00', interval_second: 60.5 },
    { name: 'c', start_time: '2024-01-01T00:00:00', interval_second: 'P1DT2H' },
    { name: 'd', start_time: '2024-01-01T00:00:00', interval_second: '1 day, 02:00:00' },
    { name: 'e', start_time: '2024-01-01T00:00:00', interval_second: '02:00' },
    { name: 'f', start_time: '2024-01-01T00:00:00+05:30', interval_second: -60 },
    { name: 'g', run_once_start_time: 1700000000 },
    { name: 'h', run_once_start_time: '2024-02-30T00:00:00' },
    { name: 'i', cron_expression: '* * * * *', catchup: 'on', end_time: null },
  ]);
  const trigger = { project, type: 'schedule', cron_expression: '0 0 1 1 *' };
  await each('post', '/triggers', trigger, [
    { name: 'a', interval: 60 },
    { name: 'b', cron_expression: null, interval: 60 },
    { name: 'c', cron_expression: null, interval: 60, start_time: '2999-01-01T00:00:00' },
    { name: 'd', cron_expression: null },
    { name: 'e', start_time: '2999-01-01T00:00:00', end_time: '2999-01-01T00:00:00' },
    { name: 'f', max_runs: 0 },
    { name: 'g', max_runs: 2 },
    { name: 'h', type: 'nope' },
    { name: 'i', flavor: 'nope' },
    { name: 'j', concurrency: 'nope' },
    { name: '' },
    { name: long(256) },
    { name: 'k', active: 'no' },
  ]);
  await each('post', '/code_repositories', { project, name: 'repository', config: {}, source: source('Repo') }, [
    { name: '' },
    { name: 'a', config: null },
    { name: 'b', source: 'a.b' },
    { name: 'c', source: { module: 'a' } },
    { name: 'd', logo_url: long(300) },
    { name: 'e', description: long(300) },
  ]);
  await each('post', '/pipelines', { project, name: 'pipeline' }, [
    { name: '' },
    { name: long(256) },
    { name: 'a', description: long(70_000) },
    { name: 'b', tags: [] },
    { name: 'c', nope: 1 },
  ]);
  await each('post', '/secrets', { values: { a: 'b' } }, [
    { name: '' },
    { name: s.name('a'), values: { a: null } },
    { name: s.name('b'), values: { a: 1 } },
    { name: s.name('c'), values: null },
    { name: s.name('d'), private: 'yes' },
    { name: s.name('e'), values: { '': 'x', 'é b': '' } },
    { name: long(256) },
  ]);
  await each('post', '/pipeline_builds', { project, is_local: false, contains_code: true, images: {} }, [
    { images: { a: { image: 'i', nope: 1 } } },
    { images: { a: {} } },
    { images: { a: { image: 'i', contains_code: 'no', settings_checksum: 'c' } } },
    { images: [] },
    { is_local: 'maybe' },
    { duration: -1 },
    { duration: 1.5 },
    { checksum: long(70_000) },
    { zenml_version: 7 },
    { stack: NOBODY },
  ]);
  await each('post', '/flavors', { name: s.name('flavor'), type: 'orchestrator', config_schema: {}, source: 'a.b' }, [
    {},
    { name: s.name('a'), type: 'nope' },
    { name: s.name('b'), source: '' },
    { name: s.name('c'), config_schema: [] },
    { name: s.name('d'), connector_type: 'aws' },
    { name: s.name('e'), is_custom: false },
    { name: s.name('f'), config_schema: { properties: { a: { type: 'string' } }, required: ['a'] } },
    { name: '' },
  ]);
  const statistics = { groupings: [], metrics: [], max_groups: 10 };
  for (const body of [statistics, { ...statistics, max_groups: 0 }, { ...statistics, max_groups: 10_001 }, {}, { groupings: [{ name: 'a', type: 'nope' }] }])
    await s.post(`statistics of ${JSON.stringify(body)}`, '/runs/statistics', body, { query: { project } });
});
