import { parseQuotas } from './default-quotas.js';

describe('default quotas', () => {
  it('are read as features with numbers', () => {
    expect(parseQuotas('project=10, pipeline_run = 1000,')).toEqual({ project: 10, pipeline_run: 1000 });
    expect(parseQuotas(undefined)).toEqual({});
  });

  it.each(['project', 'project=many', 'project=-1', '=3', 'project=1;model=2'])('refuse %s', (text) =>
    expect(() => parseQuotas(text)).toThrow('is not a quota'),
  );
});
