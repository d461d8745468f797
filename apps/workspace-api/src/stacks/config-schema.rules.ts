/** The part of JSON schema that configuration classes export. */
export type ConfigSchema = {
  type?: string;
  properties?: Record<string, ConfigSchema>;
  required?: string[];
  additionalProperties?: boolean | ConfigSchema;
  items?: ConfigSchema;
  prefixItems?: ConfigSchema[];
  anyOf?: ConfigSchema[];
  enum?: unknown[];
  const?: unknown;
  $ref?: string;
  $defs?: Record<string, ConfigSchema>;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
};

/** A value that does not fit; `path` says where. */
export class ConfigMismatch extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path || 'configuration'}: ${reason}`);
  }
}

/**
 * Reads a value as the classes behind the schema do: numbers and booleans may come as text (the CLI sends everything as text), lists and objects as
 * JSON text, keys that a nested class does not know are dropped, and defaults are not filled in.
 * @throws ConfigMismatch
 */
export function readConfig(schema: ConfigSchema, value: unknown, path = '', root: ConfigSchema = schema): unknown {
  if (schema.$ref) return readConfig(resolve(root, schema.$ref), value, path, root);
  if (schema.anyOf) return readChoice(schema.anyOf, value, path, root);
  if ('const' in schema && value !== schema.const) throw new ConfigMismatch(path, `must be ${JSON.stringify(schema.const)}`);
  if (schema.enum && !schema.enum.includes(value)) throw new ConfigMismatch(path, `must be one of ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}`);
  switch (schema.type) {
    case 'string':
      return readText(schema, value, path);
    case 'integer':
    case 'number':
      return readNumber(schema, value, path);
    case 'boolean':
      return readBoolean(value, path);
    case 'null':
      if (value !== null) throw new ConfigMismatch(path, 'must be null');
      return null;
    case 'array':
      return readList(schema, value, path, root);
    case 'object':
      return readObject(schema, value, path, root);
    default:
      return value;
  }
}

function resolve(root: ConfigSchema, reference: string): ConfigSchema {
  return root.$defs?.[reference.replace('#/$defs/', '')] ?? {};
}

/** The first choice that the value fits as it is; failing that, the first that it can be read as. */
function readChoice(choices: ConfigSchema[], value: unknown, path: string, root: ConfigSchema): unknown {
  let first: unknown;
  const isText = typeof value === 'string';
  const ordered = isText ? choices : [...choices].sort((a, b) => Number(isOf(b, value, root)) - Number(isOf(a, value, root)));
  // Text is meant as text wherever text is possible.
  const takesText = isText && choices.find((choice) => resolved(choice, root).type === 'string');
  for (const choice of takesText ? [takesText, ...ordered] : ordered) {
    try {
      return readConfig(choice, value, path, root);
    } catch (error) {
      if (!(error instanceof ConfigMismatch)) throw error;
      if (resolved(choice, root).type !== 'null') first ??= error;
    }
  }
  throw first ?? new ConfigMismatch(path, 'has the wrong type');
}

function resolved(schema: ConfigSchema, root: ConfigSchema): ConfigSchema {
  return schema.$ref ? resolve(root, schema.$ref) : schema;
}

function isOf(schema: ConfigSchema, value: unknown, root: ConfigSchema): boolean {
  const { type } = resolved(schema, root);
  if (value === null) return type === 'null';
  if (Array.isArray(value)) return type === 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? type === 'integer' : type === 'number';
  return type === typeof value;
}

function readText(schema: ConfigSchema, value: unknown, path: string): string {
  if (typeof value !== 'string') throw new ConfigMismatch(path, 'must be text');
  if (schema.minLength !== undefined && value.length < schema.minLength) throw new ConfigMismatch(path, `must have at least ${schema.minLength} characters`);
  if (schema.maxLength !== undefined && value.length > schema.maxLength) throw new ConfigMismatch(path, `may have at most ${schema.maxLength} characters`);
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) throw new ConfigMismatch(path, `must match ${schema.pattern}`);
  return value;
}

function readNumber(schema: ConfigSchema, value: unknown, path: string): number {
  const kind = schema.type === 'integer' ? 'a whole number' : 'a number';
  const number = typeof value === 'boolean' ? Number(value) : typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || (schema.type === 'integer' && !Number.isInteger(number)))
    throw new ConfigMismatch(path, `must be ${kind}`);
  if (schema.minimum !== undefined && number < schema.minimum) throw new ConfigMismatch(path, `must be at least ${schema.minimum}`);
  if (schema.maximum !== undefined && number > schema.maximum) throw new ConfigMismatch(path, `must be at most ${schema.maximum}`);
  if (schema.exclusiveMinimum !== undefined && number <= schema.exclusiveMinimum)
    throw new ConfigMismatch(path, `must be more than ${schema.exclusiveMinimum}`);
  if (schema.exclusiveMaximum !== undefined && number >= schema.exclusiveMaximum)
    throw new ConfigMismatch(path, `must be less than ${schema.exclusiveMaximum}`);
  return number;
}

const truths = new Map<unknown, boolean>([
  ...['true', 't', '1', 'on', 'yes', 'y'].map((text): [string, boolean] => [text, true]),
  ...['false', 'f', '0', 'off', 'no', 'n'].map((text): [string, boolean] => [text, false]),
]);

function readBoolean(value: unknown, path: string): boolean {
  if (typeof value === 'boolean') return value;
  const truth = value === 0 || value === 1 ? value === 1 : typeof value === 'string' ? truths.get(value.toLowerCase()) : undefined;
  if (truth === undefined) throw new ConfigMismatch(path, 'must be true or false');
  return truth;
}

function readList(schema: ConfigSchema, value: unknown, path: string, root: ConfigSchema): unknown[] {
  const list = fromJson(value);
  if (!Array.isArray(list)) throw new ConfigMismatch(path, 'must be a list');
  if (schema.minItems !== undefined && list.length < schema.minItems) throw new ConfigMismatch(path, `must have at least ${schema.minItems} entries`);
  if (schema.maxItems !== undefined && list.length > schema.maxItems) throw new ConfigMismatch(path, `may have at most ${schema.maxItems} entries`);
  return list.map((item, index) => readConfig(schema.prefixItems?.[index] ?? schema.items ?? {}, item, `${path}.${index}`, root));
}

function readObject(schema: ConfigSchema, value: unknown, path: string, root: ConfigSchema): Record<string, unknown> {
  const object = fromJson(value);
  if (object === null || typeof object !== 'object' || Array.isArray(object)) throw new ConfigMismatch(path, 'must be an object');
  const { properties = {}, required = [], additionalProperties } = schema;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(object)) {
    const place = path ? `${path}.${key}` : key;
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known) out[key] = readConfig(known, item, place, root);
    else if (additionalProperties === false) throw new ConfigMismatch(place, 'is not known here');
    else if (typeof additionalProperties === 'object') out[key] = readConfig(additionalProperties, item, place, root);
    else if (additionalProperties || !schema.properties) out[key] = item;
  }
  for (const key of required) if (!Object.hasOwn(object, key)) throw new ConfigMismatch(path ? `${path}.${key}` : key, 'is required');
  return out;
}

function fromJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
