import { createHmac } from 'node:crypto';
import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { defaultComponent, defaultStack, makePipeline, makeRun, makeSnapshot, remoteStack } from '../fixtures.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const schedules = scenario('schedules', async (s, operations) => {
  const project = await s.project();
  const pipeline = await makePipeline(s, project);
  const orchestrator = await defaultComponent(s, 'orchestrator');
  const create = { project, name: 'alpha', active: true, cron_expression: '0 * * * *', orchestrator_id: orchestrator, pipeline_id: pipeline };
  const alpha = await s.post('create', '/schedules', { ...create, start_time: '2024-01-02T03:04:05', end_time: '2999-01-02T03:04:05', catchup: true });
  await s.post('an interval', '/schedules', { ...create, name: 'interval', cron_expression: null, interval_second: 60, start_time: '2024-01-02T03:04:05' });
  await s.post('an interval as a duration', '/schedules', {
    ...create,
    name: 'duration',
    cron_expression: null,
    interval_second: 'PT1H',
    start_time: '2024-01-02T03:04:05',
  });
  await s.post('an interval without a start', '/schedules', { ...create, name: 'x', cron_expression: null, interval_second: 60 });
  await s.post('once', '/schedules', { ...create, name: 'once', cron_expression: null, run_once_start_time: '2999-01-02T03:04:05' });
  await s.post('an offset', '/schedules', { ...create, name: 'offset', start_time: '2024-01-02T03:04:05+02:00' });
  await s.post('cron and interval', '/schedules', { ...create, name: 'both', interval_second: 60, start_time: '2024-01-02T03:04:05' });
  await s.post('none of them', '/schedules', { ...create, name: 'x', cron_expression: null });
  await s.post('a cron expression that is none', '/schedules', { ...create, name: 'bad-cron', cron_expression: 'every day' });
  await s.post('an end before the start', '/schedules', { ...create, name: 'backwards', start_time: '2024-01-02T03:04:05', end_time: '2023-01-02T03:04:05' });
  await s.post('a name that is taken', '/schedules', create);
  await s.post('an unknown orchestrator', '/schedules', { ...create, name: 'x', orchestrator_id: NOBODY });
  await s.post('an unknown pipeline', '/schedules', { ...create, name: 'y', pipeline_id: NOBODY });
  await s.post('no pipeline', '/schedules', { ...create, name: 'z', pipeline_id: null });
  await s.get('by id', `/schedules/${alpha.id}`);
  await s.get('by id, not hydrated', `/schedules/${alpha.id}`, { query: { hydrate: false } });
  await s.post('metadata', '/run-metadata', { project, resources: [{ id: alpha.id, type: 'schedule' }], values: { a: 1 }, types: { a: 'int' } });
  await s.get('with metadata', `/schedules/${alpha.id}`);
  await filterCases(s, operations, '/schedules', {
    scope: { project },
    samples: {
      name: 'alpha',
      id: alpha.id,
      user: 'admin',
      pipeline_id: pipeline,
      orchestrator_id: orchestrator,
      cron_expression: '0 * * * *',
      start_time: '2024-01-02 03:04:05',
      interval_second: 60,
    },
  });
  await s.put('update', `/schedules/${alpha.id}`, { cron_expression: '5 * * * *' });
  await s.put('rename', `/schedules/${alpha.id}`, { name: 'alpha2' });
  await s.put('rename to a taken name', `/schedules/${alpha.id}`, { name: 'once' });
  await s.put('deactivate', `/schedules/${alpha.id}`, { active: false });
  await s.put('update nothing', `/schedules/${alpha.id}`, {});
  await refusals(s, '/schedules', {
    create: { ...create, name: 'r', catchup: false, start_time: '2024-01-02T03:04:05' },
    update: { name: 'r2', active: true, cron_expression: '1 * * * *' },
    id: alpha.id,
    verbs: ['GET', 'PUT'],
  });
  await s.delete('delete without saying how', `/schedules/${alpha.id}`);
  await s.delete('archive', `/schedules/${alpha.id}`, undefined, { query: { soft: true } });
  await s.get('archived', `/schedules/${alpha.id}`);
  await s.get('the archived ones', '/schedules', { query: { project, is_archived: true } });
  await s.delete('archive again', `/schedules/${alpha.id}`, undefined, { query: { soft: true } });
  await s.put('update an archived one', `/schedules/${alpha.id}`, { active: true });
  await s.post('the name of an archived one', '/schedules', { ...create, name: 'alpha2' });
  await s.delete('delete', `/schedules/${alpha.id}`, undefined, { query: { soft: false } });
  await s.get('gone', `/schedules/${alpha.id}`);
  await s.delete('delete again', `/schedules/${alpha.id}`, undefined, { query: { soft: false } });
  const legacy = await s.post('legacy: create', `/workspaces/${project}/schedules`, { ...create, name: 'legacy' });
  await s.get('legacy: list', `/workspaces/${project}/schedules`, { query: { sort_by: 'asc:created', size: 3 } });
  await s.delete('its pipeline', `/pipelines/${pipeline}`);
  await s.get('without its pipeline', `/schedules/${legacy.id}`);
});

export const builds = scenario('builds', async (s, operations) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const pipeline = await makePipeline(s, project);
  const create = {
    project,
    is_local: true,
    contains_code: false,
    images: {
      orchestrator: { image: 'img', dockerfile: 'FROM x', requirements: 'a', settings_checksum: 'sum', contains_code: false, requires_code_download: true },
    },
  };
  const alpha = await s.post('create', '/pipeline_builds', {
    ...create,
    zenml_version: '0.98.0',
    python_version: '3.11',
    checksum: 'check',
    stack_checksum: 'stack',
    stack,
    pipeline,
    duration: 12,
  });
  await s.post('the least', '/pipeline_builds', { project, is_local: false, contains_code: true });
  await s.post('the same again', '/pipeline_builds', create);
  await s.post('an unknown stack', '/pipeline_builds', { ...create, stack: NOBODY });
  await s.post('an unknown pipeline', '/pipeline_builds', { ...create, pipeline: NOBODY });
  await s.post('an unknown project', '/pipeline_builds', { ...create, project: NOBODY });
  await s.post('an image without a name', '/pipeline_builds', { ...create, images: { orchestrator: {} } });
  await s.get('by id', `/pipeline_builds/${alpha.id}`);
  await s.get('by id, not hydrated', `/pipeline_builds/${alpha.id}`, { query: { hydrate: false } });
  await filterCases(s, operations, '/pipeline_builds', {
    scope: { project },
    samples: {
      id: alpha.id,
      user: 'admin',
      pipeline_id: pipeline,
      stack_id: stack,
      zenml_version: '0.98.0',
      python_version: '3.11',
      checksum: 'check',
      stack_checksum: 'stack',
      duration: 12,
    },
  });
  await refusals(s, '/pipeline_builds', { create: { ...create, zenml_version: 'x', duration: 1 }, id: alpha.id, verbs: ['GET', 'DELETE'] });
  const kept = await s.post('a build in use', '/pipeline_builds', { ...create, stack, pipeline });
  const snapshot = await makeSnapshot(s, project, pipeline, stack, { build: kept.id });
  await s.delete('delete a build in use', `/pipeline_builds/${kept.id}`);
  await s.get('the snapshot without its build', `/pipeline_snapshots/${snapshot.id}`);
  await s.delete('delete again', `/pipeline_builds/${kept.id}`);
  await s.post('legacy: create', `/workspaces/${project}/pipeline_builds`, create);
  await s.get('legacy: list', `/workspaces/${project}/pipeline_builds`, { query: { sort_by: 'asc:created', size: 3 } });
});

/** A stack that the server could run: nothing in it is local. */

export const runTemplates = scenario('run_templates', async (s, operations) => {
  const project = await s.project();
  const stack = await remoteStack(s);
  const pipeline = await makePipeline(s, project);
  const build = await s.post('given a build', '/pipeline_builds', {
    project,
    is_local: false,
    contains_code: true,
    images: { orchestrator: { image: 'img' } },
    stack,
    pipeline,
  });
  const onLocalStack = await s.post('given a build for a local stack', '/pipeline_builds', {
    project,
    is_local: false,
    contains_code: true,
    images: {},
    stack: await defaultStack(s),
    pipeline,
  });
  const local = await s.post('given a local build', '/pipeline_builds', { project, is_local: true, contains_code: true, images: {}, stack, pipeline });
  const snapshot = await makeSnapshot(s, project, pipeline, stack, { build: build.id });
  const unbuilt = await makeSnapshot(s, project, pipeline, stack);
  const locally = await makeSnapshot(s, project, pipeline, stack, { build: local.id });
  const localStack = await makeSnapshot(s, project, pipeline, stack, { build: onLocalStack.id });
  const create = { project, name: 'alpha', source_snapshot_id: snapshot.id };
  const alpha = await s.post('create', '/run_templates', { ...create, description: 'first', tags: [s.name('auto-a')] });
  await s.post('hidden', '/run_templates', { ...create, name: 'hidden', hidden: true });
  await s.post('from a snapshot without a build', '/run_templates', { ...create, name: 'x', source_snapshot_id: unbuilt.id });
  await s.post('from a snapshot with a local build', '/run_templates', { ...create, name: 'y', source_snapshot_id: locally.id });
  await s.post('from a snapshot for a local stack', '/run_templates', { ...create, name: 'w', source_snapshot_id: localStack.id });
  await s.post('a name that is taken', '/run_templates', create);
  await s.post('an unknown snapshot', '/run_templates', { ...create, name: 'z', source_snapshot_id: NOBODY });
  await s.post('an unknown project', '/run_templates', { ...create, project: NOBODY });
  await s.get('by id', `/run_templates/${alpha.id}`);
  await s.get('by id, not hydrated', `/run_templates/${alpha.id}`, { query: { hydrate: false } });
  await s.get('the snapshot has its name', `/pipeline_snapshots/${snapshot.id}`);
  await s.get('the snapshot, runnable', `/pipeline_snapshots/${snapshot.id}`, { query: { include_config_schema: true } });
  await filterCases(s, operations, '/run_templates', {
    scope: { project },
    samples: {
      name: 'alpha',
      id: alpha.id,
      user: 'admin',
      tags: s.name('auto-a'),
      pipeline_id: pipeline,
      build_id: build.id,
      stack_id: stack,
      pipeline: 'p',
      stack: s.name('remote'),
    },
    unique: ['name'],
  });
  await s.put('update', `/run_templates/${alpha.id}`, {
    name: 'alpha2',
    description: 'second',
    hidden: true,
    add_tags: [s.name('auto-b')],
    remove_tags: [s.name('auto-a')],
  });
  await s.put('rename to a taken name', `/run_templates/${alpha.id}`, { name: 'hidden' });
  await s.put('update nothing', `/run_templates/${alpha.id}`, {});
  await refusals(s, '/run_templates', {
    create: { ...create, name: 'r', description: 'x', hidden: false, tags: [] },
    update: { name: 'r2', hidden: false },
    id: alpha.id,
  });
  await s.post('run it, without a workload manager', `/run_templates/${alpha.id}/runs`, {});
  await s.post('run the snapshot, without a workload manager', `/pipeline_snapshots/${snapshot.id}/runs`, {});
  await s.delete('the snapshot of a template', `/pipeline_snapshots/${snapshot.id}`);
  await s.get('the template without its snapshot', `/run_templates/${alpha.id}`);
  await s.delete('delete', `/run_templates/${alpha.id}`);
  await s.delete('delete again', `/run_templates/${alpha.id}`);
  await s.post('legacy: create', `/workspaces/${project}/run_templates`, { ...create, name: 'legacy', source_snapshot_id: unbuilt.id });
  await s.get('legacy: list', `/workspaces/${project}/run_templates`, { query: { sort_by: 'asc:name' } });
});

export const triggers = scenario('triggers', async (s, operations) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const pipeline = await makePipeline(s, project);
  const webhook = await s.post('given a webhook', '/webhooks', { project, name: 'hook', webhook_type: 'custom' }, { scrub: scrubSecret });
  const schedule = {
    project,
    name: 'alpha',
    type: 'schedule',
    flavor: 'native schedule',
    active: true,
    concurrency: 'skip',
    cron_expression: '0 0 1 1 *',
    start_time: '2990-01-02T03:04:05',
  };
  const event = {
    project,
    name: 'event',
    type: 'platform_event',
    flavor: 'platform event',
    active: true,
    concurrency: 'submit',
    source_entity: { type: 'pipeline', id: pipeline },
    target_events: ['run_completed', 'run_failed'],
  };
  const hooked = { project, name: 'hooked', type: 'webhook', flavor: 'webhook', active: true, concurrency: 'skip', webhook_id: webhook.id, configuration: {} };
  const alpha = await s.post('a schedule', '/triggers', schedule);
  const platform = await s.post('a platform event', '/triggers', event);
  const third = await s.post('a webhook', '/triggers', hooked);
  await s.post('an interval', '/triggers', { ...schedule, name: 'interval', cron_expression: undefined, interval: 3600 });
  await s.post('an interval that is too short', '/triggers', { ...schedule, name: 'x', cron_expression: undefined, interval: 59 });
  await s.post('an interval without a start', '/triggers', { ...schedule, name: 'x', cron_expression: undefined, interval: 3600, start_time: undefined });
  await s.post('once', '/triggers', {
    ...schedule,
    name: 'once',
    cron_expression: undefined,
    start_time: undefined,
    run_once_start_time: '2990-01-02T03:04:05+02:00',
  });
  await s.post('two ways at once', '/triggers', { ...schedule, name: 'x', interval: 3600 });
  await s.post('no way at all', '/triggers', { ...schedule, name: 'x', cron_expression: undefined });
  await s.post('a cron expression that is none', '/triggers', { ...schedule, name: 'x', cron_expression: 'nope' });
  await s.post('an end before the start', '/triggers', { ...schedule, name: 'x', end_time: '2980-01-01T00:00:00' });
  await s.post('no runs at all', '/triggers', { ...schedule, name: 'x', max_runs: 0 });
  await s.post('an event that the source does not have', '/triggers', { ...event, name: 'x', target_events: ['completed'] });
  await s.post('no events', '/triggers', { ...event, name: 'x', target_events: [] });
  await s.post('an unknown source', '/triggers', { ...event, name: 'x', source_entity: { type: 'pipeline', id: NOBODY } });
  await s.post('an unknown webhook', '/triggers', { ...hooked, name: 'x', webhook_id: NOBODY });
  await s.post('an unknown type', '/triggers', { ...schedule, type: 'nope' });
  await s.post('a name that is taken', '/triggers', schedule);
  await s.post('an unknown project', '/triggers', { ...schedule, project: NOBODY });
  await s.get('by id', `/triggers/${alpha.id}`);
  await s.get('by id, not hydrated', `/triggers/${alpha.id}`, { query: { hydrate: false } });

  const snapshot = await makeSnapshot(s, project, pipeline, stack, { name: 'named' });
  const unnamed = await makeSnapshot(s, project, pipeline, stack);
  await s.put('attach a snapshot that cannot run', `/triggers/${alpha.id}/pipeline_snapshots/${snapshot.id}`);
  await s.put('attach a snapshot without a name', `/triggers/${alpha.id}/pipeline_snapshots/${unnamed.id}`);
  await s.put('attach nothing', `/triggers/${alpha.id}/pipeline_snapshots/${NOBODY}`);
  await s.put('attach to nothing', `/triggers/${NOBODY}/pipeline_snapshots/${snapshot.id}`);
  await s.delete('detach what is not attached', `/triggers/${alpha.id}/pipeline_snapshots/${snapshot.id}`);
  await s.delete('clear the dispatch state', `/triggers/${alpha.id}/dispatch_state`);
  await s.delete('clear the dispatch state of a snapshot', `/triggers/${alpha.id}/dispatch_state`, undefined, { query: { snapshot_id: NOBODY } });
  await s.delete('clear the dispatch state of nothing', `/triggers/${NOBODY}/dispatch_state`);
  const remote = await remoteStack(s);
  const build = await s.post('given a build', '/pipeline_builds', {
    project,
    is_local: false,
    contains_code: true,
    images: { orchestrator: { image: 'img' } },
    stack: remote,
    pipeline,
    zenml_version: '0.98.0',
    python_version: '3.11',
  });
  const runnable = await makeSnapshot(
    s,
    project,
    pipeline,
    remote,
    { build: build.id, name: 'runnable', pipeline_spec: { steps: [] } },
    { settings: { a: { b: 1 } } },
  );
  const path = `/triggers/${platform.id}/pipeline_snapshots/${runnable.id}`;
  await s.put('attach with parameters', path, { parameters: { a: 1 } });
  await s.put('attach with docker settings', path, { settings: { docker: {} } });
  await s.put('attach with docker settings of a step', path, { steps: { first: { settings: { docker: {} } } } });
  await s.put('attach with a build', path, { build: build.id });
  await s.put('attach with a parameter that no step has', path, { steps: { first: { parameters: { nope: 1 } } } });
  await s.put('attach with settings of two components', path, { settings: { orchestrator: { a: 1 }, 'orchestrator.kubernetes': { b: 1 } } });
  await s.put('attach', path);
  const attached = await s.get('attached', `/triggers/${platform.id}`);
  await s.get('what it runs', `/pipeline_snapshots/${attached.pick('resources.executable_snapshots.0.id')}`);
  await s.put('attach again', path);
  await s.put(
    'attach in its place',
    path,
    {
      run_name: 'by-trigger-{date}',
      enable_cache: false,
      settings: { a: { c: 2 }, 'orchestrator.kubernetes': { timeout: 5 }, 'orchestrator:nope': { x: 1 } },
      extra: { x: 1 },
      steps: { first: { enable_cache: true, parameters: { a: 7 }, settings: { orchestrator: { timeout: 6 } } }, nope: {} },
    },
    { query: { allow_replace: true } },
  );
  const replaced = await s.get('replaced', `/triggers/${platform.id}`);
  await s.get('what it runs now', `/pipeline_snapshots/${replaced.pick('resources.executable_snapshots.0.id')}`);
  await s.get('triggers of the snapshot', '/triggers', { query: { project, snapshot_id: runnable.id } });
  await s.get('triggers of the pipeline, or not', '/triggers', { query: { project, pipeline_id: pipeline, name: 'nope', logical_operator: 'or' } });
  await s.get('triggers of two types', '/triggers', { query: { project, type: ['schedule', 'webhook'], sort_by: 'name' } });
  await s.get('snapshots of the trigger', '/pipeline_snapshots', { query: { project, trigger_id: platform.id } });
  await s.delete('clear the dispatch state of what is attached', `/triggers/${platform.id}/dispatch_state`, undefined, { query: { snapshot_id: runnable.id } });
  await s.put('attach to another', `/triggers/${third.id}/pipeline_snapshots/${runnable.id}`, {});
  await s.delete('detach', path);
  await s.delete('detach again', path);
  await s.get('detached', `/triggers/${platform.id}`);
  await s.put('take the name off the snapshot', `/pipeline_snapshots/${runnable.id}`, { name: false });
  await s.get('detached by that', `/triggers/${third.id}`);
  for (const source_type of ['pipeline', 'pipeline_run', 'pipeline_snapshot', 'nope'])
    await s.get(`events of a ${source_type}`, '/supported-events', { query: { source_type }, token: null, scrub: scrubDescriptions });
  await filterCases(s, operations, '/triggers', {
    scope: { project },
    samples: {
      name: 'alpha',
      id: alpha.id,
      user: 'admin',
      type: 'schedule',
      flavor: 'webhook',
      concurrency: 'skip',
      webhook_id: webhook.id,
      pipeline_id: pipeline,
      snapshot_id: snapshot.id,
    },
  });
  const { project: _, ...update } = schedule;
  await s.put('update', `/triggers/${alpha.id}`, { ...update, name: 'alpha2', cron_expression: '0 0 2 1 *', active: false });
  await s.put('rename to a taken name', `/triggers/${alpha.id}`, { ...update, name: 'event' });
  await s.put('another type', `/triggers/${alpha.id}`, {
    name: 'alpha2',
    type: 'platform_event',
    source_entity: { type: 'pipeline', id: pipeline },
    target_events: ['run_failed'],
  });
  await s.put('its next occurrence', `/triggers/${alpha.id}`, { ...update, next_occurrence: '2995-01-01T00:00:00' });
  await s.put('the platform event', `/triggers/${platform.id}`, {
    name: 'event',
    type: 'platform_event',
    source_entity: { type: 'pipeline', id: pipeline },
    target_events: ['run_failed'],
    active: true,
    concurrency: 'skip',
  });
  await s.put('the webhook, partly', `/triggers/${third.id}`, { name: 'hooked', type: 'webhook' });
  await s.put('the webhook', `/triggers/${third.id}`, { name: 'hooked', type: 'webhook', active: false, concurrency: 'submit', configuration: {} });
  await refusals(s, '/triggers', { create: { ...schedule, name: 'r' }, update: { ...update, name: 'r2' }, id: alpha.id });
  await s.delete('archive', `/triggers/${alpha.id}`, undefined, { query: { soft: true } });
  await s.get('archived', `/triggers/${alpha.id}`, { scrub: scrubArchived });
  await s.delete('archive again', `/triggers/${alpha.id}`);
  await s.put('update an archived one', `/triggers/${alpha.id}`, update);
  await s.get('the archived ones', '/triggers', { query: { project, is_archived: true }, scrub: scrubArchived });
  await s.delete('delete', `/triggers/${alpha.id}`, undefined, { query: { soft: false } });
  await s.get('gone', `/triggers/${alpha.id}`);
  await s.delete('the webhook of a trigger', `/webhooks/${webhook.id}`);
  await s.get('the trigger without its webhook', `/triggers/${third.id}`);
});

/** Events are described to people in each server's own words. */
const scrubDescriptions = (body: unknown): unknown => JSON.parse(JSON.stringify(body, (key, value) => (key === 'description' ? '<text>' : value)));

/** Archived triggers get a random suffix. */
const scrubArchived = (body: unknown): unknown => JSON.parse(JSON.stringify(body).replace(/_\(?[0-9a-f]{8}\)?"/g, '_<suffix>"'));

const scrubSecret = (body: unknown): unknown =>
  JSON.parse(JSON.stringify(body, (key, value) => (key === 'secret' && typeof value === 'string' ? '<secret>' : value)) ?? 'null');

export const webhooks = scenario('webhooks', async (s, operations) => {
  const project = await s.project();
  const create = { project, name: 'alpha', webhook_type: 'custom', active: true };
  const alpha = await s.post('create', '/webhooks', create, { scrub: scrubSecret });
  await s.post('with a secret', '/webhooks', { ...create, name: 'beta', secret: 'my-own-secret-of-some-length' });
  await s.post('with a short secret', '/webhooks', { ...create, name: 'short', secret: 'x' });
  for (const type of ['github', 'slack', 'clickup', 'nope'])
    await s.post(`of type ${type}`, '/webhooks', { ...create, name: type, webhook_type: type }, { scrub: scrubSecret });
  await s.post(
    'of type github with a secret',
    '/webhooks',
    { ...create, name: 'github-2', webhook_type: 'github', secret: 'a-secret-of-some-length-1234' },
    { scrub: scrubSecret },
  );
  await s.post(
    'of type slack with a secret',
    '/webhooks',
    { ...create, name: 'slack-2', webhook_type: 'slack', secret: 'a-secret-of-some-length-1234' },
    { scrub: scrubSecret },
  );
  await s.post('a name that is taken', '/webhooks', create);
  await s.post('an unknown project', '/webhooks', { ...create, project: NOBODY });
  await s.get('by id', `/webhooks/${alpha.id}`);
  await s.get('by id, not hydrated', `/webhooks/${alpha.id}`, { query: { hydrate: false } });
  await filterCases(s, operations, '/webhooks', {
    scope: { project },
    samples: { name: 'alpha', id: alpha.id, user: 'admin', webhook_type: 'custom' },
    unique: ['name'],
  });
  await s.put('update', `/webhooks/${alpha.id}`, { name: 'alpha2', active: false });
  await s.put('rename to a taken name', `/webhooks/${alpha.id}`, { name: 'beta' });
  await s.put('update nothing', `/webhooks/${alpha.id}`, {});
  await s.put('rotate the secret', `/webhooks/${alpha.id}/secret`, {}, { scrub: scrubSecret });
  await s.put('rotate the secret to a given one', `/webhooks/${alpha.id}/secret`, { secret: 'another-secret-of-some-length' });
  await s.put('rotate the secret of nothing', `/webhooks/${NOBODY}/secret`, {});
  await s.get('a raw event that never came', `/webhooks/${alpha.id}/events/raw`, { query: { delivery_id: 'x' } });
  await s.get('a raw event without an id', `/webhooks/${alpha.id}/events/raw`);
  const headers = { 'content-type': 'application/json' };
  await s.post('an event for an inactive webhook', `/webhooks/custom/${alpha.id}/events`, undefined, { token: null, raw: '{}', headers });
  await s.put('activate', `/webhooks/${alpha.id}`, { active: true });
  await s.post('an event without a signature', `/webhooks/custom/${alpha.id}/events`, undefined, { token: null, raw: '{}', headers });
  await s.post('an event with a wrong signature', `/webhooks/custom/${alpha.id}/events`, undefined, {
    token: null,
    raw: '{}',
    headers: { ...headers, 'x-hub-signature-256': 'sha256=00', 'x-zenml-signature': 'x' },
  });
  await s.post('an event for another type', `/webhooks/github/${alpha.id}/events`, undefined, { token: null, raw: '{}', headers });
  await s.post('an event for an unknown type', `/webhooks/nope/${alpha.id}/events`, undefined, { token: null, raw: '{}', headers });
  await s.post('an event for nothing', `/webhooks/custom/${NOBODY}/events`, undefined, { token: null, raw: '{}', headers });
  await s.post('an event for a malformed id', '/webhooks/custom/nope/events', undefined, { token: null, raw: '{}', headers });
  const signed = async (title: string, text: string, extra: Record<string, string> = {}) =>
    s.post(title, `/webhooks/custom/${alpha.id}/events`, undefined, {
      token: null,
      raw: text,
      headers: { ...headers, 'x-zenml-signature-256': `sha256=${createHmac('sha256', 'another-secret-of-some-length').update(text).digest('hex')}`, ...extra },
    });
  await signed('a signed event without a type', '{}');
  await signed('a signed event', '{"a": 1}', { 'x-zenml-event': 'built', 'x-zenml-delivery': 'one' });
  await signed('a signed event that is a list', '[1]', { 'x-zenml-event': 'built' });
  await signed('a signed event that is no JSON', 'x', { 'x-zenml-event': 'built' });
  await signed('a signed event of another content type', '{"a": 1}', { 'x-zenml-event': 'built', 'content-type': 'application/x-www-form-urlencoded' });
  await s.get('after some events', `/webhooks/${alpha.id}`);
  await s.post('an event of GitHub without a type', `/webhooks/github/${alpha.id}/events`, undefined, {
    token: null,
    raw: '{}',
    headers: { ...headers, 'x-github-event': '' },
  });
  await refusals(s, '/webhooks', { create: { ...create, name: 'r', secret: 'secret-of-some-length' }, update: { name: 'r2', active: true }, id: alpha.id });
  await s.delete('delete', `/webhooks/${alpha.id}`);
  await s.get('gone', `/webhooks/${alpha.id}`);
  await s.delete('delete again', `/webhooks/${alpha.id}`);
});

export const deployments = scenario('deployments', async (s, operations) => {
  const project = await s.project();
  const stack = await defaultStack(s);
  const deployer = await defaultComponent(s, 'deployer');
  const pipeline = await makePipeline(s, project);
  const snapshot = await makeSnapshot(s, project, pipeline, stack, { name: 'snap' });
  const other = await makeSnapshot(s, project, pipeline, stack);
  const create = { project, name: 'alpha', snapshot_id: snapshot.id, deployer_id: deployer };
  const alpha = await s.post('create', '/deployments', { ...create, auth_key: 'key', tags: [s.name('auto-a')] });
  await s.post('the same snapshot again', '/deployments', { ...create, name: 'second' });
  await s.post('a name that is taken', '/deployments', { ...create, snapshot_id: other.id });
  await s.post('another', '/deployments', { ...create, name: 'beta', snapshot_id: other.id });
  await s.post('an unknown snapshot', '/deployments', { ...create, name: 'x', snapshot_id: NOBODY });
  await s.post('an unknown deployer', '/deployments', { ...create, name: 'x', deployer_id: NOBODY });
  await s.post('an unknown project', '/deployments', { ...create, project: NOBODY });
  await s.get('by id', `/deployments/${alpha.id}`);
  await s.get('by id, not hydrated', `/deployments/${alpha.id}`, { query: { hydrate: false } });
  await s.get('the snapshot with its deployment', `/pipeline_snapshots/${snapshot.id}`);
  for (const status of ['pending', 'running', 'error', 'absent', 'unknown', 'nope']) await s.put(`status ${status}`, `/deployments/${alpha.id}`, { status });
  await s.put('url and metadata', `/deployments/${alpha.id}`, {
    url: 'http://localhost:8000',
    deployment_metadata: { a: 1 },
    auth_key: 'other',
    status: 'running',
  });
  await filterCases(s, operations, '/deployments', {
    scope: { project },
    samples: {
      name: 'alpha',
      id: alpha.id,
      user: 'admin',
      tags: s.name('auto-a'),
      url: 'http://localhost:8000',
      status: 'running',
      pipeline: 'p',
      snapshot_id: snapshot.id,
      deployer_id: deployer,
    },
    sorts: ['snapshot'],
  });
  await s.put('rename', `/deployments/${alpha.id}`, { name: 'alpha2', add_tags: [s.name('auto-b')], remove_tags: [s.name('auto-a')] });
  await s.put('rename to a taken name', `/deployments/${alpha.id}`, { name: 'beta' });
  await s.put('another snapshot', `/deployments/${alpha.id}`, { snapshot_id: other.id });
  await s.put('an unknown snapshot, update', `/deployments/${alpha.id}`, { snapshot_id: NOBODY });
  await s.put('url null', `/deployments/${alpha.id}`, { url: null });
  await s.put('update nothing', `/deployments/${alpha.id}`, {});
  const run = await makeRun(s, project, snapshot.id, 'triggered', { trigger_info: { deployment_id: alpha.id } });
  await s.get('runs it triggered', '/runs', { query: { project, triggered_by_deployment_id: alpha.id } });
  await s.get('an API token of it', '/api_token', { query: { token_type: 'workload', deployment_id: alpha.id } });
  await refusals(s, '/deployments', {
    create: { ...create, name: 'r', auth_key: 'x', tags: [] },
    update: { name: 'r2', url: 'x', status: 'running', deployment_metadata: {} },
    id: alpha.id,
  });
  await s.delete('the snapshot of a deployment', `/pipeline_snapshots/${snapshot.id}`);
  await s.get('the deployment without its snapshot', `/deployments/${alpha.id}`);
  await s.delete('delete', `/deployments/${alpha.id}`);
  await s.get('the run it triggered', `/runs/${run.runId}`);
  await s.delete('delete again', `/deployments/${alpha.id}`);
});
