import { Db } from '#libs/database/db.js';
import { join, raw, type Sql, sql } from '#libs/database/sql.js';
import { createTestDatabase, type TestDatabase } from '#libs/testing/database.js';
import { aggregatedList, Json } from './json.js';
import { constant, wireColumn } from './render.js';

describe('JSON put together as text', () => {
  let database: TestDatabase;
  let db: Db;
  const read = async (json: Sql, from = raw('')) => {
    const [row] = await db.read<{ doc: string }>({ workspaceId: null }, sql`SELECT ${json} AS doc ${from}`);
    return JSON.parse((row as { doc: string }).doc) as unknown;
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    db = new Db({ url: database.url, role: 'workspace_api', max: 1 });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it('keeps quotes, percent signs, backslashes and line ends of keys and values', async () => {
    const odd = `it's 100%s of "x" \\ %% \n\u0001 😀`;
    expect(await read(Json.object({ [`key ${odd}`]: sql`${odd}::text`, constant: Json.constant(JSON.stringify(odd)), literal: raw("'it''s 5 %'") }))).toEqual({
      [`key ${odd}`]: odd,
      constant: odd,
      literal: "it's 5 %",
    });
  });

  it('writes null for every value that is null', async () => {
    const fields = Object.fromEntries(['text', 'uuid', 'int', 'float8', 'bool', 'timestamp', 'json'].map((type) => [type, sql`NULL::${raw(type)}`]));
    expect(await read(Json.object({ ...fields, constant: raw('null') }))).toEqual({
      ...Object.fromEntries(Object.keys(fields).map((type) => [type, null])),
      constant: null,
    });
  });

  it('nests objects and lists without counting their arguments together', async () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, sql`${i}::int`]));
    const expected = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]));
    expect(await read(Json.object({ a: Json.object(many(150)), b: Json.object(many(60)), c: constant('[1, 2]')(raw('t'), undefined as never) }))).toEqual({
      a: expected(150),
      b: expected(60),
      c: [1, 2],
    });
  });

  it('collects rows in order, and nothing as an empty list or object', async () => {
    const rows = (values: number[]) => sql`FROM unnest(${values}::int[]) AS x(n)`;
    const document = Json.object({ n: sql`x.n` });
    expect(await read(Json.list(document, sql`x.n DESC`, rows([1, 3, 2])))).toEqual([{ n: 3 }, { n: 2 }, { n: 1 }]);
    expect(await read(Json.list(document, null, rows([])))).toEqual([]);
    expect(await read(Json.map(sql`'key "' || x.n || '"'`, document, sql`x.n`, rows([1, 2])))).toEqual({ 'key "1"': { n: 1 }, 'key "2"': { n: 2 } });
    expect(await read(Json.map(sql`x.n`, document, null, rows([])))).toEqual({});
    expect(await read(aggregatedList(document, null), rows([7]))).toEqual([{ n: 7 }]);
  });

  it('writes times with six digits of a second, or none when they are zero', async () => {
    const times = ['2026-01-02 03:04:05', '2026-01-02 03:04:05.1', '2026-01-02 03:04:05.123450', '2026-01-02 03:04:05.000001', '2026-01-02 03:04:05.654321'];
    const documents = times.map((time) => sql`(SELECT ${wireColumn({ table: 'project' }, 'created', raw('t'))} FROM (SELECT ${time}::timestamp AS created) t)`);
    expect(await read(Json.text(sql`'[' || concat_ws(',', ${join(documents)}) || ']'`))).toEqual([
      '2026-01-02T03:04:05',
      '2026-01-02T03:04:05.100000',
      '2026-01-02T03:04:05.123450',
      '2026-01-02T03:04:05.000001',
      '2026-01-02T03:04:05.654321',
    ]);
  });
});
