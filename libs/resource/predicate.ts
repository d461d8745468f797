import { or, raw, type Sql, sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';

export const operators = [
  'equals',
  'notequals',
  'contains',
  'notcontains',
  'startswith',
  'endswith',
  'oneof',
  'notoneof',
  'gt',
  'gte',
  'lt',
  'lte',
  'in',
  'isnull',
  'isnotnull',
] as const;
export type Operator = (typeof operators)[number];

export type ValueKind = 'str' | 'uuid' | 'datetime' | 'int' | 'float' | 'bool';

const byName: ReadonlySet<string> = new Set(operators);

const textOperators: readonly Operator[] = operators.filter((operator) => operator !== 'in');
const allowedOperators: Record<ValueKind, readonly Operator[]> = {
  str: textOperators,
  uuid: textOperators,
  datetime: ['equals', 'notequals', 'gt', 'gte', 'lt', 'lte', 'isnull', 'isnotnull', 'in'],
  int: ['equals', 'notequals', 'gt', 'gte', 'lt', 'lte', 'isnull', 'isnotnull'],
  float: ['equals', 'notequals', 'gt', 'gte', 'lt', 'lte', 'isnull', 'isnotnull'],
  bool: ['equals', 'notequals', 'isnull', 'isnotnull'],
};

/** A filter that does not fit its model: 422 in the `detail` form, unlike other validation. */
export function filterProblem(text: string): Problem {
  return new Problem('unprocessable', text);
}

/** One `field=value` of a query string: an operator and a text value, not yet tied to a column. */
export class Predicate {
  constructor(
    readonly field: string,
    readonly operator: Operator,
    readonly value: string,
    /** What was sent, operator and all, for the few filters that take no operators. */
    readonly text: string = value,
    /** Filters with a rule of their own are read after the model of the filter, and refuse bad lists with another status. */
    readonly refusal: 'unprocessable' | 'invalid' = 'unprocessable',
  ) {}

  /** The same for a filter with a rule of its own. */
  ruled(): Predicate {
    return new Predicate(this.field, this.operator, this.value, this.text, 'invalid');
  }

  /** Splits at the first colon; a prefix that is no operator belongs to the value. */
  static parse(field: string, text: string): Predicate {
    const colon = text.indexOf(':');
    const prefix = colon < 0 ? '' : text.slice(0, colon);
    if (!byName.has(prefix)) return new Predicate(field, 'equals', text);
    const value = text.slice(colon + 1);
    if ((prefix === 'isnull' || prefix === 'isnotnull') && value !== '') throw filterProblem(`The filter ${field} takes nothing after '${prefix}:'.`);
    return new Predicate(field, prefix as Operator, value, text);
  }

  /** The condition on a column or expression of that kind. */
  on(column: Sql, kind: ValueKind): Sql {
    if (!allowedOperators[kind].includes(this.operator)) {
      throw filterProblem(`The operator '${this.operator}' does not work on the filter ${this.field}. Use one of: ${allowedOperators[kind].join(', ')}.`);
    }
    if (this.operator === 'isnull') return sql`${column} IS NULL`;
    if (this.operator === 'isnotnull') return sql`${column} IS NOT NULL`;
    switch (kind) {
      case 'str':
        return this.#onText(column);
      case 'uuid':
        return this.#onUuid(column);
      case 'datetime':
        return this.#onTime(column);
      case 'int':
        return this.#onInteger(column);
      case 'float':
        return sql`${column} ${comparison(this.operator)} ${this.#float()}`;
      case 'bool':
        return sql`${column} ${comparison(this.operator)} ${this.#bool()}`;
    }
  }

  /** "Name or id" filters: the same predicate on the id or on one of the names. */
  nameOrId(id: Sql, ...names: Sql[]): Sql {
    return or([this.on(id, 'uuid'), ...names.map((name) => this.on(name, 'str'))]);
  }

  /** The value as a boolean flag, for filters that switch something on. */
  flag(): boolean {
    return this.#bool();
  }

  /** The value as a UUID that must match exactly; null when it is none. */
  id(): string | null {
    return this.operator === 'equals' ? uuidOf(this.value) : null;
  }

  #onText(column: Sql): Sql {
    const text = sql`${column}::text`;
    // Clients know % and _ as wildcards, and no way to escape them.
    const pattern = this.value.replaceAll('\\', '\\\\');
    switch (this.operator) {
      case 'equals':
        return sql`${column} = ${this.value}`;
      case 'notequals':
        return sql`${column} <> ${this.value}`;
      case 'contains':
        return sql`${text} ILIKE ${`%${pattern}%`}`;
      case 'notcontains':
        return sql`${text} NOT ILIKE ${`%${pattern}%`}`;
      case 'startswith':
        return sql`${text} ILIKE ${`${pattern}%`}`;
      case 'endswith':
        return sql`${text} ILIKE ${`%${pattern}`}`;
      case 'oneof': {
        const list = this.list();
        // One of nothing is no condition, as clients know it.
        if (list.length === 0) return raw('true');
        const some = sql`${column} = ANY(${list}::text[])`;
        return this.#listsNull() ? sql`(${some} OR ${column} IS NULL)` : some;
      }
      case 'notoneof': {
        const none = sql`${column} <> ALL(${this.list()}::text[])`;
        return this.#listsNull() ? sql`(${none} AND ${column} IS NOT NULL)` : none;
      }
      default:
        // Text that is no number counts as 0, and 0 compares with nothing.
        return sql`(workspace.text_to_number(${text}) <> 0 AND workspace.text_to_number(${text}) ${comparison(this.operator)} ${this.#floatOfText()})`;
    }
  }

  #onUuid(column: Sql): Sql {
    if (this.operator === 'equals' || this.operator === 'notequals') {
      const id = uuidOf(this.value);
      // A value that is no UUID equals nothing, and differs from everything.
      if (id === null) return raw(this.operator === 'equals' ? 'false' : 'true');
      return sql`${column} ${comparison(this.operator)} ${id}::uuid`;
    }
    if (this.operator === 'oneof' && this.list().length > 0) return sql`${column} = ANY(${this.list().flatMap((value) => uuidOf(value) ?? [])}::uuid[])`;
    if (this.operator === 'notoneof') return sql`${column} <> ALL(${this.list().flatMap((value) => uuidOf(value) ?? [])}::uuid[])`;
    return new Predicate(this.field, this.operator, this.value.replaceAll('-', ''), this.text, this.refusal).#onText(sql`replace(${column}::text, '-', '')`);
  }

  #onTime(column: Sql): Sql {
    if (this.operator === 'in') {
      const [from, to, ...rest] = this.value.split(',');
      if (from === undefined || to === undefined || rest.length > 0)
        throw filterProblem(`The filter ${this.field} takes two times after 'in:', separated by a comma.`);
      return sql`${column} BETWEEN ${this.#time(from)}::timestamp AND ${this.#time(to)}::timestamp`;
    }
    return sql`${column} ${comparison(this.operator)} ${this.#time(this.value)}::timestamp`;
  }

  #time(text: string): string {
    const match = /^(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})$/.exec(text);
    if (match) {
      const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [number, number, number, number, number, number];
      const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
      // Date rolls over (31 April becomes 1 May); such a value was not a time.
      if (year > 0 && time.getUTCDate() === day && time.getUTCMonth() === month - 1 && hour < 24 && minute < 60 && second < 60) return text;
    }
    throw filterProblem(`The filter ${this.field} takes a time as 'YYYY-MM-DD HH:MM:SS' in UTC; got '${this.value}'.`);
  }

  #onInteger(column: Sql): Sql {
    // Digits may be grouped as in Python: 1_000.
    const text = this.value.trim();
    if (!/^[+-]?\d+(_\d+)*$/.test(text)) throw filterProblem(`The filter ${this.field} takes a whole number; got '${this.value}'.`);
    const number = Number(text.replaceAll('_', ''));
    // Compared as it is, so that an index serves; what no column can hold is still more or less than all that they do.
    if (Math.abs(number) <= 2_147_483_647) return sql`${column} ${comparison(this.operator)} ${number}`;
    return sql`${column}::numeric ${comparison(this.operator)} ${text.replaceAll('_', '')}::numeric`;
  }

  #float(): number {
    const number = this.value.trim() === '' ? Number.NaN : Number(this.value);
    if (!Number.isFinite(number)) throw filterProblem(`The filter ${this.field} takes a number; got '${this.value}'.`);
    return number;
  }

  #floatOfText(): number {
    const number = this.value.trim() === '' ? Number.NaN : Number(this.value);
    if (Number.isNaN(number)) throw new Problem('invalid', `The operator '${this.operator}' on the filter ${this.field} needs a number; got '${this.value}'.`);
    return number;
  }

  #bool(): boolean {
    const text = this.value.toLowerCase();
    if (['1', 'y', 'yes', 'true', 't', 'on'].includes(text)) return true;
    if (['0', 'n', 'no', 'false', 'f', 'off'].includes(text)) return false;
    throw filterProblem(`The filter ${this.field} takes true or false; got '${this.value}'.`);
  }

  /** Whether a list names null, which stands for "no value". */
  #listsNull(): boolean {
    return (JSON.parse(this.value) as unknown[]).includes(null);
  }

  /** The value of `oneof` and `notoneof`: a JSON list of texts. */
  list(): string[] {
    let parsed: unknown;
    try {
      parsed = JSON.parse(this.value);
    } catch {
      parsed = null;
    }
    if (!Array.isArray(parsed))
      throw new Problem(
        this.refusal,
        `The operator '${this.operator}' on the filter ${this.field} needs a JSON list, such as ["a", "b"]; got '${this.value}'.`,
      );
    return parsed.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  }
}

function comparison(operator: Operator): Sql {
  const signs: Partial<Record<Operator, string>> = { equals: '=', notequals: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };
  return raw(signs[operator] as string);
}

/** The canonical form of a UUID in any spelling clients use (upper case, no hyphens, braces), or null. */
export function uuidOf(text: string): string | null {
  const hex = text
    .trim()
    .replace(/^urn:uuid:/i, '')
    .replace(/^\{(.*)\}$/, '$1')
    .replaceAll('-', '')
    .toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
