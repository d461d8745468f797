/** What every resource refuses: unknown and malformed ids, missing credentials, bodies that do not fit. Generated from one valid body. */
import { NOBODY, type Side } from './side.js';

type Body = Record<string, unknown>;

export type RefusalOptions = {
  /** A body that POST accepts. */
  create?: Body;
  /** A body that PUT accepts, and an existing id to try it on. */
  update?: Body;
  id?: string;
  /** Path segments are names or ids, so a malformed id is an unknown name. */
  query?: Record<string, string>;
  /** Fields whose absurd values a server may keep; tried elsewhere. */
  without?: string[];
  verbs?: ('GET' | 'PUT' | 'DELETE')[];
};

export async function refusals(side: Side, path: string, options: RefusalOptions): Promise<void> {
  const { create, update, id, query } = options;
  const verbs = options.verbs ?? ['GET', 'PUT', 'DELETE'];
  for (const [what, segment] of [
    ['an unknown id', NOBODY],
    ['a malformed id', 'not-an-id'],
    ['an id without hyphens', NOBODY.replaceAll('-', '')],
  ]) {
    for (const verb of verbs) {
      if (verb === 'PUT' && !update) continue;
      await side.send(`${verb} ${path}: ${what}`, verb, `${path}/${segment}`, verb === 'PUT' ? update : undefined, { query });
    }
  }
  if (id) {
    for (const verb of verbs)
      await side.send(`${verb} ${path}/{id} without a token`, verb, `${path}/${id}`, verb === 'PUT' ? update : undefined, { token: null, query });
    if (verbs.includes('PUT') && update) await bodies(side, 'PUT', `${path}/{id}`, `${path}/${id}`, update, options.without);
  }
  if (create) {
    await side.post(`POST ${path} without a token`, path, create, { token: null });
    await bodies(side, 'POST', path, path, create, options.without);
  }
}

/** Every field left out, null, of another type, empty, too long; and bodies that are no object. */
async function bodies(side: Side, verb: 'POST' | 'PUT', shown: string, path: string, valid: Body, without: string[] = []): Promise<void> {
  const send = (what: string, body: unknown) => side.send(`${verb} ${shown}: ${what}`, verb, path, body, {});
  await side.send(`${verb} ${shown}: no body`, verb, path, undefined, {});
  await side.send(`${verb} ${shown}: broken JSON`, verb, path, undefined, { raw: '{"name": ', headers: { 'content-type': 'application/json' } });
  await side.send(`${verb} ${shown}: not called JSON`, verb, path, undefined, { raw: JSON.stringify(valid), headers: { 'content-type': 'text/plain' } });
  await send('a list', [valid]);
  await send('a string', 'text');
  await send('null', null);
  await send('nothing in it', {});
  for (const [field, value] of Object.entries(valid)) {
    if (without.includes(field)) continue;
    if (verb === 'POST') await send(`without ${field}`, omit(valid, field));
    await send(`${field} null`, { ...valid, [field]: null });
    for (const [what, other] of misfits(value)) {
      // The reference stores an overlong name and cannot read the resource any more, which would spoil every case that follows.
      if (verb === 'PUT' && field === 'name' && what === 'of 256 characters') continue;
      await send(`${field} ${what}`, { ...valid, [field]: other });
    }
  }
}

function misfits(value: unknown): [string, unknown][] {
  if (typeof value === 'string')
    return [
      ['a number', 7],
      ['an object', { a: 1 }],
      ['a list', ['a']],
      ['empty', ''],
      ['of 256 characters', 'x'.repeat(256)],
      ['with a line break', 'a\nb'],
    ];
  if (typeof value === 'boolean')
    return [
      ['a word', 'perhaps'],
      ['an object', {}],
      ['a number', 2],
    ];
  if (typeof value === 'number')
    return [
      ['a word', 'many'],
      ['an object', {}],
      ['negative', -1],
      ['fractional', 1.5],
    ];
  if (Array.isArray(value))
    return [
      ['an object', { a: 1 }],
      ['a word', 'word'],
      ['of numbers', [1]],
    ];
  return [
    ['a word', 'word'],
    ['a list', [1]],
    ['a number', 7],
  ];
}

function omit(body: Body, field: string): Body {
  const { [field]: _, ...rest } = body;
  return rest;
}
