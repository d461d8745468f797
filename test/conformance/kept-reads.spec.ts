import pg from 'pg';
import { startWorkspace, type TestWorkspace } from '#apps/workspace-api/test/workspace.js';
import { statementsJudged } from '#libs/database/tables-read.js';
import { declaredOperations } from '#libs/http/application.js';
import type { Declared } from '#libs/http/operation.js';
import { tableFor } from '../isolation/table-of.js';
import { makeWorld, type World } from '../world.js';

type Plan = { 'Relation Name'?: string; Schema?: string; Plans?: Plan[] };

/** Every table of a plan, with its schema. */
function tablesOf(plan: Plan): string[] {
  const here = plan['Relation Name'] ? [`${plan.Schema}.${plan['Relation Name']}`] : [];
  return [...here, ...(plan.Plans ?? []).flatMap(tablesOf)];
}

describe('reads that are kept', () => {
  let workspace: TestWorkspace;
  let world: World;
  let reads: Declared['operation'][];
  beforeAll(async () => {
    workspace = await startWorkspace();
    world = await makeWorld(workspace.api, workspace.projectId);
    reads = declaredOperations(workspace.app)
      .map(({ operation }) => operation)
      .filter(({ method, public: isPublic, responseKind }) => method === 'get' && !isPublic && responseKind === 'json');
  }, 120_000);
  afterAll(() => workspace.stop());

  const pathsOf = ({ path, filter }: Declared['operation']) => {
    const filled = path.replace(/^\/api\/v1/, '').replace(/\{(\w+)\}/g, (_, name: string) => world[tableFor(name, path, world)] as string);
    return [filled, `${filled}?hydrate=true`, ...(filter ? [`${filled}?hydrate=true&sort_by=desc:created&size=50`] : [])];
  };

  it('answer the same again, every operation, and most without asking the database', async () => {
    let answered = 0;
    let fromMemory = 0;
    const differing: string[] = [];
    for (const operation of reads) {
      for (const path of pathsOf(operation)) {
        const first = await workspace.api.get(path);
        const before = workspace.db.statements;
        const second = await workspace.api.get(path);
        if (first.status !== 200) continue;
        answered += 1;
        if (workspace.db.statements === before) fromMemory += 1;
        const isSteady = !/\/info|\/current|token|credential|verify/.test(path);
        if (isSteady && (second.status !== 200 || second.text !== first.text)) differing.push(path);
      }
    }
    expect(differing).toEqual([]);
    expect(answered).toBeGreaterThan(100);
    expect(fromMemory / answered).toBeGreaterThan(0.7);
  }, 120_000);

  it('know every table that PostgreSQL looks into for them', async () => {
    const owner = new pg.Client({ connectionString: workspace.databaseUrl });
    await owner.connect();
    try {
      await owner.query('SET search_path = workspace, cloud, public');
      const missed: string[] = [];
      let looked = 0;
      for (const [text, read] of statementsJudged()) {
        if (!read) continue;
        looked += 1;
        const { rows } = await owner.query(`EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) ${text}`);
        const known = [...read.tables, 'workspace.row_count'];
        for (const table of tablesOf(rows[0]['QUERY PLAN'][0].Plan)) if (!known.includes(table)) missed.push(`${table}: ${text.slice(0, 200)}`);
      }
      expect(missed).toEqual([]);
      expect(looked).toBeGreaterThan(50);
    } finally {
      await owner.end();
    }
  }, 120_000);
});
