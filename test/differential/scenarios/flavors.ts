import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

/** Built-in flavors of ours carry the same schemas without prose. */
const withoutProse = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (key === 'description' && typeof item === 'string' ? [] : [[key, withoutProse(item)]])),
  );
};

export const flavors = scenario('flavors', async (s, operations) => {
  const create = {
    name: s.name('alpha'),
    type: 'orchestrator',
    config_schema: { title: 'AlphaConfig', type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
    source: 'my.module.AlphaFlavor',
    integration: 'custom',
  };
  const alpha = await s.post('create', '/flavors', {
    ...create,
    display_name: 'Alpha',
    connector_type: 'docker',
    connector_resource_type: 'docker-registry',
    connector_resource_id_attr: 'uri',
    logo_url: 'https://example.com/logo.png',
    docs_url: 'https://example.com/docs',
    sdk_docs_url: 'https://example.com/sdk',
  });
  await s.post('the least', '/flavors', { ...create, name: s.name('beta'), integration: null });
  await s.post('called built-in', '/flavors', { ...create, name: s.name('gamma'), is_custom: false });
  await s.post('a name that is taken', '/flavors', create);
  await s.post('the name under another type', '/flavors', { ...create, type: 'alerter' });
  await s.post('the name of a built-in flavor', '/flavors', { ...create, name: 'local' });
  await s.post('a source without a dot', '/flavors', { ...create, name: s.name('d'), source: 'nodots' });

  await s.get('by id', `/flavors/${alpha.id}`);
  await s.get('by id, not hydrated', `/flavors/${alpha.id}`, { query: { hydrate: false } });
  for (const page of [1, 2])
    await s.get(`all built-in ones, page ${page}`, '/flavors', {
      query: { name: `notcontains:${s.session}`, hydrate: true, size: 50, page, sort_by: 'created' },
      isSet: true,
      scrub: withoutProse,
    });
  await s.get('one built-in flavor', '/flavors', { query: { name: 's3', type: 'artifact_store', hydrate: true }, scrub: withoutProse });
  await filterCases(s, operations, '/flavors', {
    scope: { name: s.mine },
    samples: { name: s.name('alpha'), id: alpha.id, type: 'orchestrator', integration: 'custom', display_name: 'Alpha', user: 'admin' },
  });

  await s.put('update', `/flavors/${alpha.id}`, {
    display_name: 'Alpha two',
    integration: 'other',
    config_schema: { title: 'T', type: 'object', properties: {} },
  });
  await s.put('rename', `/flavors/${alpha.id}`, { name: s.name('alpha2') });
  await s.put('rename to a taken name', `/flavors/${alpha.id}`, { name: s.name('beta') });
  await s.put('another type', `/flavors/${alpha.id}`, { type: 'alerter' });
  await s.put('connector fields null', `/flavors/${alpha.id}`, { connector_type: null, connector_resource_type: null, connector_resource_id_attr: null });
  await s.put('update nothing', `/flavors/${alpha.id}`, {});
  await refusals(s, '/flavors', {
    create: { ...create, name: s.name('r'), display_name: 'R', logo_url: 'x', docs_url: 'x' },
    update: { display_name: 'R2', source: 'a.B' },
    id: alpha.id,
  });

  const builtIn = await s.get('a built-in flavor to touch', '/flavors', { query: { name: 'local', type: 'orchestrator' } });
  await s.delete('delete a built-in flavor', `/flavors/${builtIn.pick('items.0.id') ?? NOBODY}`);
  await s.post('a component of the custom flavor', '/components', {
    name: s.name('component'),
    type: 'orchestrator',
    flavor: s.name('beta'),
    configuration: { a: 'x' },
  });
  const beta = await s.get('the flavor in use', '/flavors', { query: { name: s.name('beta') } });
  await s.delete('delete a flavor in use', `/flavors/${beta.pick('items.0.id') ?? NOBODY}`);
  await s.delete('delete', `/flavors/${alpha.id}`);
  await s.get('it is gone', `/flavors/${alpha.id}`);
  await s.delete('delete it again', `/flavors/${alpha.id}`);
  await s.patch('sync', '/flavors/sync');
  await s.patch('sync without a token', '/flavors/sync', undefined, { token: null });
  await s.get('how many there are', '/flavors', {
    query: { size: 1, name: `notcontains:${s.session}` },
    scrub: (body) => ({ total: (body as { total?: number }).total }),
  });
});
