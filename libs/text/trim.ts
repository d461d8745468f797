/**
 * Text without such characters at its end. An expression like `/x+$/` does the same, but takes time with the square of a long run of them that something else
 * follows, and texts of users may be megabytes long.
 */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1] as string)) end -= 1;
  return text.slice(0, end);
}

/** The same at both ends. */
export function withoutEnds(text: string, characters: string): string {
  let start = 0;
  while (start < text.length && characters.includes(text[start] as string)) start += 1;
  return withoutEnd(text.slice(start), characters);
}
