import { Problem } from '#libs/http/problem.js';
import { assertName } from '#libs/resource/name.js';
import { ModelStages } from '#libs/wire/models/enums.js';

const stages: ReadonlySet<string> = new Set(ModelStages.options);

/** Numbers and stages are ways to refer to versions, so they cannot be names. @throws Problem 400 */
export function assertVersionName(name: string): void {
  assertName('model version', name);
  if (/^\p{Nd}+$/u.test(name)) throw new Problem('invalid', `A model version cannot be named '${name}': numbers are given by the server. Leave the name out.`);
  if (stages.has(name.toLowerCase())) throw new Problem('invalid', `A model version cannot be named '${name}': that is a stage.`);
}

/** How a run's configuration refers to a version. */
export type Reference = { by: 'number'; number: number } | { by: 'latest' } | { by: 'stage'; stage: string } | { by: 'name'; name: string };

export function referenceOf(version: string): Reference {
  if (/^\d+$/.test(version)) return { by: 'number', number: Math.min(Number(version), 2_147_483_647) };
  if (version === 'latest') return { by: 'latest' };
  if (stages.has(version)) return { by: 'stage', stage: version };
  return { by: 'name', name: version };
}
