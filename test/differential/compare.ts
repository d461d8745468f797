/** Runs one scenario against both servers and says case by case whether they agree. */
import { KNOWN_DIFFERENCES, type KnownDifference } from './differences.js';
import type { Operations } from './operations.js';
import { type Outcome, type Server, Side } from './side.js';

export type Script = (side: Side, operations: Operations) => Promise<void>;
export type Scenario = { family: string; run: Script };

export function scenario(family: string, run: Script): Scenario {
  return { family, run };
}

export type CaseResult = {
  family: string;
  title: string;
  request: string;
  /** `same`, `known` (see differences.ts), or `differs`. */
  verdict: 'same' | 'known' | 'differs';
  known?: KnownDifference;
  lines: string[];
  /** Both error texts, where they are not the same. Never makes a case differ. */
  texts?: { reference: string | undefined; ours: string | undefined };
  referenceStatus: number | undefined;
  outcome: Outcome;
};

export async function compareScenario(one: Scenario, operations: Operations, reference: Server, ours: Server, session: string): Promise<CaseResult[]> {
  const sides = [new Side(reference, one.family, session), new Side(ours, one.family, session)] as const;
  const ends = await Promise.allSettled(sides.map((side) => one.run(side, operations)));
  const results = compareOutcomes(one.family, sides[0].outcomes, sides[1].outcomes);
  ends.forEach((end, index) => {
    if (end.status === 'fulfilled') return;
    const title = `${index === 0 ? 'reference' : 'ours'}: the scenario stopped`;
    const lines = [String(end.reason instanceof Error ? (end.reason.stack ?? end.reason.message) : end.reason)];
    const outcome: Outcome = { title, method: '', path: '', request: undefined, status: 0, headers: {}, body: null, errorText: undefined };
    results.push({ family: one.family, title, request: '', verdict: 'differs', lines, referenceStatus: undefined, outcome });
  });
  return results;
}

function compareOutcomes(family: string, reference: Outcome[], ours: Outcome[]): CaseResult[] {
  const oursByTitle = new Map(ours.map((outcome) => [outcome.title, outcome]));
  const identities = new Identities();
  const results = reference.map((left) => {
    const right = oursByTitle.get(left.title);
    oursByTitle.delete(left.title);
    return compareCase(family, left, right, identities);
  });
  for (const right of oursByTitle.values()) results.push(compareCase(family, undefined, right, identities));
  return results;
}

function compareCase(family: string, left: Outcome | undefined, right: Outcome | undefined, identities: Identities): CaseResult {
  const outcome = (left ?? right) as Outcome;
  const base = {
    family,
    title: outcome.title,
    request: `${outcome.method} ${outcome.path}`,
    referenceStatus: left?.status,
    outcome,
  };
  if (!left || !right) return { ...base, verdict: 'differs', lines: [`asked of ${left ? 'the reference' : 'ours'} only`] };
  const lines = [
    ...differences(left.status, right.status, 'status'),
    ...differences(left.headers, right.headers, 'headers'),
    ...differences(left.body, right.body, 'body', identities),
  ];
  const texts = left.errorText === right.errorText ? undefined : { reference: left.errorText, ours: right.errorText };
  if (lines.length === 0) return { ...base, verdict: 'same', lines, texts };
  const known = KNOWN_DIFFERENCES.find((difference) => difference.matches(family, left, right));
  return { ...base, verdict: known ? 'known' : 'differs', known, lines, texts };
}

const LABEL = /<id \d+>/g;

/** Which label of one side stands for which of the other: bound where they first meet, so that one more id on one side moves nothing else. */
class Identities {
  private readonly left = new Map<string, string>();
  private readonly right = new Map<string, string>();

  areSame(left: string, right: string): boolean {
    if (left.replace(LABEL, '<id>') !== right.replace(LABEL, '<id>')) return false;
    const others = right.match(LABEL) ?? [];
    return (left.match(LABEL) ?? []).every((label, index) => this.bind(label, others[index] as string));
  }

  private bind(left: string, right: string): boolean {
    const known = this.left.get(left);
    if (known !== undefined) return known === right;
    if (this.right.has(right)) return false;
    this.left.set(left, right);
    this.right.set(right, left);
    return true;
  }
}

/** One line for each path at which two JSON values differ. */
export function differences(left: unknown, right: unknown, path: string, identities?: Identities): string[] {
  if (isObject(left) && isObject(right) && Array.isArray(left) === Array.isArray(right)) {
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
    return keys.flatMap((key) => {
      if (!(key in left)) return [`${path}.${key}: only ours has it: ${show(right[key])}`];
      if (!(key in right)) return [`${path}.${key}: ours lacks it: ${show(left[key])}`];
      return differences(left[key], right[key], `${path}.${key}`, identities);
    });
  }
  const isSame = identities && typeof left === 'string' && typeof right === 'string' ? identities.areSame(left, right) : Object.is(left, right);
  return isSame ? [] : [`${path}: reference ${show(left)}, ours ${show(right)}`];
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object';
const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 240 ? `${text.slice(0, 240)}…` : text;
};
