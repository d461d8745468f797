import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

describe('pipelines and what belongs to them', () => {
  let workspace: TestWorkspace;
  let stack: string;
  beforeAll(async () => {
    workspace = await startWorkspace();
    stack = (await workspace.api.ok(workspace.api.get('/stacks?name=default'))).items[0].id;
  });
  afterAll(() => workspace.stop());

  const made = (path: string, body: Record<string, unknown>) => workspace.api.ok(workspace.api.post(path, { project: workspace.projectId, ...body }));
  const status = async (path: string) => (await workspace.api.get(path)).status;

  describe('a pipeline', () => {
    it('has a name of its own in its project', async () => {
      const name = unique('pipeline');
      const project = (await workspace.api.ok(workspace.api.post('/projects', { name: unique('project') }))).id;
      await made('/pipelines', { name });
      expect((await workspace.api.post('/pipelines', { project: workspace.projectId, name })).status).toBe(409);
      // The project in the path wins over the one in the body, by name or id.
      expect((await made(`/workspaces/${project}/pipelines`, { name })).body.project_id).toBe(project);
      expect((await workspace.api.post('/pipelines?project_name_or_id=nowhere', { project, name })).status).toBe(404);
    });

    it('loses its description when an update has none', async () => {
      const { id } = await made('/pipelines', { name: unique('pipeline'), description: 'x' });
      expect((await workspace.api.ok(workspace.api.put(`/pipelines/${id}`, {}))).metadata.description).toBeNull();
    });

    it('carries the tags it is given', async () => {
      const { id, resources } = await made('/pipelines', { name: unique('pipeline'), tags: ['b', 'a'] });
      expect(resources.tags.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
      const updated = await workspace.api.ok(workspace.api.put(`/pipelines/${id}`, { add_tags: ['c'], remove_tags: ['a'] }));
      expect(updated.resources.tags.map(({ name }: { name: string }) => name)).toEqual(['b', 'c']);
    });

    it('takes its snapshots along and leaves its builds and schedules', async () => {
      const { id: pipeline } = await made('/pipelines', { name: unique('pipeline') });
      const schedule = await made('/schedules', {
        name: unique('schedule'),
        active: true,
        cron_expression: '0 * * * *',
        orchestrator_id: null,
        pipeline_id: pipeline,
      });
      const build = await made('/pipeline_builds', { is_local: true, contains_code: false, pipeline, stack });
      const snapshot = await made('/pipeline_snapshots', { stack, pipeline, build: build.id, run_name_template: 'r', pipeline_configuration: { name: 'p' } });
      await workspace.api.ok(workspace.api.delete(`/pipelines/${pipeline}`));
      expect(await status(`/pipeline_snapshots/${snapshot.id}`)).toBe(404);
      expect(await workspace.api.ok(workspace.api.get(`/schedules/${schedule.id}`))).toMatchObject({ body: { active: true }, metadata: { pipeline_id: null } });
      expect((await workspace.api.ok(workspace.api.get(`/pipeline_builds/${build.id}`))).metadata).toMatchObject({ pipeline: null, stack: { id: stack } });
    });
  });

  describe('a build', () => {
    it('makes a snapshot runnable as long as it and its stack are there', async () => {
      const { id: pipeline } = await made('/pipelines', { name: unique('pipeline') });
      const build = await made('/pipeline_builds', { is_local: false, contains_code: true, images: { orchestrator: { image: 'i' } }, pipeline, stack });
      expect(build.metadata.images.orchestrator).toMatchObject({ dockerfile: null, contains_code: true, requires_code_download: false });
      const { id, body } = await made('/pipeline_snapshots', {
        stack,
        pipeline,
        build: build.id,
        run_name_template: 'r',
        pipeline_configuration: { name: 'p' },
      });
      expect([body.runnable, body.deployable]).toEqual([true, true]);
      const isListed = async () => (await workspace.api.ok(workspace.api.get(`/pipeline_snapshots?id=${id}&runnable=True`))).total;
      expect(await isListed()).toBe(1);
      await workspace.api.ok(workspace.api.delete(`/pipeline_builds/${build.id}`));
      expect((await workspace.api.ok(workspace.api.get(`/pipeline_snapshots/${id}`))).body.runnable).toBe(false);
      expect(await isListed()).toBe(0);
    });
  });

  describe('a schedule', () => {
    const create = (extra: Record<string, unknown>) =>
      workspace.api.post('/schedules', {
        project: workspace.projectId,
        name: unique('schedule'),
        active: true,
        orchestrator_id: null,
        pipeline_id: null,
        ...extra,
      });

    it('says when', async () => {
      expect((await create({})).status).toBe(422);
      expect((await create({ interval_second: 60 })).status).toBe(422);
      expect((await create({ interval_second: 0, start_time: '2026-01-01T00:00:00' })).status).toBe(422);
    });

    it('shows intervals as clients read durations', async () => {
      for (const [sent, shown] of [
        [90, 'PT1M30S'],
        ['P400DT1H0.5S', 'P1Y35DT1H0.5S'],
        [86_400, 'P1D'],
        [0.25, 'PT0.25S'],
      ])
        expect((await workspace.api.ok(create({ interval_second: sent, start_time: '2026-01-01T00:00:00' }))).body.interval_second).toBe(shown);
    });

    it('is archived under another name, and stays as it is from then on', async () => {
      const name = unique('schedule');
      const { id } = await workspace.api.ok(create({ name, cron_expression: '0 * * * *' }));
      expect((await workspace.api.delete(`/schedules/${id}`)).status).toBe(422);
      await workspace.api.ok(workspace.api.delete(`/schedules/${id}?soft=True`));
      const archived = await workspace.api.ok(workspace.api.get(`/schedules/${id}`));
      expect([archived.body.is_archived, archived.body.active, archived.name.startsWith(`${name}_`)]).toEqual([true, false, true]);
      expect((await workspace.api.put(`/schedules/${id}`, { active: true })).status).toBe(403);
      expect((await create({ name, cron_expression: '0 * * * *' })).status).toBe(200);
      await workspace.api.ok(workspace.api.delete(`/schedules/${id}?soft=False`));
      expect(await status(`/schedules/${id}`)).toBe(404);
    });
  });

  describe('a code repository', () => {
    it('keeps what an update leaves empty, and where its code comes from', async () => {
      const source = { module: 'm', attribute: 'Repository', type: 'user' };
      const { id } = await made('/code_repositories', { name: unique('repository'), config: { a: 1 }, source, description: 'x' });
      const change = { description: '', config: {}, source: { ...source, module: 'other' }, logo_url: 'l' };
      const updated = await workspace.api.ok(workspace.api.put(`/code_repositories/${id}`, change));
      expect(updated).toMatchObject({ body: { source, logo_url: 'l' }, metadata: { config: { a: 1 }, description: 'x' } });
    });
  });

  describe('a run template', () => {
    it('needs a snapshot that the server could run', async () => {
      const { id: pipeline } = await made('/pipelines', { name: unique('pipeline') });
      const component = async (type: string, flavor: string, configuration: object) =>
        (await workspace.api.ok(workspace.api.post('/components', { name: unique(flavor), type, flavor, configuration }))).id;
      const components = {
        orchestrator: [await component('orchestrator', 'kubernetes', { kubernetes_context: 'remote' })],
        artifact_store: [await component('artifact_store', 's3', { path: 's3://bucket' })],
      };
      const { id: remote } = await workspace.api.ok(workspace.api.post('/stacks', { name: unique('stack'), components }));
      const snapshotOn = async (on: string) => {
        const build = await made('/pipeline_builds', { is_local: false, contains_code: true, pipeline, stack: on });
        return (await made('/pipeline_snapshots', { stack: on, pipeline, build: build.id, run_name_template: 'r', pipeline_configuration: { name: 'p' } })).id;
      };
      const body = { project: workspace.projectId, name: unique('template'), source_snapshot_id: await snapshotOn(stack) };
      expect((await workspace.api.post('/run_templates', body)).status).toBe(400);
      const source_snapshot_id = await snapshotOn(remote);
      const template = await workspace.api.ok(workspace.api.post('/run_templates', { ...body, source_snapshot_id }));
      expect(template.body.runnable).toBe(true);
      expect(template.metadata.config_template).toEqual({ run_name: 'r', steps: {} });
      expect(Object.keys(template.metadata.config_schema.$defs)).toContain('KubernetesOrchestratorSettings');
      expect((await workspace.api.ok(workspace.api.get(`/run_templates?hydrate=True&project=${workspace.projectId}`))).items).toEqual([template]);
      // Whoever looks at snapshots sees it under the template's name.
      expect((await workspace.api.ok(workspace.api.get(`/pipeline_snapshots/${source_snapshot_id}`))).name).toBe(body.name);
      await workspace.api.ok(workspace.api.delete(`/pipeline_snapshots/${source_snapshot_id}`));
      expect((await workspace.api.ok(workspace.api.patch(`/run_templates/${template.id}`, { hidden: true }))).body).toMatchObject({
        runnable: false,
        hidden: true,
      });
    });
  });
});
