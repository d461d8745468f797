/**
 * Compares two OpenAPI documents by what a client can notice: operations, parameters, request and answer fields with type,
 * necessity, limits and default. Prose, order, and spelling (`anyOf` with null or a list of types, `const` or an enum of
 * one) do not count.
 */

type Json = { [key: string]: unknown };

export type Document = { paths: Record<string, unknown>; components?: { schemas?: Record<string, unknown> } };

const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** One line per difference, sorted; empty when the contracts are equal. */
export function compareContracts(ours: Document, reference: Document): string[] {
  const lines: string[] = [];
  const [mine, theirs] = [operationsOf(ours), operationsOf(reference)];
  for (const [place, operation] of mine) {
    const other = theirs.get(place);
    if (other) lines.push(...compareOperations(place, operation, other));
    else lines.push(`${place}: only ours`);
  }
  for (const place of theirs.keys()) if (!mine.has(place)) lines.push(`${place}: missing`);
  const [ourSchemas, theirSchemas] = [ours.components?.schemas ?? {}, reference.components?.schemas ?? {}];
  for (const [name, schema] of Object.entries(ourSchemas)) {
    const other = theirSchemas[name];
    if (other) lines.push(...compareSchemas(name, schema as Json, other as Json));
  }
  for (const name of Object.keys(theirSchemas)) {
    if (!ourSchemas[name] && isReachable(name, reference)) lines.push(`schema ${name}: missing`);
  }
  return lines.sort();
}

// ---- operations ------------------------------------------------------------------------------------------------------

function operationsOf(document: Document): Map<string, Json> {
  const found = new Map<string, Json>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = (item as Json)[method];
      if (operation) found.set(`${method.toUpperCase()} ${path}`, operation as Json);
    }
  }
  return found;
}

function compareOperations(place: string, ours: Json, reference: Json): string[] {
  const lines: string[] = [];
  const differ = (what: string, mine: unknown, theirs: unknown) => {
    if (mine !== theirs) lines.push(`${place}: ${what}: ours ${mine ?? 'none'}, reference ${theirs ?? 'none'}`);
  };
  differ('operationId', ours.operationId, reference.operationId);
  differ('deprecated', ours.deprecated === true, reference.deprecated === true);
  const [mine, theirs] = [parametersOf(ours), parametersOf(reference)];
  for (const name of new Set([...mine.keys(), ...theirs.keys()])) differ(`parameter ${name}`, mine.get(name), theirs.get(name));
  differ('request', requestOf(ours), requestOf(reference));
  const [answer, expected] = [answerOf(ours), answerOf(reference)];
  differ('status', answer.status, expected.status);
  // "Anything" in the reference only says that nobody declared the answer.
  if (expected.type !== 'any') differ('answer', answer.type, expected.type);
  differ('errors', errorsOf(ours), errorsOf(reference));
  return lines;
}

function parametersOf(operation: Json): Map<string, string> {
  return new Map(
    ((operation.parameters as Json[] | undefined) ?? []).map((parameter) => [
      `${parameter.in} ${parameter.name}`,
      field(parameter.schema as Json, parameter.required === true, true),
    ]),
  );
}

function content(container: unknown): [string, Json] | undefined {
  const entries = Object.entries(((container as Json | undefined)?.content as Record<string, { schema: Json }> | undefined) ?? {});
  return entries[0] && [entries[0][0], entries[0][1].schema];
}

function requestOf(operation: Json): string | undefined {
  const body = content(operation.requestBody);
  if (!body) return undefined;
  return `${body[0]} ${typeOf(body[1])}${(operation.requestBody as Json).required === true ? '' : ', optional'}`;
}

function answerOf(operation: Json): { status: string | undefined; type: string } {
  const responses = operation.responses as Record<string, unknown>;
  const status = Object.keys(responses).find((code) => code.startsWith('2'));
  const body = status === undefined ? undefined : content(responses[status]);
  return { status, type: body ? typeOf(body[1]) : 'any' };
}

function errorsOf(operation: Json): string {
  return Object.keys(operation.responses as Json)
    .filter((status) => status >= '400')
    .sort()
    .join(' ');
}

// ---- schemas ---------------------------------------------------------------------------------------------------------

function compareSchemas(name: string, ours: Json, reference: Json): string[] {
  if (!ours.properties || !reference.properties) {
    const [mine, theirs] = [typeOf(ours), typeOf(reference)];
    return mine === theirs ? [] : [`${name}: ours ${mine}, reference ${theirs}`];
  }
  const lines: string[] = [];
  const [mine, theirs] = [fieldsOf(ours), fieldsOf(reference)];
  for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
    const [own, other] = [mine.get(key), theirs.get(key)];
    if (own === other || isFactory(own, other)) continue;
    lines.push(`${name}.${key}: ours ${own ?? 'none'}, reference ${other ?? 'none'}`);
  }
  const [open, isOpen] = [isOpenObject(ours), isOpenObject(reference)];
  if (open !== isOpen) lines.push(`${name}: ours ${open ? 'keeps' : 'drops'} unknown fields, reference ${isOpen ? 'keeps' : 'drops'} them`);
  return lines;
}

/** Documents of the reference cannot show a default that is made anew each time (`default_factory`); ours can. */
function isFactory(ours: string | undefined, reference: string | undefined): boolean {
  return ours !== undefined && reference !== undefined && ours.replace(/ = .*$/, '') === reference && / = /.test(ours);
}

const isOpenObject = (schema: Json) => schema.additionalProperties !== undefined && schema.additionalProperties !== false;

function fieldsOf(schema: Json): Map<string, string> {
  const required = (schema.required as string[] | undefined) ?? [];
  return new Map(Object.entries(schema.properties as Record<string, Json>).map(([name, value]) => [name, field(value, required.includes(name), false)]));
}

/** `type, required` or `type = default`, or only the type of a field that may be left out. */
function field(schema: Json, isRequired: boolean, isParameter: boolean): string {
  const fallback = schema.default === undefined || schema.default === null ? '' : ` = ${stable(schema.default)}`;
  // A query cannot say null; whether a parameter that may be left out is nullable is no difference.
  const type = isParameter && !isRequired ? typeOf(schema).replace(/ \| null$/, '') : typeOf(schema);
  return `${type}${isRequired ? ', required' : fallback}`;
}

/** One spelling for every type. */
function typeOf(schema: Json): string {
  const types = [...new Set(membersOf(schema))];
  if (types.includes('any')) return 'any';
  return [...types.filter((type) => type !== 'null').sort(), ...(types.includes('null') ? ['null'] : [])].join(' | ');
}

/** The types that a value may have, unions within unions unfolded. */
function membersOf(schema: Json): string[] {
  const options = (schema.anyOf ?? schema.oneOf ?? (Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : undefined)) as
    | Json[]
    | undefined;
  if (options) return options.flatMap(membersOf);
  if (Array.isArray(schema.enum)) return schema.enum.map(stable);
  return [memberOf(schema)];
}

function memberOf(schema: Json): string {
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) as string;
  if (schema.const !== undefined) return stable(schema.const);
  switch (schema.type) {
    case 'array':
      if (Array.isArray(schema.prefixItems)) return `[${schema.prefixItems.map(typeOf).join(', ')}]`;
      return `list<${typeOf((schema.items as Json) ?? {})}>${limitsOf(schema)}`;
    case 'object': {
      if (schema.properties && Object.keys(schema.properties).length > 0)
        return `{${[...fieldsOf(schema)].map(([name, type]) => `${name}: ${type}`).join(', ')}}`;
      const values = schema.additionalProperties;
      const value = typeof values === 'object' && values !== null ? typeOf(values as Json) : 'any';
      const names = schema.propertyNames as Json | undefined;
      return `dict<${names ? typeOf({ type: 'string', ...names }) : 'string'}, ${value}>`;
    }
    case undefined:
      return 'any';
    default:
      return `${schema.format ?? schema.type}${limitsOf(schema)}`;
  }
}

const limitNames = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'pattern'];

function limitsOf(schema: Json): string {
  const limits = limitNames
    .filter((name) => schema[name] !== undefined)
    .map((name) => `${name} ${name === 'pattern' ? String(schema[name]).replaceAll('\\-', '-') : stable(schema[name])}`);
  return limits.length ? `(${limits.join(', ')})` : '';
}

/** JSON with sorted keys, so that equal values have equal text. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

function isReachable(name: string, document: Document): boolean {
  const text = JSON.stringify({ paths: document.paths, schemas: document.components?.schemas });
  return text.includes(`"#/components/schemas/${name}"`);
}
