import type { V1Job, V1JobCondition, V1Pod } from '@kubernetes/client-node';
import type { WorkloadOutcome } from './runner.js';

/** Whether a container of the pod runs or has run, so that it has a log. */
export function hasBegun(pod: V1Pod | null): boolean {
  const state = pod?.status?.containerStatuses?.[0]?.state;
  return Boolean(state?.running || state?.terminated);
}

/** Whether nothing of the pod runs any more. */
export function isOver(pod: V1Pod): boolean {
  return Boolean(pod.status?.containerStatuses?.[0]?.state?.terminated) || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Why a pod does not run yet, in the cluster's words; null when it does, or nothing is the matter. */
export function waitingReason(pod: V1Pod | null): string | null {
  const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting;
  if (waiting?.reason) return said(waiting.reason, waiting.message);
  const scheduled = pod?.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  return scheduled ? said(scheduled.reason, scheduled.message) : null;
}

/** What became of a Job; null while it goes on. `pod` is the last that was seen of its pod. */
export function outcomeOf(job: V1Job, pod: V1Pod | null): WorkloadOutcome | null {
  if (conditionOf(job, 'Complete')) return { kind: 'exited', code: 0 };
  const failed = conditionOf(job, 'Failed');
  if (!failed) return null;
  if (failed.reason === 'DeadlineExceeded') return { kind: 'timed_out' };
  const disruption = pod?.status?.conditions?.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  // The signal with which the cluster ended it says less than why it did.
  if (disruption) return { kind: 'failed', reason: `Its pod was taken away: ${said(disruption.reason, disruption.message)}` };
  const terminated = pod?.status?.containerStatuses?.[0]?.state?.terminated;
  if (terminated?.reason === 'OOMKilled') {
    const limit = pod?.spec?.containers[0]?.resources?.limits?.memory;
    return { kind: 'failed', reason: `It ran out of memory${limit ? ` (the limit is ${limit})` : ''}.` };
  }
  if (pod?.status?.reason) return { kind: 'failed', reason: `Its pod failed: ${said(pod.status.reason, pod.status.message)}` };
  if (terminated) return { kind: 'exited', code: terminated.exitCode };
  return { kind: 'failed', reason: `Its Job failed: ${said(failed.reason, failed.message)}` };
}

function conditionOf(job: V1Job, type: string): V1JobCondition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

function said(reason = '', message = ''): string {
  return message ? `${reason}: ${message}` : reason;
}
