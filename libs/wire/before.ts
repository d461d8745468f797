import { isDeepStrictEqual } from 'node:util';
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

/**
 * A model in a request that changes one that is there: what was not given stays away although it has a default, so that it changes nothing.
 * As with `before`, give it a type of its own; a fresh `.nullish()` is one.
 */
export function asGiven<T extends z.ZodType>(type: T): T {
  const { parse, run } = type._zod;
  const defaults = Object.entries(shapeOf(type)).flatMap(([name, { _zod }]) => (_zod.def.type === 'default' ? [[name, _zod.def] as const] : []));
  const given: typeof parse = (payload, context) => {
    const before = payload.value;
    const result = parse(payload, context);
    if (!(result instanceof Promise) && isFields(before) && isFields(result.value))
      for (const [name, def] of defaults) {
        const isDefault = isDeepStrictEqual(result.value[name], (def as z.core.$ZodDefaultDef).defaultValue);
        if (isDefault && !Object.hasOwn(before, name)) delete result.value[name];
      }
    return result;
  };
  type._zod.parse = given;
  if (run === parse) type._zod.run = given;
  return type;
}

function shapeOf(type: z.core.$ZodType): Record<string, z.core.$ZodType> {
  const { def } = type._zod;
  if ('innerType' in def) return shapeOf(def.innerType as z.core.$ZodType);
  return (def as z.core.$ZodObjectDef).shape;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
