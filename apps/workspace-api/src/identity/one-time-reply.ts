import type { JsonText } from '#libs/http/reply.js';

/** A document with what is shown in this one reply only, such as the clear text of a key that is stored as a hash. */
export function bodyOf(document: JsonText, shownOnce: Record<string, string | null>): unknown {
  const parsed = document.parse() as { body: Record<string, unknown> };
  return { ...parsed, body: { ...parsed.body, ...shownOnce } };
}
