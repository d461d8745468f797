import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionStatus } from '#libs/wire/models/enums.js';
import { inDependencyOrder } from './dag.rules.js';
import { assertStepStatus, downstreamOf, isInProgress, nextRunStatus, staticRunStatus, stepStatusAfter } from './status.rules.js';

type Golden = {
  static: [ExecutionStatus, ExecutionStatus[], number, ExecutionStatus][];
  changes: [ExecutionStatus, ExecutionStatus | null, boolean, boolean, string | null, ExecutionStatus[], string][];
  steps: [ExecutionStatus | null, ExecutionStatus, boolean][];
  orders: { steps: Record<string, string[]>; order: string[] }[];
};

/** Computed by the installed package: tools/reference/golden/run-status.py. */
const golden: Golden = JSON.parse(readFileSync(path.join(__dirname, '../../../../test/golden/run-status.json'), 'utf8'));

const counts = (steps: ExecutionStatus[]) => new Map(steps.map((status) => [status, steps.filter((one) => one === status).length]));

describe('the status of a run', () => {
  it('follows from its steps as in the original', () => {
    const ours = golden.static.map(([base, steps, count]) => [base, steps, count, staticRunStatus(base, counts(steps), count)]);
    expect(ours).toEqual(golden.static);
  });

  it('changes, stays or is refused as in the original', () => {
    const ours = golden.changes.map(([current, requested, isDynamic, isChild, reason, steps]) => {
      const change = { current, requested, isDynamic, isChild, hasReason: reason !== null, steps: counts(steps), stepCount: 2 };
      let next: string;
      try {
        next = nextRunStatus(change) ?? 'unchanged';
      } catch {
        next = 'refused';
      }
      return [current, requested, isDynamic, isChild, reason, steps, next];
    });
    expect(ours).toEqual(golden.changes);
  });
});

describe('a failed run', () => {
  const upstream = new Map([
    ['a', []],
    ['b', ['a']],
    ['c', ['b']],
    ['other', []],
  ]);
  const step = (name: string, status: ExecutionStatus, isHeartbeatMissing = false) => ({ name, status, isHeartbeatMissing });
  const progress = (steps: ReturnType<typeof step>[], mode: 'continue_on_failure' | 'fail_fast' = 'continue_on_failure') =>
    isInProgress({ status: 'failed', isDynamic: false, mode, steps, upstream });

  it('goes on while a branch without the failure has not started', () => expect(progress([step('a', 'failed')])).toBe(true));
  it('goes on while a branch without the failure runs', () => expect(progress([step('a', 'failed'), step('other', 'running')])).toBe(true));
  it('has ended when the other branch has ended', () => expect(progress([step('a', 'failed'), step('other', 'completed')])).toBe(false));
  it('does not wait for steps without a heartbeat', () => expect(progress([step('a', 'failed'), step('other', 'running', true)])).toBe(false));
  it('has ended at once where the pipeline says so', () => expect(progress([step('a', 'failed')], 'fail_fast')).toBe(false));
  it('takes everything that follows the failure with it', () => expect([...downstreamOf(['a'], upstream)].sort()).toEqual(['a', 'b', 'c']));
});

describe('the status of a step', () => {
  it('changes only as in the original', () => {
    const isAllowed = (current: ExecutionStatus | null, next: ExecutionStatus) => {
      try {
        assertStepStatus(current, next);
        return true;
      } catch {
        return false;
      }
    };
    expect(golden.steps.map(([current, next]) => [current, next, isAllowed(current, next)])).toEqual(golden.steps);
  });

  it('is retrying after a failure that another attempt may follow, unless the run is being stopped', () => {
    expect(stepStatusAfter('failed', { status: 'running', isRetriable: true }, 'running')).toBe('retrying');
    expect(stepStatusAfter('failed', { status: 'running', isRetriable: true }, 'stopping')).toBe('failed');
    expect(stepStatusAfter('failed', { status: 'stopping', isRetriable: false }, 'running')).toBe('stopped');
  });
});

describe('steps in the order of their dependencies', () => {
  it('come level by level, as Python sorts them', () => {
    for (const { steps, order } of golden.orders) {
      const sorted = inDependencyOrder(Object.entries(steps).map(([name, upstream_steps]) => ({ name, spec: { upstream_steps }, config: {} })));
      expect(sorted.map((step) => step.name)).toEqual(order);
    }
  });
});
