import { z } from 'zod';
import { plainNumber } from '#libs/json/exact.js';
import { toDateTime, toDuration } from './time.js';

/**
 * The scalars of the wire. Clients are pydantic models, and the reference server reads values as pydantic does in its lax
 * mode: `"5"` is an integer, `True` a boolean, a UUID may lack its hyphens. What comes out is always canonical.
 */

/** Why a value is refused: pydantic's error type, which the 422 body repeats, and a sentence for people. */
export type Refusal = { type: string; message: string };

type Reading<T> = { value: T } | Refusal;
type JsonSchema = Record<string, unknown>;

type ScalarDef = z.core.$ZodAnyDef & {
  document: JsonSchema;
  /** Tells whether a value already has the type, without conversion; `either` prefers such a member. */
  isExact: (value: unknown) => boolean;
  read: (value: unknown) => Reading<unknown>;
  /** Keeps numbers in the characters they came in (libs/json); all other scalars see ordinary numbers. */
  isDocument: boolean;
};

// A type of its own rather than a checked `z.any()`, so that what it knows survives `.check()` and `.refine()`, which clone.
const Scalar = z.core.$constructor('WireScalar', (scalar: z.ZodAny, def: ScalarDef) => {
  z.ZodAny.init(scalar, def);
  scalar._zod.processJSONSchema = (_context, target) => Object.assign(target, def.document);
  scalar._zod.parse = (payload) => {
    const value = def.isDocument ? payload.value : plainNumber(payload.value);
    const reading = value === undefined ? missing : def.read(value);
    if ('value' in reading) payload.value = reading.value;
    else {
      const { type, message } = reading;
      payload.issues.push({ code: 'custom', message, params: { type }, input: payload.value, inst: scalar, continue: false });
    }
    return payload;
  };
});

function scalar<T>(document: JsonSchema, isExact: ScalarDef['isExact'], read: (value: unknown) => Reading<T>, isDocument = false): z.ZodType<T, T> {
  const def: ScalarDef = { type: 'any', document, isExact, read, isDocument };
  return new Scalar(def) as unknown as z.ZodType<T, T>; // zod knows it as "any"; the reading says what comes out
}

const scalarDef = (type: z.core.$ZodType): ScalarDef | undefined => (type._zod.traits.has('WireScalar') ? (type._zod.def as ScalarDef) : undefined);

/**
 * Schemas are immutable, so one instance of `uuid()` serves all models. The models hold several thousand scalars, and
 * making each anew would cost more than half of the time this process needs to start.
 */
const interned = new Map<string, z.ZodType>();

function intern<T extends z.ZodType>(name: string, make: () => T): T {
  let type = interned.get(name);
  if (!type) {
    type = make();
    interned.set(name, type);
  }
  return type as T; // a name is only ever used with one `make`
}

const refuse = (type: string, message: string): Refusal => ({ type, message });

const missing = refuse('missing', 'Field required');

// ---- text ------------------------------------------------------------------------------------------------------------

// A lone half of a surrogate pair has no UTF-8 form; PostgreSQL has no NUL in text. Both are valid JSON, so they do arrive.
const unstorable = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;
const everyUnstorable = new RegExp(unstorable, 'g');

const unstorableRefusal = refuse('string_unicode', 'Input should be text that can be stored: it contains a NUL character or half of a surrogate pair');

/** Python counts code points, JavaScript UTF-16 units; only text near the limit needs the slow count. */
function isLongerThan(text: string, max: number): boolean {
  return text.length > max && (text.length > max * 2 || [...text].length > max);
}

export type StringLimits = { min?: number; max?: number; pattern?: RegExp; format?: string };

export function str(limits: StringLimits = {}): z.ZodType<string, string> {
  const { min = 0, max, pattern, format } = limits;
  const schema: JsonSchema = { type: 'string' };
  if (format) schema.format = format;
  if (min) schema.minLength = min;
  if (max !== undefined) schema.maxLength = max;
  if (pattern) schema.pattern = pattern.source;
  return intern(`str ${JSON.stringify(schema)}`, () =>
    scalar(schema, isString, (value) => {
      if (typeof value !== 'string') return refuse('string_type', 'Input should be a valid string');
      if (value.length < min) return refuse('string_too_short', `String should have at least ${count(min, 'character')}`);
      if (max !== undefined && isLongerThan(value, max)) return refuse('string_too_long', `String should have at most ${count(max, 'character')}`);
      if (pattern && !pattern.test(value)) return refuse('string_pattern_mismatch', `String should match pattern '${pattern.source}'`);
      return unstorable.test(value) ? unstorableRefusal : { value };
    }),
  );
}

/**
 * Text that reports what went wrong, such as a traceback: what cannot be stored becomes U+FFFD, because a failure that cannot be recorded would
 * leave its step running for ever.
 */
export function reportText(): z.ZodType<string, string> {
  return intern('report', () =>
    scalar({ type: 'string' }, isString, (value) =>
      typeof value === 'string' ? { value: value.replace(everyUnstorable, '\uFFFD') } : refuse('string_type', 'Input should be a valid string'),
    ),
  );
}

function refusalOf(error: z.ZodError): Refusal {
  const issue = error.issues[0] as z.core.$ZodIssueCustom;
  return refuse(String(issue.params?.type), issue.message);
}

/** A secret text: documents mark it, logs must not print it. */
export function password(limits: StringLimits = {}): z.ZodType<string, string> {
  const text = str(limits);
  return intern(`password ${JSON.stringify(limits)}`, () => {
    return scalar({ ...scalarDef(text)?.document, format: 'password', writeOnly: true }, isString, (value) => {
      const parsed = text.safeParse(value);
      return parsed.success ? { value: parsed.data } : refusalOf(parsed.error);
    });
  });
}

const hyphenated = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const plainHex = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i;
const canonicalUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The canonical form of a UUID written in any form that Python clients write, or undefined. */
export function parseUuid(text: string): string | undefined {
  if (text.length === 36) return canonicalUuid.test(text) ? text : hyphenated.test(text) ? text.toLowerCase() : undefined;
  if (text.length === 32) return plainHex.test(text) ? text.replace(plainHex, '$1-$2-$3-$4-$5').toLowerCase() : undefined;
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text.startsWith('urn:uuid:') ? text.slice(9) : '';
  return hyphenated.test(inner) ? inner.toLowerCase() : undefined;
}

export function uuid(): z.ZodType<string, string> {
  return intern('uuid', () =>
    scalar(
      { type: 'string', format: 'uuid' },
      (value) => typeof value === 'string' && parseUuid(value) !== undefined,
      (value) => {
        if (typeof value !== 'string') return refuse('uuid_type', 'UUID input should be a string');
        const parsed = parseUuid(value);
        return parsed ? { value: parsed } : refuse('uuid_parsing', 'Input should be a valid UUID');
      },
    ),
  );
}

// ---- time ------------------------------------------------------------------------------------------------------------

/** An instant, as text without offset in UTC with up to six digits of fraction: what PostgreSQL stores and clients compare. */
export function datetime(): z.ZodType<string, string> {
  return intern('datetime', () =>
    scalar(
      { type: 'string', format: 'date-time' },
      (value) => typeof value === 'string' && 'value' in toDateTime(value),
      (value) => toDateTime(value),
    ),
  );
}

/** A span of time, as ISO 8601 text (`P1DT2H`). */
export function duration(): z.ZodType<string, string> {
  return intern('duration', () =>
    scalar(
      { type: 'string', format: 'duration' },
      (value) => typeof value === 'string' && 'value' in toDuration(value),
      (value) => toDuration(value),
    ),
  );
}

// ---- numbers and booleans ----------------------------------------------------------------------------------------------

export type NumberLimits = { min?: number; max?: number; above?: number; below?: number };

function limited(value: number, { min, max, above, below }: NumberLimits): Reading<number> {
  if (min !== undefined && value < min) return refuse('greater_than_equal', `Input should be greater than or equal to ${min}`);
  if (max !== undefined && value > max) return refuse('less_than_equal', `Input should be less than or equal to ${max}`);
  if (above !== undefined && value <= above) return refuse('greater_than', `Input should be greater than ${above}`);
  if (below !== undefined && value >= below) return refuse('less_than', `Input should be less than ${below}`);
  return { value };
}

function numberSchema(type: string, { min, max, above, below }: NumberLimits): JsonSchema {
  return {
    type,
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
    ...(above !== undefined && { exclusiveMinimum: above }),
    ...(below !== undefined && { exclusiveMaximum: below }),
  };
}

const integerText = /^[+-]?\d+(?:_\d+)*(?:\.0+)?$/;
const numberText = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?$/i;

function toNumber(value: unknown, text: RegExp): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  return text.test(trimmed) ? Number(trimmed.replaceAll('_', '')) : Number.NaN;
}

/** Integers beyond 2^53 are refused: they would come out of JSON as another number. */
export function int(limits: NumberLimits = {}): z.ZodType<number, number> {
  return intern(`int ${JSON.stringify(limits)}`, () =>
    scalar(numberSchema('integer', limits), Number.isInteger, (value) => {
      const number = toNumber(value, integerText);
      if (number === undefined) return refuse('int_type', 'Input should be a valid integer');
      if (Number.isNaN(number)) return refuse('int_parsing', 'Input should be a valid integer, unable to parse string as an integer');
      if (!Number.isInteger(number)) return refuse('int_from_float', 'Input should be a valid integer, got a number with a fractional part');
      if (!Number.isSafeInteger(number)) return refuse('int_parsing_size', 'Unable to parse input string as an integer, exceeded maximum size');
      return limited(number === 0 ? 0 : number, limits);
    }),
  );
}

/** NaN and the infinities are refused: JSON cannot carry them back. */
export function num(limits: NumberLimits = {}): z.ZodType<number, number> {
  return intern(`num ${JSON.stringify(limits)}`, () =>
    scalar(
      numberSchema('number', limits),
      (value) => typeof value === 'number',
      (value) => {
        const number = toNumber(value, numberText);
        if (number === undefined) return refuse('float_type', 'Input should be a valid number');
        if (Number.isNaN(number)) return refuse('float_parsing', 'Input should be a valid number, unable to parse string as a number');
        if (!Number.isFinite(number)) return refuse('finite_number', 'Input should be a finite number');
        return limited(number, limits);
      },
    ),
  );
}

const trueTexts = new Set(['1', 'true', 't', 'yes', 'y', 'on']);
const falseTexts = new Set(['0', 'false', 'f', 'no', 'n', 'off']);

export function bool(): z.ZodType<boolean, boolean> {
  return intern('bool', () =>
    scalar(
      { type: 'boolean' },
      (value) => typeof value === 'boolean',
      (value) => {
        if (typeof value === 'boolean') return { value };
        if (value === 0 || value === 1) return { value: value === 1 };
        if (typeof value === 'number' && !Number.isInteger(value)) return refuse('bool_type', 'Input should be a valid boolean');
        if (typeof value !== 'string' && typeof value !== 'number') return refuse('bool_type', 'Input should be a valid boolean');
        const text = String(value).toLowerCase();
        if (trueTexts.has(text)) return { value: true };
        if (falseTexts.has(text)) return { value: false };
        return refuse('bool_parsing', 'Input should be a valid boolean, unable to interpret input');
      },
    ),
  );
}

// ---- documents -------------------------------------------------------------------------------------------------------

/** Deeper than any pipeline writes, shallower than the stack of this process. */
const maxDepth = 200;

function documentRefusal(value: unknown, depth = 0): Refusal | undefined {
  if (typeof value === 'string') return unstorable.test(value) ? unstorableRefusal : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > maxDepth) return refuse('recursion_loop', `Input should not be nested deeper than ${maxDepth} levels`);
  if (Array.isArray(value)) {
    for (const item of value) {
      const refusal = documentRefusal(item, depth + 1);
      if (refusal) return refusal;
    }
    return undefined;
  }
  for (const key in value) {
    if (unstorable.test(key)) return unstorableRefusal;
    const refusal = documentRefusal((value as Record<string, unknown>)[key], depth + 1);
    if (refusal) return refusal;
  }
  return undefined;
}

/** Any JSON value that can be stored. */
export function json(): z.ZodType<unknown, unknown> {
  return intern('json', () =>
    scalar<unknown>(
      {},
      () => false,
      (value) => documentRefusal(value) ?? { value },
      true,
    ),
  );
}

const isString = (value: unknown) => typeof value === 'string';
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON object with any content. */
export function anyDict(): z.ZodType<Record<string, unknown>, Record<string, unknown>> {
  return intern('anyDict', () =>
    scalar<Record<string, unknown>>(
      { type: 'object', additionalProperties: true },
      isObject,
      (value) => (isObject(value) ? (documentRefusal(value) ?? { value }) : refuse('dict_type', 'Input should be a valid dictionary')),
      true,
    ),
  );
}

/** A JSON array with any content. */
export function anyList(): z.ZodType<unknown[], unknown[]> {
  return intern('anyList', () =>
    scalar<unknown[]>(
      { type: 'array', items: {} },
      Array.isArray,
      (value) => (Array.isArray(value) ? (documentRefusal(value) ?? { value }) : refuse('list_type', 'Input should be a valid list')),
      true,
    ),
  );
}

/** An object that keeps fields it does not know, as long as they can be stored. */
export function openObject<const S extends z.core.$ZodLooseShape>(shape: S) {
  return z.object(shape).catchall(json());
}

export function dict<V extends z.ZodType>(value: V): z.ZodRecord<z.ZodString, V> {
  return z.record(z.string().check(storableKey), value);
}

const storableKey: z.core.CheckFn<string> = (payload) => {
  if (unstorable.test(payload.value)) {
    payload.issues.push({ code: 'custom', message: unstorableRefusal.message, params: { type: unstorableRefusal.type }, input: payload.value });
  }
};

/** A dictionary whose keys are restricted; none of them is mandatory. */
export function dictBy<K extends z.core.$ZodRecordKey, V extends z.ZodType>(key: K, value: V) {
  return z.partialRecord(key, value);
}

export function list<T extends z.ZodType>(item: T, limits: { min?: number; max?: number } = {}): z.ZodArray<T> {
  let type = z.array(item);
  if (limits.min !== undefined) type = type.min(limits.min);
  if (limits.max !== undefined) type = type.max(limits.max);
  return type;
}

/** A set of texts: a list on the wire, in which repeated entries count once. */
export function textSet(): z.ZodType<string[], string[]> {
  const item = str();
  return scalar<string[]>({ type: 'array', items: { type: 'string' }, uniqueItems: true }, Array.isArray, (value) => {
    const parsed = z.array(item).safeParse(value);
    return parsed.success ? { value: [...new Set(parsed.data)] } : refuse('set_type', 'Input should be a valid set of strings');
  });
}

/** A value of run metadata: text, number, boolean, list or dictionary, kept as it came. */
export type MetadataValue = string | number | boolean | unknown[] | Record<string, unknown>;

export function metadataValue(): z.ZodType<MetadataValue, MetadataValue> {
  const schema = {
    anyOf: [
      { type: 'string' },
      { type: 'integer' },
      { type: 'number' },
      { type: 'boolean' },
      { type: 'object', additionalProperties: true },
      { type: 'array', items: {} },
    ],
  };
  return intern('metadataValue', () =>
    scalar<MetadataValue>(
      schema,
      () => false,
      (value) =>
        value === null || value === undefined
          ? refuse('string_type', 'Input should be a string, number, boolean, list or dictionary')
          : (documentRefusal(value) ?? { value: value as MetadataValue }),
      true,
    ),
  );
}

// ---- composition -----------------------------------------------------------------------------------------------------

/**
 * One of several types, chosen as pydantic's smart mode does: a member of which the value is already an instance wins,
 * and only then are conversions tried from left to right (so `"5"` stays text where text is allowed).
 */
export function either<const T extends readonly [z.ZodType, ...z.ZodType[]]>(options: T): z.ZodUnion<T> {
  return new Either({ type: 'union', options }) as unknown as z.ZodUnion<T>; // the constructor is not generic
}

const Either = z.core.$constructor('WireEither', (union: z.ZodUnion, def: z.core.$ZodUnionDef) => {
  z.ZodUnion.init(union, def);
  const convert = union._zod.parse;
  union._zod.parse = (payload, context) => {
    payload.value = plainNumber(payload.value);
    const exact = def.options.find((option) => scalarDef(option)?.isExact(payload.value));
    return exact ? exact._zod.run(payload, context) : convert(payload, context);
  };
});

/** A field of an answer that is `null` unless given. (Requests use `.nullish()`: there, missing is not null.) */
export function orNull<T extends z.ZodType>(type: T): z.ZodDefault<z.ZodNullable<T>> {
  const make = () => type.nullable().default(null as never); // T is generic, so its nullable's output is not yet known to include null
  // Only scalars: a shared wrapper around a recursive model would look to zod's JSON schemas like a circle of its own.
  const known = scalarDef(type) ? (nullables.get(type) ?? make()) : make();
  nullables.set(type, known);
  return known as unknown as z.ZodDefault<z.ZodNullable<T>>;
}

const nullables = new WeakMap<z.ZodType, z.ZodType>();

/**
 * An answer inside another answer. Models refer to each other in circles (a run has a snapshot that has a run), which
 * TypeScript would follow until it gives up; so such a member is checked in full and typed by its outline.
 */
export type Linked = { id: string; permission_denied?: boolean; body?: object | null; metadata?: object | null; resources?: object | null };
export type Link = z.ZodType<Linked, Linked>;

type LinkedPage = { index: number; max_size: number; total_pages: number; total: number; items: Linked[] };
export type LinkPage = z.ZodType<LinkedPage, LinkedPage>;

/** One of a fixed set of texts. */
export function enumOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values);
}

/** The answer of an operation that only acts: the JSON text `null`, since clients parse every 2xx body. */
export function nothing(): z.ZodNull {
  return z.null();
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** A rule over a whole value, as models have beside their fields. Runs once the fields are in order. */
export function rule<T>(isMet: (value: T) => boolean, message: string): z.core.CheckFn<T> {
  return (payload) => {
    if (!isMet(payload.value)) payload.issues.push({ code: 'custom', message, params: { type: 'value_error' }, input: payload.value });
  };
}
