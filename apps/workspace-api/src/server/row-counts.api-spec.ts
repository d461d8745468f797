import { sql } from '#libs/database/sql.js';
import { resources } from '#libs/resource/resource.js';
import { startWorkspace, type TestWorkspace } from '../../test/workspace.js';
import { foldCounts } from './housekeeping.js';

describe('how many there are', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await startWorkspace();
  });
  afterAll(() => workspace.stop());

  const query = <T>(statement: Parameters<TestWorkspace['db']['read']>[1]) => workspace.db.read<T>({ workspaceId: workspace.id }, statement);
  const total = async (project: string) => (await workspace.api.ok(workspace.api.get(`/artifacts?project=${project}`))).total as number;
  const kept = (project: string) =>
    query<{ delta: number; is_folded: boolean }>(
      sql`SELECT delta, is_folded FROM workspace.row_count WHERE workspace_id = ${workspace.id} AND project_id = ${project}`,
    );

  it('is kept for every table that says so, by what is inserted and what is deleted', async () => {
    const triggers = await query<{ table_name: string }>(
      sql`SELECT c.relname || ' ' || t.tgname AS table_name FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
          WHERE c.relnamespace = 'workspace'::regnamespace AND p.proname IN ('count_rows', 'count_tagged') ORDER BY 1`,
    );
    const counted = [...new Set([...resources.filter((one) => one.counted).map((one) => one.table), 'tag_resource'])].sort();
    expect(counted.length).toBeGreaterThan(3);
    expect(triggers.map((one) => one.table_name)).toEqual(counted.flatMap((table) => [`${table} count_deleted`, `${table} count_inserted`]));
  });

  it('stays right while rows come and go and counts are folded, and goes with the project', async () => {
    const { api } = workspace;
    const project = (await api.ok(api.post('/projects', { name: 'counted' }))).id as string;
    const create = (name: string) => api.ok(api.post('/artifacts', { project, name, has_custom_name: true }));
    const made = await Promise.all(['a', 'b', 'c', 'd'].map(create));
    expect(await total(project)).toBe(4);

    await Promise.all([foldCounts(workspace.db), create('e'), foldCounts(workspace.db), total(project)]);
    await api.ok(api.delete(`/artifacts/${made[0]?.id}`));
    expect(await total(project)).toBe(4);
    await foldCounts(workspace.db);
    expect(await total(project)).toBe(4);
    expect(await kept(project)).toEqual([{ delta: 4, is_folded: true }]);
    expect((await api.ok(api.get(`/artifacts?project=${project}&name=b`))).total).toBe(1);

    await api.ok(api.delete(`/projects/${project}`));
    expect(await kept(project)).toEqual([]);
  });

  it('is kept for what carries a tag, while tags, what carries them and their project come and go', async () => {
    const { api } = workspace;
    const project = (await api.ok(api.post('/projects', { name: 'tagged' }))).id as string;
    const create = (name: string, ...tags: string[]) => api.ok(api.post('/artifacts', { project, name, has_custom_name: true, tags }));
    const made = await Promise.all([create('a', 'x', 'y'), create('b', 'x'), create('c', 'x'), create('d', 'y')]);
    await api.ok(api.post('/models', { project, name: 'a', tags: ['x'] }));
    const tagged = async (tag: string, path = 'artifacts') => (await api.ok(api.get(`/${path}?project=${project}&tags=${tag}`))).total as number;
    const all = async () => [await tagged('x'), await tagged('y'), await tagged('x', 'models'), await total(project)];
    expect(await all()).toEqual([3, 2, 1, 4]);
    await api.ok(api.put(`/artifacts/${made[0]?.id}`, { add_tags: ['x'], remove_tags: ['y'] }));
    await api.ok(api.delete(`/artifacts/${made[1]?.id}`));
    await Promise.all([foldCounts(workspace.db), create('e', 'y'), all()]);
    expect(await all()).toEqual([2, 2, 1, 4]);
    const x = (await api.ok(api.get('/tags?name=x'))).items[0].id as string;
    await api.ok(api.delete(`/tags/${x}`));
    expect(await all()).toEqual([0, 2, 0, 4]);
    await foldCounts(workspace.db);
    expect((await kept(project)).map(({ delta }) => Number(delta)).sort()).toEqual([2, 4]); // of what carries y, and of artifacts
    await api.ok(api.delete(`/projects/${project}`));
    expect(await kept(project)).toEqual([]);
  });

  it('does not count what was refused', async () => {
    const { api, projectId } = workspace;
    await api.ok(api.post('/artifacts', { project: projectId, name: 'once', has_custom_name: true }));
    expect((await api.post('/artifacts', { project: projectId, name: 'once', has_custom_name: true })).status).toBe(409);
    expect(await total(projectId)).toBe(1);
  });
});
