import type { z } from 'zod';

/** Every named schema of the wire, by the name it has in `#/components/schemas`. */
export const models = new Map<string, z.ZodType>();

const names = new WeakMap<z.core.$ZodType, string>();

/** Names a schema. The name is what the reference document calls it, which is what generated clients know. */
export function model<T extends z.ZodType>(id: string, schema: T): T {
  if (models.has(id)) throw new Error(`two schemas are named ${id}`);
  models.set(id, schema);
  names.set(schema, id);
  return schema;
}

export function nameOf(schema: z.core.$ZodType): string | undefined {
  return names.get(schema);
}
