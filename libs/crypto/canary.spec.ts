import { checkCanary, createCanary } from './canary.js';
import { MasterKeyProblem, MasterKeys } from './master-key.js';

const [firstKey, secondKey] = ['a1'.repeat(32), 'b2'.repeat(32)];

describe('the canary', () => {
  const canary = createCanary(MasterKeys.parse(firstKey));

  it('lets the process start under the key that the data was written with, also while it is rotated', () => {
    expect(() => checkCanary(MasterKeys.parse(firstKey), canary)).not.toThrow();
    expect(() => checkCanary(MasterKeys.parse(`${secondKey} ${firstKey}`), canary)).not.toThrow();
  });

  it('stops it under any other', () => {
    expect(() => checkCanary(MasterKeys.parse(secondKey), canary)).toThrow(MasterKeyProblem);
  });
});
