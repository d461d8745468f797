import { z } from 'zod';
import type { Filter } from './filter.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** How the body arrives: parsed JSON, form fields, or bytes that the handler reads itself (webhooks sign them). */
export type BodyKind = 'json' | 'form' | 'raw';

/** `lines`: one JSON object a line. */
export type ResponseKind = 'json' | 'file' | 'stream' | 'lines' | 'text' | 'page';

type Shape = z.ZodObject;

const noParams = z.object({});

export type Declaration<
  Path extends Shape,
  Query extends Shape,
  Body extends z.ZodType,
  Response extends z.ZodType,
  Kind extends BodyKind,
  Required extends boolean,
> = {
  /** The operationId, unique over the whole application and known to generated clients. */
  id: string;
  tag: string;
  method: Method;
  /** With `{name}` for path parameters, from the root of the URL. */
  path: string;
  pathParams?: Path;
  /** The query parameters that are not the filter's. */
  query?: Query;
  /** For documents: handlers read headers themselves. */
  headers?: Shape;
  filter?: Filter;
  body?: Body;
  bodyKind?: Kind;
  /** Default: a body that is declared is required. */
  bodyRequired?: Required;
  response: Response;
  responseKind?: ResponseKind;
  /** The status of success, 200 unless said. */
  status?: number;
  /** The error statuses that the document promises, beyond those that any request can meet. */
  errors: readonly number[];
  deprecated?: boolean;
  /** Answered without a login. */
  public?: boolean;
  /** A repeated Idempotency-Key replays the first answer. Default: on POST only. */
  dedup?: boolean;
};

export function operation<
  Response extends z.ZodType,
  Path extends Shape = typeof noParams,
  Query extends Shape = typeof noParams,
  Body extends z.ZodType = z.ZodUndefined,
  const Kind extends BodyKind = 'json',
  const Required extends boolean = true,
>(declaration: Declaration<Path, Query, Body, Response, Kind, Required>) {
  const { bodyKind = 'json' as Kind, responseKind = 'json', status = 200, deprecated = false } = declaration;
  return Object.freeze({
    id: declaration.id,
    tag: declaration.tag,
    method: declaration.method,
    path: declaration.path,
    pathParams: declaration.pathParams ?? (noParams as unknown as Path),
    query: declaration.query ?? (noParams as unknown as Query),
    headers: declaration.headers ?? noParams,
    filter: declaration.filter,
    body: declaration.body as Body,
    bodyKind,
    bodyRequired: declaration.bodyRequired ?? ((declaration.body !== undefined) as Required),
    response: declaration.response,
    responseKind,
    status,
    errors: declaration.errors,
    deprecated,
    public: declaration.public ?? false,
    dedup: declaration.dedup ?? declaration.method === 'post',
  });
}

/** Any operation, for code that walks the catalogue. */
export type Operation = {
  readonly id: string;
  readonly tag: string;
  readonly method: Method;
  readonly path: string;
  readonly pathParams: z.ZodObject;
  readonly query: z.ZodObject;
  readonly headers: z.ZodObject;
  readonly filter: Filter | undefined;
  readonly body: z.ZodType | undefined;
  readonly bodyKind: BodyKind;
  readonly bodyRequired: boolean;
  readonly response: z.ZodType;
  readonly responseKind: ResponseKind;
  readonly status: number;
  readonly errors: readonly number[];
  readonly deprecated: boolean;
  readonly public: boolean;
  readonly dedup: boolean;
};

type Input = { pathParams: z.ZodType; query: z.ZodType; body: z.ZodType | undefined; bodyKind: BodyKind; bodyRequired: boolean };

type BodyOf<Op extends Input> = Op['bodyKind'] extends 'raw'
  ? Buffer
  : Op['body'] extends z.ZodType
    ? z.output<Op['body']> | (Op['bodyRequired'] extends true ? never : undefined)
    : undefined;

/** What a handler of an operation receives. `rawQuery` is for filters, whose grammar libs/resource reads. */
export type InputOf<Op extends Input> = {
  path: z.output<Op['pathParams']>;
  query: z.output<Op['query']>;
  body: BodyOf<Op>;
  rawQuery: URLSearchParams;
};

/** What a handler may return: fields with a default may be left out. */
export type OutputOf<Op extends { response: z.ZodType }> = z.input<Op['response']>;

export type RawQuery = URLSearchParams;

/**
 * The query as an object for `operation.query`: lists get every value of a repeated key, other parameters the last one,
 * and parameters that the operation does not know are left out.
 */
export function plainQuery(of: Pick<Operation, 'query'>, query: RawQuery): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(of.query.shape)) {
    const values = query.getAll(name);
    if (values.length > 0) plain[name] = isList(type) ? values : values.at(-1);
  }
  return plain;
}

function isList(type: z.core.$ZodType): boolean {
  const { def } = type._zod;
  if (def.type === 'array') return true;
  if ('innerType' in def) return isList(def.innerType as z.core.$ZodType);
  return def.type === 'union' && (def as z.core.$ZodUnionDef).options.some(isList);
}
