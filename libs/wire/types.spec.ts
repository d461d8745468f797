import { z } from 'zod';
import {
  anyDict,
  bool,
  datetime,
  dict,
  dictBy,
  duration,
  either,
  enumOf,
  int,
  json,
  list,
  metadataValue,
  num,
  openObject,
  orNull,
  password,
  str,
  textSet,
  uuid,
} from './types.js';

// The tables were measured on pydantic 2 in its lax mode, which is what the reference server reads requests with.

const read = (type: z.ZodType, value: unknown) => {
  const result = type.safeParse(value);
  return result.success ? result.data : refusal(result.error);
};
const refusal = (error: z.ZodError) => `refused: ${(error.issues[0] as { params?: { type?: string } }).params?.type ?? error.issues[0]?.code}`;

const canonical = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';

describe('uuid', () => {
  it.each([
    ['as written by Python', canonical],
    ['in upper case', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'],
    ['without hyphens', 'a0eebc999c0b4ef8bb6d6bb9bd380a11'],
    ['without hyphens in upper case', 'A0EEBC999C0B4EF8BB6D6BB9BD380A11'],
    ['in braces', `{${canonical}}`],
    ['as a URN', `urn:uuid:${canonical}`],
  ])('accepts one %s and writes it in one form', (_, text) => {
    expect(read(uuid(), text)).toBe(canonical);
  });

  it.each([
    '',
    ' a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1',
    '{a0eebc999c0b4ef8bb6d6bb9bd380a11}',
    'urn:uuid:a0eebc999c0b4ef8bb6d6bb9bd380a11',
    'URN:UUID:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    'a0ee-bc999c0b4ef8bb6d6bb9bd380a11',
    `{urn:uuid:${canonical}}`,
  ])('refuses %j', (text) => {
    expect(read(uuid(), text)).toBe('refused: uuid_parsing');
  });

  it('refuses what is not text', () => {
    expect(read(uuid(), 5)).toBe('refused: uuid_type');
  });
});

describe('datetime', () => {
  it.each([
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05'],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05'],
    ['2026-01-02 03:04:05', '2026-01-02T03:04:05'],
    ['2026-01-02_03:04:05', '2026-01-02T03:04:05'],
    ['2026-01-02t03:04:05z', '2026-01-02T03:04:05'],
    ['2026-01-02T03:04', '2026-01-02T03:04:00'],
    ['2026-01-02T03:04Z', '2026-01-02T03:04:00'],
    ['2026-01-02', '2026-01-02T00:00:00'],
    ['2026-01-02T03:04:05.1', '2026-01-02T03:04:05.100000'],
    ['2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123456'],
    ['2026-01-02T03:04:05,123', '2026-01-02T03:04:05.123000'],
    ['0001-01-01T00:00:00', '0001-01-01T00:00:00'],
    ['9999-12-31T23:59:59.999999', '9999-12-31T23:59:59.999999'],
    [1700000000, '2023-11-14T22:13:20'],
    [1700000000.5, '2023-11-14T22:13:20.500000'],
    [1700000000.123456, '2023-11-14T22:13:20.123456'],
    [1700000000123, '2023-11-14T22:13:20.123000'],
    [20000000000, '2603-10-11T11:33:20'],
    [20000000001, '1970-08-20T11:33:20.001000'],
    [-20000000000, '1336-03-23T12:26:40'],
    [-1, '1969-12-31T23:59:59'],
    ['1700000000', '2023-11-14T22:13:20'],
    ['1700000000.25', '2023-11-14T22:13:20.250000'],
    ['+1700000000', '2023-11-14T22:13:20'],
    ['-1', '1969-12-31T23:59:59'],
  ])('reads %j as pydantic does', (value, expected) => {
    expect(read(datetime(), value)).toBe(expected);
  });

  it.each([
    ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05'],
    ['2026-01-02T03:04:05.000001+0200', '2026-01-02T01:04:05.000001'],
    ['2026-01-02T03:04:05-00:30', '2026-01-02T03:34:05'],
    ['2026-01-01T00:00:00+23:59', '2025-12-31T00:01:00'],
  ])('converts the offset of %s to UTC, where the reference would drop it', (value, expected) => {
    expect(read(datetime(), value)).toBe(expected);
  });

  it.each([
    '2026-01-02T03:04:05 +02:00',
    '2026-01-02T03:04:05+02',
    '20260102T030405',
    '2026-1-2',
    '2026-01-02T24:00:00',
    '2026-01-02T23:59:60',
    '2026-02-30',
    '2026-13-01',
    '',
    '1e9',
    ' 2026-01-02',
    '2026-01-02T03:04:05.',
    '0000-01-01T00:00:00',
    '2026-01-02T03:04:05+24:00',
    '12026-01-02',
    '0001-01-01T00:00:00+05:00',
  ])('refuses %j', (value) => {
    expect(read(datetime(), value)).toMatch(/^refused: datetime/);
  });

  it.each([true, null, 1e20, Number.NaN, {}])('refuses the value %j', (value) => {
    expect(read(datetime(), value)).toMatch(/^refused: datetime/);
  });

  it('reads what it wrote', () => {
    const once = read(datetime(), '2026-01-02T03:04:05.000007+02:00');
    expect(read(datetime(), once)).toBe(once);
  });

  it('takes the Date of a database driver', () => {
    expect(read(datetime(), new Date('2026-01-02T03:04:05.678Z'))).toBe('2026-01-02T03:04:05.678000');
  });
});

describe('duration', () => {
  it.each([
    ['P1D', 'P1D'],
    ['PT1H', 'PT1H'],
    ['1 day, 00:00:01', 'P1DT1S'],
    ['01:02:03', 'PT1H2M3S'],
    ['100:00:00', 'P4DT4H'],
    ['1d', 'P1D'],
    [60, 'PT1M'],
    [60.5, 'PT1M0.5S'],
    ['-PT1S', '-PT1S'],
    ['P1Y', 'P1Y'],
    ['P1M', 'P30D'],
    ['P1W', 'P7D'],
    ['PT0.5S', 'PT0.5S'],
    ['P1DT2H3M4.5S', 'P1DT2H3M4.5S'],
    ['PT0S', 'PT0S'],
  ])('reads %j as pydantic does', (value, expected) => {
    expect(read(duration(), value)).toBe(expected);
  });

  it.each(['', '60', '1:2', '00:60:00', '-1 days +00:00:01', 'P', 'PT'])('refuses %j', (value) => {
    expect(read(duration(), value)).toBe('refused: time_delta_parsing');
  });
});

describe('int', () => {
  it.each([
    [1, 1],
    [1.0, 1],
    ['1', 1],
    ['1.0', 1],
    [' 1 ', 1],
    ['+1', 1],
    ['-0', 0],
    ['01', 1],
    ['1_000', 1000],
    [true, 1],
  ])('reads %j as pydantic does', (value, expected) => {
    expect(read(int(), value)).toBe(expected);
  });

  it.each([
    [1.5, 'int_from_float'],
    ['1.5', 'int_parsing'],
    ['1e3', 'int_parsing'],
    ['0x1', 'int_parsing'],
    ['', 'int_parsing'],
    ['1.', 'int_parsing'],
    ['.0', 'int_parsing'],
    ['1__0', 'int_parsing'],
    ['_1', 'int_parsing'],
    [null, 'int_type'],
    [[], 'int_type'],
    [1e20, 'int_parsing_size'],
    ['10000000000000000000000000', 'int_parsing_size'],
  ])('refuses %j', (value, type) => {
    expect(read(int(), value)).toBe(`refused: ${type}`);
  });

  it('keeps to its limits', () => {
    expect(read(int({ above: 0, max: 10 }), 0)).toBe('refused: greater_than');
    expect(read(int({ above: 0, max: 10 }), '10')).toBe(10);
    expect(read(int({ above: 0, max: 10 }), 11)).toBe('refused: less_than_equal');
  });
});

describe('num', () => {
  it.each([
    [1, 1],
    ['1.5', 1.5],
    ['1e3', 1000],
    [' 1.5 ', 1.5],
    ['1_000.5', 1000.5],
    ['.5', 0.5],
    ['5.', 5],
    [true, 1],
  ])('reads %j as pydantic does', (value, expected) => {
    expect(read(num(), value)).toBe(expected);
  });

  it.each(['', '0x1', 'x', null, 'nan', 'inf', Number.POSITIVE_INFINITY])('refuses %j', (value) => {
    expect(read(num(), value)).toMatch(/^refused/);
  });
});

describe('bool', () => {
  it.each([true, 1, 'true', 'True', 'TRUE', 't', 'T', 'yes', 'y', 'Y', 'on', '1'])('reads %j as true', (value) => {
    expect(read(bool(), value)).toBe(true);
  });

  it.each([false, 0, 'false', 'False', 'f', 'no', 'n', 'off', '0'])('reads %j as false', (value) => {
    expect(read(bool(), value)).toBe(false);
  });

  it.each([2, 0.5, ' true ', '', '2', null, {}])('refuses %j', (value) => {
    expect(read(bool(), value)).toMatch(/^refused: bool_/);
  });
});

describe('str', () => {
  it.each([1, true, null, {}])('refuses %j: text is never made from something else', (value) => {
    expect(read(str(), value)).toBe('refused: string_type');
  });

  it('counts characters as Python does, not UTF-16 units', () => {
    expect(read(str({ max: 2 }), '😀😀')).toBe('😀😀');
    expect(read(str({ max: 2 }), '😀😀😀')).toBe('refused: string_too_long');
    expect(read(str({ max: 2 }), 'abc')).toBe('refused: string_too_long');
  });

  it('refuses what PostgreSQL cannot store', () => {
    expect(read(str(), 'a\u0000b')).toBe('refused: string_unicode');
    expect(read(str(), 'a\ud800b')).toBe('refused: string_unicode');
    expect(read(str(), '\udc00\ud800')).toBe('refused: string_unicode');
    expect(read(str(), '😀')).toBe('😀');
  });

  it('keeps to its pattern and least length', () => {
    expect(read(str({ min: 1, pattern: /^[a-z0-9_-]+$/ }), '')).toBe('refused: string_too_short');
    expect(read(str({ min: 1, pattern: /^[a-z0-9_-]+$/ }), 'A')).toBe('refused: string_pattern_mismatch');
  });

  it('is documented as a secret where it is one', () => {
    expect(read(password({ max: 3 }), 'abcd')).toBe('refused: string_too_long');
    expect(z.toJSONSchema(password({ max: 3 }))).toMatchObject({ type: 'string', format: 'password', writeOnly: true, maxLength: 3 });
  });
});

describe('documents', () => {
  it('keep their content and the order of their keys', () => {
    const value = { b: 1, a: [null, { c: 'x' }] };
    expect(JSON.stringify(read(json(), value))).toBe(JSON.stringify(value));
    expect(JSON.stringify(read(anyDict(), value))).toBe(JSON.stringify(value));
  });

  it('refuse text that cannot be stored, however deep', () => {
    expect(read(json(), { a: [{ b: 'x\u0000' }] })).toBe('refused: string_unicode');
    expect(read(anyDict(), { 'a\u0000': 1 })).toBe('refused: string_unicode');
    expect(dict(int()).safeParse({ 'a\u0000': 1 }).success).toBe(false);
  });

  it('refuse nesting that would exhaust the stack', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level++) deep = [deep];
    expect(read(json(), deep)).toBe('refused: recursion_loop');
  });

  it('are kept in open objects, and looked at', () => {
    const type = openObject({ module: str() });
    expect(type.parse({ module: 'm', more: { a: 1 } })).toEqual({ module: 'm', more: { a: 1 } });
    expect(type.safeParse({ module: 'm', more: 'x\u0000' }).success).toBe(false);
  });

  it('are not made from text', () => {
    expect(read(anyDict(), '{}')).toBe('refused: dict_type');
    expect(read(anyDict(), [])).toBe('refused: dict_type');
  });
});

describe('a choice of types', () => {
  it('keeps text where text is allowed', () => {
    expect(read(either([int(), str()]), '5')).toBe('5');
    expect(read(either([bool(), str()]), 'true')).toBe('true');
  });

  it('converts only when no member fits as it is', () => {
    expect(read(either([bool(), str()]), 1)).toBe(true);
    expect(read(either([str(), int(), num(), bool()]), 1.5)).toBe(1.5);
    expect(read(either([str(), int(), num(), bool()]), true)).toBe(true);
  });

  it('writes ids in one form and leaves names alone', () => {
    expect(read(list(either([uuid(), str()])), ['A0EEBC999C0B4EF8BB6D6BB9BD380A11', 'name'])).toEqual([canonical, 'name']);
  });

  it('works inside an object, where zod compiles its own code', () => {
    const type = z.object({ version: either([int(), str()]).nullish() });
    expect(type.parse({ version: '5' })).toEqual({ version: '5' });
    expect(type.parse({})).toEqual({});
  });
});

describe('a refined scalar', () => {
  const named = str({ max: 3 }).check((payload) => {
    if (payload.value === 'no') payload.issues.push({ code: 'custom', message: 'no', input: payload.value });
  });

  it('still reads, refuses and is documented as before', () => {
    expect(read(named, 'yes')).toBe('yes');
    expect(named.safeParse('no').success).toBe(false);
    expect(read(named, 5)).toBe('refused: string_type');
    expect(z.toJSONSchema(named)).toMatchObject({ type: 'string', maxLength: 3 });
    expect(read(either([int(), named]), '5')).toBe('5');
  });

  it('is not asked about what was refused already', () => {
    expect(named.safeParse('long').error?.issues).toHaveLength(1);
  });
});

describe('objects', () => {
  it('tell a missing field from null', () => {
    const type = z.object({ a: str().nullish(), b: str().nullish(), c: str().default('x') });
    expect(type.parse({ a: null })).toEqual({ a: null, c: 'x' });
  });

  it('fill the fields of answers with null', () => {
    expect(z.object({ a: orNull(uuid()) }).parse({})).toEqual({ a: null });
  });

  it('say that a field is missing', () => {
    expect(read(z.object({ a: uuid() }), {})).toBe('refused: missing');
    expect(z.object({ a: uuid() }).safeParse({}).error?.issues).toHaveLength(1);
  });

  it('drop what they do not know', () => {
    expect(z.object({ a: int() }).parse({ a: 1, b: 2 })).toEqual({ a: 1 });
  });

  it('restrict the keys of a dictionary without demanding them', () => {
    const type = dictBy(enumOf(['x', 'y']), int());
    expect(type.parse({ x: '1' })).toEqual({ x: 1 });
    expect(type.safeParse({ z: 1 }).success).toBe(false);
  });
});

describe('sets and metadata', () => {
  it('count a repeated entry once', () => {
    expect(read(textSet(), ['a', 'b', 'a'])).toEqual(['a', 'b']);
    expect(read(textSet(), [1])).toBe('refused: set_type');
  });

  it.each(['x', 1, 1.5, false, [1, 'a'], { a: null }])('keep the metadata value %j as it came', (value) => {
    expect(read(metadataValue(), value)).toEqual(value);
  });

  it('refuse null as a metadata value', () => {
    expect(read(metadataValue(), null)).toMatch(/^refused/);
  });
});
