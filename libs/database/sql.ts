import { createHash } from 'node:crypto';

/** A piece of SQL text with its parameters. Pieces nest; only `sql`, `raw` and `identifier` make them, so no user value ever becomes text. */
export class Sql {
  constructor(
    /** Literal pieces; a value or a nested piece sits between each two. */
    readonly strings: readonly string[],
    readonly values: readonly unknown[],
  ) {}

  /** The statement as PostgreSQL wants it, with `$1…$n` and the values in order. Equal shapes give equal text, so statements can be prepared once. */
  toQuery(): { text: string; values: unknown[] } {
    const values: unknown[] = [];
    const out: string[] = [];
    append(this, out, values);
    return { text: out.join(''), values };
  }

  /** The same in as few pieces as possible, for what is used many times. */
  flat(): Sql {
    const strings = [''];
    const values: unknown[] = [];
    const add = (piece: Sql): void => {
      for (const [i, text] of piece.strings.entries()) {
        strings[strings.length - 1] += text;
        if (i >= piece.values.length) continue;
        const value = piece.values[i];
        if (value instanceof Sql) add(value);
        else {
          values.push(value);
          strings.push('');
        }
      }
    };
    add(this);
    return new Sql(strings, values);
  }
}

function append(piece: Sql, out: string[], values: unknown[]): void {
  for (let i = 0; i < piece.strings.length; i++) {
    out.push(piece.strings[i] as string);
    if (i >= piece.values.length) continue;
    const value = piece.values[i];
    if (value instanceof Sql) append(value, out, values);
    else {
      values.push(value);
      out.push(`$${values.length}`);
    }
  }
}

/** Template tag: nested `Sql` is inlined, every other value becomes a parameter. */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  return new Sql(strings, values);
}

/** Text written by us, never by a user. */
export function raw(text: string): Sql {
  return new Sql([text], []);
}

/** A quoted identifier, or a dotted path of them. */
export function identifier(...parts: string[]): Sql {
  return raw(parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.'));
}

/** A quoted text literal for names known at compile time (JSON keys), so that they do not use up parameters. */
export function literal(text: string): Sql {
  return raw(`'${text.replaceAll("'", "''")}'`);
}

export const empty = raw('');

/** Pieces or values with a separator between them. */
export function join(items: readonly unknown[], separator = ', '): Sql {
  if (items.length === 0) return empty;
  return new Sql(['', ...Array<string>(items.length - 1).fill(separator), ''], items);
}

/** All conditions hold; true for none. */
export function and(conditions: readonly Sql[]): Sql {
  if (conditions.length === 0) return raw('true');
  if (conditions.length === 1) return conditions[0] as Sql;
  return sql`(${join(conditions, ' AND ')})`;
}

/** One of the conditions holds; false for none. */
export function or(conditions: readonly Sql[]): Sql {
  if (conditions.length === 0) return raw('false');
  if (conditions.length === 1) return conditions[0] as Sql;
  return sql`(${join(conditions, ' OR ')})`;
}

const names = new Map<string, string>();
const maxNames = 5_000;

/** The name under which a statement text is prepared on every connection; undefined (unnamed) once too many shapes exist, so memory stays bounded. */
export function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known) return known;
  if (names.size >= maxNames) return undefined;
  const name = createHash('sha1').update(text).digest('base64url').slice(0, 20);
  names.set(text, name);
  return name;
}
