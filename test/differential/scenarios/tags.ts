import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { refusals } from '../refusals.js';
import { NOBODY } from '../side.js';

export const tags = scenario('tags', async (s, operations) => {
  const alpha = await s.post('create', '/tags', { name: s.name('alpha'), color: 'blue' });
  await s.post('without a colour', '/tags', { name: s.name('auto-color') });
  const exclusive = await s.post('exclusive', '/tags', { name: s.name('exclusive'), color: 'red', exclusive: true });
  await s.post('a name that is taken', '/tags', { name: s.name('alpha'), color: 'red' });
  await s.post('a name in another case', '/tags', { name: s.name('ALPHA'), color: 'red' });
  await s.post('an unknown colour', '/tags', { name: s.name('b'), color: 'pinkish' });
  await s.post('a name that looks like an id', '/tags', { name: NOBODY, color: 'red' });
  for (const [what, name] of [
    ['spaces around', ' x '],
    ['a tab', 'a\tb'],
    ['a form feed', 'a\fb'],
    ['unicode', 'täg ✓'],
  ] as const) {
    await s.post(`a name with ${what}`, '/tags', { name: `${s.name('w')}${name}`, color: 'red' });
  }
  await s.get('by id', `/tags/${alpha.id}`);
  await s.get('by id, not hydrated', `/tags/${alpha.id}`, { query: { hydrate: false } });

  const project = await s.project();
  const pipeline = await s.post('a pipeline with tags', '/pipelines', { name: 'p', project, tags: [s.name('alpha'), s.name('auto-new')] });
  const model = await s.post('a model', '/models', { name: 'm', project });
  const artifact = await s.post('an artifact', '/artifacts', { name: 'a', project, has_custom_name: true });
  await s.get('the pipeline with its tags', `/pipelines/${pipeline.id}`);
  const link = { tag_id: alpha.id, resource_id: model.id, resource_type: 'model' };
  await s.post('attach', '/tag_resources', link);
  await s.post('attach again', '/tag_resources', link);
  await s.post('attach a batch', '/tag_resources/batch', [link, { ...link, resource_id: artifact.id, resource_type: 'artifact' }]);
  await s.post('attach an empty batch', '/tag_resources/batch', []);
  await s.post('attach an unknown tag', '/tag_resources', { ...link, tag_id: NOBODY });
  await s.post('attach to nothing', '/tag_resources', { ...link, resource_id: NOBODY });
  await s.post('attach to another type', '/tag_resources', { ...link, resource_type: 'pipeline' });
  await s.post('attach to an unknown type', '/tag_resources', { ...link, resource_type: 'stack' });
  await s.post('attach an exclusive tag to a model', '/tag_resources', { ...link, tag_id: exclusive.id });
  await s.post('attach a batch with one unknown tag', '/tag_resources/batch', [
    { ...link, resource_id: artifact.id, resource_type: 'artifact' },
    { ...link, tag_id: NOBODY },
  ]);
  await s.get('the model with its tag', `/models/${model.id}`);
  await s.get('models by tag', '/models', { query: { project, tags: s.name('alpha') } });
  await s.get('models without tags', '/models', { query: { project, tags: 'isnull:' } });
  await s.get('pipelines by two tags', '/pipelines', { query: { project, tags: [s.name('alpha'), `startswith:${s.name('auto')}`] } });

  await filterCases(s, operations, '/tags', {
    // Without those whose colour is random.
    scope: { name: [s.mine, 'notcontains:auto-'] },
    samples: { name: s.name('alpha'), id: alpha.id, color: 'blue', user: 'admin', resource_type: 'model' },
    unique: ['name'],
  });

  await s.put('rename', `/tags/${alpha.id}`, { name: s.name('alpha2') });
  await s.put('rename to a taken name', `/tags/${alpha.id}`, { name: s.name('exclusive') });
  await s.put('recolour', `/tags/${alpha.id}`, { color: 'green' });
  await s.put('a colour that is none', `/tags/${alpha.id}`, { color: 'pinkish' });
  await s.put('make a used tag exclusive', `/tags/${alpha.id}`, { exclusive: true });
  await s.put('make it common again', `/tags/${exclusive.id}`, { exclusive: false });
  await s.put('update nothing', `/tags/${alpha.id}`, {});
  await s.get('the pipeline sees the new name', `/pipelines/${pipeline.id}`);
  await s.put('tags through the resource', `/pipelines/${pipeline.id}`, { add_tags: [s.name('auto-more')], remove_tags: [s.name('alpha2'), 'never-attached'] });
  await s.put('a tag by id', `/pipelines/${pipeline.id}`, { add_tags: [alpha.id] });
  await s.put('an unknown tag by id', `/pipelines/${pipeline.id}`, { add_tags: [NOBODY] });
  await s.put('the same tag added and removed', `/pipelines/${pipeline.id}`, { add_tags: [s.name('auto-flip')], remove_tags: [s.name('auto-flip')] });
  await refusals(s, '/tags', {
    create: { name: s.name('auto-r'), color: 'red', exclusive: false },
    update: { name: s.name('r2'), color: 'red', exclusive: false },
    id: alpha.id,
  });
  await refusals(s, '/tag_resources', { create: link, verbs: [] });

  await s.delete('detach from what does not exist', '/tag_resources', { ...link, resource_id: NOBODY });
  await s.delete('detach a batch from what does not exist', '/tag_resources/batch', [{ ...link, resource_id: NOBODY }]);
  await s.delete('detach', '/tag_resources', link);
  await s.delete('detach again', '/tag_resources', link);
  await s.delete('detach a batch', '/tag_resources/batch', [{ ...link, resource_id: artifact.id, resource_type: 'artifact' }]);
  await s.delete('detach an unknown tag', '/tag_resources', { ...link, tag_id: NOBODY });
  await s.get('the model without its tag', `/models/${model.id}`);
  await s.delete('delete a tag in use', `/tags/${alpha.id}`);
  await s.get('the pipeline without the tag', `/pipelines/${pipeline.id}`);
  await s.get('it is gone', `/tags/${alpha.id}`);
  await s.delete('delete it again', `/tags/${alpha.id}`);
});
