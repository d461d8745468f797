import { z } from 'zod';
import type { InputOf } from './operation.js';
import { operation, plainQuery } from './operation.js';
import { catalogue, operations } from './operations.js';
import { models } from './registry.js';
import { bool, int, list, str, uuid } from './types.js';

const get = operation({
  id: 'get_thing',
  tag: 'things',
  method: 'get',
  path: '/things/{thing_id}',
  pathParams: z.object({ thing_id: uuid() }),
  query: z.object({ hydrate: bool().default(true), names: list(str()).nullish(), limit: int().nullish() }),
  response: z.object({ id: uuid() }),
  errors: [401, 404],
});

describe('an operation', () => {
  it('reads a query as FastAPI does: all values of a list, else the last, and nothing unknown', () => {
    const query = new URLSearchParams('hydrate=True&hydrate=False&names=a&names=b&limit=5&other=1');
    expect(get.query.parse(plainQuery(get, query))).toEqual({ hydrate: false, names: ['a', 'b'], limit: 5 });
    expect(get.query.parse(plainQuery(get, new URLSearchParams('names=a')))).toEqual({ hydrate: true, names: ['a'] });
  });

  it('gives handlers typed input', () => {
    const input: InputOf<typeof catalogue.stacks.create_stack> = {
      path: {},
      query: {},
      body: { name: 'a', description: '', components: { orchestrator: ['id'] }, service_connectors: [] },
      rawQuery: new URLSearchParams(),
    };
    expect(input.body.components.orchestrator).toEqual(['id']);
  });

  it('replays repeated keys on POST unless told otherwise', () => {
    expect(catalogue.stacks.create_stack.dedup).toBe(true);
    expect(catalogue.stacks.get_stack.dedup).toBe(false);
    expect(catalogue.runs.update_run.dedup).toBe(true);
  });
});

describe('the catalogue', () => {
  it('has every operation of the reference and the conditional ones', () => {
    expect(operations.length).toBe(273);
  });

  it('names each operation and each route once', () => {
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
    expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length);
  });

  it('declares exactly the parameters that a path contains', () => {
    for (const { id, path, pathParams } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([id, ...Object.keys(pathParams.shape).sort()]).toEqual([id, ...inPath.sort()]);
    }
  });

  it('reads no body on GET but the odd filter of connectors', () => {
    expect(operations.filter(({ method, body }) => method === 'get' && body).map(({ path }) => path)).toEqual([
      '/api/v1/service_connectors',
      '/api/v1/service_connectors/resources',
      '/api/v1/workspaces/{project_name_or_id}/service_connectors',
      '/api/v1/workspaces/{project_name_or_id}/resources',
    ]);
  });
});

describe('update models', () => {
  const updates = [...models].filter(([id]) => id.endsWith('Update'));

  /** How to act rather than what to keep. */
  const manner = ['ModelVersionUpdate.force', 'RunWaitConditionLeaseUpdate.mode', 'StepRunUpdate.loaded_artifact_versions', 'StepRunUpdate.outputs'];

  it.each(updates)('%s leaves alone what a request does not mention', (id, update) => {
    const kinds = id.endsWith('TriggerUpdate') ? ['type', 'flavor'] : [];
    const parsed = (update as z.ZodType<Record<string, unknown>>).safeParse(id === 'StepConfigurationUpdate' ? { name: 'x' } : {});
    const filled = Object.keys(parsed.data ?? {}).filter((name) => !kinds.includes(name) && !manner.includes(`${id}.${name}`));
    expect(filled).toEqual([]);
  });
});
