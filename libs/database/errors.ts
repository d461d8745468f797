/** What a statement broke, in words that the layer above can turn into a reply. */
export type DatabaseFault =
  /** `constraint` is the name of the unique index or primary key. */
  | { kind: 'unique'; constraint: string; table: string | null }
  /** A row that does not exist was referred to, or one that is still referred to was deleted. */
  | { kind: 'foreign_key'; constraint: string; table: string | null }
  /** A row that was there a moment ago, when Prisma was told to change it. */
  | { kind: 'gone' }
  | { kind: 'not_null'; column: string | null; table: string | null }
  | { kind: 'check'; constraint: string; table: string | null }
  /** A value that the database cannot hold: NUL in a text, bytes that are no UTF-8, a number or time out of range, a text too long for its index. */
  | { kind: 'text'; reason: string };

/** SQLSTATE codes of values that no retry and no other row would make acceptable. */
const unacceptable: Record<string, string> = {
  '22021': 'the text contains a NUL character or is not valid UTF-8',
  '22P05': 'the text contains a character that cannot be stored',
  '22P02': 'the value does not have the right format',
  '22P03': 'the value does not have the right format',
  '22003': 'the number is out of range',
  '22001': 'the text is too long',
  '22007': 'the time does not have the right format',
  '22008': 'the time is out of range',
  '54000': 'the value is too long for its index',
};

type PgError = { code?: string; constraint?: string; table?: string; column?: string };
type PrismaError = { code?: string; meta?: { driverAdapterError?: { cause?: PrismaCause } } };
type PrismaCause = { originalCode?: string; constraint?: { index?: string; fields?: string[] }; table?: string; column?: string };

/** Reads an error of `pg` or of the Prisma client; null for everything that is not the data's fault. */
export function databaseFault(error: unknown): DatabaseFault | null {
  if (typeof error !== 'object' || error === null) return null;
  if ((error as PrismaError).code === 'P2025') return { kind: 'gone' };
  const cause = (error as PrismaError).meta?.driverAdapterError?.cause;
  if (cause)
    return read({
      code: cause.originalCode,
      constraint: cause.constraint?.index ?? cause.constraint?.fields?.join(','),
      table: cause.table,
      column: cause.column ?? cause.constraint?.fields?.[0],
    });
  return read(error as PgError);
}

function read({ code = '', constraint = '', table, column }: PgError): DatabaseFault | null {
  const at = { table: table ?? null };
  if (code === '23505') return { kind: 'unique', constraint, ...at };
  if (code === '23503' || code === '23001') return { kind: 'foreign_key', constraint, ...at };
  if (code === '23502') return { kind: 'not_null', column: column ?? null, ...at };
  if (code === '23514') return { kind: 'check', constraint, ...at };
  const reason = unacceptable[code];
  return reason ? { kind: 'text', reason } : null;
}
