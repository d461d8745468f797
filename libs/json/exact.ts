/**
 * Numbers that JavaScript would write back differently than they came: `1.0` (to a Python client a float, which `1` is not), `1e-05`, integers beyond 2^53.
 * Inside documents that are only kept and given back they travel as marked text, and become the same characters again where JSON is written.
 */
const mark = '\u{10FFFF}';

/** Strings, which are left alone, and numbers that are values (not keys). */
const tokens = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?=\s*(?:[,\]}]|$))/g;
/** Cheap first look: most bodies have no such number, and only pay for this test. */
const suspicious = /\d\.\d*0(?!\d)|\d[eE]|\d{16}/;

/** Text that may not come from outside: it would pass for a marked number. */
export class ReservedCharacter extends SyntaxError {
  constructor() {
    super('the character U+10FFFF is not allowed');
  }
}

/** `JSON.parse` that loses no digit. @throws SyntaxError */
export function parseExact(text: string): unknown {
  if (text.includes(mark) || /\\udbff\\udfff/i.test(text)) throw new ReservedCharacter();
  // What is no JSON must not meet the expression below, which would look for the end of each quote.
  const parsed = JSON.parse(text) as unknown;
  if (!suspicious.test(text)) return parsed;
  return JSON.parse(text.replace(tokens, (token) => (token.startsWith('"') || String(Number(token)) === token ? token : `"${mark}${token}"`)));
}

/** The number behind marked text; anything else as it is. */
export function plainNumber(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(mark) ? Number(value.slice(mark.length)) : value;
}

/** A document with ordinary numbers, for code that looks into it. */
export function plainNumbers<T>(value: T): T {
  if (Array.isArray(value)) return value.map(plainNumbers) as T;
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainNumbers(inner)])) as T;
  return plainNumber(value) as T;
}

/** From the mark on, so that nothing is looked at twice. Also inside JSON that itself stands in a JSON string, where quotes are escaped. */
const marked = new RegExp(`${mark}([-+.\\deE]+)(\\\\*)"`, 'gu');

/** JSON (or other) text with every marked number as it came. */
export function writeExact(text: string): string {
  if (!text.includes(mark)) return text;
  let written = '';
  let from = 0;
  for (const { 0: all, 1: number, 2: escapes, index } of text.matchAll(marked)) {
    const opening = `${escapes}"`;
    if (!text.startsWith(opening, index - opening.length)) continue;
    written += text.slice(from, index - opening.length) + number;
    from = index + all.length;
  }
  return (written + text.slice(from)).replaceAll(mark, '');
}
