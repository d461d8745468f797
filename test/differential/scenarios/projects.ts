import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { artifactVersionBody, defaultStack, makeRun, makeSnapshot } from '../fixtures.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const projects = scenario('projects', async (s, operations) => {
  const name = (base: string) => s.name(base).slice(0, 50);
  const alpha = await s.post('create', '/projects', {
    name: name('alpha'),
    display_name: 'Alpha',
    description: 'first',
    project_metadata: { a: [1, { b: null }] },
  });
  await s.post('create with a name only', '/projects', { name: name('beta') });
  await s.post('create with unknown fields', '/projects', { name: name('gamma'), nonsense: 1, id: NOBODY });
  await s.post('a name that is taken', '/projects', { name: name('alpha') });
  await s.post('a name that differs in case', '/projects', { name: name('ALPHA') });
  await s.post('a name of 50', '/projects', { name: name('x'.repeat(50)).padEnd(50, 'x') });
  await s.post('a name of 51', '/projects', { name: name('y').padEnd(51, 'y') });
  await s.post('a name with a space', '/projects', { name: `${name('with')} space` });
  await s.post('the name default', '/projects', { name: 'default' });

  await s.get('by id', `/projects/${alpha.id}`);
  await s.get('by id, not hydrated', `/projects/${alpha.id}`, { query: { hydrate: false } });
  await s.get('by name', `/projects/${name('alpha')}`);
  await s.get('by name in another case', `/projects/${name('ALPHA')}`);
  await s.get('by a prefix of the name', `/projects/${name('al')}`);
  await s.get('the default project', '/projects/default');
  await s.get('statistics', `/projects/${alpha.id}/statistics`);
  await s.get('statistics by name', `/projects/${name('alpha')}/statistics`);
  await s.get('statistics of nothing', `/projects/${NOBODY}/statistics`);

  await filterCases(s, operations, '/projects', {
    scope: { name: s.mine },
    samples: { name: name('alpha'), display_name: 'Alpha', id: alpha.id },
    unique: ['name'],
  });

  await s.put('update everything', `/projects/${alpha.id}`, {
    name: name('alpha2'),
    display_name: 'Alpha two',
    description: 'second',
    project_metadata: { b: 2 },
  });
  await s.put('update nothing', `/projects/${alpha.id}`, {});
  await s.put('clear the description', `/projects/${alpha.id}`, { description: null });
  await s.put('clear the metadata', `/projects/${alpha.id}`, { project_metadata: null });
  await s.put('rename to a taken name', `/projects/${alpha.id}`, { name: name('beta') });
  await s.put('rename to its own name', `/projects/${alpha.id}`, { name: name('alpha2') });
  await s.put('update by name', `/projects/${name('alpha2')}`, { description: 'by name' });
  await s.put('rename the default project', '/projects/default', { name: name('other') });
  await s.delete('delete the default project', '/projects/default');
  await refusals(s, '/projects', {
    create: { name: name('r'), display_name: 'R', description: 'text', project_metadata: {} },
    update: { display_name: 'R2', description: 'text' },
    id: alpha.id,
  });

  // What belongs to a project goes with it.
  const doomed = await s.post('a project to delete', '/projects', { name: name('doomed') });
  const pipeline = await s.post('a pipeline in it', '/pipelines', { name: 'p', project: doomed.id });
  const model = await s.post('a model in it', '/models', { name: 'm', project: doomed.id });
  const artifact = await s.post('an artifact in it', '/artifacts', { name: 'a', project: doomed.id, has_custom_name: true });
  const snapshot = await makeSnapshot(s, doomed.id, pipeline.id, await defaultStack(s), { is_dynamic: true });
  const run = await makeRun(s, doomed.id, snapshot.id, 'run');
  const version = await s.post('an artifact version in it', '/artifact_versions', artifactVersionBody(doomed.id));
  await s.put('which the run returns', `/runs/${run.runId}`, { outputs: { output: version.id } });
  await s.get('statistics with content', `/projects/${doomed.id}/statistics`);
  await s.delete('delete it', `/projects/${doomed.id}`);
  await s.get('its pipeline is gone', `/pipelines/${pipeline.id}`);
  await s.get('its model is gone', `/models/${model.id}`);
  await s.get('its run is gone', `/runs/${run.runId}`);
  await s.get('what the run returned is gone', `/artifact_versions/${version.id}`);
  await s.get('its artifact is gone', `/artifacts/${artifact.id}`);
  await s.get('it is gone', `/projects/${doomed.id}`);
  await s.delete('delete it again', `/projects/${doomed.id}`);
  await s.get('lists in a project that is gone', '/pipelines', { query: { project: doomed.id } });
  await s.post('create in a project that is gone', '/pipelines', { name: 'p', project: doomed.id });
  await s.delete('delete by name', `/projects/${name('beta')}`);

  // The old name of the same routes.
  const legacy = await s.post('legacy: create', '/workspaces', { name: name('legacy') });
  await s.get('legacy: list', '/workspaces', { query: { name: s.mine, sort_by: 'asc:name' } });
  await s.get('legacy: get', `/workspaces/${legacy.id}`);
  await s.put('legacy: update', `/workspaces/${legacy.id}`, { description: 'old' });
  await s.get('legacy: statistics', `/workspaces/${legacy.id}/statistics`);
  await s.delete('legacy: delete', `/workspaces/${legacy.id}`);
});
