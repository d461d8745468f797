import { startWorkspace, type TestWorkspace } from '#apps/workspace-api/test/workspace.js';
import { Access, type Grants } from '#libs/access/access.js';
import { Db } from '#libs/database/db.js';
import { join, literal, raw, type Sql, sql } from '#libs/database/sql.js';
import { tables } from '#libs/database/tables.js';
import type { Caller } from '#libs/resource/caller.js';
import { listStatement } from '#libs/resource/list.js';
import { Render, type Resource, resources } from '#libs/resource/resource.js';
import { urlOf } from '#libs/testing/database.js';
import { type Filter, kindOf } from '#libs/wire/filter.js';

const runs = 20_000;
const pipelines = 20;
const large = new Set(['pipeline_snapshot', 'pipeline_run', 'step_run', 'artifact_version']);
/** What a page of 20 rows with all that hangs on them may touch, however many rows there are. */
const mostRows = 2_000;

/** What looking for something that is not there may read, in blocks of 8 KiB; a whole table has more than 300 here. */
const mostBlocks = 100;

/**
 * Filters that read all of a project, at some 0.1 µs a row: what hardly tells rows apart, and what is asked together with a pipeline, a run or an artifact. A new filter has an index, or a place here.
 */
const readWithoutIndex: Record<string, string[]> = {
  'artifact version': ['version', 'version_number', 'materializer', 'type', 'data_type'],
  // All runs here have one owner, which is why his index is not used.
  'pipeline run': ['index', 'orchestrator_run_id', 'status', 'in_progress', 'scope_user'],
  'step run': ['name', 'code_hash', 'status', 'version', 'cache_expired'],
};

type Node = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Output?: string[];
  Plans?: Node[];
};

/** Every node that reads a table for the page; the exact total is a scan of an index and left aside. */
function scans(node: Node): Node[] {
  if (node.Output?.[0] === 'count(*)') return [];
  return [...(node['Relation Name'] ? [node] : []), ...(node.Plans ?? []).flatMap(scans)];
}

const touched = (node: Node) => ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 0);

describe('plans of lists over many rows, made without knowing the values', () => {
  let workspace: TestWorkspace;
  let caller: Caller;
  beforeAll(async () => {
    workspace = await startWorkspace();
    caller = { workspaceId: workspace.id, userId: workspace.id, access: Access.unlimited(), isAdmin: true, identityMode: 'local' } as unknown as Caller;
    await fill();
  }, 60_000);
  afterAll(() => workspace.stop());

  async function fill() {
    const of = sql`${workspace.id}::uuid AS workspace_id, ${workspace.projectId}::uuid AS project_id`;
    const id = (kind: string, number: string) => raw(`md5('${kind}' || (${number}))::uuid`);
    const rows = (count: number) => raw(`generate_series(1, ${count}) AS i`);
    const nth = `i % ${pipelines} + 1`;
    await workspace.db.tx({ workspaceId: workspace.id }, async (tx) => {
      await tx.query(
        sql`INSERT INTO workspace.pipeline (workspace_id, project_id, id, name) SELECT ${of}, ${id('pipeline', 'i')}, 'pipeline ' || i FROM ${rows(pipelines)}`,
      );
      await tx.query(
        sql`INSERT INTO workspace.pipeline_snapshot (workspace_id, project_id, id, pipeline_configuration, client_environment, run_name_template, pipeline_id, step_count) SELECT ${of}, ${id('snapshot', 'i')}, '{}', '{}', 'run', ${id('pipeline', nth)}, 2 FROM ${rows(runs)}`,
      );
      await tx.query(
        sql`INSERT INTO workspace.pipeline_run (workspace_id, project_id, id, name, in_progress, status, index, enable_heartbeat, snapshot_id, pipeline_id, user_id) SELECT ${of}, ${id('run', 'i')}, 'run ' || i, false, 'completed', i, false, ${id('snapshot', 'i')}, ${id('pipeline', nth)}, (SELECT id FROM workspace."user" LIMIT 1) FROM ${rows(runs)}`,
      );
      await tx.query(
        sql`INSERT INTO workspace.tag (workspace_id, id, name, color, exclusive) VALUES (${workspace.id}, ${id('tag', '1')}, 'tenth', 'grey', false)`,
      );
      await tx.query(
        sql`INSERT INTO workspace.tag_resource (workspace_id, project_id, tag_id, resource_type, resource_id, resource_created) SELECT r.workspace_id, r.project_id, ${id('tag', '1')}, 'pipeline_run', r.id, r.created FROM workspace.pipeline_run r WHERE r.index % 10 = 0`,
      );
      await tx.query(
        sql`INSERT INTO workspace.step_run (workspace_id, project_id, id, name, status, version, is_retriable, pipeline_run_id, snapshot_id) SELECT ${of}, ${id('step', 'i')}, 'step', 'completed', 1, false, ${id('run', 'i')}, ${id('snapshot', 'i')} FROM ${rows(runs)}`,
      );
      await tx.query(
        sql`INSERT INTO workspace.artifact (workspace_id, project_id, id, name, has_custom_name) SELECT ${of}, ${id('artifact', 'i')}, 'artifact ' || i, true FROM ${rows(pipelines)}`,
      );
      await tx.query(
        sql`INSERT INTO workspace.artifact_version (workspace_id, project_id, id, version, type, uri, materializer, data_type, save_type, artifact_id) SELECT ${of}, ${id('version', 'i')}, i::text, 'DataArtifact', 'file:///' || i, '{}', '{}', 'step_output', ${id('artifact', nth)} FROM ${rows(runs)}`,
      );
    });
    const [row] = await workspace.db.read<{ name: string }>({ workspaceId: null }, sql`SELECT current_database() AS name`);
    const url = new URL(urlOf(row?.name as string));
    // Statistics, and which pages need no look at their rows, are what autovacuum keeps; the server of the tests runs without it.
    const owner = new Db({ url: url.toString(), role: url.username as 'cloudapi', max: 1 });
    await owner.read({ workspaceId: null }, sql`VACUUM ANALYZE`);
    await owner.close();
  }

  async function planOf(resource: Resource, query: Record<string, string>, who = caller): Promise<Node> {
    const { statement } = listStatement(resource, new URLSearchParams({ size: '20', ...query }), new Render(who), { hydrate: false });
    const { text, values } = statement.toQuery();
    const given = values.length === 0 ? sql`` : sql`(${join(values.map(literalOf))})`;
    return workspace.db.tx({ workspaceId: workspace.id }, async (tx) => {
      // Twenty thousand narrow rows may be read from end to end faster than a thousand are looked up; real ones are not. A scan is left where there is no other way.
      await tx.query(raw('SET LOCAL enable_seqscan = off'));
      await tx.query(raw(`PREPARE page AS ${text}`));
      const [row] = await tx.query<Record<string, string>>(sql`EXPLAIN (ANALYZE, VERBOSE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE page${given}`);
      await tx.query(raw('DEALLOCATE page'));
      return JSON.parse(row?.['QUERY PLAN'] as string)[0].Plan;
    });
  }

  /** Columns that lead an index of the table, after its tenant and its project. */
  async function indexedColumns(): Promise<Map<string, Set<string>>> {
    const found = new Map<string, Set<string>>();
    const indexes = await workspace.db.read<{ tablename: string; indexdef: string }>(
      { workspaceId: null },
      sql`SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'workspace'`,
    );
    for (const { tablename, indexdef } of indexes) {
      const columns = /\(([^)]*)\)/.exec(indexdef)?.[1]?.split(', ') ?? [];
      const leading = columns.find((name) => name !== 'workspace_id' && name !== 'project_id');
      if (leading) found.set(tablename, (found.get(tablename) ?? new Set()).add(leading));
    }
    return found;
  }

  it('are those of an administrator for whoever may read all of the project, and of nobody else', () => {
    const [one, other] = [workspace.projectId, workspace.id];
    const permissions = ['pipeline_run', 'artifact', 'artifact_version'].map((resource_type) => ({ resource_type, actions: ['read'] }));
    const member = { ...caller, access: Access.of(workspace.id, { roles: [{ projectId: one, permissions }], shares: [] } as Grants) } as unknown as Caller;
    const text = (who: Caller, table: string, project: string) => {
      const of = resources.find((resource) => resource.table === table) as Resource;
      const shown = { hydrate: false, document: () => sql`'x'` };
      return listStatement(of, new URLSearchParams({ project }), new Render(who), shown).statement.toQuery().text;
    };
    for (const table of ['pipeline_run', 'step_run', 'artifact_version']) {
      expect(text(member, table, one)).toBe(text(caller, table, one));
      // A name could be that of any project.
      for (const project of [other, 'default']) expect(text(member, table, project)).not.toBe(text(caller, table, project));
    }
    expect(text(member, 'pipeline_snapshot', one)).not.toBe(text(caller, 'pipeline_snapshot', one));
  });

  it('read no large table from end to end and touch a bounded number of rows', async () => {
    const indexed = await indexedColumns();
    const wrong: string[] = [];
    let checked = 0;
    for (const resource of resources.filter(({ filter, table }) => filter && large.has(table))) {
      const columns = tables[resource.table] as Record<string, { type: string }>;
      const queries: Record<string, string>[] = [{}, { sort_by: 'desc:created' }];
      for (const name of indexed.get(resource.table) ?? []) {
        if (!resource.filter || kindOf(resource.filter, name) === undefined || columns[name]?.type !== 'uuid') continue;
        const [row] = await workspace.db.read<{ value: string | null }>(
          { workspaceId: workspace.id },
          sql`SELECT ${raw(`"${name}"`)}::text AS value FROM ${raw(`workspace.${resource.table}`)} LIMIT 1`,
        );
        queries.push({ [name]: row?.value ?? workspace.id });
        if ('status' in columns) queries.push({ [name]: row?.value ?? workspace.id, status: 'completed' });
      }
      for (const query of queries) {
        const all = scans(await planOf(resource, query)).filter((node) => (node['Actual Loops'] ?? 0) > 0);
        const whole = all.filter((node) => node['Node Type'] === 'Seq Scan' && large.has(node['Relation Name'] as string));
        const rows = all.reduce((sum, node) => sum + touched(node), 0);
        checked += 1;
        const what = `${resource.name} ${JSON.stringify(query)}`;
        if (whole.length > 0) wrong.push(`${what} scans ${whole.map((node) => node['Relation Name'])}`);
        if (rows > mostRows)
          wrong.push(
            `${what} touches ${rows} rows: ${all.filter((node) => touched(node) > 200).map((node) => `${node['Node Type']} ${node['Relation Name']} ${touched(node)}`)}`,
          );
      }
    }
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(15);
  }, 60_000);

  it('read a page by tag, or of a pipeline, in the order of an index, and only count the others', async () => {
    const [row] = await workspace.db.read<{ id: string }>({ workspaceId: workspace.id }, sql`SELECT id FROM workspace.pipeline LIMIT 1`);
    const run = resources.find(({ table }) => table === 'pipeline_run') as Resource;
    const pipeline_id = row?.id as string;
    const filters: Record<string, string>[] = [{ tags: 'tenth' }, { pipeline_id }, { pipeline_id, status: 'completed' }];
    for (const filter of filters) {
      for (const sort_by of ['asc:created', 'desc:created']) {
        const read = scans(await planOf(run, { ...filter, sort_by })).filter((node) =>
          ['pipeline_run', 'tag_resource'].includes(node['Relation Name'] as string),
        );
        expect(read.length).toBeGreaterThan(0);
        // The rows, and the tags of each.
        expect(read.reduce((sum, node) => sum + touched(node), 0)).toBeLessThanOrEqual(3 * 20);
      }
    }
  });

  it('find rows by an index for every filter, but for those that are known to read what is there', async () => {
    const nothing: Record<string, string> = { uuid: workspace.id, int: '987654', run_metadata: 'nothing:1' };
    const others: string[] = [];
    for (const resource of resources.filter(({ filter, table }) => filter && large.has(table))) {
      const { columns, special } = resource.filter as Filter;
      for (const [name, kind] of Object.entries({ ...columns, ...special })) {
        // Times are asked for as ranges, and which index serves a range is a guess of the planner.
        if (name === 'project' || kind === 'datetime') continue;
        const blocks: number[] = [];
        for (const value of kind === 'bool' ? ['true', 'false'] : [nothing[String(kind)] ?? 'nothing']) {
          const plan = await planOf(resource, { [name]: value });
          blocks.push((plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0));
        }
        // Of yes and no, one is what nearly all rows say.
        if (Math.min(...blocks) > mostBlocks && !readWithoutIndex[resource.name]?.includes(name)) others.push(`${resource.name} ${name}`);
      }
    }
    expect(others).toEqual([]);
  }, 60_000);

  it('start from the rows that somebody was given one by one, however many others there are', async () => {
    const rows = await workspace.db.read<{ id: string }>({ workspaceId: workspace.id }, sql`SELECT id FROM workspace.pipeline_run LIMIT 30`);
    const shares = [{ type: 'pipeline_run', ids: rows.map(({ id }) => id), actions: ['read'] }];
    const member = { ...caller, isAdmin: false, access: Access.of(workspace.id, { roles: [], shares } as Grants) } as unknown as Caller;
    const plan = await planOf(resources.find(({ table }) => table === 'step_run') as Resource, { sort_by: 'desc:created' }, member);
    const steps = scans(plan).filter((node) => node['Relation Name'] === 'step_run');
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.reduce((sum, node) => sum + touched(node), 0)).toBeLessThan(200);
  });
});

function literalOf(value: unknown): Sql {
  return typeof value === 'number' ? raw(String(value)) : literal(Array.isArray(value) ? `{${value}}` : String(value));
}
