import { scenario } from '../compare.js';
import { filterCases } from '../filters.js';
import { refusals } from '../refusals.js';

export const secrets = scenario('secrets', async (s, operations) => {
  const alpha = await s.post('create', '/secrets', { name: s.name('alpha'), values: { user: 'u', password: 'p' } });
  const hidden = await s.post('create a private one', '/secrets', { name: s.name('private'), private: true, values: { a: '1' } });
  await s.post('without values', '/secrets', { name: s.name('empty'), values: {} });
  await s.post('a null value', '/secrets', { name: s.name('null'), values: { a: null } });
  await s.post('no values field', '/secrets', { name: s.name('none') });
  await s.post('a name that is taken', '/secrets', { name: s.name('alpha'), values: { a: '1' } });
  await s.post('the name of a private one, public', '/secrets', { name: s.name('private'), values: { a: '1' } });
  await s.post('the name of a public one, private', '/secrets', { name: s.name('alpha'), private: true, values: { a: '1' } });
  await s.post('a name in another case', '/secrets', { name: s.name('ALPHA'), values: { a: '1' } });
  await s.post('a value that is a number', '/secrets', { name: s.name('n'), values: { a: 1 } });
  await s.post('unicode', '/secrets', { name: s.name('unicode'), values: { schlüssel: 'wert ✓ \n"quoted"' } });
  await s.post('a long value', '/secrets', { name: s.name('long'), values: { a: 'x'.repeat(20_000) } });
  await s.get('by id with values', `/secrets/${alpha.id}`);
  await s.get('by id, not hydrated', `/secrets/${alpha.id}`, { query: { hydrate: false } });
  await filterCases(s, operations, '/secrets', { scope: { name: s.mine }, samples: { name: s.name('alpha'), id: alpha.id, user: 'admin' } });

  await s.put('values patched by default or replaced', `/secrets/${alpha.id}`, { values: { user: 'other' } });
  await s.put('values patched', `/secrets/${alpha.id}`, { values: { extra: 'e' } }, { query: { patch_values: true } });
  await s.put('a key removed by null', `/secrets/${alpha.id}`, { values: { extra: null } }, { query: { patch_values: true } });
  await s.put('values replaced', `/secrets/${alpha.id}`, { values: { only: 'o' } }, { query: { patch_values: false } });
  await s.put('rename', `/secrets/${alpha.id}`, { name: s.name('alpha2') });
  await s.put('rename to a taken name', `/secrets/${alpha.id}`, { name: s.name('empty') });
  await s.put('make it private', `/secrets/${alpha.id}`, { private: true });
  await s.put('make it public', `/secrets/${hidden.id}`, { private: false });
  await s.put('update nothing', `/secrets/${alpha.id}`, {});
  await s.get('after the updates', `/secrets/${alpha.id}`);
  await refusals(s, '/secrets', {
    create: { name: s.name('r'), private: false, values: { a: 'b' } },
    update: { name: s.name('r2'), private: false, values: { a: 'b' } },
    id: hidden.id,
  });
  await s.delete('delete', `/secrets/${alpha.id}`);
  await s.get('it is gone', `/secrets/${alpha.id}`);
  await s.delete('delete it again', `/secrets/${alpha.id}`);
  await s.put('backup without a backup store', '/secrets_operations/backup', undefined);
  await s.put('restore without a backup store', '/secrets_operations/restore', undefined);
  await s.put('backup without a token', '/secrets_operations/backup', undefined, { token: null });
  await s.post('legacy: create', '/workspaces/default/secrets', { name: s.name('legacy'), values: { a: 'b' } });
});
