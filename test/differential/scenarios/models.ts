import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { artifactVersionBody, defaultStack, makeArtifactVersion, makePipeline, makeRun, makeSnapshot } from '../fixtures.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const models = scenario('models', async (s, operations) => {
  const project = await s.project();
  const text = { license: 'l', description: 'd', audience: 'a', use_cases: 'u', limitations: 'x', trade_offs: 't', ethics: 'e' };
  const alpha = await s.post('create', '/models', { project, name: 'alpha', ...text, tags: [s.name('auto-a')], save_models_to_registry: false });
  await s.post('the least', '/models', { project, name: 'beta' });
  await s.post('a name that is taken', '/models', { project, name: 'alpha' });
  await s.post('a name in another case', '/models', { project, name: 'ALPHA' });
  await s.post('the name in another project', '/models', { project: await s.project('other'), name: 'alpha' });
  await s.post('an unknown project', '/models', { project: NOBODY, name: 'alpha' });
  await s.get('by id', `/models/${alpha.id}`);
  await s.get('by id, not hydrated', `/models/${alpha.id}`, { query: { hydrate: false } });
  await s.get('by name', '/models/alpha');
  const version = await s.post('a version', '/model_versions', { project, model: alpha.id, name: 'v' });
  await s.get('with a version', `/models/${alpha.id}`);
  await filterCases(s, operations, '/models', {
    scope: { project },
    samples: { name: 'alpha', id: alpha.id, user: 'admin', tags: s.name('auto-a') },
    unique: ['name'],
    sorts: ['latest_version'],
  });
  await s.put('rename', `/models/${alpha.id}`, { name: 'alpha2', save_models_to_registry: true });
  await s.put('rename to a taken name', `/models/${alpha.id}`, { name: 'beta' });
  await s.put('texts null', `/models/${alpha.id}`, Object.fromEntries(Object.keys(text).map((key) => [key, null])));
  await s.put('tags', `/models/${alpha.id}`, { add_tags: [s.name('auto-b')], remove_tags: [s.name('auto-a')] });
  await s.put('update nothing', `/models/${alpha.id}`, {});
  await refusals(s, '/models', {
    create: { project, name: 'r', ...text, tags: [], save_models_to_registry: true },
    update: { name: 'r2', description: 'x', save_models_to_registry: true },
    id: alpha.id,
  });
  await s.delete('delete', `/models/${alpha.id}`);
  await s.get('its version is gone', `/model_versions/${version.id}`);
  await s.delete('delete it again', `/models/${alpha.id}`);
  await s.post('legacy: create', `/workspaces/${project}/models`, { project, name: 'legacy' });
});

export const modelVersions = scenario('model_versions', async (s, operations) => {
  const project = await s.project();
  const model = await s.post('given a model', '/models', { project, name: 'model' });
  const second = await s.post('given another', '/models', { project, name: 'second' });
  const create = { project, model: model.id };
  const alpha = await s.post('create', '/model_versions', { ...create, name: 'alpha', description: 'first', tags: [s.name('auto-a')] });
  const beta = await s.post('without a name', '/model_versions', create);
  await s.post('a name that is taken', '/model_versions', { ...create, name: 'alpha' });
  await s.post('a number as the name', '/model_versions', { ...create, name: '7' });
  await s.post('a number that another version has', '/model_versions', { ...create, name: '1' });
  for (const stage of ['staging', 'production', 'archived', 'latest', 'none'])
    await s.post(`the stage ${stage} as the name`, '/model_versions', { ...create, name: stage });
  for (const stage of ['staging', 'latest', 'nope']) await s.post(`created in stage ${stage}`, '/model_versions', { ...create, name: `in-${stage}`, stage });
  await s.post('an unknown model', '/model_versions', { ...create, model: NOBODY });
  await s.post('an unknown project', '/model_versions', { ...create, project: NOBODY });
  await s.post('a model from the query', '/model_versions', create, { query: { model_id: second.id } });
  await s.get('by id', `/model_versions/${alpha.id}`);
  await s.get('by id, not hydrated', `/model_versions/${alpha.id}`, { query: { hydrate: false } });

  await s.put('stage', `/model_versions/${alpha.id}`, { stage: 'production' });
  await s.put('a stage that another version holds', `/model_versions/${beta.id}`, { stage: 'production' });
  await s.put('a stage that another version holds, by force', `/model_versions/${beta.id}`, { stage: 'production', force: true });
  await s.get('the one that lost its stage', `/model_versions/${alpha.id}`);
  await s.put('the stage it has already', `/model_versions/${beta.id}`, { stage: 'production' });
  for (const stage of ['none', 'latest', 'nope', 'archived']) await s.put(`stage ${stage}`, `/model_versions/${alpha.id}`, { stage });
  await s.put('archived a second time', `/model_versions/${beta.id}`, { stage: 'archived' });
  await s.put('rename', `/model_versions/${alpha.id}`, { name: 'renamed', description: 'second' });
  await s.put('rename to a taken name', `/model_versions/${alpha.id}`, { name: '7' });
  await s.put('rename to a number', `/model_versions/${alpha.id}`, { name: '99' });
  await s.put('rename to a stage', `/model_versions/${alpha.id}`, { name: 'staging' });
  await s.put('tags', `/model_versions/${alpha.id}`, { add_tags: [s.name('auto-b')], remove_tags: [s.name('auto-a')] });
  await s.put('description null', `/model_versions/${alpha.id}`, { description: null });
  await s.put('update nothing', `/model_versions/${alpha.id}`, {});
  await s.post('metadata', '/run-metadata', {
    project,
    resources: [{ id: alpha.id, type: 'model_version' }],
    values: { rows: 3, label: 'text' },
    types: { rows: 'int', label: 'str' },
  });

  await filterCases(s, operations, '/model_versions', {
    scope: { project, model: model.id },
    samples: { name: 'renamed', id: alpha.id, user: 'admin', tags: s.name('auto-b'), number: 2, stage: 'archived', run_metadata: 'label:text' },
    without: ['model_name_or_id', 'model'],
    sorts: ['model'],
  });
  for (const number of ['1.0', '1e0', '0x1', '1_0', '+1', 'lt:99999999999999999999', '99999999999999999999', 'gt:-99999999999999999999'])
    await s.get(`the number ${number}`, '/model_versions', { query: { project, model: model.id, number } });
  for (const which of ['model', model.id, 'nope', NOBODY]) {
    const label = which === model.id ? '<id>' : which;
    await s.get(`of the model ${label}`, '/model_versions', { query: { project, model: which, sort_by: 'asc:created' } });
    await s.get(`of model_name_or_id ${label}`, '/model_versions', { query: { project, model_name_or_id: which, sort_by: 'asc:created' } });
    await s.get(`by path of the model ${label}`, `/models/${which}/model_versions`, { query: { project, sort_by: 'asc:created' } });
  }
  for (const which of ['latest', 'staging', 'production', '1', 'renamed'])
    await s.get(`called ${which}`, `/models/${model.id}/model_versions`, { query: { project, name: which } });
  for (const stage of ['latest', 'production', 'archived', 'none'])
    await s.get(`in stage ${stage}`, '/model_versions', { query: { project, stage, sort_by: 'asc:created' } });
  await refusals(s, '/model_versions', {
    create: { ...create, name: 'r', description: 'x', tags: [] },
    update: { name: 'r2', description: 'x', force: false },
    id: alpha.id,
  });

  // Links.
  const stack = await defaultStack(s);
  const snapshot = await makeSnapshot(s, project, await makePipeline(s, project), stack);
  const run = await makeRun(s, project, snapshot.id, 'run');
  const data = await makeArtifactVersion(s, project);
  const weights = await s.post(
    'given a model artifact',
    '/artifact_versions',
    artifactVersionBody(project, { artifact_name: 'weights', type: 'ModelArtifact', has_custom_name: true }),
  );
  const service = await s.post(
    'given a service artifact',
    '/artifact_versions',
    artifactVersionBody(project, { artifact_name: 'service', type: 'ServiceArtifact' }),
  );
  for (const [what, artifact] of [
    ['data', data.id],
    ['weights', weights.id],
    ['service', service.id],
    ['data again', data.id],
    ['an unknown artifact version', NOBODY],
  ] as const) {
    await s.post(`link ${what}`, '/model_version_artifacts', { model_version: alpha.id, artifact_version: artifact });
  }
  await s.post('link to an unknown model version', '/model_version_artifacts', { model_version: NOBODY, artifact_version: data.id });
  const link = await s.post('link a run', '/model_version_pipeline_runs', { model_version: alpha.id, pipeline_run: run.runId });
  await s.post('link a run again', '/model_version_pipeline_runs', { model_version: alpha.id, pipeline_run: run.runId });
  await s.post('link an unknown run', '/model_version_pipeline_runs', { model_version: alpha.id, pipeline_run: NOBODY });
  await s.post('link a run to an unknown model version', '/model_version_pipeline_runs', { model_version: NOBODY, pipeline_run: run.runId });
  await s.get('with links', `/model_versions/${alpha.id}`);
  await filterCases(s, operations, '/model_version_artifacts', {
    scope: { model_version_id: alpha.id },
    samples: { artifact_version_id: data.id, artifact_name: 'weights', user: 'admin' },
  });
  await filterCases(s, operations, '/model_version_pipeline_runs', {
    scope: { model_version_id: alpha.id },
    samples: { pipeline_run_id: run.runId, pipeline_run_name: 'run', user: 'admin', id: link.id },
  });
  await s.get('runs by model', '/runs', { query: { project, linked_to_model_version_id: alpha.id } });
  await refusals(s, '/model_version_artifacts', { create: { model_version: alpha.id, artifact_version: data.id }, verbs: [] });
  await refusals(s, '/model_version_pipeline_runs', { create: { model_version: alpha.id, pipeline_run: run.runId }, verbs: [] });
  await s.delete('unlink by artifact name', `/model_versions/${alpha.id}/artifacts/weights`);
  await s.delete('unlink by artifact name again', `/model_versions/${alpha.id}/artifacts/weights`);
  await s.delete('unlink nothing', `/model_versions/${alpha.id}/artifacts/${NOBODY}`);
  await s.delete('unlink in nothing', `/model_versions/${NOBODY}/artifacts/weights`);
  await s.delete('unlink a run by name', `/model_versions/${alpha.id}/runs/run`);
  await s.delete('unlink a run again', `/model_versions/${alpha.id}/runs/run`);
  await s.delete('unlink all', `/model_versions/${alpha.id}/artifacts`);
  await s.get('links after that', '/model_version_artifacts', { query: { model_version_id: alpha.id } });
  await s.post('link again', '/model_version_artifacts', { model_version: alpha.id, artifact_version: service.id });
  await s.delete('unlink all and delete', `/model_versions/${alpha.id}/artifacts`, undefined, { query: { only_links: false } });
  await s.get('the artifact version', `/artifact_versions/${service.id}`);

  // A run whose pipeline names a model.
  for (const [what, configuration] of [
    ['a new model', { name: 'made-by-run' }],
    ['a new version of a model', { name: 'model', version: 'by-run' }],
    ['a version that exists', { name: 'model', version: '7' }],
    ['a number that does not exist', { name: 'model', version: 1000 }],
    ['a stage', { name: 'model', version: 'archived' }],
    ['a stage that nothing holds', { name: 'second', version: 'staging' }],
    ['latest', { name: 'model', version: 'latest' }],
  ] as const) {
    const configured = await makeSnapshot(s, project, await makePipeline(s, project, `uses ${what}`), stack, {}, { model: configuration });
    const made = await makeRun(s, project, configured.id, `run of ${what}`);
    await s.get(`run with ${what}`, `/runs/${made.runId}`);
  }
  await s.delete('delete', `/model_versions/${alpha.id}`);
  await s.get('it is gone', `/model_versions/${alpha.id}`);
  await s.delete('delete it again', `/model_versions/${alpha.id}`);
  await s.post('the next number', '/model_versions', create);
  await s.post('legacy: create', `/workspaces/${project}/models/${second.id}/model_versions`, { ...create, model: second.id, name: 'legacy' });
});
