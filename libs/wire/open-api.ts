import { z } from 'zod';
import type { Filter, FilterKind } from './filter.js';
import { pageDefaults } from './filter.js';
import { ErrorModel } from './models/errors.js';
import type { Operation } from './operation.js';
import { models, nameOf } from './registry.js';

export type JsonSchema = { [key: string]: unknown };

export type Parameter = { name: string; in: 'path' | 'query' | 'header'; required: boolean; schema: JsonSchema };

export type OperationObject = {
  operationId: string;
  tags: string[];
  deprecated?: true;
  parameters?: Parameter[];
  requestBody?: { required?: true; content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: JsonSchema }> }>;
  security?: Record<string, string[]>[];
};

export type OpenApiFragment = {
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, JsonSchema> };
};

export type OpenApiOptions = {
  /** The name of the security scheme of operations that need a login; declared by the caller. */
  securityScheme?: string;
};

const refPrefix = '#/components/schemas/';

/**
 * The paths and schemas of an OpenAPI 3.1 document. Schemas are described as they are read: a field with a default is not
 * required, in requests because clients may leave it out, in answers because that is how the reference documents them.
 */
export function openApiOf(operations: readonly Operation[], options: OpenApiOptions = {}): OpenApiFragment {
  const inline = inlineSchemas(operations);
  const { schemas, describe } = convert(inline);
  const paths: OpenApiFragment['paths'] = {};
  for (const operation of operations) {
    paths[operation.path] ??= {};
    (paths[operation.path] as Record<string, OperationObject>)[operation.method] = operationObject(operation, describe, options);
  }
  return { paths, components: { schemas: reachable(paths, schemas) } };
}

function operationObject(operation: Operation, describe: (schema: z.ZodType) => JsonSchema, { securityScheme }: OpenApiOptions): OperationObject {
  const parameters = [
    ...parametersOf('path', operation.pathParams, describe),
    ...parametersOf('query', operation.query, describe),
    ...parametersOf('header', operation.headers, describe),
    ...(operation.filter ? filterParameters(operation.filter, describe) : []),
  ];
  const responses: OperationObject['responses'] = {
    [operation.status]: { description: 'Success', content: { [mediaTypes[operation.responseKind]]: { schema: describe(operation.response) } } },
  };
  for (const status of operation.errors) {
    // Input that cannot be read never gets as far as a page.
    const isPage = operation.responseKind === 'page' && status !== 422;
    responses[status] = {
      description: reasons[status] ?? 'Error',
      content: isPage ? { [mediaTypes.page]: { schema: { type: 'string' } } } : { 'application/json': { schema: describe(ErrorModel) } },
    };
  }
  return {
    operationId: operation.id,
    tags: [operation.tag],
    ...(operation.deprecated && { deprecated: true as const }),
    ...(parameters.length > 0 && { parameters }),
    ...(operation.body && {
      requestBody: {
        ...(operation.bodyRequired && { required: true as const }),
        content: { [bodyTypes[operation.bodyKind]]: { schema: describe(operation.body) } },
      },
    }),
    responses,
    ...(securityScheme && !operation.public && { security: [{ [securityScheme]: [] }] }),
  };
}

const bodyTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded', raw: 'application/octet-stream' } as const;
const mediaTypes = {
  json: 'application/json',
  file: 'application/octet-stream',
  stream: 'text/event-stream',
  lines: 'application/x-ndjson',
  text: 'text/plain',
  page: 'text/html',
} as const;

const reasons: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

function parametersOf(place: Parameter['in'], params: z.ZodObject, describe: (schema: z.ZodType) => JsonSchema): Parameter[] {
  return Object.entries(params.shape).map(([name, type]) => ({
    name,
    in: place,
    required: type._zod.optin === undefined,
    schema: describe(type as z.ZodType),
  }));
}

// ---- filters ---------------------------------------------------------------------------------------------------------

function filterParameters(filter: Filter, describe: (schema: z.ZodType) => JsonSchema): Parameter[] {
  const { page, size, maxSize, sortBy, logicalOperator } = pageDefaults;
  const optional = (name: string, schema: JsonSchema): Parameter => ({ name, in: 'query', required: false, schema });
  const fields = Object.entries({ ...filter.columns, ...filter.special });
  return [
    optional('sort_by', { type: 'string', default: sortBy }),
    optional('logical_operator', { $ref: `${refPrefix}LogicalOperators`, default: logicalOperator }),
    optional('page', { type: 'integer', minimum: 1, default: page }),
    optional('size', { type: 'integer', minimum: 1, maximum: maxSize, default: size }),
    ...fields.map(([name, kind]) => optional(name, predicateSchema(filter, name, kind, describe))),
  ];
}

const kindSchemas: Record<string, JsonSchema> = {
  uuid: { type: 'string', format: 'uuid' },
  datetime: { type: 'string', format: 'date-time' },
  int: { type: 'integer' },
  float: { type: 'number' },
  bool: { type: 'boolean' },
};

/** A value, or text with an operator, or several of these as a repeated key. */
function predicateSchema(filter: Filter, name: string, kind: FilterKind, describe: (schema: z.ZodType) => JsonSchema): JsonSchema {
  const value = typeof kind === 'string' ? kindSchemas[kind] : describe(kind);
  const text = { type: 'string' };
  const fallback = filter.defaults[name];
  const one = value && filter.plain.includes(name) ? [value] : value ? [value, text] : [text];
  if (fallback !== undefined) return { ...(one.length > 1 ? { anyOf: one } : one[0]), default: fallback };
  if (filter.single.includes(name)) return { anyOf: [...one, { type: 'null' }] };
  return { anyOf: [...one, { type: 'array', items: one.length > 1 ? { anyOf: one } : text }, { type: 'null' }] };
}

// ---- conversion ------------------------------------------------------------------------------------------------------

/** Schemas of operations that are not named models: parameters, lists of models, unions. */
function inlineSchemas(operations: readonly Operation[]): Set<z.ZodType> {
  const found = new Set<z.ZodType>();
  const add = (schema: z.ZodType | undefined) => {
    if (schema && nameOf(schema) === undefined) found.add(schema);
  };
  for (const { pathParams, query, headers, body, response } of operations) {
    for (const params of [pathParams, query, headers]) for (const type of Object.values(params.shape)) add(type as z.ZodType);
    add(body);
    add(response);
  }
  return found;
}

/** One conversion for everything, since zod walks the models again for each call. */
function convert(inline: Set<z.ZodType>) {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of models) registry.add(schema, { id });
  const inlineIds = new Map([...inline].map((schema, index) => [schema, `inline:${index}`]));
  for (const [schema, id] of inlineIds) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => refPrefix + id, override: ({ jsonSchema }) => tidy(jsonSchema) });
  const clean = (id: string): JsonSchema => {
    const { $schema, $id, id: _, ...schema } = schemas[id] as JsonSchema;
    return inlined(schema) as JsonSchema;
  };
  // A parameter's schema may appear inside another one; zod then refers to it by its temporary name.
  const inlined = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inlined);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref: ref, ...rest } = value as JsonSchema;
    if (typeof ref === 'string' && ref.startsWith(`${refPrefix}inline:`)) return { ...clean(ref.slice(refPrefix.length)), ...rest };
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inlined(inner)]));
  };
  const describe = (schema: z.ZodType): JsonSchema => {
    const name = nameOf(schema);
    if (name !== undefined) return { $ref: refPrefix + name };
    const id = inlineIds.get(schema);
    if (id === undefined) throw new Error('a schema of an operation was not collected');
    return clean(id);
  };
  return { describe, schemas: Object.fromEntries([...models.keys()].map((id) => [id, clean(id)])) };
}

/** Removes what zod says and OpenAPI documents do not: that keys are texts, and that a missing field is null. */
function tidy(schema: JsonSchema): void {
  const names = schema.propertyNames as JsonSchema | undefined;
  if (names && Object.keys(names).join() === 'type') delete schema.propertyNames;
  if (schema.default === null) delete schema.default;
}

function reachable(paths: OpenApiFragment['paths'], schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key !== '$ref' || typeof inner !== 'string') visit(inner);
      else if (!found.has(inner.slice(refPrefix.length))) {
        found.add(inner.slice(refPrefix.length));
        visit(schemas[inner.slice(refPrefix.length)]);
      }
    }
  };
  visit(paths);
  return Object.fromEntries([...found].sort().map((id) => [id, schemas[id] as JsonSchema]));
}
