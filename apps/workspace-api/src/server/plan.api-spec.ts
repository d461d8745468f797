import { randomUUID } from 'node:crypto';
import { sql } from '#libs/database/sql.js';
import { PipelineClient, step } from '../../test/pipeline.js';
import { attach, type Member, member } from '../../test/pro.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';

const platform = { workspaceId: null, isPlatform: true };
let workspace: TestWorkspace;
let organizationId: string;
let someone: Member;
let project: string;
/** What somebody's client does to run pipelines. */
let client: PipelineClient;

/** An interpreter that does not exist: what is started from the server waits. */
const workloads = { python: '/nowhere/python', sourceRoot: '', timeoutSeconds: 60, memoryMegabytes: null, concurrency: 1, queueLimit: 10, serverUrl: null };

const set = (feature: string, quota: number | null) =>
  workspace.owner.read(
    platform,
    sql`INSERT INTO cloud.entitlement (organization_id, feature, quota) VALUES (${organizationId}, ${feature}, ${quota}) ON CONFLICT (organization_id, feature) DO UPDATE SET quota = excluded.quota`,
  );
const used = async (feature: string) =>
  Number(
    (
      await workspace.owner.read<{ used: string }>(
        platform,
        sql`SELECT used FROM cloud.entitlement WHERE organization_id = ${organizationId} AND feature = ${feature}`,
      )
    )[0]?.used ?? 0,
  );
const create = (path: string) => someone.api.post(path, { name: `x-${randomUUID()}`, project });

beforeAll(async () => {
  workspace = await startWorkspace({ workloads });
  await workspace.installation.serverSideRuns?.stop();
  project = (await workspace.api.ok(workspace.api.get('/projects/default'))).id;
  ({ organizationId } = await attach(workspace));
  someone = await member(workspace, organizationId, 'Workspace Admin');
  client = new PipelineClient({ ...workspace, api: someone.api });
});
afterAll(() => workspace.stop());

describe('the plan of an organization', () => {
  it.each([
    ['pipeline', '/pipelines'],
    ['model', '/models'],
  ])('counts every %s, gives room back for deleted ones, and answers 402 where there is none', async (feature, path) => {
    const before = await used(feature);
    const { id } = await someone.api.ok(create(path));
    expect(await used(feature)).toBe(before + 1);
    await set(feature, before + 1);
    const refused = await create(path);
    expect([refused.status, refused.body.detail[0]]).toEqual([402, 'SubscriptionUpgradeRequiredError']);
    expect(await used(feature)).toBe(before + 1);
    await someone.api.ok(someone.api.delete(`${path}/${id}`));
    // Of several at once only as many pass as there is room.
    const statuses = await Promise.all([create(path), create(path), create(path)].map(async (answer) => (await answer).status));
    expect(statuses.sort()).toEqual([200, 402, 402]);
    await set(feature, null);
    expect((await create(path)).status).toBe(200);
  });

  it('gives room back for everything that goes with a project', async () => {
    const before = await Promise.all(['project', 'pipeline', 'model'].map(used));
    const made = await someone.api.ok(someone.api.post('/projects', { name: unique('p') }));
    for (const path of ['/pipelines', '/pipelines', '/models']) await someone.api.ok(someone.api.post(path, { name: unique('x'), project: made.id }));
    expect(await Promise.all(['project', 'pipeline', 'model'].map(used))).toEqual([1, 2, 1].map((more, i) => (before[i] as number) + more));
    await someone.api.ok(someone.api.delete(`/projects/${made.id}`));
    expect(await Promise.all(['project', 'pipeline', 'model'].map(used))).toEqual(before);
  });

  it('gives nothing back that it never counted', async () => {
    const before = await used('pipeline');
    const { id } = await someone.api.ok(create('/pipelines'));
    await workspace.owner.read(platform, sql`DELETE FROM cloud.usage_event WHERE resource_id = ${id}`);
    await someone.api.ok(someone.api.delete(`/pipelines/${id}`));
    expect(await used('pipeline')).toBe(before + 1);
  });

  it('without room for runs records none, and none counts twice', async () => {
    const snapshot = await client.snapshot();
    const before = await used('pipeline_run');
    const announced = await client.announce(snapshot);
    await client.run(snapshot);
    expect((await someone.api.ok(someone.api.get(`/runs?snapshot_id=${snapshot}`))).items.map((one: { id: string }) => one.id)).toEqual([announced.id]);
    expect(await used('pipeline_run')).toBe(before + 1);
    await set('pipeline_run', before + 1);
    const request = { project, snapshot, name: unique('run'), status: 'running', orchestrator_run_id: unique('orchestrator') };
    const refused = await someone.api.post('/runs', request);
    expect([refused.status, refused.body.detail[0]]).toEqual([402, 'SubscriptionUpgradeRequiredError']);
    expect((await someone.api.ok(someone.api.get(`/runs?snapshot_id=${snapshot}`))).total).toBe(1);
    await set('pipeline_run', null);
    expect((await someone.api.post('/runs', request)).status).toBe(200);
  });

  it('without room for models refuses the run that would make one, and leaves nothing of it', async () => {
    const name = unique('model');
    const configuration = { model: { name } };
    const snapshot = await client.snapshot({ first: step('first') }, {}, configuration);
    const [models, runs] = [await used('model'), await used('pipeline_run')];
    await set('model', models);
    const request = { project, snapshot, name: unique('run'), status: 'running', orchestrator_run_id: unique('orchestrator') };
    expect((await someone.api.post('/runs', request)).status).toBe(402);
    expect([await used('model'), await used('pipeline_run')]).toEqual([models, runs]);
    expect((await someone.api.ok(someone.api.get(`/runs?snapshot_id=${snapshot}`))).total).toBe(0);
    await set('model', null);
    await someone.api.ok(someone.api.post('/runs', request));
    expect(await used('model')).toBe(models + 1);
    expect((await someone.api.ok(someone.api.get(`/models?name=${name}`))).total).toBe(1);
  });

  it('without room for runs of templates starts none from the server', async () => {
    const snapshot = await client.snapshot({ first: step('first') });
    const start = () => someone.api.post(`/pipeline_snapshots/${snapshot}/runs`, {});
    const [runs, templates] = [await used('pipeline_run'), await used('template_run')];
    await set('template_run', templates + 1);
    await someone.api.ok(start());
    expect([await used('pipeline_run'), await used('template_run')]).toEqual([runs + 1, templates + 1]);
    const refused = await start();
    expect([refused.status, refused.text.includes('template_run')]).toEqual([402, true]);
    expect([await used('pipeline_run'), await used('template_run')]).toEqual([runs + 1, templates + 1]);
    await set('template_run', null);
    await someone.api.ok(start());
  });

  it('without room for schedules refuses schedules and triggers, their changes and what they would run', async () => {
    const trigger = { name: 't', project, type: 'schedule', flavor: 'native schedule', active: true, concurrency: 'skip', cron_expression: '0 0 1 1 *' };
    const { id } = await someone.api.ok(someone.api.post('/triggers', { ...trigger, name: 'before' }));
    const snapshot = await client.snapshot({ first: step('first') }, { name: unique('named') });
    const pipeline = await someone.api.ok(create('/pipelines'));
    const orchestrator = (await someone.api.ok(someone.api.get('/components?type=orchestrator'))).items[0].id;
    const schedule = { project, name: 's', active: true, cron_expression: '0 * * * *', orchestrator_id: orchestrator, pipeline_id: pipeline.id };
    await set('schedule', 0);
    for (const [what, request] of [
      ['create trigger', someone.api.post('/triggers', trigger)],
      ['update trigger', someone.api.put(`/triggers/${id}`, { ...trigger, name: 'after' })],
      ['attach trigger', someone.api.put(`/triggers/${id}/pipeline_snapshots/${snapshot}`, {})],
      ['create schedule', someone.api.post('/schedules', schedule)],
    ] as const) {
      const refused = await request;
      expect([what, refused.status, refused.text.includes("'schedule'")]).toEqual([what, 402, true]);
    }
    expect((await someone.api.get(`/triggers/${id}`)).text).toContain('"before"');
    await set('schedule', null);
    expect((await someone.api.post('/schedules', schedule)).status).toBe(200);
  });
});
