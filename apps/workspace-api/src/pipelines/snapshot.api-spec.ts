import { sql } from '#libs/database/sql.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

const source = { module: 'steps', attribute: 'load', type: 'user' };

function step(name: string, overrides: Record<string, unknown> = {}) {
  const config = { name, ...overrides };
  return { spec: { source, upstream_steps: [], inputs: {}, invocation_id: name }, config, step_config_overrides: config };
}

describe('snapshots', () => {
  let workspace: TestWorkspace;
  let stack: string;
  let pipeline: string;
  beforeAll(async () => {
    workspace = await startWorkspace();
    stack = (await workspace.api.ok(workspace.api.get('/stacks?name=default'))).items[0].id;
    pipeline = await makePipeline();
  });
  afterAll(() => workspace.stop());

  async function makePipeline(project = workspace.projectId): Promise<string> {
    return (await workspace.api.ok(workspace.api.post('/pipelines', { project, name: unique('pipeline') }))).id;
  }

  function body(extra: Record<string, unknown> = {}) {
    return {
      project: workspace.projectId,
      stack,
      pipeline,
      run_name_template: 'run-{date}',
      pipeline_configuration: { name: 'p', settings: { docker: { parent_image: 'p' } }, secrets: ['one'] },
      step_configurations: { second: step('second', { secrets: ['two'], settings: { docker: { apt: ['x'] } } }), first: step('first') },
      client_environment: { os: 'linux', python_packages: ['a', 'b'] },
      ...extra,
    };
  }

  const create = (extra: Record<string, unknown> = {}) => workspace.api.post('/pipeline_snapshots', body(extra));
  const made = (extra: Record<string, unknown> = {}) => workspace.api.ok(create(extra));

  async function count(where = sql`true`): Promise<number> {
    const [row] = await workspace.db.read<{ count: number }>(
      { workspaceId: workspace.id },
      sql`SELECT count(*)::int AS count FROM workspace.pipeline_snapshot WHERE ${where}`,
    );
    return (row as { count: number }).count;
  }

  it('show steps in their order, each with what it inherits and with what is its own', async () => {
    const { metadata } = await made();
    expect(Object.keys(metadata.step_configurations)).toEqual(['second', 'first']);
    const { config, step_config_overrides } = metadata.step_configurations.second;
    expect(config).toMatchObject({ secrets: ['one', 'two'], settings: { docker: { parent_image: 'p', apt: ['x'] } } });
    expect(step_config_overrides).toMatchObject({ secrets: ['two'], settings: { docker: { apt: ['x'] } } });
  });

  it('are read as they were answered when they were made, or one step of them', async () => {
    const snapshot = await made();
    expect(await workspace.api.ok(workspace.api.get(`/pipeline_snapshots/${snapshot.id}`))).toEqual(snapshot);
    const part = await workspace.api.ok(workspace.api.get(`/pipeline_snapshots/${snapshot.id}?step_configuration_filter=first&step_configuration_filter=nope`));
    expect(Object.keys(part.metadata.step_configurations)).toEqual(['first']);
  });

  it('keep the list of packages to themselves', async () => {
    expect((await made()).metadata.client_environment).toEqual({ os: 'linux' });
  });

  it('refuse an environment that no step could have, and take it where there is no step', async () => {
    const pipeline_configuration = { name: 'p', environment: { A: 1 } };
    expect((await create({ pipeline_configuration })).status).toBe(422);
    const { metadata } = await made({ pipeline_configuration, step_configurations: {} });
    expect(metadata.pipeline_configuration.environment).toEqual({ A: 1 });
  });

  it('are made in a constant number of statements', async () => {
    const statements = async (steps: number) => {
      const step_configurations = Object.fromEntries(Array.from({ length: steps }, (_, n) => [`s${n}`, step(`s${n}`)]));
      workspace.db.forgetKept();
      const before = workspace.db.statements;
      await made({ step_configurations });
      return workspace.db.statements - before;
    };
    expect(await statements(50)).toBe(await statements(1));
  });

  it('refuse what is not there, or belongs to another project, and leave nothing behind', async () => {
    const project = (await workspace.api.ok(workspace.api.post('/projects', { name: unique('project') }))).id;
    const elsewhere = await makePipeline(project);
    const before = await count();
    const nobody = '00000000-0000-4000-8000-000000000000';
    const repository = { commit: 'c', subdirectory: '', code_repository: nobody };
    for (const extra of [
      { stack: nobody },
      { pipeline: elsewhere },
      { build: nobody },
      { schedule: nobody },
      { template: nobody },
      { source_snapshot: nobody },
      { code_reference: repository },
    ])
      expect([extra, (await create(extra)).status]).toEqual([extra, 404]);
    expect(await count()).toBe(before);
  });

  describe('with a name', () => {
    it('are unique per pipeline', async () => {
      const name = unique('snapshot');
      await made({ name });
      expect((await create({ name })).status).toBe(409);
      expect((await create({ name, pipeline: await makePipeline() })).status).toBe(200);
    });

    it('cannot be called true, nothing, or something with a line break', async () => {
      expect((await create({ name: true })).status).toBe(422);
      expect((await create({ name: '' })).status).toBe(422);
      expect((await create({ name: 'a\nb' })).status).toBe(400);
      expect((await made({ name: false })).name).toBeNull();
    });

    it('give it up to a replacement, and are deleted when nothing needs them', async () => {
      const name = unique('snapshot');
      const unused = await made({ name });
      const used = await made({ name, replace: true });
      expect((await workspace.api.get(`/pipeline_snapshots/${unused.id}`)).status).toBe(404);
      await made({ source_snapshot: used.id });
      const last = await made();
      await workspace.api.ok(workspace.api.put(`/pipeline_snapshots/${last.id}`, { name, replace: true }));
      expect((await workspace.api.ok(workspace.api.get(`/pipeline_snapshots/${used.id}`))).name).toBeNull();
    });

    it('go to one of many that ask for it at once', async () => {
      const name = unique('snapshot');
      const answers = await Promise.all(Array.from({ length: 6 }, () => create({ name })));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    });

    it('lose it on request', async () => {
      const { id } = await made({ name: unique('snapshot') });
      expect((await workspace.api.ok(workspace.api.put(`/pipeline_snapshots/${id}`, { description: 'x' }))).name).not.toBeNull();
      const unnamed = await workspace.api.ok(workspace.api.put(`/pipeline_snapshots/${id}`, { name: false }));
      expect([unnamed.name, unnamed.metadata.description]).toEqual([null, 'x']);
    });
  });

  it('share the reference to one commit of a code repository', async () => {
    const repository = await workspace.api.ok(
      workspace.api.post('/code_repositories', { project: workspace.projectId, name: unique('repository'), config: {}, source }),
    );
    const code_reference = { commit: 'abc', subdirectory: 'src', code_repository: repository.id };
    const snapshots = await Promise.all([1, 2, 3].map(() => made({ code_reference })));
    const references = snapshots.map(({ resources }) => resources.code_reference.id);
    expect(new Set(references).size).toBe(1);
    expect(snapshots[0].resources.code_reference.body.code_repository.id).toBe(repository.id);
    await workspace.api.ok(workspace.api.delete(`/code_repositories/${repository.id}`));
    expect((await workspace.api.ok(workspace.api.get(`/pipeline_snapshots/${snapshots[0].id}`))).resources.code_reference).toBeNull();
  });

  it('let go of what was made from them when they are deleted', async () => {
    const original = await made();
    const derived = await made({ source_snapshot: original.id });
    await workspace.api.ok(workspace.api.delete(`/pipeline_snapshots/${original.id}`));
    expect((await workspace.api.ok(workspace.api.get(`/pipeline_snapshots/${derived.id}`))).metadata.source_snapshot_id).toBeNull();
  });

  it('are pruned when they are old, nameless and needed by nothing', async () => {
    const project = (await workspace.api.ok(workspace.api.post('/projects', { name: unique('project') }))).id;
    const own = { project, pipeline: await makePipeline(project) };
    const named = await made({ ...own, name: unique('snapshot') });
    const original = await made(own);
    await made({ ...own, source_snapshot: original.id });
    const prune = (extra: Record<string, unknown>) =>
      workspace.api.ok(workspace.api.post('/pipeline_snapshots/prune', { project, older_than: '2999-01-01T00:00:00', ...extra }));
    expect((await prune({})).snapshot_count).toBe(1);
    expect((await prune({ older_than: '2001-01-01T00:00:00' })).snapshot_count).toBe(0);
    expect((await prune({ apply: true })).task_id).toMatch(/^[0-9a-f-]{36}$/);
    const left = async () => (await workspace.api.ok(workspace.api.get(`/pipeline_snapshots?project=${project}`))).items.map(({ id }: { id: string }) => id);
    for (let n = 0; n < 100 && (await left()).length > 1; n++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await left()).toEqual([named.id]);
  });

  it('are known to old clients as pipeline deployments, without what these refuse', async () => {
    const snapshot = await made();
    const asOld = { headers: { 'user-agent': 'zenml/0.81.0' } };
    const old = await workspace.api.ok(workspace.api.get(`/pipeline_deployments/${snapshot.id}`, asOld));
    expect(Object.keys(old.metadata.step_configurations.first).sort()).toEqual(['config', 'spec']);
    expect(await workspace.api.ok(workspace.api.get(`/pipeline_deployments/${snapshot.id}`))).toEqual(snapshot);
  });
});
