import type { z } from 'zod';

/**
 * A type that first turns other spellings of a value into the one it reads, as the original's "before" validators do. The document shows
 * the type alone: the other spellings are for clients that already use them. Give it a type of its own, not one that others share.
 */
export function before<T extends z.ZodType>(type: T, change: (value: unknown) => unknown): T {
  const { parse, run } = type._zod;
  const changed: typeof parse = (payload, context) => {
    payload.value = change(payload.value);
    return parse(payload, context);
  };
  type._zod.parse = changed;
  // Without checks `run` is a copy of `parse` that zod took at construction; with checks it calls `parse`.
  if (run === parse) type._zod.run = changed;
  return type;
}
