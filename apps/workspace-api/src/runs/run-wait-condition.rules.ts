import vm from 'node:vm';
import { Ajv, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Problem } from '#libs/http/problem.js';
import { plainNumbers } from '#libs/json/exact.js';
import type { MetadataTypeEnum } from '#libs/wire/models/enums.js';

/** Longer values are left out: the columns of the original end here. */
const maxValueLength = 65_535;

/** A schema and its patterns are the user's, and may take forever. */
const maxCheckMs = 500;

/** Formats describe and do not bind, as in Python's jsonschema: a naive time is a time there. */
const options: Options = { strict: false, validateFormats: false, logger: false };

/** What an answer leaves behind: its value, checked against what was asked for. @throws Problem 400, 403 */
export function acceptedResult(resolution: 'continue' | 'abort', result: unknown, schema: object | null): unknown {
  if (resolution !== 'continue') return null;
  if (schema === null && result !== null) throw new Problem('forbidden', 'The wait condition asks for no value, so it takes no result.');
  const fault = schema && inTime(() => faultOf(plainNumbers(result), schema));
  if (fault) throw new Problem('invalid', fault);
  return result;
}

function faultOf(result: unknown, { $schema: draft, ...schema }: { $schema?: unknown }): string | null {
  const ajv = /draft-0[67]/.test(String(draft)) ? new Ajv(options) : new Ajv2020(options);
  let check: ReturnType<typeof ajv.compile>;
  try {
    check = ajv.compile(schema);
  } catch (error) {
    return `The wait condition asks for a value by something that is no JSON schema (${(error as Error).message}), so nothing fits it. Abort it.`;
  }
  if (check(result)) return null;
  return `The result does not match the schema of the wait condition: ${ajv.errorsText(check.errors, { dataVar: 'result' })}.`;
}

function inTime<T>(work: () => T): T {
  try {
    return vm.runInNewContext('work()', { work }, { timeout: maxCheckMs }) as T;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' || error instanceof RangeError)
      throw new Problem('invalid', 'Checking the result against the schema of the wait condition takes too long.', { cause: error });
    throw error;
  }
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
