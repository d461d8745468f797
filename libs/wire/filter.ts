import type { z } from 'zod';

/**
 * What a list operation can be filtered and sorted by. Only names and types: how a predicate becomes SQL is libs/resource's
 * business. Every filter also has `page`, `size`, `sort_by` and `logical_operator`.
 */

/** The type of the values a field is compared with; a zod enum is compared as text but refuses nothing else than text. */
export type FilterKind = 'uuid' | 'str' | 'datetime' | 'int' | 'float' | 'bool' | 'tags' | 'run_metadata' | z.ZodEnum;

export type Filter = {
  readonly name: string;
  /** Predicates on a column of the same name, and keys that `sort_by` accepts. */
  readonly columns: Readonly<Record<string, FilterKind>>;
  /** Predicates that need more than a column (joins, scopes, rewrites), each with code of its own; not sortable. */
  readonly special: Readonly<Record<string, FilterKind>>;
  /** Fields, of either group, that take one value; of a repeated key the last counts. */
  readonly single: readonly string[];
  /** Those of the single fields that take no operator, only a value of their kind. */
  readonly plain: readonly string[];
  /** Keys of `sort_by` beyond the columns, each with code of its own. */
  readonly sorts: readonly string[];
  /** What a single-valued field is when the query does not say. */
  readonly defaults: Readonly<Record<string, unknown>>;
};

type Declaration = {
  columns?: Record<string, FilterKind>;
  special?: Record<string, FilterKind>;
  single?: readonly string[];
  plain?: readonly string[];
  sorts?: readonly string[];
  defaults?: Record<string, unknown>;
};

/** Every resource has an id and two times, so every filter has them. */
const everywhere = { id: 'uuid', created: 'datetime', updated: 'datetime' } as const;

export function filter<const D extends Declaration>(name: string, declaration: D) {
  return Object.freeze({
    name,
    columns: { ...everywhere, ...(declaration.columns as D['columns'] & {}) },
    special: { ...(declaration.special as D['special'] & {}) },
    single: declaration.single ?? [],
    plain: declaration.plain ?? [],
    sorts: declaration.sorts ?? [],
    defaults: declaration.defaults ?? {},
  }) satisfies Filter;
}

/** The kind of a field, or undefined when the filter has no such field. */
export function kindOf(of: Filter, field: string): FilterKind | undefined {
  if (Object.hasOwn(of.columns, field)) return of.columns[field];
  return Object.hasOwn(of.special, field) ? of.special[field] : undefined;
}

export function isSortable(of: Filter, key: string): boolean {
  return Object.hasOwn(of.columns, key) || of.sorts.includes(key);
}

export const pageDefaults = { page: 1, size: 20, maxSize: 10_000, sortBy: 'created', logicalOperator: 'and' } as const;
