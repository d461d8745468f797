import { z } from 'zod';

/**
 * A value that a model accepts, with as little in it as it allows. `id` answers every UUID, by the name of the field it stands in.
 * Used to reach the code behind validation with bodies that refer to other rows.
 */
export function sampleOf(schema: z.core.$ZodType, id: (field: string) => string, field = ''): unknown {
  const { def } = schema._zod as unknown as { def: any }; // any: zod's definitions differ per type
  switch (def.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(def.shape as Record<string, z.core.$ZodType>)
          .filter(([name, of]) => !isOptional(of) || mayReferTo(name, of))
          .map(([name, of]) => [name, sampleOf(of, id, name)]),
      );
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nonoptional':
      return sampleOf(def.innerType, id, field);
    case 'pipe':
      return looksLikeUuid(schema) ? id(field) : fitting(schema, sampleOf(def.in._zod.def.type === 'transform' ? def.out : def.in, id, field));
    case 'lazy':
      return sampleOf(def.getter(), id, field);
    case 'union':
      return sampleOf(def.options.find(looksLikeUuid) ?? def.options[0], id, field);
    case 'array':
      return [sampleOf(def.element, id, field)];
    case 'record':
      return {};
    case 'enum': {
      // What `tableFor` takes a `resource_id` for.
      const values = Object.values(def.entries);
      return field === 'resource_type' && values.includes('pipeline') ? 'pipeline' : values[0];
    }
    case 'literal':
      return def.values[0];
    case 'number':
    case 'int':
      return 1;
    case 'boolean':
      return true;
    case 'string':
      return looksLikeUuid(schema) ? id(field) : `${field || 'text'}-sample`;
    default:
      return looksLikeUuid(schema) ? id(field) : fitting(schema, 'sample');
  }
}

/** The same body with another made-up name in it, so that it does not meet one that is taken. */
export function withName(body: unknown, name: string): unknown {
  return JSON.parse(JSON.stringify(body).replaceAll('"sample"', JSON.stringify(name)));
}

/** The value if the model takes it, or the first of some simple ones that it takes: lenient types take what they say only when asked. */
function fitting(schema: z.core.$ZodType, value: unknown): unknown {
  const takes = (one: unknown) => z.safeParse(schema, one).success;
  return takes(value) ? value : ([true, 1, {}, [], '2026-01-02T03:04:05', 'sample', '*'].find(takes) ?? value);
}

function isOptional(schema: z.core.$ZodType): boolean {
  return schema._zod.optin === 'optional';
}

function mayReferTo(name: string, schema: z.core.$ZodType): boolean {
  return !['user', 'id', 'external_user_id'].includes(name) && looksLikeUuid(unwrap(schema));
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod as unknown as { def: any }; // any: see above
  return ['optional', 'nullable', 'default'].includes(def.type) ? unwrap(def.innerType) : schema;
}

export function looksLikeUuid(schema: z.core.$ZodType): boolean {
  return looksLike(schema, 'uuid');
}

function looksLike(schema: z.core.$ZodType, format: string): boolean {
  try {
    return (z.toJSONSchema(schema as z.ZodType, { io: 'output', unrepresentable: 'any' }) as { format?: string }).format === format;
  } catch {
    return false;
  }
}
