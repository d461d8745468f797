/**
 * Where we answer otherwise than the reference on purpose, each with its reason. A difference that is not listed here is a defect of ours.
 */
import type { Outcome } from './side.js';

export type KnownDifference = {
  reason: string;
  matches: (family: string, reference: Outcome, ours: Outcome) => boolean;
};

export const KNOWN_DIFFERENCES: KnownDifference[] = [
  {
    reason:
      'Every error of ours carries its request id; the reference leaves it out where a request does not fit its model. Clients read it only if it is there.',
    matches: (_, reference, ours) => isSameBut(reference, ours, (outcome) => ({ ...outcome.headers, 'x-request-id': '' })),
  },
];

/** Whether two answers agree once `view` has taken what differs out of the headers. */
function isSameBut(reference: Outcome, ours: Outcome, view: (outcome: Outcome) => Record<string, string>): boolean {
  const text = (outcome: Outcome) => JSON.stringify([outcome.status, outcome.body, Object.entries(view(outcome)).sort()]);
  return reference.status === 422 && text(reference) === text(ours);
}
