import { keptEnvironment, knowsOverrides, pythonJsonLength, withoutOverrides } from './snapshot.rules.js';

describe('the environment of a client', () => {
  it('is measured as Python writes it', () => {
    expect(pythonJsonLength({ a: [1, 'é', null], b: {}, c: [] })).toBe('{"a": [1, "\\u00e9", null], "b": {}, "c": []}'.length);
    expect(pythonJsonLength('😀')).toBe('"\\ud83d\\ude00"'.length);
  });

  it('is dropped when it is too long to keep', () => {
    const filler = (length: number) => ({ a: 'x'.repeat(length - '{"a": ""}'.length) });
    expect(keptEnvironment(filler(65_535))).toEqual(filler(65_535));
    expect(keptEnvironment(filler(65_536))).toEqual({});
  });
});

describe('clients before 0.82', () => {
  it('are told by their user agent', () => {
    expect(['zenml/0.81.0', 'zenml/0.9.1'].map(knowsOverrides)).toEqual([false, false]);
    expect(['zenml/0.82.0', 'zenml/0.98.0', 'zenml/1.0.0', 'curl/8', ''].map(knowsOverrides)).toEqual([true, true, true, true, true]);
  });

  it('get neither in a snapshot nor in a page what they do not know', () => {
    const snapshot = () => ({ metadata: { step_configurations: { a: { spec: 1, step_config_overrides: 2 } } } });
    const bare = { metadata: { step_configurations: { a: { spec: 1 } } } };
    expect(withoutOverrides(snapshot())).toEqual(bare);
    expect(withoutOverrides({ items: [snapshot(), { metadata: null }] })).toEqual({ items: [bare, { metadata: null }] });
  });
});
