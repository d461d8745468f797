import { createHash } from 'node:crypto';

/** A statement as PostgreSQL wants it, with `$1…$n` and the values in order. */
export type Query = {
  text: string;
  /** Under which it is prepared on every connection; undefined (unnamed) once too many statements exist, so that memory stays bounded. */
  name: string | undefined;
  values: unknown[];
};

/** A piece of SQL text with its parameters. Pieces nest; only `sql`, `raw` and `identifier` make them, so no user value ever becomes text. */
export class Sql {
  #shape: string | undefined;

  constructor(
    /** Literal pieces; a value or a nested piece sits between each two. */
    readonly strings: readonly string[],
    readonly values: readonly unknown[],
    /** Stands for the strings: equal for equal ones only. */
    shape?: string,
  ) {
    this.#shape = shape;
  }

  get shape(): string {
    this.#shape ??= this.strings.map((text) => `${text.length}:${text}`).join('');
    return this.#shape;
  }

  /** Equal shapes give equal text, so statements can be prepared once. The text is put together once, too: it may be long, and requests repeat. */
  toQuery(): Query {
    const values: unknown[] = [];
    const shape = collect(this, values);
    let known = statements.get(shape);
    if (!known) {
      const text = textOf(this);
      known = { text, name: nameOf(text) };
      if (statements.size >= mostStatements) statements.clear();
      statements.set(shape, known);
    }
    return { text: known.text, name: known.name, values };
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
    return new Sql(strings, values, newShape());
  }
}

type Known = Pick<Query, 'text' | 'name'>;

/** By the shapes of all pieces. */
const statements = new Map<string, Known>();
const mostStatements = 5_000;

let shapes = 0;
const newShape = () => `#${(shapes += 1)};`;

/** The shapes of a piece and all pieces in it, and the values in the order of the text. */
function collect(piece: Sql, values: unknown[]): string {
  let shape = piece.shape;
  for (const value of piece.values) {
    if (value instanceof Sql) shape += `(${collect(value, values)})`;
    else {
      values.push(value);
      shape += '?';
    }
  }
  return shape;
}

function textOf(piece: Sql): string {
  const out: string[] = [];
  let count = 0;
  const append = ({ strings, values }: Sql): void => {
    for (const [i, text] of strings.entries()) {
      out.push(text);
      if (i >= values.length) continue;
      const value = values[i];
      if (value instanceof Sql) append(value);
      else out.push(`$${(count += 1)}`);
    }
  };
  append(piece);
  return out.join('');
}

/** Strings of a template are the same object each time that it is evaluated. */
const templates = new WeakMap<readonly string[], string>();

/** Template tag: nested `Sql` is inlined, every other value becomes a parameter. */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  let shape = templates.get(strings);
  if (!shape) templates.set(strings, (shape = newShape()));
  return new Sql(strings, values, shape);
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
  return new Sql(['', ...Array<string>(items.length - 1).fill(separator), ''], items, `${items.length}*${separator.length}:${separator}`);
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

/** See {@link Query.name}. */
export function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known) return known;
  if (names.size >= mostStatements) return undefined;
  const name = createHash('sha1').update(text).digest('base64url').slice(0, 20);
  names.set(text, name);
  return name;
}
