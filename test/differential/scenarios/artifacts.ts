import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { artifactVersionBody, defaultComponent, defaultStack, makePipeline, makeRun, makeSnapshot, makeStep, source } from '../fixtures.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const artifacts = scenario('artifacts', async (s, operations) => {
  const project = await s.project();
  const alpha = await s.post('create', '/artifacts', { project, name: 'alpha', has_custom_name: true, tags: [s.name('auto-a')] });
  const beta = await s.post('the least', '/artifacts', { project, name: 'beta' });
  await s.post('a name that is taken', '/artifacts', { project, name: 'alpha' });
  await s.post('a name in another case', '/artifacts', { project, name: 'ALPHA' });
  await s.post('the name in another project', '/artifacts', { project: await s.project('other'), name: 'alpha' });
  await s.post('an unknown project', '/artifacts', { project: NOBODY, name: 'alpha' });
  await s.get('by id', `/artifacts/${alpha.id}`);
  await s.get('by id, not hydrated', `/artifacts/${alpha.id}`, { query: { hydrate: false } });
  const version = await s.post('a version of it', '/artifact_versions', artifactVersionBody(project, { artifact_name: undefined, artifact_id: alpha.id }));
  await s.get('with a version', `/artifacts/${alpha.id}`);
  await filterCases(s, operations, '/artifacts', {
    scope: { project },
    samples: { name: 'alpha', id: alpha.id, user: 'admin', tags: s.name('auto-a') },
    unique: ['name'],
  });
  await s.put('rename', `/artifacts/${alpha.id}`, { name: 'alpha2', has_custom_name: false });
  await s.put('rename to a taken name', `/artifacts/${alpha.id}`, { name: 'beta' });
  await s.put('tags', `/artifacts/${alpha.id}`, { add_tags: [s.name('auto-b')], remove_tags: [s.name('auto-a')] });
  await s.put('update nothing', `/artifacts/${alpha.id}`, {});
  await refusals(s, '/artifacts', {
    create: { project, name: 'r', has_custom_name: true, tags: [] },
    update: { name: 'r2', has_custom_name: true, add_tags: [] },
    id: alpha.id,
  });
  await s.delete('delete one with versions', `/artifacts/${alpha.id}`);
  await s.get('its version', `/artifact_versions/${version.id}`);
  await s.delete('delete', `/artifacts/${beta.id}`);
  await s.delete('delete it again', `/artifacts/${beta.id}`);
});

export const artifactVersions = scenario('artifact_versions', async (s, operations) => {
  const project = await s.project();
  const store = await defaultComponent(s, 'artifact_store');
  const body = (extra: Record<string, unknown> = {}) => artifactVersionBody(project, extra);
  const alpha = await s.post('create', '/artifact_versions', {
    ...body(),
    artifact_store_id: store,
    content_hash: 'hash',
    has_custom_name: true,
    tags: [s.name('auto-a')],
    visualizations: [
      { type: 'html', uri: '/tmp/v.html' },
      { type: 'csv', uri: '/tmp/v.csv' },
    ],
    metadata: { text: 'a', number: 1, fraction: 0.5, flag: true, list: [1, 'b'], map: { a: { b: null } } },
    item_count: 3,
  });
  const two = await s.post('the next version', '/artifact_versions', body());
  const named = await s.post('a version with a name', '/artifact_versions', body({ version: 'named' }));
  await s.post('after a version with a name', '/artifact_versions', body());
  await s.post('a version with a number', '/artifact_versions', body({ version: 10 }));
  await s.post('a number in a string', '/artifact_versions', body({ version: '12' }));
  await s.post('after a gap', '/artifact_versions', body());
  await s.post('a version that is taken', '/artifact_versions', body({ version: 'named' }));
  await s.post(
    'a version that is taken, by artifact id',
    '/artifact_versions',
    body({ artifact_name: undefined, artifact_id: alpha.pick('body.artifact.id'), version: 'named' }),
  );
  await s.post('a number that is taken', '/artifact_versions', body({ version: 10 }));
  await s.post('neither artifact nor name', '/artifact_versions', body({ artifact_name: undefined }));
  await s.post('both artifact and name', '/artifact_versions', body({ artifact_id: NOBODY }));
  await s.post('an unknown artifact', '/artifact_versions', body({ artifact_name: undefined, artifact_id: NOBODY }));
  await s.post('an unknown artifact store', '/artifact_versions', body({ artifact_store_id: NOBODY }));
  await s.post('an unknown project', '/artifact_versions', { ...body(), project: NOBODY });
  for (const type of ['DataAnalysisArtifact', 'ModelArtifact', 'ServiceArtifact', 'BaseArtifact', 'Nope'])
    await s.post(`of type ${type}`, '/artifact_versions', body({ artifact_name: `of-${type}`, type }));
  for (const save of ['manual', 'preexisting', 'external', 'nope'])
    await s.post(`saved as ${save}`, '/artifact_versions', body({ artifact_name: 'saved', save_type: save }));
  await s.post('a source as a path', '/artifact_versions', body({ materializer: 'materializers.IntMaterializer', data_type: 'builtins.int' }));
  await s.post('batch', '/artifact_versions/batch', [
    body({ artifact_name: 'batch' }),
    body({ artifact_name: 'batch' }),
    body({ artifact_name: 'batch-2', metadata: { a: 1 } }),
  ]);
  const ordered = ['order-z', 'order-a', 'order-m'];
  await s.post(
    'a batch of new artifacts',
    '/artifact_versions/batch',
    ordered.map((artifact_name) => body({ artifact_name })),
  );
  await s.get('in their order', '/artifacts', { query: { project, name: 'startswith:order-', sort_by: 'created' } });
  await s.post('an empty batch', '/artifact_versions/batch', []);
  await s.post('a batch with one that fails', '/artifact_versions/batch', [
    body({ artifact_name: 'half' }),
    body({ artifact_name: 'half', artifact_store_id: NOBODY }),
  ]);
  await s.get('what a failed batch left', '/artifacts', { query: { project, name: 'half' } });
  await s.post('a batch that is no list', '/artifact_versions/batch', body());

  await s.get('by id', `/artifact_versions/${alpha.id}`);
  await s.get('by id, not hydrated', `/artifact_versions/${alpha.id}`, { query: { hydrate: false } });
  await s.get('visualise without a file', `/artifact_versions/${alpha.id}/visualize`);
  await s.get('visualise an index too high', `/artifact_versions/${alpha.id}/visualize`, { query: { index: 7 } });
  await s.get('visualise nothing', `/artifact_versions/${NOBODY}/visualize`);
  await s.get('visualise without visualisations', `/artifact_versions/${two.id}/visualize`);
  await s.get('a download token without a store', `/artifact_versions/${two.id}/download-token`);
  await s.get('a download token of nothing', `/artifact_versions/${NOBODY}/download-token`);
  await s.get('data with a token that is none', `/artifact_versions/${alpha.id}/data`, { query: { token: 'x' }, token: null });
  await s.get('data without a token', `/artifact_versions/${alpha.id}/data`, { token: null });

  // A few, in a project of their own, to filter and sort.
  const few = await s.project('few');
  const model = await s.post('few: a model', '/models', { project: few, name: 'model' });
  const modelVersion = await s.post('few: a model version', '/model_versions', { project: few, model: model.id, name: 'mv' });
  const linked = await s.post(
    'few: one',
    '/artifact_versions',
    artifactVersionBody(few, {
      artifact_name: 'one',
      has_custom_name: true,
      artifact_store_id: store,
      tags: [s.name('auto-c')],
      metadata: { rows: 3, label: 'text', flag: true },
    }),
  );
  await s.post('few: linked', '/model_version_artifacts', { model_version: modelVersion.id, artifact_version: linked.id });
  await s.post(
    'few: two',
    '/artifact_versions',
    artifactVersionBody(few, { artifact_name: 'two', version: 'word', uri: '/elsewhere', type: 'ModelArtifact', metadata: { rows: 30, label: '7' } }),
  );
  const used = await s.post('few: three', '/artifact_versions', artifactVersionBody(few, { artifact_name: 'two' }));
  const stack = await defaultStack(s);
  const snapshot = await makeSnapshot(s, few, await makePipeline(s, few), stack);
  const run = await makeRun(s, few, snapshot.id, 'run');
  const step = await makeStep(s, few, run.runId, 'first', { outputs: { output: [used.id] } });
  await filterCases(s, operations, '/artifact_versions', {
    scope: { project: few },
    samples: {
      id: linked.id,
      user: 'admin',
      tags: s.name('auto-c'),
      artifact: 'two',
      artifact_id: linked.pick('body.artifact.id') ?? NOBODY,
      version: 'word',
      version_number: 1,
      uri: '/elsewhere',
      materializer: 'materializers',
      type: 'ModelArtifact',
      data_type: 'builtins',
      artifact_store_id: store,
      model_version_id: modelVersion.id,
      model: 'model',
      pipeline_run: 'run',
      run_metadata: 'label:text',
    },
  });
  for (const metadata of [
    'rows:3',
    'rows:gt:5',
    'rows:equals:3',
    'label:contains:ex',
    'label:startswith:te',
    'flag:true',
    'flag:True',
    'rows:oneof:["3", 4]',
    'nothing:x',
    'nocolon',
    ':x',
    'rows:',
    'label:isnull:',
    'startswith:la:text',
    'label:notequals:text',
    'label:7',
    'label:gt:5',
  ]) {
    await s.get(`metadata ${metadata}`, '/artifact_versions', { query: { project: few, run_metadata: metadata } });
  }
  await s.get('two pieces of metadata', '/artifact_versions', { query: { project: few, run_metadata: ['rows:3', 'label:text'] } });

  await s.put('rename', `/artifact_versions/${named.id}`, { name: 'renamed' });
  await s.put('tags', `/artifact_versions/${alpha.id}`, { add_tags: [s.name('auto-b')], remove_tags: [s.name('auto-a')] });
  await s.put('update nothing', `/artifact_versions/${alpha.id}`, {});
  await refusals(s, '/artifact_versions', {
    create: body({ artifact_name: 'r', has_custom_name: false, content_hash: 'x', tags: [], visualizations: [], metadata: {}, item_count: 1 }),
    update: { name: 'x', add_tags: [] },
    id: alpha.id,
  });

  await s.delete('delete one that a step made', `/artifact_versions/${used.id}`);
  await s.get('the step', `/steps/${step.id}`);
  await s.delete('delete one that a model version links', `/artifact_versions/${linked.id}`);
  await s.get('the links', '/model_version_artifacts', { query: { model_version_id: modelVersion.id } });
  await s.delete('delete metadata only', `/artifact_versions/${two.id}`, undefined, { query: { delete_metadata: true, delete_from_artifact_store: false } });
  await s.delete('delete', `/artifact_versions/${alpha.id}`);
  await s.get('it is gone', `/artifact_versions/${alpha.id}`);
  await s.delete('delete it again', `/artifact_versions/${alpha.id}`);
  const lonely = await s.post('the only version of an artifact', '/artifact_versions', body({ artifact_name: 'lonely' }));
  await s.delete('delete the only version', `/artifact_versions/${lonely.id}`);
  await s.get('its artifact', '/artifacts', { query: { project, name: 'lonely' } });
  await s.post('the next version after the deleted one', '/artifact_versions', body({ artifact_name: 'lonely' }));
  await s.delete('prune without a project', '/artifact_versions');
  await s.delete('prune', '/artifact_versions', undefined, { query: { project_name_or_id: few } });
  await s.delete('prune versions only', '/artifact_versions', undefined, { query: { project_name_or_id: few, only_versions: true } });
  await s.get('what is left', '/artifact_versions', { query: { project: few, sort_by: 'asc:created' } });
  await s.get('a source read back', '/artifact_versions', { query: { project, artifact: 'data', hydrate: true, size: 3 } });
  await s.post('as a client of its own source', '/artifact_versions', body({ materializer: { ...source('M'), type: 'nope' } }));
});
