import fc from 'fast-check';
import { and, identifier, join, literal, or, raw, Sql, sql } from './sql.js';

/** The text as it is defined: pieces and `$n` in order. */
function plainText(piece: Sql): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const write = ({ strings, values: inner }: Sql): string =>
    strings.map((text, i) => text + (i >= inner.length ? '' : inner[i] instanceof Sql ? write(inner[i] as Sql) : `$${values.push(inner[i])}`)).join('');
  return { text: write(piece), values };
}

const word = fc.constantFrom('a', '?', '(', ')', '1:a', '#1;', '2*2:, ', ', ', '');
const { piece } = fc.letrec<{ piece: Sql }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 4 },
    word.map(raw),
    word.map(literal),
    word.map((name) => identifier(name)),
    fc.constantFrom(1, 'x', null).map((value) => sql`${value}`),
    fc.tuple(tie('piece'), tie('piece')).map(([a, b]) => sql`(${a} = ${b} AND ${1})`),
    fc.tuple(tie('piece'), tie('piece')).map(([a, b]) => sql`${a}${b}`),
    fc.array(tie('piece'), { maxLength: 3 }).chain((items) => fc.constantFrom(join(items), join(items, ' '), and(items), or(items))),
    tie('piece').map((inner) => inner.flat()),
    fc.tuple(word, word, tie('piece')).map(([a, b, inner]) => new Sql([a, b], [inner])),
  ),
}));

describe('a statement', () => {
  it('has the text of its pieces with its values numbered in order, however often it is asked for', () => {
    fc.assert(
      fc.property(piece, (one) => {
        const { text, values } = plainText(one);
        for (let i = 0; i < 2; i++) expect(one.toQuery()).toMatchObject({ text, values });
      }),
      { numRuns: 2_000 },
    );
  });

  it('has one name for one text', () => {
    const ask = (id: number) => sql`SELECT ${identifier('name')} FROM workspace.project WHERE id = ${id}`.toQuery();
    expect(ask(1).name).toBe(ask(2).name);
    expect(ask(1).name).not.toBe(sql`SELECT 1`.toQuery().name);
  });
});
