/** The reference server's operations, from its own OpenAPI document: which one a request was, and what a list can be filtered by. */
import { readFile } from 'node:fs/promises';
import { installReference } from '../../tools/reference/install.mjs';

type Schema = { type?: string; format?: string; anyOf?: Schema[]; items?: Schema; $ref?: string };
type Parameter = { name: string; in: string; required?: boolean; schema: Schema };
export type FilterKind = 'string' | 'uuid' | 'datetime' | 'integer' | 'boolean' | 'flag' | 'plain';
export type Filter = { name: string; kind: FilterKind; isRepeatable: boolean };

export class Operations {
  private constructor(
    readonly all: string[],
    private readonly patterns: { operation: string; method: string; pattern: RegExp; holes: number }[],
    private readonly parameters: Map<string, Parameter[]>,
  ) {}

  static async load(): Promise<Operations> {
    const { openapi } = await installReference();
    const document = JSON.parse(await readFile(openapi, 'utf8')) as { paths: Record<string, Record<string, { parameters?: Parameter[] }>> };
    const all: string[] = [];
    const parameters = new Map<string, Parameter[]>();
    const patterns = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const name = `${method.toUpperCase()} ${path}`;
        all.push(name);
        parameters.set(name, operation.parameters ?? []);
        const pattern = new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`);
        return { operation: name, method: method.toUpperCase(), pattern, holes: path.split('{').length };
      }),
    );
    // A literal segment wins over a parameter, as in the router.
    patterns.sort((a, b) => a.holes - b.holes);
    return new Operations(all, patterns, parameters);
  }

  of(method: string, path: string): string | undefined {
    const bare = path.split('?')[0] ?? path;
    const full = /^\/(api|health|ready)(\/|$)/.test(bare) ? bare : `/api/v1${bare}`;
    return this.patterns.find((one) => one.method === method && one.pattern.test(full))?.operation;
  }

  filters(path: string): Filter[] {
    const operation = this.of('GET', path);
    const parameters = operation ? (this.parameters.get(operation) ?? []) : [];
    return parameters
      .filter((one) => one.in === 'query')
      .map((one) => ({ name: one.name, kind: kindOf(one.schema), isRepeatable: leaves(one.schema).some((leaf) => leaf.type === 'array') }));
  }
}

function leaves(schema: Schema): Schema[] {
  return schema.anyOf ? schema.anyOf.flatMap(leaves) : [schema];
}

function kindOf(schema: Schema): FilterKind {
  const kinds = leaves(schema).filter((leaf) => leaf.type !== 'null' && leaf.type !== 'array');
  if (kinds.some((leaf) => leaf.format === 'uuid')) return kinds.some((leaf) => leaf.type === 'string' && !leaf.format) ? 'uuid' : 'plain';
  if (kinds.some((leaf) => leaf.format === 'date-time')) return 'datetime';
  if (kinds.some((leaf) => leaf.type === 'integer' || leaf.type === 'number')) return kinds.length > 1 ? 'integer' : 'plain';
  if (kinds.some((leaf) => leaf.type === 'boolean')) return kinds.length > 1 ? 'boolean' : 'flag';
  return leaves(schema).some((leaf) => leaf.type === 'array') ? 'string' : 'plain';
}
