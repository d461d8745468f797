import { tables } from './tables.js';

/** What the answer of a statement depends on, besides its parameters and the scope. */
export type TablesRead = {
  /** With their schemas. */
  tables: readonly string[];
  /** Whether it asks for the time. */
  isTimed: boolean;
};

/** Tables whose changes are not noted; see the migration 0051_table_changes. */
export const unnoted = ['api_transaction', 'row_count'];

/** Tables of the schema `cloud` whose changes are noted, but for the columns that say when somebody was last seen, and `updated`, which changes with these. */
export const notedOfCloud = ['api_key', 'device', 'organization', 'resource_member', 'role', 'role_assignment', 'session', 'team_member', 'user', 'workspace'];

/** Counts change in the transaction in which the rows do that they count, and the statement lists these rows, too. */
const countedElsewhere = 'workspace.row_count';

/** Functions in statements, and what they read. */
const functions: Record<string, readonly string[]> = {
  'workspace.run_metadata_of': ['workspace.run_metadata', 'workspace.run_metadata_resource'],
  'workspace.place_in_queue': ['workspace.workload'],
  'workspace.wire_time': [],
  'workspace.wire_duration': [],
  'workspace.text_to_number': [],
  'workspace.json_with': [],
  'workspace.json_without': [],
};

const noted = new Set([
  ...Object.keys(tables)
    .filter((name) => !unnoted.includes(name))
    .map((name) => `workspace.${name}`),
  ...notedOfCloud.map((name) => `cloud.${name}`),
]);

const qualified = /"?\b(workspace|cloud)"?\."?(\w+)"?(\s*\()?/g;
// FROM is also a word of `extract` and of `IS DISTINCT FROM`.
const otherFrom = /\bextract\(\w+ FROM\b|\bDISTINCT FROM\b/gi;
const unqualifiedTable = /\b(FROM|JOIN)\s+(?!"?(workspace|cloud)"?\.|\(|LATERAL\b|unnest\(|json_each\(|json_array_elements\(|json_array_elements_text\()/i;
const unsteady =
  /\b(INSERT INTO|DELETE FROM|MERGE INTO)\b|\bUPDATE "?(workspace|cloud)\b|\bFOR (NO KEY |KEY )?(UPDATE|SHARE)\b|\b(random|gen_random_uuid|nextval|setval|set_config|current_setting|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|pg_\w+|txid_\w+)\s*\(|\b(current_timestamp|current_date|current_time|localtimestamp|localtime|last_login|last_reported|last_seen|last_polled)\b/i;

const known = new Map<string, TablesRead | null>();
const mostKnown = 5_000;

/** Every statement that was asked about, with the answer. */
export const statementsJudged = (): ReadonlyMap<string, TablesRead | null> => known;

/** What a statement reads; null for one that writes, locks, or reads what cannot be told from its text. */
export function tablesReadBy(text: string): TablesRead | null {
  let read = known.get(text);
  if (read === undefined) {
    read = find(text);
    if (known.size >= mostKnown) known.clear();
    known.set(text, read);
  }
  return read;
}

function find(text: string): TablesRead | null {
  const [begin, part] = /^WITH (\w+) AS MATERIALIZED \((?=SELECT\b)/.exec(text) ?? [''];
  if (!/^\s*SELECT\b/i.test(text.slice(begin.length)) || unsteady.test(text)) return null;
  const others = text.replace(otherFrom, '');
  if (unqualifiedTable.test(part ? others.replaceAll(new RegExp(`\\bFROM ${part}\\b`, 'g'), '') : others)) return null;
  const found = new Set<string>();
  for (const [, schema, name, isCall] of text.matchAll(qualified)) {
    const full = `${schema}.${name}`;
    if (isCall) {
      const reads = functions[full];
      if (!reads) return null;
      for (const table of reads) found.add(table);
    } else if (noted.has(full)) found.add(full);
    else if (full !== countedElsewhere) return null;
  }
  return { tables: [...found], isTimed: /\bnow\(\)/i.test(text) };
}
