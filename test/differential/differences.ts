/**
 * Where we answer otherwise than the reference on purpose, each with its reason. A difference that is not listed here is a defect of ours.
 */
import type { Outcome } from './side.js';

export type KnownDifference = {
  reason: string;
  matches: (family: string, reference: Outcome, ours: Outcome) => boolean;
};

export const KNOWN_DIFFERENCES: KnownDifference[] = [];
