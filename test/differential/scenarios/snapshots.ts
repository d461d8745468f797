import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { chain, defaultComponent, defaultStack, makePipeline, makeRun, makeStep, source, step } from '../fixtures.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const snapshots = scenario('snapshots', async (s, operations) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const pipeline = await makePipeline(s, project);
  const second = await makePipeline(s, project, 'q');
  const foreign = await makePipeline(s, await s.project('other'), 'foreign');
  const secret = await s.post('given a secret', '/secrets', { name: s.name('secret'), values: {} });
  const repository = await s.post('given a code repository', '/code_repositories', { project, name: 'repo', config: {}, source: source('Repo') });
  const build = await s.post('given a build', '/pipeline_builds', {
    project,
    is_local: false,
    contains_code: true,
    images: { orchestrator: { image: 'img' } },
    stack,
    pipeline,
  });
  const orchestrator = await defaultComponent(s, 'orchestrator');
  const schedule = await s.post('given a schedule', '/schedules', {
    project,
    name: 'schedule',
    active: true,
    cron_expression: '* * * * *',
    orchestrator_id: orchestrator,
    pipeline_id: pipeline,
  });
  const least = { project, pipeline, stack, run_name_template: 'run', pipeline_configuration: { name: 'p' }, step_configurations: {} };
  const create = {
    ...least,
    step_configurations: chain,
    client_environment: { os: 'linux', python_packages: ['a==1'] },
    client_version: '0.98.0',
    server_version: '0.98.0',
  };

  const alpha = await s.post('create', '/pipeline_snapshots', {
    ...create,
    name: 'alpha',
    description: 'first',
    pipeline_version_hash: 'hash',
    source_code: 'def p(): pass',
    code_path: 'code/path.tar.gz',
    tags: [s.name('auto-a')],
    build: build.id,
    schedule: schedule.id,
    code_reference: { commit: 'abc', subdirectory: 'src', code_repository: repository.id },
    pipeline_spec: { version: '0.4', source: source('p'), parameters: { z: 1, a: 2 }, steps: [chain.first.spec, chain.second.spec, chain.third.spec] },
  });
  await s.post('the same code reference again', '/pipeline_snapshots', {
    ...create,
    code_reference: { commit: 'abc', subdirectory: 'src', code_repository: repository.id },
  });
  const plain = await s.post('the least', '/pipeline_snapshots', least);
  const derived = await s.post('derived from another', '/pipeline_snapshots', { ...create, source_snapshot: alpha.id });
  await s.post('dynamic', '/pipeline_snapshots', { ...create, is_dynamic: true });
  await s.post('merged configuration', '/pipeline_snapshots', {
    ...create,
    pipeline_configuration: {
      name: 'p',
      enable_cache: false,
      environment: { A: '1', B: '2' },
      secrets: [secret.id],
      settings: { docker: { requirements: ['a'] }, resources: { cpu_count: 2 } },
      extra: { team: 'x', deep: { a: 1, b: 2 } },
      substitutions: { who: 'me' },
      retry: { max_retries: 2, delay: 1, backoff: 1 },
      parameters: { a: 1 },
      failure_hook_source: source('on_failure'),
      model: { name: s.name('model'), version: '1' },
      tags: ['auto-t'],
      cache_policy: { include_step_code: false },
    },
    step_configurations: {
      one: step('one', [], {
        overrides: {
          enable_cache: true,
          environment: { B: '3', C: '4' },
          extra: { deep: { b: 3 } },
          settings: { resources: { memory: '1GB' } },
          substitutions: { what: 'this' },
          secrets: [s.name('secret')],
          parameters: { p: 1 },
        },
      }),
      two: step('two', ['one'], {
        overrides: {
          retry: { max_retries: 5, delay: 0, backoff: 1 },
          success_hook_source: source('on_success'),
          step_operator: 'op',
          experiment_tracker: 'track',
        },
      }),
    },
  });
  for (const [what, name] of [
    ['false', false],
    ['true', true],
    ['empty', ''],
    ['with a tab', 'a\tb'],
    ['that is taken', 'alpha'],
  ] as const)
    await s.post(`a name ${what}`, '/pipeline_snapshots', { ...least, name });
  await s.post('the taken name for another pipeline', '/pipeline_snapshots', { ...least, pipeline: second, name: 'alpha' });
  for (const [what, field] of [
    ['pipeline', 'pipeline'],
    ['stack', 'stack'],
    ['build', 'build'],
    ['schedule', 'schedule'],
    ['template', 'template'],
    ['source snapshot', 'source_snapshot'],
    ['project', 'project'],
  ] as const) {
    await s.post(`an unknown ${what}`, '/pipeline_snapshots', { ...least, [field]: NOBODY });
  }
  await s.post('a pipeline of another project', '/pipeline_snapshots', { ...least, pipeline: foreign });
  await s.post('an unknown code repository', '/pipeline_snapshots', { ...least, code_reference: { commit: 'a', subdirectory: '', code_repository: NOBODY } });
  await s.post('a step that follows an unknown one', '/pipeline_snapshots', { ...least, step_configurations: { a: step('a', ['nope']) } });
  await s.post('steps that follow each other', '/pipeline_snapshots', { ...least, step_configurations: { a: step('a', ['b']), b: step('b', ['a']) } });

  await s.get('by id', `/pipeline_snapshots/${alpha.id}`);
  await s.get('by id, not hydrated', `/pipeline_snapshots/${alpha.id}`, { query: { hydrate: false } });
  await s.get('one step only', `/pipeline_snapshots/${alpha.id}`, { query: { step_configuration_filter: ['first', 'nope'] } });
  await s.get('with the configuration schema', `/pipeline_snapshots/${alpha.id}`, { query: { include_config_schema: true } });
  await s.get('with the configuration schema, without a build', `/pipeline_snapshots/${plain.id}`, { query: { include_config_schema: true } });
  await s.get('a download token without a code path', `/pipeline_snapshots/${plain.id}/download-token`);
  await s.get('a download token of nothing', `/pipeline_snapshots/${NOBODY}/download-token`);
  await s.get('code with a token that is none', `/pipeline_snapshots/${alpha.id}/code`, { query: { token: 'x' }, token: null });
  await s.get('code without a token', `/pipeline_snapshots/${alpha.id}/code`, { token: null });
  const run = await makeRun(s, project, derived.id, 'of-derived');
  await s.get('with a run of a derived snapshot', `/pipeline_snapshots/${alpha.id}`);
  await filterCases(s, operations, '/pipeline_snapshots', {
    scope: { project },
    samples: {
      name: 'alpha',
      id: alpha.id,
      user: 'admin',
      tags: s.name('auto-a'),
      pipeline: 'p',
      stack: 'default',
      build_id: build.id,
      schedule_id: schedule.id,
      source_snapshot_id: alpha.id,
      trigger_id: NOBODY,
    },
    sorts: ['deployment'],
  });

  await s.put('rename', `/pipeline_snapshots/${alpha.id}`, {
    name: 'alpha2',
    description: 'second',
    add_tags: [s.name('auto-b')],
    remove_tags: [s.name('auto-a')],
  });
  await s.put('name an unnamed one', `/pipeline_snapshots/${plain.id}`, { name: 'plain' });
  await s.put('rename to a taken name', `/pipeline_snapshots/${plain.id}`, { name: 'alpha2' });
  await s.put('rename to its own name', `/pipeline_snapshots/${plain.id}`, { name: 'plain' });
  await s.put('name true', `/pipeline_snapshots/${plain.id}`, { name: true });
  await s.put('rename to a taken name, replacing', `/pipeline_snapshots/${plain.id}`, { name: 'alpha2', replace: true });
  await s.get('the one that was replaced', `/pipeline_snapshots/${alpha.id}`);
  await s.post('create with a taken name, replacing', '/pipeline_snapshots', { ...least, name: 'alpha2', replace: true });
  await s.get('the unreferenced one that was replaced', `/pipeline_snapshots/${plain.id}`);
  const named = await s.post('a name to take away', '/pipeline_snapshots', { ...least, name: 'named' });
  await s.put('take the name away', `/pipeline_snapshots/${named.id}`, { name: false });
  await s.put('update nothing', `/pipeline_snapshots/${named.id}`, {});
  await refusals(s, '/pipeline_snapshots', {
    create: {
      ...least,
      name: 'r',
      description: 'x',
      client_environment: {},
      is_dynamic: false,
      tags: [],
      client_version: 'x',
      source_code: 'x',
      code_path: 'x',
    },
    update: { name: 'r2', description: 'x', replace: false, add_tags: [] },
    id: alpha.id,
  });

  for (const apply of [false, undefined])
    await s.post(`prune, apply ${apply}`, '/pipeline_snapshots/prune', { project, older_than: '2999-01-01T00:00:00', apply });
  await s.post('prune what is old', '/pipeline_snapshots/prune', { project, older_than: '2001-01-01T00:00:00', apply: false });
  await s.post('prune with an offset', '/pipeline_snapshots/prune', { project, older_than: '2999-01-01T00:00:00+02:00' });
  await s.post('prune in nothing', '/pipeline_snapshots/prune', { project: NOBODY, older_than: '2999-01-01T00:00:00' });
  await s.post('prune without a moment', '/pipeline_snapshots/prune', { project });

  const made = await makeStep(s, project, run.runId, 'first');
  await s.delete('delete one that has a run', `/pipeline_snapshots/${derived.id}`);
  await s.get('its run', `/runs/${run.runId}`);
  await s.get('its step', `/steps/${made.id}`);
  await s.delete('delete one that others derive from', `/pipeline_snapshots/${alpha.id}`);
  await s.get('it is gone', `/pipeline_snapshots/${alpha.id}`);
  await s.delete('delete it again', `/pipeline_snapshots/${alpha.id}`);
  await s.get('the schedule remains', `/schedules/${schedule.id}`);
  await s.get('the build remains', `/pipeline_builds/${build.id}`);
  await s.delete('delete the stack of a snapshot', `/pipeline_builds/${build.id}`);

  // The old name of the same resource.
  const legacy = await s.post('legacy: create', '/pipeline_deployments', { ...create });
  await s.get('legacy: list', '/pipeline_deployments', { query: { project, sort_by: 'asc:created', size: 3 } });
  await s.get('legacy: get', `/pipeline_deployments/${legacy.id}`);
  await s.get('legacy: get as an old client', `/pipeline_deployments/${legacy.id}`, { headers: { 'user-agent': 'zenml/0.80.0' } });
  await s.get('legacy: one step only', `/pipeline_deployments/${legacy.id}`, { query: { step_configuration_filter: ['first'] } });
  await s.delete('legacy: delete', `/pipeline_deployments/${legacy.id}`);
  await s.post('legacy: create in a workspace', `/workspaces/${project}/pipeline_deployments`, { ...create });
  await s.get('legacy: list in a workspace', `/workspaces/${project}/pipeline_deployments`, { query: { sort_by: 'asc:created', size: 2 } });
});
