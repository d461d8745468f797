import { Problem } from '#libs/http/problem.js';

/** Characters that would break tables and terminals; everything else may stand in a name. */
const banned = /[\t\n\r\v\f]/;

/** @throws Problem 400 for an empty name and for one with line breaks or tabs */
export function assertName(kind: string, name: string | null | undefined): void {
  if (!name) throw new Problem('invalid', `The ${kind} needs a name.`);
  if (banned.test(name)) throw new Problem('invalid', `The name '${name}' of the ${kind} contains a tab or a line break. Use other characters.`);
}

/** Longer names do not fit the replies that every client knows; the models of updates do not say so. */
const maxLength = 255;

/** @throws Problem 422 */
export function assertNameFits(name: unknown): void {
  if (typeof name === 'string' && name.length > maxLength)
    throw new Problem('unprocessable', `A name may have at most ${maxLength} characters; this one has ${name.length}.`);
}
