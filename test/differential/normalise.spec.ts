import { errorShape, Normaliser } from './normalise.js';

const now = () => Date.parse('2026-01-02T00:00:00Z');
const normaliser = () => new Normaliser('zabc123', 'http://127.0.0.1:1', now);
const one = '11111111-1111-4111-8111-111111111111';
const two = '22222222-2222-4222-8222-222222222222';

describe('the normaliser', () => {
  it('labels ids in order of first appearance, across answers', () => {
    const side = normaliser();
    expect(side.body({ id: two, body: { user_id: one } })).toEqual({ id: '<id 1>', body: { user_id: '<id 2>' } });
    expect(side.body([one, two])).toEqual(['<id 2>', '<id 1>']);
  });

  it('does not depend on the order of keys', () => {
    expect(normaliser().body({ b: one, a: two })).toEqual(normaliser().body({ a: two, b: one }));
  });

  it('hides moments of the day of the test and keeps those that were sent', () => {
    expect(normaliser().body({ created: '2026-01-01T23:59:59.123456', start_time: '2024-01-02T03:04:05' })).toEqual({
      created: '<time>',
      start_time: '2024-01-02T03:04:05',
    });
  });

  it('tells another way of writing a moment from the one the reference uses', () => {
    expect(normaliser().body('2026-01-01T23:59:59.123Z')).toBe('<time like 0000-00-00T00:00:00.000Z>');
  });

  it('orders the items of a set by content', () => {
    const page = (...names: string[]) => ({ items: names.map((name, index) => ({ id: index === 0 ? one : two, name })) });
    expect(normaliser().body(page('a', 'b'), true)).toEqual(normaliser().body(page('b', 'a'), true));
  });

  it('compares the class of an error and its shape, not its text', () => {
    expect(errorShape({ detail: ['KeyError', 'x'] })).toEqual({ shape: { detail: ['KeyError', '<text>'] }, text: 'x' });
    expect(errorShape(['ValueError', 'x'])).toEqual({ shape: ['ValueError', '<text>'], text: 'x' });
    expect(errorShape({ detail: 'Not Found' }).shape).toEqual({ detail: 'Not Found' });
    expect(errorShape({ detail: 'anything else' }).shape).toEqual({ detail: '<text>' });
  });
});
