import { checkedConfiguration } from './webhook-configuration.rules.js';

const dynamic = (extra: object) => ({ target_events: [{ event_type: 'a', ...extra }] });

describe('the configuration of a webhook trigger', () => {
  it('is completed with what was left out', () => {
    expect(checkedConfiguration('custom', {})).toEqual({ target_events: null });
    expect(checkedConfiguration('custom', dynamic({}))).toEqual({ target_events: [{ type: 'dynamic', event_type: 'a', filters: {} }] });
    expect(checkedConfiguration('github', { target_events: [{ type: 'push', repo: 'a' }] })).toEqual({
      target_events: [{ type: 'push', repo: 'a', branch: null, actor: null }],
    });
  });

  it.each([
    ['custom', dynamic({ x: 1 })],
    ['custom', dynamic({ event_type: [] })],
    ['custom', dynamic({ event_type: 'oneof:a' })],
    ['custom', dynamic({ event_type: 'contains:' })],
    ['custom', dynamic({ filters: { 'a b': 'x' } })],
    ['custom', dynamic({ filters: { 'a[*][*]': 'x' } })],
    ['custom', dynamic({ filters: { 'a.b.c.d.e.f.g.h.i': 'x' } })],
    ['custom', { target_events: Array(11).fill({ event_type: 'a' }) }],
    ['github', {}],
    ['github', { target_events: [] }],
    ['github', { target_events: [{ repo: 'a' }] }],
    ['slack', { target_events: [{ type: 'message', include_subtypes: true, subtype: 'x' }] }],
  ])('is refused for %s: %j', (type, configuration) => {
    expect(() => checkedConfiguration(type, configuration)).toThrow(expect.objectContaining({ status: 422, message: expect.stringMatching(/does not fit/) }));
  });

  it.each(['a', 'a.b-c', 'a[0]["any key"][*]', '["first"].x'])("follows the path '%s'", (path) => {
    expect(() => checkedConfiguration('custom', dynamic({ filters: { [path]: ['x', 'oneof:["y"]', 'gt:5'] } }))).not.toThrow();
  });
});
