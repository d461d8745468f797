/**
 * Filter, sort and paging cases of a list, generated from the parameters in the reference's OpenAPI document: every operator on every
 * parameter, fitting or not. A scenario only says which values exist.
 */
import type { Filter, FilterKind, Operations } from './operations.js';
import { NOBODY, type Query, type RequestOptions, type Side } from './side.js';

export type FilterOptions = {
  /** Always sent, keeps the list to what the scenario made. */
  scope: Query;
  /** Existing values by parameter name: a string the column has, an id, a moment `YYYY-MM-DD HH:MM:SS`. */
  samples?: Record<string, string | number | boolean>;
  /** Parameters to leave out. */
  without?: string[];
  /** Columns to sort by besides the parameters. */
  sorts?: string[];
  /** Columns without ties, whose order is compared. */
  unique?: string[];
  scrub?: RequestOptions['scrub'];
};

/** Parameters every list has; they are tried apart. */
const COMMON = new Set(['sort_by', 'logical_operator', 'page', 'size', 'project', 'hydrate', 'scope_user', 'project_name_or_id', 'workspace_name_or_id']);

export async function filterCases(side: Side, operations: Operations, path: string, options: FilterOptions): Promise<void> {
  const filters = operations.filters(path).filter((filter) => !COMMON.has(filter.name) && !options.without?.includes(filter.name));
  if (filters.length === 0) throw new Error(`GET ${path} has no filters`);
  const list = (what: string, query: Query, isSet = true) =>
    side.get(`list ${path}: ${what}`, path, { query: { ...options.scope, ...query }, isSet, scrub: options.scrub });
  // A parameter that already scopes the list cannot be sent twice with another meaning: the predicates are ANDed, which is what we want.
  const withScope = (name: string, values: (string | number | boolean)[]): Query => {
    const scope = options.scope[name];
    return { [name]: scope === undefined ? values : [...(Array.isArray(scope) ? scope : [scope]), ...values] };
  };

  for (const filter of filters) {
    const sample = options.samples?.[filter.name];
    for (const [value, label] of valuesFor(filter, sample)) {
      // Titles identify a case on both sides, so they must not contain an id.
      await list(`${filter.name}=${label.replaceAll(side.session, '<session>')}`, withScope(filter.name, [value]));
    }
    if (filter.kind === 'string' && filter.isRepeatable) {
      const text = String(sample ?? 'alpha');
      const pair = [`contains:${text.slice(0, 2)}`, `endswith:${text.slice(-2)}`];
      await list(`${filter.name} twice`, withScope(filter.name, pair));
      if (options.scope[filter.name] === undefined)
        await list(`${filter.name} twice, or`, { [filter.name]: ['equals:nothing', pair[1]], logical_operator: 'or' });
    }
  }

  const unique = new Set([...(options.unique ?? []), 'created', 'updated']);
  const sorts = [...new Set([...filters.map((filter) => filter.name), 'id', ...(options.sorts ?? [])])];
  for (const column of sorts) {
    for (const direction of ['asc', 'desc']) await list(`sorted ${direction}:${column}`, { sort_by: `${direction}:${column}` }, !unique.has(column));
  }
  for (const sort of ['created', 'sideways:created', 'asc:nope', 'asc:', ':created', '', 'desc:created:x']) await list(`sort_by=${sort}`, { sort_by: sort });

  await list('hydrated', { hydrate: true }, false);
  await list('not hydrated', { hydrate: false }, false);
  await list('in creation order', { sort_by: 'asc:created' }, false);
  await list('hydrate spelled as Python does', { hydrate: 'False' }, false);
  await list('hydrate=maybe', { hydrate: 'maybe' });
  for (const size of [1, 2, 0, -1, 10_000, 10_001, 'many']) await list(`size=${size}`, { size }, false);
  await list('second page of one', { size: 1, page: 2 }, false);
  for (const page of [0, -1, 1000, 'first']) await list(`page=${page}`, { page }, false);
  for (const logical of ['and', 'or', 'xor', 'OR']) await list(`logical_operator=${logical}`, { logical_operator: logical });
  await list('an unknown parameter', { nonsense: 'x', created_by: 'y' });
  await list('created and updated, or', { created: 'gt:2999-01-01 00:00:00', updated: 'gt:2001-01-01 00:00:00', logical_operator: 'or' });
  await list('scope_user nobody', { scope_user: NOBODY });
  await list('scope_user malformed', { scope_user: 'nobody' });
}

type Value = string | number | boolean;

function valuesFor(filter: Filter, sample: Value | undefined): [value: Value, label: string][] {
  // Some id filters are declared as strings.
  const isId = filter.kind === 'uuid' || /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(String(sample));
  if (!isId) return VALUES[filter.kind as keyof typeof VALUES](sample).map((value) => [value, String(value)]);
  const id = String(sample ?? NOBODY);
  return [
    [id, '<id>'],
    [id.toUpperCase(), '<id in upper case>'],
    [id.replaceAll('-', ''), '<id without hyphens>'],
    [NOBODY, '<an unknown id>'],
    [`equals:${id}`, 'equals:<id>'],
    [`notequals:${id}`, 'notequals:<id>'],
    [`notequals:${NOBODY}`, 'notequals:<an unknown id>'],
    [`startswith:${id.slice(0, 8)}`, 'startswith:<8 of the id>'],
    [`startswith:${id.slice(0, 13)}`, 'startswith:<12 of the id, with a hyphen>'],
    [`contains:${id.slice(9, 18)}`, 'contains:<the middle of the id>'],
    [`notcontains:${id.slice(0, 8)}`, 'notcontains:<8 of the id>'],
    [`endswith:${id.slice(-8)}`, 'endswith:<8 of the id>'],
    [`oneof:${JSON.stringify([id, NOBODY])}`, 'oneof:[<id>]'],
    [`oneof:${id}`, 'oneof:<id>'],
    [`notoneof:${JSON.stringify([id])}`, 'notoneof:[<id>]'],
    ...['not-an-id', 'equals:not-an-id', 'notequals:not-an-id', 'isnull:', 'isnotnull:', 'in:a,b', ''].map((value): [string, string] => [value, value]),
  ];
}

const VALUES: Record<Exclude<FilterKind, 'uuid'>, (sample: Value | undefined) => Value[]> = {
  string: (sample) => {
    const text = String(sample ?? 'alpha');
    const middle = text.slice(1, -1) || text;
    return [
      text,
      `equals:${text}`,
      `equals:${text.toUpperCase()}`,
      `notequals:${text}`,
      `contains:${middle}`,
      `contains:${middle.toUpperCase()}`,
      'contains:%',
      'contains:_',
      `notcontains:${middle}`,
      `startswith:${text.slice(0, -1)}`,
      `endswith:${text.slice(-3)}`,
      `oneof:${JSON.stringify([text, 'other'])}`,
      'oneof:[]',
      'oneof:[1, null]',
      `oneof:${text}`,
      `notoneof:${JSON.stringify([text])}`,
      'gt:1',
      'lte:1.5',
      `gte:${text}x`,
      'in:a,b',
      'isnull:',
      'isnotnull:',
      'isnull:x',
      'isnull',
      'unknown:x',
      `equals:equals:${text}`,
      '',
      'equals:',
      'contains:',
    ];
  },
  datetime: (sample) => {
    const early = '2001-02-03 04:05:06';
    const late = '2999-02-03 04:05:06';
    const exact =
      sample === undefined ? [] : [`equals:${sample}`, `notequals:${sample}`, `gte:${sample}`, `lt:${sample}`, String(sample), `in:${sample},${sample}`];
    return [
      ...exact,
      early,
      `equals:${early}`,
      `notequals:${early}`,
      `gt:${early}`,
      `gte:${late}`,
      `lt:${early}`,
      `lte:${late}`,
      `in:${early},${late}`,
      `in:${late},${early}`,
      `in:${early}`,
      `in:${early},soon`,
      'isnull:',
      'isnotnull:',
      'gt:yesterday',
      'gt:2001-02-03',
      'gt:2001-02-03T04:05:06',
      '2001-02-03T04:05:06',
      'contains:2001',
      'startswith:2001',
      'oneof:["2001-02-03 04:05:06"]',
      '',
    ];
  },
  integer: (sample) => {
    const number = Number(sample ?? 1);
    return [
      number,
      `equals:${number}`,
      `notequals:${number}`,
      `gt:${number}`,
      `gte:${number}`,
      `lt:${number}`,
      `lte:${number}`,
      'isnull:',
      'isnotnull:',
      'gt:x',
      'many',
      1.5,
      'contains:1',
      `oneof:[${number}]`,
      '',
    ];
  },
  boolean: () => [
    true,
    false,
    'True',
    '1',
    'no',
    'equals:true',
    'equals:False',
    'notequals:1',
    'isnull:',
    'isnotnull:',
    'gt:true',
    'maybe',
    'equals:maybe',
    'contains:t',
    '',
  ],
  flag: () => [true, false, 'True', '1', 'no', 'equals:true', 'isnull:', 'maybe', ''],
  plain: (sample) => [...(sample === undefined ? [] : [sample]), NOBODY, 'nonsense', ''],
};
