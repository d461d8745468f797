import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { defaultStack, makeRun, makeSnapshot } from '../fixtures.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const pipelines = scenario('pipelines', async (s, operations) => {
  const project = await s.project();
  const other = await s.project('other');
  const alpha = await s.post('create', '/pipelines', { project, name: 'alpha', description: 'first', tags: [s.name('auto-a'), s.name('auto-b')] });
  const beta = await s.post('the least', '/pipelines', { project, name: 'beta' });
  await s.post('a name that is taken', '/pipelines', { project, name: 'alpha' });
  await s.post('the name in another project', '/pipelines', { project: other, name: 'alpha' });
  await s.post('a name in another case', '/pipelines', { project, name: 'ALPHA' });
  await s.post('an unknown project', '/pipelines', { project: NOBODY, name: 'x' });
  await s.post('a project by name', '/pipelines', { project: 'default', name: 'x' });
  await s.post('project from the query', '/pipelines', { project, name: 'by-query' }, { query: { project_name_or_id: other } });
  await s.get('by id', `/pipelines/${alpha.id}`);
  await s.get('by id, not hydrated', `/pipelines/${alpha.id}`, { query: { hydrate: false } });

  const stack = await defaultStack(s);
  const snapshot = await makeSnapshot(s, project, alpha.id, stack, { name: 'snap' });
  const run = await makeRun(s, project, snapshot.id, 'run-1');
  await s.get('with a run', `/pipelines/${alpha.id}`);
  await filterCases(s, operations, '/pipelines', {
    scope: { project },
    samples: { name: 'alpha', id: alpha.id, user: 'admin', tags: s.name('auto-a'), latest_run_status: 'running', latest_run_user: 'admin' },
    unique: ['name'],
  });
  await s.get('by project name', '/pipelines', { query: { project: `${s.session}-pipelines-project`, sort_by: 'asc:name' } });
  await s.get('project from the query, list', '/pipelines', { query: { project_name_or_id: other, sort_by: 'asc:name' } });
  await s.get('an unknown project, list', '/pipelines', { query: { project: NOBODY } });

  await s.put('description', `/pipelines/${alpha.id}`, { description: 'second' });
  await s.put('without a description', `/pipelines/${alpha.id}`, {});
  await s.put('the name is not updated', `/pipelines/${alpha.id}`, { name: 'other', description: 'x' });
  await s.put('tags', `/pipelines/${alpha.id}`, { add_tags: [s.name('auto-c')], remove_tags: [s.name('auto-a')] });
  await refusals(s, '/pipelines', { create: { project, name: 'r', description: 'x', tags: [] }, update: { description: 'x', add_tags: [] }, id: alpha.id });

  await s.delete('delete one with runs', `/pipelines/${alpha.id}`);
  await s.get('it is gone', `/pipelines/${alpha.id}`);
  await s.get('its snapshot', `/pipeline_snapshots/${snapshot.id}`);
  await s.get('its run', `/runs/${run.runId}`);
  await s.delete('delete', `/pipelines/${beta.id}`);
  await s.delete('delete it again', `/pipelines/${beta.id}`);
  await s.post('legacy: create', `/workspaces/${project}/pipelines`, { project, name: 'legacy' });
  await s.get('legacy: list', `/workspaces/${project}/pipelines`, { query: { sort_by: 'asc:name' } });
});
