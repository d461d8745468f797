import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from '#libs/database/sql.js';
import { KubernetesCluster } from '#libs/testing/kubernetes-cluster.js';
import { startWorkspace, type TestWorkspace, unique } from '../../test/workspace.js';
import { ServerSideRuns, type WorkloadOptions } from './server-side-runs.js';

jest.setTimeout(60_000);

const image = 'registry.example.com/training:1';

/** Stands in for the interpreter of an image: goes on until the file of its run appears, and ends with the code in it. */
const python = `#!/bin/sh
while [ "$1" != --run_id ]; do shift; done
echo "at $ZENML_STORE_URL as run $2"
while [ ! -s "$GATES/$2" ]; do sleep 0.05; done
echo "let go"
exit "$(cat "$GATES/$2")"
`;

describe('a run that the server starts in a cluster', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'cluster-run-'));
  let cluster: KubernetesCluster;
  let workspace: TestWorkspace;
  let snapshot: (image: string) => Promise<string>;
  const workers: ServerSideRuns[] = [];

  beforeAll(async () => {
    writeFileSync(path.join(scratch, 'python'), python);
    chmodSync(path.join(scratch, 'python'), 0o755);
    cluster = await KubernetesCluster.start({ images: [image], environment: { PATH: `${scratch}:/usr/bin:/bin`, GATES: scratch } });
    const workloads: WorkloadOptions = {
      kubernetes: {
        kubeconfig: cluster.kubeconfig,
        namespace: cluster.namespace,
        image: null,
        imagePullSecrets: [],
        serviceAccount: null,
        requests: {},
        limits: { memory: '1Gi' },
        nodeSelector: {},
        tolerations: [],
        labels: {},
        annotations: {},
        runAsUser: 1000,
        ttlSeconds: 600,
        startTimeoutSeconds: 60,
      },
      python: '',
      sourceRoot: '',
      timeoutSeconds: 600,
      memoryMegabytes: null,
      concurrency: 4,
      queueLimit: 10,
      serverUrl: 'http://server.of.{id8}.example.com',
    };
    workspace = await startWorkspace({ workloads });
    snapshot = await maker(workspace);
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((one) => one.stop()));
  });
  afterAll(async () => {
    await workspace?.stop();
    await cluster?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  const get = (id: string) => workspace.api.ok(workspace.api.get(`/runs/${id}`));
  const output = async (id: string): Promise<string[]> =>
    (await workspace.api.ok(workspace.api.get(`/runs/${id}/logs?source=runner`))).flatMap(({ message }: { message: string }) => message.split('\n'));
  const release = (id: string, code = 0) => writeFileSync(path.join(scratch, id), String(code));
  const start = async (): Promise<string> =>
    (await workspace.api.ok(workspace.api.post(`/pipeline_snapshots/${await snapshot(image)}/runs`, { run_configuration: { run_name: unique('run') } }))).id;
  const jobOf = (id: string) => cluster.jobs.find(({ metadata }) => metadata.name === `zenml-run-${id}`);
  const tokenOf = (id: string) => {
    const secret = cluster.secrets.find(({ metadata }) => metadata.name.startsWith(`zenml-run-${id}`));
    return Buffer.from(secret?.data.ZENML_STORE_API_TOKEN, 'base64').toString();
  };

  async function until<T>(look: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
    const deadline = Date.now() + 40_000;
    for (;;) {
      const found = await look();
      if (isThere(found)) return found;
      if (Date.now() > deadline) throw new Error(JSON.stringify(found));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const printed = (id: string) =>
    until(
      () => output(id),
      (lines) => lines.some((line) => line.startsWith('at ')),
    );

  it('runs in the image of its build, with a token that nobody finds elsewhere', async () => {
    const id = await start();
    await printed(id);
    expect((await get(id)).body).toMatchObject({ status: 'initializing', status_reason: expect.stringMatching(/^Running/) });
    expect(jobOf(id)?.spec?.template.spec?.containers[0]).toMatchObject({ image, resources: { limits: { memory: '1Gi' } } });
    const token = tokenOf(id);
    expect((await workspace.api.as(token).get('/current-user')).status).toBe(200);
    expect(JSON.stringify([cluster.jobs, cluster.pods, await output(id)])).not.toContain(token);
    // As the orchestrator elsewhere does.
    await workspace.api.ok(workspace.api.put(`/runs/${id}`, { status: 'running' }));
    release(id);
    await until(
      async () => jobOf(id),
      (job) => !job,
    );
    expect(await output(id)).toEqual([`at http://server.of.${workspace.id.slice(0, 8)}.example.com as run ${id}`, 'let go']);
    expect((await get(id)).body.status).toBe('running');
  });

  it('fails with what its container says', async () => {
    const id = await start();
    release(id, 7);
    const { body } = await until(
      () => get(id),
      (run) => run.body.status === 'failed',
    );
    expect(body.status_reason).toBe('Its process ended with exit code 7.');
  });

  it('says why it waits', async () => {
    const { id } = await workspace.api.ok(workspace.api.post(`/pipeline_snapshots/${await snapshot('nowhere:1')}/runs`, {}));
    await until(
      () => get(id),
      (run) => run.body.status_reason === 'Starting: ImagePullBackOff: Back-off pulling image "nowhere:1"',
    );
    await workspace.api.ok(workspace.api.post(`/runs/${id}/stop`));
    await until(
      () => get(id),
      (run) => run.body.status === 'stopped',
    );
    expect(jobOf(id)).toBeUndefined();
  });

  it('goes on when its server is stopped or lost, and ends once', async () => {
    const { installation, db, id: workspaceId } = workspace;
    const another = () => {
      const made = new ServerSideRuns(installation, installation.options.workloads as WorkloadOptions);
      workers.push(made);
      made.start('');
      return made;
    };
    const id = await start();
    await printed(id);
    await installation.serverSideRuns?.stop();
    const uid = jobOf(id)?.metadata.uid;
    const second = another();
    const holder = async () =>
      (
        await db.read<{ worker: string; status: string }>(
          { workspaceId },
          sql`SELECT worker, status FROM workspace.workload WHERE workspace_id = ${workspaceId} AND run_id = ${id} AND lease_until > (clock_timestamp() AT TIME ZONE 'utc')`,
        )
      )[0]?.worker;
    const first = await until(holder, Boolean);
    // One that dies tells nobody: its lease just ends.
    await second.stop();
    await db.read(
      { workspaceId },
      sql`UPDATE workspace.workload SET worker = 'lost', lease_until = (clock_timestamp() AT TIME ZONE 'utc') - interval '1 second' WHERE workspace_id = ${workspaceId} AND run_id = ${id}`,
    );
    another();
    await until(holder, (worker) => Boolean(worker) && worker !== first && worker !== 'lost');
    expect(jobOf(id)?.metadata.uid).toBe(uid);
    release(id, 3);
    const { body } = await until(
      () => get(id),
      (run) => run.body.status === 'failed',
    );
    expect(body.status_reason).toBe('Its process ended with exit code 3.');
    expect((await output(id)).filter((line) => line === 'let go')).toHaveLength(1);
    expect((await output(id)).filter((line) => line.startsWith('at '))).toHaveLength(1);
  });
});

/** Snapshots of a stack that a cluster can run, with that image. */
async function maker({ api, projectId: project }: TestWorkspace): Promise<(image: string) => Promise<string>> {
  const made = async (address: string, body: Record<string, unknown>) => (await api.ok(api.post(address, body))).id as string;
  const component = (type: string, flavor: string, configuration: object) => made('/components', { name: unique(flavor), type, flavor, configuration });
  const components = {
    orchestrator: [await component('orchestrator', 'kubernetes', { kubernetes_context: 'remote' })],
    artifact_store: [await component('artifact_store', 's3', { path: 's3://bucket' })],
  };
  const stack = await made('/stacks', { name: unique('stack'), components });
  const pipeline = await made('/pipelines', { project, name: unique('pipeline') });
  return async (name) => {
    const build = await made('/pipeline_builds', { project, is_local: false, contains_code: true, pipeline, stack, images: { orchestrator: { image: name } } });
    const config = { name: 'train' };
    const train = {
      spec: { source: { module: 'm', attribute: 'a', type: 'user' }, upstream_steps: [], inputs: {}, invocation_id: 'train' },
      config,
      step_config_overrides: config,
    };
    const body = { project, stack, pipeline, build, run_name_template: '{date}-{time}', pipeline_configuration: { name: 'p' }, step_configurations: { train } };
    return made('/pipeline_snapshots', body);
  };
}
