import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';

type Type = z.core.$ZodType;
type Fields = Record<string, unknown>;

/**
 * A parsed request as the original stores and returns it: with every field of its model, `null` where nothing was given. Requests leave
 * optional fields out of the parsed value, because an update must tell "missing" from `null`; documents show them.
 */
export function complete<T extends z.ZodType>(type: T, value: z.output<T>): z.output<T> {
  return filled(type, value) as z.output<T>;
}

function filled(type: Type, value: unknown): unknown {
  const { def } = type._zod;
  if (value === undefined) return absent(type);
  if (value === null || typeof value !== 'object') return value;
  const inner = innerOf(type);
  if (inner) return filled(inner, value);
  if (def.type === 'object' && !Array.isArray(value)) return filledObject(type as z.core.$ZodObject, value as Fields);
  if (def.type === 'array' && Array.isArray(value)) return value.map((item) => filled((type as z.core.$ZodArray)._zod.def.element, item));
  if (def.type === 'record') {
    const { valueType } = (type as z.core.$ZodRecord)._zod.def;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(valueType, item)]));
  }
  if (def.type === 'union') {
    const option = (type as z.core.$ZodUnion)._zod.def.options.find((one) => isFor(one, value));
    return option ? filled(option, value) : value;
  }
  return value;
}

function filledObject(type: z.core.$ZodObject, value: Fields): Fields {
  const { shape, catchall } = type._zod.def;
  const out: Fields = {};
  for (const name of Object.keys(shape)) {
    const field = filled(shape[name] as Type, value[name]);
    if (field !== undefined) out[name] = field;
  }
  if (catchall) for (const name of Object.keys(value)) if (!(name in shape)) out[name] = value[name];
  return out;
}

/** What a field shows that was not given: its default, or `null` where it may be null. */
function absent(type: Type): unknown {
  const { def } = type._zod;
  if (def.type === 'default') return (type as z.core.$ZodDefault)._zod.def.defaultValue;
  if (def.type === 'prefault') return filled((type as z.core.$ZodPrefault)._zod.def.innerType, (type as z.core.$ZodPrefault)._zod.def.defaultValue);
  if (def.type === 'nullable') return null;
  const inner = def.type === 'optional' ? innerOf(type) : undefined;
  return inner ? absent(inner) : undefined;
}

function innerOf(type: Type): Type | undefined {
  const { def } = type._zod;
  return 'innerType' in def ? (def.innerType as Type) : undefined;
}

function isFor(type: Type, value: object): boolean {
  const inner = innerOf(type);
  if (inner) return isFor(inner, value);
  const kind = type._zod.def.type;
  return Array.isArray(value) ? kind === 'array' : kind === 'object' || kind === 'record';
}

/** A completed value without what goes without saying: nulls and defaults are left out, in nested models too. Free dictionaries stay as they are. */
export function withoutDefaults(type: Type, value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  const { def } = type._zod;
  const inner = innerOf(type);
  if (inner) return withoutDefaults(inner, value);
  if (def.type === 'object' && !Array.isArray(value)) {
    const { shape, catchall } = (type as z.core.$ZodObject)._zod.def;
    const out: Fields = {};
    for (const [name, item] of Object.entries(value)) {
      const field = shape[name] as Type | undefined;
      if (item === null || item === undefined || (field && isDeepStrictEqual(item, absent(field)))) continue;
      if (field || catchall) out[name] = field ? withoutDefaults(field, item) : item;
    }
    return out;
  }
  if (def.type === 'array' && Array.isArray(value)) return value.map((item) => withoutDefaults((type as z.core.$ZodArray)._zod.def.element, item));
  if (def.type === 'record') {
    const { valueType } = (type as z.core.$ZodRecord)._zod.def;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutDefaults(valueType, item)]));
  }
  if (def.type === 'union') {
    const option = (type as z.core.$ZodUnion)._zod.def.options.find((one) => isFor(one, value));
    return option ? withoutDefaults(option, value) : value;
  }
  return value;
}
