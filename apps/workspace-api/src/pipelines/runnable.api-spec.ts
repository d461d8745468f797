import { sql } from '#libs/database/sql.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';
import type { WorkloadOptions } from '../workloads/server-side-runs.js';

const process: WorkloadOptions = {
  // Nothing ever starts: what may be started is looked at.
  python: '/nowhere/python',
  sourceRoot: '',
  timeoutSeconds: 60,
  memoryMegabytes: null,
  concurrency: 1,
  queueLimit: 100,
  serverUrl: null,
};
const kubernetes: WorkloadOptions = {
  ...process,
  kubernetes: {
    kubeconfig: '/nowhere/kubeconfig',
    namespace: 'runs',
    image: null,
    imagePullSecrets: [],
    serviceAccount: null,
    requests: {},
    limits: {},
    nodeSelector: {},
    tolerations: [],
    labels: {},
    annotations: {},
    runAsUser: 1000,
    ttlSeconds: 60,
    startTimeoutSeconds: 60,
  },
};

const nothing = {
  local: false,
  'local, with images': false,
  remote: false,
  'remote, with images': false,
  'remote, images of one machine': false,
  'custom flavor, with images': false,
  'stack changed since': false,
  'no stack': false,
  'images of a stack that is gone': false,
};

/** By what is special about snapshots, which ones a server can run. Without a runner it says what the original says, which looks at the images only. */
const truth: Record<string, Record<string, boolean>> = {
  none: {
    ...nothing,
    'local, with images': true,
    'remote, with images': true,
    'custom flavor, with images': true,
    'stack changed since': true,
    'no stack': true,
  },
  process: {
    ...nothing,
    local: true,
    'local, with images': true,
    'remote, with images': true,
    'custom flavor, with images': true,
    'images of a stack that is gone': true,
  },
  kubernetes: { ...nothing, 'remote, with images': true },
};

describe.each([
  ['none', null],
  ['process', process],
  ['kubernetes', kubernetes],
])('what a server with this runner says it can run: %s', (name, workloads) => {
  let workspace: TestWorkspace;
  const snapshots = new Map<string, string>();
  beforeAll(async () => {
    workspace = await startWorkspace({ workloads });
    await workspace.installation.serverSideRuns?.stop();
    for (const [what, id] of await makeSnapshots(workspace)) snapshots.set(what, id);
  });
  afterAll(() => workspace.stop());
  const expected = truth[name] as Record<string, boolean>;
  const ids = (wanted: boolean) => Object.keys(expected).flatMap((what) => (expected[what] === wanted ? [snapshots.get(what)] : []));

  it('is in its documents and filters, at the same number of statements', async () => {
    const { api, db } = workspace;
    const said: Record<string, boolean> = {};
    for (const [what, id] of snapshots) said[what] = (await api.ok(api.get(`/pipeline_snapshots/${id}`))).body.runnable;
    expect(said).toEqual(expected);
    const list = async (query: string) => (await api.ok(api.get(`/pipeline_snapshots?size=100${query}`))).items.map(({ id }: { id: string }) => id).sort();
    expect(await list('&runnable=true')).toEqual(ids(true).sort());
    const statements = async (query: string) => {
      db.forgetKept();
      const before = db.statements;
      await list(query);
      return db.statements - before;
    };
    expect(await statements('&runnable=true')).toBe(await statements('&name=nobody'));
  });

  it('is what it does', async () => {
    const { api } = workspace;
    const did: Record<string, boolean> = {};
    const reasons: string[] = [];
    for (const [what, id] of snapshots) {
      const { status, body } = await api.post(`/pipeline_snapshots/${id}/runs`, { run_configuration: { run_name: unique('run') } });
      if (!workloads) expect(status).toBe(501);
      did[what] = status === 200;
      if (status !== 200) reasons.push(body.detail[1]);
    }
    if (!workloads) return;
    expect(did).toEqual(expected);
    // Each says something else, but for the two that lack images.
    expect(new Set(reasons).size).toBe(name === 'process' ? 4 : 7);
  });
});

async function makeSnapshots(workspace: TestWorkspace): Promise<[string, string][]> {
  const { api, projectId: project } = workspace;
  const made = async (path: string, body: Record<string, unknown>) => (await api.ok(api.post(path, body))).id as string;
  const pipeline = await made('/pipelines', { project, name: unique('pipeline') });
  const component = (type: string, flavor: string, configuration = {}) => made('/components', { name: unique(flavor), type, flavor, configuration });
  const stackOf = async (orchestrator: string, store: string) =>
    made('/stacks', { name: unique('stack'), components: { orchestrator: [orchestrator], artifact_store: [store] } });
  const far = () => component('orchestrator', 'kubernetes', { kubernetes_context: 'remote' });
  const store = await component('artifact_store', 's3', { path: 's3://bucket' });
  const local = (await api.ok(api.get('/stacks?name=default'))).items[0].id as string;
  const remote = await stackOf(await far(), store);

  const build = (stack: string | null, more = {}) =>
    made('/pipeline_builds', { project, is_local: false, contains_code: true, pipeline, stack, images: { orchestrator: { image: 'i' } }, ...more });
  const snapshot = async (stack: string, builtWith: string | null) =>
    made('/pipeline_snapshots', {
      project,
      stack,
      pipeline,
      build: builtWith,
      run_name_template: 'r-{date}-{time}',
      pipeline_configuration: { name: 'p' },
      step_configurations: {},
    });

  await made('/flavors', { name: 'our-own', type: 'orchestrator', config_schema: {}, source: 'our.module.Flavor', integration: null, is_custom: true });
  const custom = await stackOf(await component('orchestrator', 'our-own'), store);
  const gone = await stackOf(await far(), store);
  const passing = await stackOf(await far(), store);
  const orphan = await snapshot(remote, await build(passing));
  const stackless = await snapshot(gone, await build(remote));
  await api.ok(api.delete(`/stacks/${passing}`));
  await workspace.db.read(
    { workspaceId: workspace.id },
    sql`UPDATE workspace.pipeline_snapshot SET stack_id = NULL WHERE workspace_id = ${workspace.id} AND id = ${stackless}`,
  );
  // The checksum is what the package computes for a stack that needs the integrations kubernetes and s3.
  return [
    ['local', await snapshot(local, null)],
    ['local, with images', await snapshot(local, await build(local))],
    ['remote', await snapshot(remote, null)],
    ['remote, with images', await snapshot(remote, await build(remote, { stack_checksum: '3509a262e1bb5cd89a636f658e603bb9' }))],
    ['remote, images of one machine', await snapshot(remote, await build(remote, { is_local: true }))],
    ['custom flavor, with images', await snapshot(custom, await build(custom))],
    ['stack changed since', await snapshot(remote, await build(remote, { stack_checksum: '0'.repeat(32) }))],
    ['no stack', stackless],
    ['images of a stack that is gone', orphan],
  ];
}
