import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const stacks = scenario('stacks', async (s, operations) => {
  const secret = await s.post('given a secret', '/secrets', { name: s.name('secret'), values: { token: 'x' } });
  const component = (base: string, type: string, flavor = 'local', configuration = {}) =>
    s.post(`given the ${type} ${base}`, '/components', { name: s.name(base), type, flavor, configuration });
  const orchestrator = await component('o', 'orchestrator');
  const other = await component('o2', 'orchestrator');
  const store = await component('a', 'artifact_store');
  const builder = await component('i', 'image_builder');
  const tracker = await component('t', 'experiment_tracker', 'mlflow', { tracking_uri: 'http://localhost' });
  const minimal = { orchestrator: [orchestrator.id], artifact_store: [store.id] };

  const alpha = await s.post('create', '/stacks', {
    name: s.name('alpha'),
    description: 'first',
    components: { ...minimal, image_builder: [builder.id] },
    labels: { team: 'a' },
    environment: { A: '1' },
    stack_spec_path: '/x.yaml',
    secrets: [secret.id],
  });
  const beta = await s.post('create with the least', '/stacks', { name: s.name('beta'), components: minimal });
  await s.post('a name that is taken', '/stacks', { name: s.name('alpha'), components: minimal });
  await s.post('a name in another case', '/stacks', { name: s.name('ALPHA'), components: minimal });
  await s.post('without an artifact store', '/stacks', { name: s.name('c'), components: { orchestrator: [orchestrator.id] } });
  await s.post('without an orchestrator', '/stacks', { name: s.name('d'), components: { artifact_store: [store.id] } });
  await s.post('without components', '/stacks', { name: s.name('e'), components: {} });
  await s.post('two orchestrators', '/stacks', { name: s.name('f'), components: { ...minimal, orchestrator: [orchestrator.id, other.id] } });
  await s.post('an empty list of components', '/stacks', { name: s.name('g'), components: { ...minimal, image_builder: [] } });
  await s.post('a component of another type', '/stacks', { name: s.name('h'), components: { ...minimal, image_builder: [orchestrator.id] } });
  await s.post('an unknown component', '/stacks', { name: s.name('i'), components: { ...minimal, image_builder: [NOBODY] } });
  await s.post('an unknown component type', '/stacks', { name: s.name('j'), components: { ...minimal, nope: [builder.id] } });
  await s.post('a component described in place', '/stacks', {
    name: s.name('k'),
    components: { artifact_store: [store.id], orchestrator: [{ flavor: 'local', configuration: {} }] },
  });
  const registry = { flavor: 'default', configuration: { uri: 'https://registry.example.com' }, service_connector_index: 0 };
  const docker = { type: 'docker', auth_method: 'password', configuration: { username: 'u', password: 'p', registry: 'registry.example.com' } };
  const described = (base: string, more: object, connectors: unknown[] = [docker]) => ({
    name: s.name(base),
    components: { ...minimal, ...more },
    service_connectors: connectors,
    labels: { team: 'a' },
  });
  await s.post('a component and its connector described in place', '/stacks', described('m', { container_registry: [registry] }));
  await s.get('the component that was made', '/components', { query: { name: s.name('m'), hydrate: true } });
  await s.get('the connector that was made', '/service_connectors', {
    query: { name: s.name('m'), hydrate: true, expand_secrets: false },
    scrub: (body) => JSON.parse(JSON.stringify(body, (key, value) => (key === 'connector_type' ? (value.connector_type ?? value) : value))),
  });
  await s.post('with the resource of the connector', '/stacks', described('n', { container_registry: [{ ...registry, service_connector_resource_id: 'x' }] }));
  await s.post('a connector that is not there', '/stacks', described('q', { container_registry: [{ ...registry, service_connector_index: 1 }] }));
  await s.post(
    'a flavor without connectors',
    '/stacks',
    described('q', { orchestrator: [{ flavor: 'local', configuration: {}, service_connector_index: 0 }] }),
  );
  await s.post(
    'a connector of another type',
    '/stacks',
    described('q', { artifact_store: [{ flavor: 's3', configuration: { path: 's3://b' }, service_connector_index: 0 }] }),
  );
  await s.post('an unknown flavor', '/stacks', described('q', { container_registry: [{ flavor: 'nope', configuration: {} }] }));
  await s.post('a connector with a missing attribute', '/stacks', described('q', {}, [{ ...docker, configuration: {} }]));
  await s.post('a connector without an authentication method', '/stacks', described('q', {}, [{ type: 'docker' }]));
  await s.post('an unknown connector', '/stacks', described('q', {}, [NOBODY]));
  await s.get('nothing is left of what failed', '/components', { query: { name: s.name('q') } });
  await s.post('an unknown secret', '/stacks', { name: s.name('l'), components: minimal, secrets: ['nope'] });
  await s.post('the name default', '/stacks', { name: 'default', components: minimal });

  await s.get('by id', `/stacks/${alpha.id}`);
  await s.get('by id, not hydrated', `/stacks/${alpha.id}`, { query: { hydrate: false } });
  await s.get('the default stack', '/stacks', { query: { name: 'default', hydrate: true } });
  await filterCases(s, operations, '/stacks', {
    scope: { name: s.mine },
    samples: { name: s.name('alpha'), id: alpha.id, description: 'first', user: 'admin', component_id: builder.id, component: s.name('i') },
    unique: ['name'],
  });

  await s.put('rename', `/stacks/${alpha.id}`, { name: s.name('alpha2'), description: 'second' });
  await s.put('rename to a taken name', `/stacks/${alpha.id}`, { name: s.name('beta') });
  await s.put('other components', `/stacks/${alpha.id}`, { components: { ...minimal, orchestrator: [other.id], experiment_tracker: [tracker.id] } });
  await s.put('components without an artifact store', `/stacks/${alpha.id}`, { components: { orchestrator: [other.id] } });
  await s.put('an unknown component', `/stacks/${alpha.id}`, { components: { ...minimal, image_builder: [NOBODY] } });
  await s.put('labels', `/stacks/${alpha.id}`, { labels: { more: 'b' } });
  await s.put('a label set to null', `/stacks/${alpha.id}`, { labels: { team: null } });
  await s.put('environment', `/stacks/${alpha.id}`, { environment: { B: '2' } });
  await s.put('description null', `/stacks/${alpha.id}`, { description: null });
  await s.put('stack spec path null', `/stacks/${alpha.id}`, { stack_spec_path: null });
  await s.put('add a secret', `/stacks/${beta.id}`, { add_secrets: [s.name('secret')] });
  await s.put('remove a secret', `/stacks/${alpha.id}`, { remove_secrets: [secret.id] });
  await s.put('update nothing', `/stacks/${alpha.id}`, {});
  await s.get('after the updates', `/stacks/${alpha.id}`);
  await refusals(s, '/stacks', {
    create: { name: s.name('r'), description: 'x', components: minimal, labels: {}, environment: {}, secrets: [] },
    update: { name: s.name('r2'), description: 'x', labels: {} },
    id: alpha.id,
  });

  const found = await s.get('the default stack again', '/stacks', { query: { name: 'default' } });
  const defaultStack = found.pick('items.0.id') ?? NOBODY;
  await s.put('update the default stack', `/stacks/${defaultStack}`, { description: 'mine' });
  await s.delete('delete the default stack', `/stacks/${defaultStack}`);

  // A stack that a run or a snapshot was made with.
  const project = await s.project();
  const pipeline = await s.post('given a pipeline', '/pipelines', { name: 'p', project });
  const snapshot = await s.post('given a snapshot', '/pipeline_snapshots', {
    project,
    run_name_template: 'r',
    pipeline_configuration: { name: 'p' },
    step_configurations: {},
    stack: beta.id,
    pipeline: pipeline.id,
  });
  await s.delete('delete it', `/stacks/${beta.id}`);
  await s.get('it is gone', `/stacks/${beta.id}`);
  await s.delete('delete it again', `/stacks/${beta.id}`);
  await s.get('the snapshot without its stack', `/pipeline_snapshots/${snapshot.id}`);
  await s.get('the components remain', '/components', { query: { name: s.mine, sort_by: 'asc:created' } });

  await s.post('legacy: create', '/workspaces/default/stacks', { name: s.name('legacy'), components: minimal });
  await s.get('legacy: list', '/workspaces/default/stacks', { query: { name: s.mine, sort_by: 'asc:name' } });
});
