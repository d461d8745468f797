import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const components = scenario('components', async (s, operations) => {
  const secret = await s.post('given a secret', '/secrets', { name: s.name('secret'), values: { token: 'x' } });
  const create = { name: s.name('alpha'), type: 'orchestrator', flavor: 'local', configuration: {} };
  const alpha = await s.post('create', '/components', { ...create, labels: { team: 'a' }, environment: { A: '1' }, connector_resource_id: 'res' });
  const store = await s.post('create an artifact store', '/components', {
    name: s.name('store'),
    type: 'artifact_store',
    flavor: 'local',
    configuration: { path: '/tmp/x' },
  });
  await s.post('the same name of another type', '/components', { ...create, type: 'artifact_store', flavor: 'local' });
  await s.post('a name that is taken', '/components', create);
  await s.post('a name in another case', '/components', { ...create, name: s.name('ALPHA') });
  await s.post('an unknown flavor', '/components', { ...create, name: s.name('b'), flavor: 'nope' });
  await s.post('an unknown type', '/components', { ...create, name: s.name('b'), type: 'nope' });
  await s.post('a configuration with unknown keys', '/components', { ...create, name: s.name('c'), configuration: { nonsense: 1 } });
  await s.post('a configuration of another type', '/components', { ...create, name: s.name('d'), type: 'artifact_store', configuration: { path: 7 } });
  await s.post('a configuration that lacks a required key', '/components', { ...create, name: s.name('e'), type: 'container_registry', flavor: 'default' });
  await s.post('a container registry', '/components', {
    ...create,
    name: s.name('registry'),
    type: 'container_registry',
    flavor: 'default',
    configuration: { uri: 'localhost:5000' },
  });
  await s.post('a flavor of an integration', '/components', {
    ...create,
    name: s.name('s3'),
    type: 'artifact_store',
    flavor: 's3',
    configuration: { path: 's3://bucket', key: 'literal' },
  });
  await s.post('a configuration that references a secret', '/components', {
    ...create,
    name: s.name('s3-ref'),
    type: 'artifact_store',
    flavor: 's3',
    configuration: { path: 's3://bucket', key: `{{${s.name('secret')}.token}}` },
  });
  await s.post('an experiment tracker', '/components', {
    ...create,
    name: s.name('tracker'),
    type: 'experiment_tracker',
    flavor: 'mlflow',
    configuration: { tracking_uri: 'http://localhost:5000', tracking_username: 'u', tracking_password: 'p' },
  });
  const withSecret = await s.post('with a secret by id', '/components', { ...create, name: s.name('with-secret'), secrets: [secret.id] });
  await s.post('with a secret by name', '/components', { ...create, name: s.name('with-secret-name'), secrets: [s.name('secret')] });
  await s.post('with an unknown secret', '/components', { ...create, name: s.name('f'), secrets: [NOBODY] });
  await s.post('with an unknown secret name', '/components', { ...create, name: s.name('f'), secrets: ['nope'] });
  await s.post('with an unknown connector', '/components', { ...create, name: s.name('g'), connector: NOBODY });
  await s.post('the name default', '/components', { ...create, name: 'default' });

  await s.get('by id', `/components/${alpha.id}`);
  await s.get('by id, not hydrated', `/components/${alpha.id}`, { query: { hydrate: false } });
  await s.get('the types', '/component-types');
  await s.get('the default ones', '/components', { query: { name: 'default' }, isSet: true });
  const stack = await s.post('given a stack', '/stacks', { name: s.name('stack'), components: { orchestrator: [alpha.id], artifact_store: [store.id] } });
  await filterCases(s, operations, '/components', {
    scope: { name: s.mine },
    samples: { name: s.name('alpha'), id: alpha.id, type: 'orchestrator', flavor: 'local', user: 'admin', stack_id: stack.id, scope_type: 'orchestrator' },
    unique: [],
  });

  await s.put('rename', `/components/${alpha.id}`, { name: s.name('alpha2') });
  await s.put('rename to a taken name', `/components/${store.id}`, { name: s.name('s3') });
  await s.put('the configuration is replaced or merged', `/components/${store.id}`, { configuration: { path: '/tmp/y' } });
  await s.put('a configuration key set to null', `/components/${store.id}`, { configuration: { path: null } });
  await s.put('labels replaced or merged', `/components/${alpha.id}`, { labels: { other: 'b' } });
  await s.put('a label set to null', `/components/${alpha.id}`, { labels: { team: null } });
  await s.put('environment', `/components/${alpha.id}`, { environment: { B: '2' } });
  await s.put('connector resource id', `/components/${alpha.id}`, { connector_resource_id: 'other' });
  await s.put('connector null', `/components/${alpha.id}`, { connector: null });
  await s.put('an unknown connector', `/components/${alpha.id}`, { connector: NOBODY });
  await s.put('add a secret', `/components/${alpha.id}`, { add_secrets: [s.name('secret')] });
  await s.put('remove a secret', `/components/${withSecret.id}`, { remove_secrets: [secret.id] });
  await s.put('remove an unknown secret', `/components/${withSecret.id}`, { remove_secrets: ['nope'] });
  await s.put('a configuration that does not fit', `/components/${store.id}`, { configuration: { path: 7 } });
  await s.put('update nothing', `/components/${alpha.id}`, {});
  await s.get('after the updates', `/components/${alpha.id}`);
  await refusals(s, '/components', {
    create: { ...create, name: s.name('r'), labels: {}, environment: {}, connector_resource_id: 'x', secrets: [] },
    update: { name: s.name('r2'), configuration: {}, labels: {} },
    id: alpha.id,
  });

  await s.delete('delete one that a stack uses', `/components/${store.id}`);
  await s.delete('delete the stack', `/stacks/${stack.id}`);
  await s.delete('delete it now', `/components/${store.id}`);
  await s.get('it is gone', `/components/${store.id}`);
  const defaults = await s.get('the default orchestrator', '/components', { query: { name: 'default', type: 'orchestrator' } });
  const id = defaults.pick('items.0.id') ?? NOBODY;
  await s.put('update a default component', `/components/${id}`, { name: s.name('mine') });
  await s.delete('delete a default component', `/components/${id}`);
  await s.delete('a secret that a component references', `/secrets/${secret.id}`);
  await s.get('the component that used the secret', `/components/${alpha.id}`);

  await s.post('legacy: create', '/workspaces/default/components', { ...create, name: s.name('legacy') });
  await s.get('legacy: list', '/workspaces/default/components', { query: { name: s.mine }, isSet: true });
});
