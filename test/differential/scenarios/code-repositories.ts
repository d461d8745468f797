import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const codeRepositories = scenario('code_repositories', async (s, operations) => {
  const project = await s.project();
  const create = { project, name: 'alpha', config: { owner: 'o', token: 't' }, source: { module: 'my.repo', attribute: 'Repo', type: 'user' } };
  const alpha = await s.post('create', '/code_repositories', { ...create, logo_url: 'https://example.com/x.png', description: 'first' });
  await s.post('the least', '/code_repositories', { ...create, name: 'beta', config: {} });
  await s.post('a built-in source', '/code_repositories', {
    ...create,
    name: 'gamma',
    source: { module: 'zenml.integrations.github.code_repositories', attribute: 'GitHubCodeRepository', type: 'builtin' },
  });
  await s.post('a name that is taken', '/code_repositories', create);
  await s.post('the name in another project', '/code_repositories', { ...create, project: await s.project('other') });
  await s.post('an unknown project', '/code_repositories', { ...create, project: NOBODY });
  await s.get('by id', `/code_repositories/${alpha.id}`);
  await s.get('by id, not hydrated', `/code_repositories/${alpha.id}`, { query: { hydrate: false } });
  await filterCases(s, operations, '/code_repositories', { scope: { project }, samples: { name: 'alpha', id: alpha.id, user: 'admin' }, unique: ['name'] });
  await s.get('in the default project', '/code_repositories', { query: { name: 'alpha' } });
  await s.get('in an unknown project', '/code_repositories', { query: { project: 'nowhere' } });

  await s.put('update', `/code_repositories/${alpha.id}`, { description: 'second', logo_url: 'https://example.com/y.png', config: { owner: 'p' } });
  await s.put('source', `/code_repositories/${alpha.id}`, { source: { module: 'other.repo', attribute: 'Repo', type: 'user' } });
  await s.put('rename', `/code_repositories/${alpha.id}`, { name: 'alpha2' });
  await s.put('rename to a taken name', `/code_repositories/${alpha.id}`, { name: 'beta' });
  await s.put('description null', `/code_repositories/${alpha.id}`, { description: null });
  await s.put('update nothing', `/code_repositories/${alpha.id}`, {});
  await refusals(s, '/code_repositories', {
    create: { ...create, name: 'r', description: 'x', logo_url: 'x' },
    update: { name: 'r2', description: 'x', config: {} },
    id: alpha.id,
  });
  await s.delete('delete', `/code_repositories/${alpha.id}`);
  await s.get('it is gone', `/code_repositories/${alpha.id}`);
  await s.delete('delete it again', `/code_repositories/${alpha.id}`);
  await s.post('legacy: create', `/workspaces/${project}/code_repositories`, { ...create, name: 'legacy' });
  await s.get('legacy: list', `/workspaces/${project}/code_repositories`, { query: { sort_by: 'asc:name' } });
});
