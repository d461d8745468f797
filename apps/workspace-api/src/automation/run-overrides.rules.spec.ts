import { assertRunsOnServer, settingsKey, stepWithOverrides, updated, withSettingsKeys } from './run-overrides.rules.js';

const stack = [
  { type: 'orchestrator', name: 'cluster', flavor: 'kubernetes' },
  { type: 'step_operator', name: 'a', flavor: 'sagemaker' },
  { type: 'step_operator', name: 'b', flavor: 'sagemaker' },
];

describe('settings of components', () => {
  it('are found by type, flavor or name, and kept under the name', () => {
    for (const key of ['orchestrator', 'orchestrator.kubernetes', 'orchestrator:cluster'])
      expect(withSettingsKeys({ [key]: { x: 1 }, docker: {} }, stack, '0.98.0')).toEqual({ 'orchestrator:cluster': { x: 1 }, docker: {} });
  });

  it('are kept under the flavor for images of early clients', () => {
    expect(settingsKey(stack[0] as never, '0.94.2')).toBe('orchestrator.kubernetes');
    expect(settingsKey(stack[0] as never, '0.94.3')).toBe('orchestrator:cluster');
    expect(settingsKey(stack[0] as never, null)).toBe('orchestrator.kubernetes');
  });

  it('are dropped for components that the stack does not have', () => {
    expect(withSettingsKeys({ 'orchestrator:other': { x: 1 } }, stack, '0.98.0')).toEqual({});
  });

  it.each([
    ['two entries for one component', { orchestrator: {}, 'orchestrator:cluster': {} }],
    ['an entry that two components fit', { 'step_operator.sagemaker': {} }],
    ['a type that the stack does not have', { deployer: {} }],
  ])('are refused with %s', (_, settings) => {
    expect(() => withSettingsKeys(settings, stack, '0.98.0')).toThrow();
  });
});

describe('a run configuration', () => {
  it('updates dictionaries level by level and replaces everything else', () => {
    expect(updated({ a: { b: 1, c: [1] }, d: null }, { a: { c: [2] }, d: { e: 1 } })).toEqual({ a: { b: 1, c: [2] }, d: { e: 1 } });
  });

  it('changes parameters of a step, but adds none', () => {
    const step = { spec: {}, config: { parameters: { a: 1 } }, step_config_overrides: { name: 's', parameters: { a: 1 } } };
    expect(stepWithOverrides('s', step, { name: 'x', parameters: { a: 2 } }).step_config_overrides).toEqual({ name: 's', parameters: { a: 2 } });
    expect(() => stepWithOverrides('s', step, { parameters: { b: 2 } })).toThrow(/no parameters b/);
  });

  it.each([
    { parameters: { a: 1 } },
    { build: 'x' },
    { schedule: {} },
    { settings: { docker: { a: 1 } } },
    { steps: { s: { settings: { docker: { a: 1 } } } } },
  ])('is refused for a static pipeline with %j', (configuration) => {
    expect(() => assertRunsOnServer(configuration, false)).toThrow();
  });

  it('sets parameters of a dynamic pipeline', () => {
    expect(() => assertRunsOnServer({ parameters: { a: 1 } }, true)).not.toThrow();
  });
});
