import { z } from 'zod';
import { Problem } from '#libs/http/problem.js';
import type { MetadataTypeEnum } from '#libs/wire/models/enums.js';

/** Longer values are left out: the columns of the original end here. */
const maxValueLength = 65_535;

/** What an answer leaves behind: its value, checked against what was asked for. @throws Problem 400, 403 */
export function acceptedResult(resolution: 'continue' | 'abort', result: unknown, schema: object | null): unknown {
  if (resolution !== 'continue') return null;
  if (!schema || Object.keys(schema).length === 0) {
    if (schema === null && result !== null) throw new Problem('forbidden', 'The wait condition asks for no value, so it takes no result.');
    return result;
  }
  let type: z.ZodType;
  try {
    type = z.fromJSONSchema(schema as never); // the schema is the user's; what is no schema throws here
  } catch {
    // Some keywords have no counterpart here; the pipeline checks what it gets itself.
    return result;
  }
  const checked = type.safeParse(result);
  if (!checked.success) throw new Problem('invalid', `The result does not match the schema of the wait condition: ${z.prettifyError(checked.error)}`);
  return result;
}

/** The types of metadata values by key, for those that can be stored. */
export function metadataTypes(values: Record<string, unknown>): Record<string, MetadataTypeEnum> {
  const types: Record<string, MetadataTypeEnum> = {};
  for (const [key, value] of Object.entries(values)) {
    const type = typeOf(value);
    if (type && JSON.stringify(value).length <= maxValueLength) types[key] = type;
  }
  return types;
}

function typeOf(value: unknown): MetadataTypeEnum | null {
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (Array.isArray(value)) return 'list';
  return value !== null && typeof value === 'object' ? 'dict' : null;
}
