import { join, literal, raw, Sql, sql } from '#libs/database/sql.js';

/** `format` takes at most a hundred arguments. */
const mostArguments = 90;

/**
 * SQL that yields JSON as text, never null: a template with gaps, and what fills them. Documents are put together as text by one call of `format` each,
 * however deep they are: it costs less than half of `json_build_object`, which looks up the type of every key and value of every row.
 */
export class Json extends Sql {
  private constructor(
    /** JSON with `%s` where an argument goes; percent signs are doubled. */
    readonly template: string,
    /** Expressions that are never null. */
    readonly fills: readonly Sql[],
  ) {
    const built = formatted(template, fills);
    super(built.strings, built.values);
  }

  /** JSON that is known before the statement runs. */
  static constant(text: string): Json {
    return new Json(text.replaceAll('%', '%%'), []);
  }

  /** An expression that is JSON text already. */
  static text(expression: Sql): Json {
    return expression instanceof Json ? expression : new Json('%s', [expression]);
  }

  /** The same where the expression may be null. */
  static nullable(expression: Sql): Json {
    return expression instanceof Json ? expression : new Json('%s', [sql`coalesce(${expression}, 'null')`]);
  }

  /** A value whose text stands between quotes as it is, such as an id. */
  static quoted(expression: Sql): Json {
    return new Json('"%s"', [expression]);
  }

  /** Any value, as PostgreSQL would write it. Constants and JSON text are taken as they are. */
  static value(expression: Sql): Json {
    if (expression instanceof Json) return expression;
    const [only] = expression.strings;
    if (expression.values.length === 0 && only !== undefined) {
      if (/^(null|true|false|-?\d+)$/i.test(only)) return Json.constant(only.toLowerCase());
      const quoted = /^'((?:[^']|'')*)'$/.exec(only);
      if (quoted) return Json.constant(JSON.stringify((quoted[1] as string).replaceAll("''", "'")));
    }
    return new Json('%s', [sql`coalesce(to_json(${expression})::text, 'null')`]);
  }

  static object(fields: Record<string, Sql>): Json {
    const entries = Object.entries(fields).map(([name, value]) => [name, Json.value(value)] as const);
    const template = `{${entries.map(([name, value]) => `${JSON.stringify(name).replaceAll('%', '%%')}:${value.template}`).join(',')}}`;
    return new Json(
      template,
      entries.flatMap(([, value]) => value.fills),
    );
  }

  /** All documents of some rows as a list. `from` is the rest of the statement, from FROM on. */
  static list(document: Sql, order: Sql | null, from: Sql): Json {
    return Json.text(sql`(SELECT ${aggregatedList(document, order)} ${from})`);
  }

  /** Documents of some rows by a key of each. */
  static map(key: Sql, document: Sql, order: Sql | null, from: Sql): Json {
    return Json.text(sql`(SELECT ${aggregatedMap(key, document, order)} ${from})`);
  }
}

/** A list as an aggregate over the rows of a statement, `[]` over none. */
export function aggregatedList(document: Sql, order: Sql | null): Sql {
  return sql`'[' || coalesce(string_agg(${Json.value(document)}, ','${order ? sql` ORDER BY ${order}` : raw('')}), '') || ']'`;
}

/** An object as an aggregate over the rows of a statement, `{}` over none. */
export function aggregatedMap(key: Sql, document: Sql, order: Sql | null): Sql {
  return sql`'{' || coalesce(string_agg(to_json(${key}::text)::text || ':' || ${Json.value(document)}, ','${order ? sql` ORDER BY ${order}` : raw('')}), '') || '}'`;
}

function formatted(template: string, fills: readonly Sql[]): Sql {
  if (template === '%s') return sql`(${fills[0]})::text`;
  if (fills.length === 0) return literal(template.replaceAll('%%', '%'));
  if (fills.length <= mostArguments) return sql`format(${literal(template)}, ${join(fills)})`;
  // Cut where the last gap that still fits ends.
  const gap = /%[%s]/g;
  let gaps = 0;
  while (gaps < mostArguments) if (gap.exec(template)?.[0] === '%s') gaps += 1;
  return sql`(${formatted(template.slice(0, gap.lastIndex), fills.slice(0, mostArguments))} || ${formatted(template.slice(gap.lastIndex), fills.slice(mostArguments))})`;
}
