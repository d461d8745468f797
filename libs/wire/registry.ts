import { z } from 'zod';

/** Every named schema of the wire, by the name it has in `#/components/schemas`. */
export const registry = z.registry<{ id: string }>();

/** Names a schema. The name is what the reference document calls it, which is what generated clients know. */
export function model<T extends z.ZodType>(id: string, schema: T): T {
  registry.add(schema, { id });
  return schema;
}
