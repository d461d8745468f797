import { scenario } from '../compare.js';
import { NOBODY } from '../side.js';

/** What holds for every operation: credentials, unknown routes, methods, content types, idempotency, the two 422 shapes. */
export const http = scenario('http', async (s) => {
  for (const path of ['/health', '/ready']) {
    await s.get(`GET ${path}`, path, { isAbsolute: true, token: null });
    await s.send(`HEAD ${path}`, 'HEAD', path, undefined, { isAbsolute: true, token: null });
  }
  await s.get('an unknown route', '/nothing-here');
  await s.get('an unknown route without a token', '/nothing-here', { token: null });
  await s.get('a trailing slash', '/stacks/');
  await s.post('a verb the route does not have', '/current-user', {});
  await s.patch('PATCH where there is PUT', `/stacks/${NOBODY}`, {});
  await s.delete('DELETE on a list that has none', '/stacks');
  await s.post('POST where there is nothing', '/nothing-here', {});
  await s.delete('DELETE where there is nothing', `/pipelines/${NOBODY}/nothing-here`);
  await s.get('GET where there is POST', '/run-metadata');
  await s.send('HEAD of a list', 'HEAD', '/stacks', undefined, {});

  await s.get('no token', '/current-user', { token: null });
  await s.get('a token that is none', '/current-user', { token: 'nonsense' });
  await s.get('a token of three parts', '/current-user', { token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln' });
  await s.get('an API key that is none', '/current-user', { token: 'ZENKEY_bm90aGluZw==' });
  await s.get('another scheme', '/current-user', { token: null, headers: { authorization: 'Basic YWRtaW46YWRtaW4=' } });
  await s.get('a scheme without a token', '/current-user', { token: null, headers: { authorization: 'Bearer' } });

  await s.get('an echoed request id', `/stacks/${NOBODY}`, { headers: { 'x-request-id': 'abcd1234' } });
  await s.post('a body that misses a field (bare list)', '/projects', {});
  await s.get('a filter that does not fit (detail)', '/projects', { query: { created: 'contains:x' } });
  await s.get('a query parameter of another type', '/projects', { query: { hydrate: 'perhaps' } });
  await s.get('a path parameter of another type', '/stacks/nonsense');
  await s.get('several things wrong', '/projects', { query: { page: 0, size: 'x', sort_by: 'nope:nope' } });
  await s.get('a repeated page size', '/projects', { query: { size: [3, 7], name: s.mine } });
  await s.get('a repeated page, the last one no number', '/projects', { query: { page: [1, 'x'] } });
  for (const size of ['', '1e1', '2.0', '2.5', ' 2', '+2', '0x2']) await s.get(`a page size of "${size}"`, '/projects', { query: { size, name: s.mine } });
  await s.get('a URL of 20 kB', '/projects', { query: { name: 'x'.repeat(20_000) } });
  await s.get('a byte that encodes nothing', '/projects?name=%zz');
  await s.post('a byte order mark', '/tags', undefined, {
    raw: `\uFEFF${JSON.stringify({ name: s.name('marked'), color: 'red' })}`,
    headers: { 'content-type': 'application/json' },
  });
  await s.post('multipart', '/projects', undefined, { raw: '--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } });

  const key = '4f7b1c1e-8a53-4f0e-9d7b-6c1f5c8f0a01';
  const headers = { 'idempotency-key': key.replace('4f7b1c1e', s.session.padEnd(8, '0').replace(/[^0-9a-f]/g, '0')) };
  await s.post('with an idempotency key', '/projects', { name: s.name('once') }, { headers });
  await s.post('the same again', '/projects', { name: s.name('once') }, { headers });
  await s.post('the same key with another body', '/projects', { name: s.name('twice') }, { headers });
  await s.post('the same key at another route', '/tags', { name: s.name('tag'), color: 'blue' }, { headers });
  await s.post('without the key', '/projects', { name: s.name('once') });
  const failing = { 'idempotency-key': key.replace('4f7b1c1e', s.session.padEnd(8, '1').replace(/[^0-9a-f]/g, '0')) };
  await s.post('a failing request with a key', '/projects', { name: s.name('once') }, { headers: failing });
  await s.post('the key of a failed request, put right', '/projects', { name: s.name('third') }, { headers: failing });
  await s.get('what was created', '/projects', { query: { name: s.mine, sort_by: 'asc:name' } });
});
