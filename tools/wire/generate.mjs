// Turns the wire facts of a reference server (names, types, required, defaults, limits; no prose) into zod source in libs/wire.
//
//   python facts.py > facts.json        in an environment with the server package
//   node tools/wire/generate.mjs openapi.json facts.json .cache/wire
//
// It was run once into libs/wire. What it wrote is ours now and is edited by hand, so it does not write there again: for a
// newer reference, write elsewhere and take over what changed.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [documentPath, factsPath, target] = process.argv.slice(2);
if (!target || existsSync(join(target, 'types.ts'))) {
  console.error('usage: generate.mjs <openapi.json> <facts.json> <a directory other than libs/wire>');
  process.exit(2);
}
const document = JSON.parse(readFileSync(documentPath, 'utf8'));
const facts = JSON.parse(readFileSync(factsPath, 'utf8'));
const schemas = document.components.schemas;

// ---- names and places -------------------------------------------------------------------------------------------------

const identifiers = {
  Page_Union_ScheduleTriggerResponse__PlatformEventTriggerResponse__WebhookTriggerResponse__: 'Page_TriggerResponse_',
  _CallStep: 'CallStep',
  zenml__config__source__SourceType: 'SourceKind',
  zenml__enums__SourceType: 'SourceType',
  Body_token_api_v1_login_post: 'LoginForm',
  Body_device_authorization_api_v1_device_authorization_post: 'DeviceAuthorizationForm',
};
const identifier = (id) => identifiers[id] ?? id.replace('-', '');
const kebab = (text) => text.replaceAll('_', '-');

const places = [
  [/^zenml\.(config|artifacts|client_lazy_loader|model|utils)\b/, 'configuration'],
  [/\.(stack_deployment)$/, 'stack-deployment'],
  [/\.base\.base$/, 'common'],
  [/\.info_models$/, 'full-stack'],
  [/\.run_metadata$/, 'run-metadata'],
  [/\.(server_models|statistics)$/, 'server'],
  [/\.log_models$/, 'logs'],
  [/\.stream_event$/, 'stream-event'],
  [/\.auth_models$/, 'auth'],
  [/\.device$/, 'device'],
  [/\.(build_item)$/, 'configuration'],
  [/\.(loaded_visualization|artifact_visualization)$/, 'artifact-version'],
  [/\.exceptions$/, 'errors'],
  [/\.exception_info$/, 'common'],
];

function familyOf(id) {
  if (schemas[id].enum) return 'enums';
  const page = /^Page_(?:Union_)?([A-Za-z]+?)_/.exec(id)?.[1];
  if (page) return familyOf(page);
  if (id.startsWith('Body_')) return 'auth';
  if (id === 'PipelineBuildBase') return 'configuration'; // run configurations contain it, builds contain pipelines
  if (id === 'HTTPValidationError' || id === 'ValidationError') return 'errors';
  const module = facts.modules[id.replace(/-(Input|Output)$/, '')];
  if (!module) throw new Error(`no place for ${id}`);
  for (const [pattern, family] of places) if (pattern.test(module)) return family;
  return kebab(module.split('.').at(-1));
}

const familyById = new Map(Object.keys(schemas).map((id) => [id, familyOf(id)]));

// ---- which schemas are read from requests --------------------------------------------------------------------------------

const refName = (ref) => ref.slice('#/components/schemas/'.length);

function* refsIn(schema) {
  if (Array.isArray(schema)) for (const item of schema) yield* refsIn(item);
  else if (schema && typeof schema === 'object') {
    for (const [key, value] of Object.entries(schema)) {
      if (key === '$ref') yield refName(value);
      else if (key !== 'discriminator' && key !== 'default' && key !== 'example') yield* refsIn(value);
    }
  }
}

const refs = new Map(Object.entries(schemas).map(([id, schema]) => [id, new Set(refsIn(schema))]));

function closure(roots) {
  const seen = new Set(roots);
  for (const id of seen) for (const next of refs.get(id)) seen.add(next);
  return seen;
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);
const fromRequests = closure(operations.flatMap((operation) => [...refsIn(operation.requestBody), ...refsIn(operation.parameters)]));

/** Strongly connected components, by Tarjan: members of one refer to each other in a circle. */
function components(nodes, next) {
  let counter = 0;
  const index = new Map();
  const low = new Map();
  const stack = [];
  const found = new Map();
  const visit = (node) => {
    index.set(node, counter);
    low.set(node, counter++);
    stack.push(node);
    for (const other of next(node)) {
      if (!index.has(other)) {
        visit(other);
        low.set(node, Math.min(low.get(node), low.get(other)));
      } else if (!found.has(other)) low.set(node, Math.min(low.get(node), index.get(other)));
    }
    if (low.get(node) === index.get(node)) {
      let member;
      do {
        member = stack.pop();
        found.set(member, node);
      } while (member !== node);
    }
  };
  for (const node of nodes) if (!index.has(node)) visit(node);
  return found;
}

const schemaComponent = components(refs.keys(), (id) => refs.get(id));
const isRecursive = (from, to) => schemaComponent.get(from) === schemaComponent.get(to);
const families = [...new Set(familyById.values())];
const familyRefs = new Map(families.map((family) => [family, new Set()]));
for (const [id, targets] of refs) {
  for (const to of targets) familyRefs.get(familyById.get(id)).add(familyById.get(to));
}
const familyComponent = components(families, (family) => familyRefs.get(family));
const circles = families
  .map((family) => families.filter((other) => familyComponent.get(other) === familyComponent.get(family)))
  .filter((members) => members.length > 1);
for (const circle of new Set(circles.map(String))) console.log(`in a circle: ${circle}`);

/** Where a circle of models is cut for TypeScript: at the answers that an answer contains. */
const isCut = (from, to) => isRecursive(from, to) && (to.endsWith('Response') || to.startsWith('Page_'));

/** Modules that import each other must not read each other's constants while they load. */
function isLazy(from, to) {
  const [a, b] = [familyById.get(from), familyById.get(to)];
  return isCut(from, to) || (a !== b && familyComponent.get(a) === familyComponent.get(b));
}

// ---- expressions --------------------------------------------------------------------------------------------------------

const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const key = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name));

function literal(value) {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value && typeof value === 'object') {
    const fields = Object.entries(value).map(([name, field]) => `${key(name)}: ${literal(field)}`);
    return fields.length ? `{ ${fields.join(', ')} }` : '{}';
  }
  return JSON.stringify(value);
}

function limits(fields) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length ? `{ ${given.map(([name, value]) => `${name}: ${value instanceof RegExp ? value : literal(value)}`).join(', ')} }` : '';
}

const isNull = (schema) => schema.type === 'null';

/** @returns {{code: string, type: string}} an expression and the TypeScript type of its value */
function expression(schema, scope) {
  const use = (name) => {
    scope.uses.add(name);
    return name;
  };
  const plain = (name, argument, type) => ({ code: `${use(name)}(${argument})`, type: `z.ZodType<${type}, ${type}>` });
  if (schema.$ref) {
    const id = refName(schema.$ref);
    scope.refs.add(id);
    if (!scope.owner || !isCut(scope.owner, id)) return { code: identifier(id), type: `typeof ${identifier(id)}` };
    return { code: identifier(id), type: id.startsWith('Page_') ? 'LinkPage' : 'Link' };
  }
  if (schema.const !== undefined) return { code: `z.literal(${literal(schema.const)})`, type: `z.ZodLiteral<${literal(schema.const)}>` };
  const options = schema.anyOf ?? schema.oneOf;
  if (options) {
    const members = options.filter((option) => !isNull(option));
    const types = members.map((member) => member.type);
    if (members.length >= 6 && ['string', 'number', 'object', 'array'].every((type) => types.includes(type))) {
      return plain('metadataValue', '', 'MetadataValue');
    }
    const expressions = members.map((member) => expression(member, scope));
    const distinct = expressions.filter((one, index) => expressions.findIndex((other) => other.code === one.code) === index);
    const inner =
      distinct.length === 1
        ? distinct[0]
        : schema.discriminator
          ? { code: `z.discriminatedUnion(${quote(schema.discriminator.propertyName)}, [${distinct.map((one) => one.code).join(', ')}])`, type: 'z.ZodType' }
          : {
              code: `${use('either')}([${distinct.map((one) => one.code).join(', ')}])`,
              type: `z.ZodUnion<readonly [${distinct.map((one) => one.type).join(', ')}]>`,
            };
    if (members.length === options.length || !scope.keepNull) return inner;
    return { code: `${inner.code}.nullable()`, type: `z.ZodNullable<${inner.type}>` };
  }
  if (schema.enum) return { code: `${use('enumOf')}(${literal(schema.enum)})`, type: 'z.ZodType<string>' };
  const nested = { ...scope, keepNull: true };
  switch (schema.type) {
    case 'string': {
      if (schema.format === 'uuid') return plain('uuid', '', 'string');
      if (schema.format === 'date-time') return plain('datetime', '', 'string');
      if (schema.format === 'duration') return plain('duration', '', 'string');
      const argument = limits({ min: schema.minLength, max: schema.maxLength, pattern: schema.pattern && new RegExp(schema.pattern) });
      return plain(schema.format === 'password' ? 'password' : 'str', argument, 'string');
    }
    case 'integer':
    case 'number': {
      const argument = limits({ min: schema.minimum, max: schema.maximum, above: schema.exclusiveMinimum, below: schema.exclusiveMaximum });
      return plain(schema.type === 'integer' ? 'int' : 'num', argument, 'number');
    }
    case 'boolean':
      return plain('bool', '', 'boolean');
    case 'null':
      return plain('nothing', '', 'null');
    case 'array': {
      if (schema.prefixItems) {
        const items = schema.prefixItems.map((item) => expression(item, nested));
        return { code: `z.tuple([${items.map((item) => item.code).join(', ')}])`, type: 'z.ZodType' };
      }
      if (schema.uniqueItems && schema.items.type === 'string') return plain('textSet', '', 'string[]');
      if (Object.keys(schema.items).length === 0) return plain('anyList', '', 'unknown[]');
      const item = expression(schema.items, nested);
      const argument = limits({ min: schema.minItems, max: schema.maxItems });
      return { code: `${use('list')}(${item.code}${argument && `, ${argument}`})`, type: `z.ZodArray<${item.type}>` };
    }
    case 'object': {
      const { additionalProperties: values, propertyNames: names } = schema;
      if (values === true || values === undefined || Object.keys(values).length === 0) return plain('anyDict', '', 'Record<string, unknown>');
      const value = expression(values, nested);
      if (names?.$ref) {
        const name = expression(names, nested);
        return { code: `${use('dictBy')}(${name.code}, ${value.code})`, type: `z.ZodRecord<${name.type} & z.core.$partial, ${value.type}>` };
      }
      if (names?.format === 'uuid') {
        return { code: `${use('dictBy')}(${use('uuid')}(), ${value.code})`, type: `z.ZodRecord<z.ZodType<string, string> & z.core.$partial, ${value.type}>` };
      }
      return { code: `${use('dict')}(${value.code})`, type: `z.ZodRecord<z.ZodString, ${value.type}>` };
    }
    case undefined:
      return plain('json', '', 'unknown');
  }
  throw new Error(`no expression for ${JSON.stringify(schema)}`);
}

const surprises = [];

/** A property of an object, with what it is when it is missing. */
function property(owner, name, schema, isRequired, scope) {
  const inner = expression(schema, scope);
  const isNullable = (schema.anyOf ?? schema.oneOf ?? []).some(isNull);
  const wrap = (code, type) => ({ code: `${inner.code}${code}`, type: type.replace('T', () => inner.type) });
  const nullable = isNullable ? ['.nullable()', 'z.ZodNullable<T>'] : ['', 'T'];
  if (isRequired) return wrap(...nullable);
  if (schema.default !== undefined && schema.default !== null) {
    // Updates leave alone what they do not mention, so nothing that is kept state may be filled in.
    const isKept = /Trigger.*Update/.test(owner) ? ['active', 'concurrency'].includes(name) : owner === 'StepConfigurationUpdate';
    if (isKept) return wrap(`${nullable[0]}.optional()`, `z.ZodOptional<${nullable[1]}>`);
    // A default that is a document is itself parsed, so that the defaults inside it are filled in too.
    const isDocument = !Array.isArray(schema.default) && typeof schema.default === 'object' && Object.keys(schema.default).length > 0;
    return wrap(`${nullable[0]}.${isDocument ? 'prefault' : 'default'}(${literal(schema.default)})`, `z.ZodDefault<${nullable[1]}>`);
  }
  const factory = facts.factories[owner.replace(/-(Input|Output)$/, '')]?.[name];
  if (factory !== undefined && !isNullable) {
    if (typeof factory === 'string' && factory.startsWith('<')) return wrap('.optional()', 'z.ZodOptional<T>');
    if (owner === 'TagRequest' && name === 'color') return wrap('.optional()', 'z.ZodOptional<T>'); // a random one
    return wrap(`.default(${literal(factory)})`, 'z.ZodDefault<T>');
  }
  if (!isNullable && schema.default !== null && Object.keys(schema).some((k) => k === 'type' || k === '$ref')) {
    surprises.push(`${owner}.${name}: neither required nor nullable, and without a default`);
    return wrap('.optional()', 'z.ZodOptional<T>');
  }
  if (scope.isRequest) return wrap('.nullish()', 'z.ZodOptional<z.ZodNullable<T>>');
  scope.uses.add('orNull');
  return { code: `orNull(${inner.code})`, type: `z.ZodDefault<z.ZodNullable<${inner.type}>>` };
}

const pageFields = 'index,items,max_size,total,total_pages';

function definition(id, scope) {
  const schema = schemas[id];
  if (schema.enum) {
    if (schema.type !== 'string') return `z.literal(${literal(schema.enum)})`;
    scope.uses.add('enumOf');
    return `enumOf(${literal(schema.enum)})`;
  }
  const properties = Object.entries(schema.properties);
  if (id.startsWith('Page_')) {
    if (
      properties
        .map(([name]) => name)
        .sort()
        .join() !== pageFields
    )
      throw new Error(`${id} is not a page`);
    const item = expression(schema.properties.items.items, { ...scope, keepNull: true });
    scope.usesPage = true;
    return `page(${item.code})`;
  }
  const lines = properties.map(([name, field]) => {
    const own = { ...scope, refs: new Set(), owner: id };
    const { code, type } = property(id, name, field, (schema.required ?? []).includes(name), own);
    for (const ref of own.refs) scope.refs.add(ref);
    if (![...own.refs].some((ref) => isLazy(id, ref))) {
      for (const ref of own.refs) scope.eager.add(ref);
      return `  ${key(name)}: ${code},`;
    }
    const isCircular = [...own.refs].some((ref) => isCut(id, ref));
    if (isCircular) for (const alias of type.match(/\bLink(Page)?\b/g)) scope.uses.add(alias);
    return `  get ${key(name)}()${isCircular ? `: ${type}` : ''} {\n    return ${code};\n  },`;
  });
  const isOpen = schema.additionalProperties === true;
  if (isOpen && scope.isRequest) scope.uses.add('openObject');
  return `${isOpen ? (scope.isRequest ? 'openObject' : 'z.looseObject') : 'z.object'}({\n${lines.join('\n')}\n})`;
}

// ---- files --------------------------------------------------------------------------------------------------------------

const written = [];

function write(path, text) {
  const file = join(target, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  written.push(file);
}

function imports(uses, refIds, own, up) {
  const lines = [];
  const types = [...uses].sort();
  const byFamily = new Map();
  for (const id of refIds) {
    const family = familyById.get(id);
    if (family !== own) byFamily.set(family, [...(byFamily.get(family) ?? []), identifier(id)]);
  }
  for (const [family, names] of [...byFamily].sort()) {
    lines.push(`import { ${names.sort().join(', ')} } from '${own === undefined ? '../models/' : './'}${family}.js';`);
  }
  if (types.length)
    lines.push(
      `import { ${types.map((name) => (['MetadataValue', 'Link', 'LinkPage'].includes(name) ? `type ${name}` : name)).join(', ')} } from '${up}types.js';`,
    );
  return lines;
}

for (const family of families) {
  const ids = [...familyById].filter(([, place]) => place === family).map(([id]) => id);
  const uses = new Set();
  const all = new Set();
  let usesPage = false;
  const definitions = new Map();
  for (const id of ids) {
    const scope = { uses, refs: new Set(), eager: new Set(), isRequest: fromRequests.has(id), keepNull: false };
    const code = definition(id, scope);
    usesPage ||= scope.usesPage === true;
    const eager = id.startsWith('Page_') ? scope.refs : scope.eager;
    for (const ref of scope.refs) all.add(ref);
    definitions.set(id, { code, eager });
  }
  const ordered = new Set();
  const place = (id) => {
    if (ordered.has(id) || !definitions.has(id)) return;
    for (const ref of definitions.get(id).eager) place(ref);
    ordered.add(id);
  };
  for (const id of ids) place(id);
  const body = [...ordered].map((id) => {
    const name = identifier(id);
    return `export const ${name} = model(${quote(id)}, ${definitions.get(id).code});\nexport type ${name} = z.infer<typeof ${name}>;`;
  });
  if (body.some((text) => text.includes('MetadataValue,'))) uses.add('MetadataValue');
  const head = [
    "import { z } from 'zod';",
    ...(usesPage ? ["import { page } from '../page.js';"] : []),
    "import { model } from '../registry.js';",
    ...imports(uses, all, family, '../'),
  ];
  write(`models/${family}.ts`, `${head.join('\n')}\n\n${body.join('\n\n')}\n`);
}

// ---- filters ------------------------------------------------------------------------------------------------------------

const documented = new Set(
  facts.handlers
    .filter(({ filter }) => filter)
    .flatMap(({ filter, path, method }) => (document.paths[path]?.[method]?.parameters ?? []).map(({ name }) => `${filter} ${name}`)),
);
const paging = new Set(['sort_by', 'logical_operator', 'page', 'size']);
const everywhere = new Set(['id', 'created', 'updated']);
const enumsUsed = new Set();

function kindOf(name, kind) {
  if (name === 'tags' || name === 'run_metadata') return quote(name);
  if (!kind.startsWith('enum:')) return quote(kind);
  enumsUsed.add(kind.slice(5));
  return kind.slice(5);
}

const filterBlocks = Object.entries(facts.filters)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, { fields, list, text, excluded, customSorts, defaults }]) => {
    // FastAPI takes a field that is a dictionary from the body.
    const own = Object.entries(fields).filter(([field]) => !paging.has(field) && documented.has(`${name} ${field}`));
    const single = own.map(([field]) => field).filter((field) => !list.includes(field));
    const group = (entries) =>
      entries.length ? `{\n${entries.map(([field, kind]) => `    ${key(field)}: ${kindOf(field, kind)},`).join('\n')}\n  }` : undefined;
    for (const field of everywhere) if (excluded.includes(field)) surprises.push(`${name} excludes ${field}`);
    const parts = {
      columns: group(own.filter(([field]) => !excluded.includes(field) && !everywhere.has(field))),
      special: group(own.filter(([field]) => excluded.includes(field))),
      single: literal(single),
      plain: literal(single.filter((field) => !text.includes(field))),
      sorts: literal(customSorts),
      defaults: literal(Object.fromEntries(Object.entries(defaults).filter(([field]) => !paging.has(field)))),
    };
    const lines = Object.entries(parts).filter(([, code]) => code && code !== '[]' && code !== '{}');
    return `export const ${name} = filter(${quote(name)}, {\n${lines.map(([part, code]) => `  ${part}: ${code},`).join('\n')}\n});`;
  });
write(
  'filters.ts',
  `import { filter } from './filter.js';\nimport { ${[...enumsUsed].sort().join(', ')} } from './models/enums.js';\n\n${filterBlocks.join('\n\n')}\n`,
);

// ---- operations ---------------------------------------------------------------------------------------------------------

const handlerOf = new Map(facts.handlers.map((handler) => [`${handler.method} ${handler.path}`, handler]));

/** What handlers answer that the document calls "anything". */
const answers = {
  'put /api/v1/pipeline_snapshots/{snapshot_id}': 'PipelineSnapshotResponse',
};

const groups = new Map();
for (const operation of operations) {
  const tags = operation.tags ?? ['health'];
  const group = operation.path.startsWith('/api/v1/pipeline_deployments') ? 'pipeline_deployments' : tags.includes('workspaces') ? 'workspaces' : tags.at(-1);
  groups.set(group, [...(groups.get(group) ?? []), operation]);
}

const camel = (text) => text.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

for (const [group, members] of groups) {
  const uses = new Set();
  const refIds = new Set();
  const filters = new Set();
  const names = new Set();
  const blocks = members.map((operation) => {
    const { method, path } = operation;
    const handler = handlerOf.get(`${method} ${path}`);
    if (!handler) throw new Error(`no handler for ${method} ${path}`);
    const name = names.has(handler.handler) ? `${handler.handler}_alias` : handler.handler;
    if (names.has(name)) throw new Error(`two handlers ${name} in ${group}`);
    names.add(name);
    const scope = { uses, refs: refIds, eager: new Set(), isRequest: true, keepNull: true };
    const filterFields = new Set(handler.filter ? Object.keys(facts.filters[handler.filter].fields) : []);
    const parameters = (place) =>
      (operation.parameters ?? [])
        .filter((parameter) => parameter.in === place && !(place === 'query' && filterFields.has(parameter.name)))
        .map((parameter) => {
          const { code } = property('', parameter.name, parameter.schema, parameter.required, { ...scope, keepNull: false });
          return `      ${key(parameter.name)}: ${code},`;
        });
    const object = (lines) => (lines.length ? `z.object({\n${lines.join('\n')}\n    })` : undefined);
    const [contentType, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
    const [status, success] = Object.entries(operation.responses).find(([code]) => code.startsWith('2'));
    const schema = { ...success.content?.['application/json']?.schema };
    delete schema.title;
    const isAny = Object.keys(schema).length === 0;
    const returns = handler.returns;
    const responseKind = returns.includes('FileResponse') ? 'file' : returns.includes('StreamingResponse') ? 'stream' : group === 'health' ? 'text' : undefined;
    const answer = answers[`${method} ${path}`];
    const response = answer
      ? expression({ $ref: `#/components/schemas/${answer}` }, scope).code
      : isAny && returns === 'None'
        ? expression({ type: 'null' }, scope).code
        : expression(schema, scope).code;
    if (handler.filter) filters.add(handler.filter);
    const isRequired = operation.requestBody?.required ?? false;
    const byDefault = method === 'post';
    const dedup = handler.deduplicate ?? byDefault;
    const isRaw = path.endsWith('/{webhook_type}/{webhook_id}/events');
    const fields = {
      id: quote(operation.operationId),
      tag: quote(group === 'health' ? 'health' : group === 'pipeline_deployments' ? 'deployments' : group),
      method: quote(method),
      path: quote(path),
      pathParams: object(parameters('path')),
      query: object(parameters('query')),
      headers: object(parameters('header')),
      filter: handler.filter ?? undefined,
      body: content && expression(content.schema, scope).code,
      bodyKind: contentType?.includes('form') ? "'form'" : isRaw ? "'raw'" : undefined,
      bodyRequired: content && !isRequired ? 'false' : undefined,
      response,
      responseKind: responseKind && quote(responseKind),
      status: status === '200' ? undefined : status,
      errors: literal(
        Object.keys(operation.responses)
          .map(Number)
          .filter((code) => code >= 400)
          .sort(),
      ),
      deprecated: operation.deprecated ? 'true' : undefined,
      public: operation.security ? undefined : 'true',
      dedup: dedup === byDefault ? undefined : String(dedup),
    };
    const lines = Object.entries(fields).filter(([, code]) => code !== undefined);
    return `  ${key(name)}: operation({\n${lines.map(([field, code]) => `    ${field}: ${code},`).join('\n')}\n  }),`;
  });
  const head = [
    ...(blocks.some((block) => /\bz\./.test(block)) ? ["import { z } from 'zod';"] : []),
    ...(filters.size ? [`import { ${[...filters].sort().join(', ')} } from '../filters.js';`] : []),
    ...imports(new Set(), refIds, undefined, '../'),
    "import { operation } from '../operation.js';",
    ...imports(uses, [], undefined, '../'),
  ];
  write(`operations/${kebab(group)}.ts`, `${head.join('\n')}\n\nexport const ${camel(group)} = {\n${blocks.join('\n')}\n};\n`);
}

// ---- finish -------------------------------------------------------------------------------------------------------------

for (const surprise of surprises) console.warn(surprise);
console.log(`${written.length} files, ${Object.keys(schemas).length} schemas, ${operations.length} operations, ${filterBlocks.length} filters`);
