import { parseExact } from '#libs/json/exact.js';
import { acceptedResult } from './run-wait-condition.rules.js';

const answer = (schema: object | null, json: string) => acceptedResult('continue', parseExact(json), schema);
const refusal = (schema: object | null, json: string): [number, string] | null => {
  try {
    answer(schema, json);
    return null;
  } catch (error) {
    const { status, message } = error as { status: number; message: string };
    return [status, message];
  }
};

describe('the answer to a wait condition', () => {
  it('may be any number that the schema allows, and keeps its characters', () => {
    for (const json of ['3.0', '1e-07', '12345678901234567890', '-2']) expect(answer({ type: 'number' }, json)).toEqual(parseExact(json));
    for (const json of ['2.0', '12345678901234567890', '[1.0, 2]']) expect(refusal({ type: ['integer', 'array'], items: { type: 'number' } }, json)).toBeNull();
    expect(answer({ anyOf: [{ type: 'object', properties: { a: { type: 'integer' } } }] }, '{"a": 2.0}')).toEqual(parseExact('{"a": 2.0}'));
    expect(refusal({ type: 'integer' }, '2.5')).toEqual([400, 'The result does not match the schema of the wait condition: result must be integer.']);
  });

  it('is held to all of the schema but its formats, which describe and do not bind', () => {
    const text = (format: string, value: string) => refusal({ type: 'string', format }, JSON.stringify(value));
    expect([text('date-time', '2026-11-23T10:00:00'), text('time', '10:00:00'), text('uri', 'example.com'), text('uuid', 'x'), text('nonsense', 'x')]).toEqual(
      Array(5).fill(null),
    );
    expect(refusal({ type: 'array', minItems: 1 }, '[]')?.[0]).toBe(400);
    expect(refusal({ type: 'array', uniqueItems: true }, '[1, 1]')?.[0]).toBe(400);
    expect(refusal({ not: { type: 'string' } }, '"a"')?.[0]).toBe(400);
    expect(refusal({ type: 'object', required: ['a'], properties: { a: { type: 'string', default: 'x' } } }, '{}')?.[0]).toBe(400);
    expect(refusal({ $defs: { n: { type: 'integer' } }, $ref: '#/$defs/n' }, '1')).toBeNull();
    expect(refusal({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'array', items: [{ type: 'string' }] }, '[1]')?.[0]).toBe(400);
  });

  it('is refused where the schema is none, or takes forever', () => {
    expect(refusal({ type: 'nonsense' }, '1')).toEqual([400, expect.stringMatching(/no JSON schema .*Abort it\.$/)]);
    expect(refusal({ $ref: 'https://example.com/elsewhere' }, '1')?.[0]).toBe(400);
    expect(refusal({ type: 'string', pattern: '^(a+)+$' }, JSON.stringify(`${'a'.repeat(60)}!`))).toEqual([
      400,
      'Checking the result against the schema of the wait condition takes too long.',
    ]);
  });

  it('has no value where none is asked for', () => {
    expect(refusal(null, '1')?.[0]).toBe(403);
    expect([answer(null, 'null'), answer({}, '"x"'), acceptedResult('abort', 'x', { type: 'integer' })]).toEqual([null, 'x', null]);
  });
});
