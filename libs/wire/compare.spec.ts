import { compareContracts, type Document } from './compare.js';
import { type JsonSchema, openApiOf } from './open-api.js';
import { operations } from './operations.js';

const document = openApiOf(operations);
const ours = () => structuredClone(document);

type Mutable = {
  paths: Record<string, Record<string, { parameters: JsonSchema[]; responses: Record<string, unknown> }>>;
  components: { schemas: Record<string, JsonSchema> };
};

function changed(change: (document: Mutable) => void): string[] {
  const reference = ours() as unknown as Mutable;
  change(reference);
  return compareContracts(ours() as Document, reference as unknown as Document);
}

const fields = (document: Mutable, name: string) => document.components.schemas[name]?.properties as Record<string, JsonSchema>;

describe('comparing contracts', () => {
  it('finds nothing between a document and itself', () => {
    expect(changed(() => undefined)).toEqual([]);
  });

  it('finds a missing operation and one too many', () => {
    expect(
      changed((document) => {
        delete document.paths['/api/v1/stacks'];
      }),
    ).toEqual(['GET /api/v1/stacks: only ours', 'POST /api/v1/stacks: only ours']);
  });

  it('finds a field that is missing, of another type, newly required or with another default', () => {
    const lines = changed((document) => {
      const stack = fields(document, 'StackRequest');
      delete stack.labels;
      stack.name = { type: 'string', maxLength: 50 };
      stack.description = { type: 'string', maxLength: 255, default: 'x' };
      (document.components.schemas.StackRequest as { required: string[] }).required.push('user');
    });
    expect(lines).toEqual([
      'StackRequest.description: ours string(maxLength 255) = "", reference string(maxLength 255) = "x"',
      'StackRequest.labels: ours dict<string, any> | null, reference none',
      'StackRequest.name: ours string(maxLength 255), required, reference string(maxLength 50), required',
      'StackRequest.user: ours uuid | null, reference uuid | null, required',
    ]);
  });

  it('finds a parameter with another default and an error that is not declared', () => {
    const lines = changed((document) => {
      const list = document.paths['/api/v1/stacks']?.get;
      for (const parameter of list?.parameters ?? []) if (parameter.name === 'hydrate') parameter.schema = { type: 'boolean', default: true };
      delete list?.responses['404'];
    });
    expect(lines).toEqual([
      'GET /api/v1/stacks: errors: ours 401 403 404 422, reference 401 403 422',
      'GET /api/v1/stacks: parameter query hydrate: ours boolean = false, reference boolean = true',
    ]);
  });

  it('does not mind prose, order or spelling', () => {
    const lines = changed((document) => {
      const stack = fields(document, 'StackRequest');
      stack.user = { title: 'User', description: 'Who', anyOf: [{ type: 'null' }, { format: 'uuid', type: 'string' }], default: null };
      const status = document.components.schemas.ExecutionStatus as { enum: string[] };
      status.enum.reverse();
    });
    expect(lines).toEqual([]);
  });
});

describe('our document', () => {
  it('refers only to schemas that it has', () => {
    const refs = new Set([...JSON.stringify(document).matchAll(/#\/components\/schemas\/([^"]+)/g)].map(([, name]) => name));
    expect([...refs].filter((name) => !document.components.schemas[name as string])).toEqual([]);
  });

  it('has no name that zod made up', () => {
    expect(JSON.stringify(document)).not.toMatch(/__shared|__schema|inline:|\$defs/);
  });

  it('contains only what the given operations need', () => {
    const health = operations.filter(({ tag }) => tag === 'health');
    expect(Object.keys(openApiOf(health).components.schemas)).toEqual([]);
  });
});
