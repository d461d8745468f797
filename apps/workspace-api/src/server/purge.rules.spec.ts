import { deletionOrder } from './purge.rules.js';

const hard = (from: string, to: string) => ({ from, to, isLoose: false });
const loose = (from: string, to: string) => ({ from, to, isLoose: true });

describe('the order in which tables are emptied', () => {
  it('begins with those that nothing refers to', () =>
    expect(deletionOrder(['project', 'run', 'step'], [hard('run', 'project'), hard('step', 'run'), loose('step', 'project')])).toEqual([
      'step',
      'run',
      'project',
    ]));
  it('lets references that are only emptied give way in a circle', () =>
    expect(deletionOrder(['project', 'user'], [loose('user', 'project'), hard('project', 'user')])).toEqual(['project', 'user']));
  it('is not confused by tables that refer to themselves', () => expect(deletionOrder(['run'], [loose('run', 'run')])).toEqual(['run']));
  it('holds every table once, even in a circle that nothing opens', () =>
    expect(deletionOrder(['a', 'b', 'c'], [hard('a', 'b'), hard('b', 'a'), hard('c', 'a')])).toEqual(['c', 'a', 'b']));
});
