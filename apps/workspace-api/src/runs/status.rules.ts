import { Problem } from '#libs/http/problem.js';
import type { ExecutionMode, ExecutionStatus } from '#libs/wire/models/enums.js';

/** The status machine of runs and steps, without a database. Facts of the original server, held against it in `status.rules.spec.ts`. */

export const finishedStatuses = ['failed', 'completed', 'cached', 'skipped', 'retried', 'stopped', 'cancelled'] as const;
const finished: ReadonlySet<string> = new Set(finishedStatuses);
const successful: ReadonlySet<string> = new Set(['completed', 'cached', 'skipped']);

export const isFinished = (status: string): boolean => finished.has(status);
export const isSuccessful = (status: string): boolean => successful.has(status);
export const isFailed = (status: string): boolean => status === 'failed' || status === 'cancelled';
/** Runs that a client announced before its orchestrator took them over. */
export const isPlaceholder = (status: string): boolean => status === 'initializing' || status === 'provisioning';

/** How many steps are in which status; retried attempts do not count. */
export type StepCounts = ReadonlyMap<ExecutionStatus, number>;

/** What a run with compiled steps becomes. `base` is the requested status, or the current one when a step changed. */
export function staticRunStatus(base: ExecutionStatus, steps: StepCounts, stepCount: number): ExecutionStatus {
  const areAllFinished = [...steps.keys()].every(isFinished);
  if (base === 'stopping') return areAllFinished ? 'stopped' : 'stopping';
  if (base === 'failed' || steps.has('failed')) return 'failed';
  if (steps.has('stopped')) return areAllFinished ? 'stopped' : 'stopping';
  if (steps.has('running') || steps.has('retrying')) return 'running';
  // Clients that take steps from the cache report them before the orchestrator starts; the run stays announced until then.
  const started = [...steps.values()].reduce((sum, count) => sum + count, 0);
  if (started < stepCount) return isPlaceholder(base) ? base : 'running';
  return 'completed';
}

export type RunChange = {
  current: ExecutionStatus;
  /** Null: a step changed, or only the reason is given. */
  requested: ExecutionStatus | null;
  hasReason: boolean;
  isDynamic: boolean;
  isChild: boolean;
  steps: StepCounts;
  stepCount: number;
};

/** The status a run has after a request or after a step changed; null when nothing at all is to be written. @throws Problem 403 */
export function nextRunStatus(change: RunChange): ExecutionStatus | null {
  const { current, requested } = change;
  if (requested === 'cached' || requested === 'skipped' || requested === 'retrying' || requested === 'retried')
    throw new Problem('forbidden', `The status '${requested}' is for steps; a run cannot have it.`);
  if (requested === 'resuming') {
    if (current !== 'paused' && current !== 'failed') throw new Problem('forbidden', `Only failed or paused runs can be resumed; this run is ${current}.`);
    if (change.isChild) throw new Problem('forbidden', 'A child run cannot be resumed. Resume its parent instead.');
  }
  // Clients send this late: after the orchestrator has started the run, even after a local run has ended.
  if (requested === 'provisioning' && current !== 'initializing') return null;
  if (change.isDynamic && requested === null && !change.hasReason) return null;
  const next = change.isDynamic ? dynamicRunStatus(current, requested) : staticRunStatus(requested ?? current, change.steps, change.stepCount);
  if (isFinished(current) && next !== current && !(current === 'failed' && next === 'resuming'))
    throw new Problem('forbidden', `The run is ${current}; the status of a finished run cannot be changed.`);
  return next;
}

/** Runs that make their steps while they run say themselves how they are. */
function dynamicRunStatus(current: ExecutionStatus, requested: ExecutionStatus | null): ExecutionStatus {
  const next = requested ?? current;
  return next === 'failed' && (current === 'stopping' || current === 'stopped') ? 'stopped' : next;
}

export type StepState = { name: string; status: ExecutionStatus; isHeartbeatMissing: boolean };

export type Progress = {
  status: ExecutionStatus;
  isDynamic: boolean;
  mode: ExecutionMode;
  /** Attempts that count. */
  steps: readonly StepState[];
  /** Step name -> names of the steps before it; null when the snapshot has no specification. */
  upstream: ReadonlyMap<string, readonly string[]> | null;
};

/** A failed run goes on as long as branches that do not depend on the failure have something to do. */
export function isInProgress({ status, isDynamic, mode, steps, upstream }: Progress): boolean {
  if (!isFinished(status)) return true;
  if (isDynamic || status !== 'failed' || mode !== 'continue_on_failure') return false;
  if (!upstream) return steps.some((step) => !isFinished(step.status));
  const dead = downstreamOf(
    steps.filter((step) => isFailed(step.status)).map((step) => step.name),
    upstream,
  );
  const byName = new Map(steps.map((step) => [step.name, step]));
  for (const name of upstream.keys()) {
    if (dead.has(name)) continue;
    const step = byName.get(name);
    if (!step) return true;
    if (!isFinished(step.status) && !step.isHeartbeatMissing) return true;
  }
  return false;
}

/** The given steps and everything that waits for them. */
export function downstreamOf(names: readonly string[], upstream: ReadonlyMap<string, readonly string[]>): Set<string> {
  const next = new Map<string, string[]>();
  for (const [name, before] of upstream) for (const one of before) next.set(one, [...(next.get(one) ?? []), name]);
  const seen = new Set(names);
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop())
    for (const after of next.get(name) ?? [])
      if (!seen.has(after)) {
        seen.add(after);
        queue.push(after);
      }
  return seen;
}

/** Whether a client may give a step this status. @throws Problem 403 */
export function assertStepStatus(current: ExecutionStatus | null, next: ExecutionStatus): void {
  if (next === 'retrying' || next === 'retried' || next === 'cancelling' || next === 'queued')
    throw new Problem('forbidden', `The status '${next}' is set by the server only.`);
  if (current === null) return;
  if (isFinished(current)) throw new Problem('forbidden', `The step is ${current}; the status of a finished step cannot be changed.`);
  if (current === 'stopping' && next !== 'stopped' && next !== 'failed') throw new Problem('forbidden', `A stopping step cannot become ${next}.`);
  if (current === 'cancelling' && next !== 'cancelled' && next !== 'failed') throw new Problem('forbidden', `A cancelling step cannot become ${next}.`);
}

/** What a step becomes when a client reports `requested`. */
export function stepStatusAfter(requested: ExecutionStatus, step: { status: ExecutionStatus; isRetriable: boolean }, runStatus: string): ExecutionStatus {
  // Orchestrators start the next attempt by themselves, unless the run is being stopped.
  if (isFailed(requested) && step.isRetriable && runStatus !== 'stopping' && runStatus !== 'stopped') return 'retrying';
  if (step.status === 'stopping' && requested === 'failed') return 'stopped';
  return requested;
}
