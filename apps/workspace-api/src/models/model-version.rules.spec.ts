import { assertVersionName, referenceOf } from './model-version.rules.js';

describe('model versions', () => {
  it('are referred to by number, stage or name', () => {
    expect(['7', 'latest', 'production', 'v1', 'Production'].map(referenceOf)).toEqual([
      { by: 'number', number: 7 },
      { by: 'latest' },
      { by: 'stage', stage: 'production' },
      { by: 'name', name: 'v1' },
      { by: 'name', name: 'Production' },
    ]);
  });

  it('cannot be named like a number or a stage, in any spelling', () => {
    for (const name of ['7', 'latest', 'Production', 'a\tb']) expect(() => assertVersionName(name)).toThrow();
    expect(() => assertVersionName('v7')).not.toThrow();
  });
});
