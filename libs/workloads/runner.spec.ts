import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KubernetesCluster } from '#libs/testing/kubernetes-cluster.js';
import { KubernetesRunner } from './kubernetes-runner.js';
import { ProcessRunner } from './process-runner.js';
import { NotStarted, type Runner, type RunningWorkload, type WorkloadListener, type WorkloadOrder } from './runner.js';

jest.setTimeout(40_000);

/** Stands in for the client's entrypoint: what it does is in its environment. */
const entrypoint = `
import json, os, subprocess, sys, time
what = os.environ["BEHAVIOUR"]
print("arguments " + " ".join(sys.argv[1:]), flush=True)
if what == "fail":
    sys.exit("something is wrong")
if what == "environment":
    open("file-in-its-folder", "w").close()
    print(json.dumps(dict(os.environ)))
if what == "talk":
    for number in range(200):
        print(f"line {number}", flush=True)
    print("the end", end="")
if what == "wait":
    child = subprocess.Popen(["sleep", "3600"])
    print(f"pids {os.getpid()} {child.pid}", flush=True)
    # Until somebody makes the file.
    while not os.path.exists(os.environ.get("GATE", "/nowhere/gate")):
        time.sleep(0.02)
    child.kill()
    print("let go", flush=True)
if what == "hold the interpreter":
    print(f"pids {os.getpid()}", flush=True)
    import ctypes
    ctypes.PyDLL(None).sleep(3600)
if what == "allocate":
    held = bytearray(1 << 30)
    print("it fits")
`;

const token = 'ey.token-of-the-run';
const scratch = mkdtempSync(path.join(tmpdir(), 'runner-'));
const sourceRoot = path.join(scratch, 'code');
const binaries = path.join(scratch, 'bin');
const image = 'registry.example.com/training:1';
let python: string;

beforeAll(async () => {
  for (const folder of ['zenml/entrypoints']) mkdirSync(path.join(sourceRoot, folder), { recursive: true });
  for (const module of ['zenml/__init__', 'zenml/entrypoints/__init__']) writeFileSync(path.join(sourceRoot, `${module}.py`), '');
  writeFileSync(path.join(sourceRoot, 'zenml/entrypoints/entrypoint.py'), entrypoint);
  python = await outputOf('python3', ['-c', 'import sys; print(sys.executable)']);
  mkdirSync(binaries);
  symlinkSync(python, path.join(binaries, 'python'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function outputOf(program: string, told: string[]): Promise<string> {
  const child = spawn(program, told, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const part of child.stdout) text += part;
  return text.trim();
}

function order(behaviour: string, environment: Record<string, string> = {}): WorkloadOrder {
  return {
    workspaceId: randomUUID(),
    runId: randomUUID(),
    snapshotId: randomUUID(),
    image,
    environment: { BEHAVIOUR: behaviour, ...environment },
    secrets: { ZENML_STORE_API_TOKEN: token },
  };
}

/** Collects what a workload tells. */
class Heard implements WorkloadListener {
  readonly lines: string[] = [];
  readonly reasons: string[] = [];
  #wake: () => void = () => {};

  constructor(readonly keptLines = 0) {}

  output(lines: string[]): void {
    this.lines.push(...lines);
    this.#wake();
  }

  waiting(reason: string): void {
    this.reasons.push(reason);
    this.#wake();
  }

  /** The line that begins so, as soon as it is there. */
  async line(start: string): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => line.startsWith(start));
      if (found) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async pids(): Promise<number[]> {
    return (await this.line('pids ')).split(' ').slice(1).map(Number);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that is over stays in the table until its parent looks.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(isThere: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isThere()) {
    if (Date.now() > deadline) throw new Error('It did not come to that.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

type Setup = {
  runner(options?: { timeoutSeconds?: number }): Runner;
  /** What others could see of a workload while it runs. */
  visible(heard: Heard): Promise<string>;
  /** What is left after a workload. */
  left(): unknown[];
  close(): Promise<void>;
};

async function processSetup(): Promise<Setup> {
  const dataDir = mkdtempSync(path.join(scratch, 'data-'));
  return {
    runner: ({ timeoutSeconds = 50 } = {}) => new ProcessRunner({ python, sourceRoot, dataDir, timeoutSeconds, memoryMegabytes: 512 }),
    visible: async (heard) => (await heard.pids()).map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).join(),
    left: () => readdirSync(dataDir).filter((name) => name !== 'local_stores'),
    close: async () => {},
  };
}

function kubernetesOptions(cluster: KubernetesCluster) {
  return {
    kubeconfig: cluster.kubeconfig,
    namespace: cluster.namespace,
    image: null as string | null,
    imagePullSecrets: ['pull'],
    serviceAccount: null as string | null,
    requests: { cpu: '250m' },
    limits: { memory: '512Mi' },
    nodeSelector: { pool: 'training' },
    tolerations: [{ key: 'gpu', operator: 'Exists' }],
    labels: { team: 'ml' },
    annotations: { 'example.com/cost-center': '17' },
    runAsUser: 1000,
    timeoutSeconds: 50,
    ttlSeconds: 3_600,
    startTimeoutSeconds: 40,
  };
}

function startCluster(): Promise<KubernetesCluster> {
  return KubernetesCluster.start({ images: [image], environment: { PATH: `${binaries}:/usr/bin:/bin`, PYTHONPATH: sourceRoot } });
}

async function kubernetesSetup(): Promise<Setup> {
  const cluster = await startCluster();
  return {
    runner: ({ timeoutSeconds = 50 } = {}) => new KubernetesRunner({ ...kubernetesOptions(cluster), timeoutSeconds }),
    visible: async (heard) => {
      await heard.pids();
      return JSON.stringify([cluster.jobs, cluster.pods]);
    },
    left: () => [...cluster.jobs, ...cluster.pods, ...cluster.secrets],
    close: () => cluster.stop(),
  };
}

describe.each([
  ['process', processSetup],
  ['kubernetes', kubernetesSetup],
])('a workload of the %s runner', (_, set) => {
  let setup: Setup;
  const running: RunningWorkload[] = [];
  beforeAll(async () => {
    setup = await set();
  });
  afterEach(async () => {
    for (const one of running.splice(0)) {
      one.stop();
      await one.finished;
      await one.clean?.();
    }
  });
  afterAll(() => setup.close());

  async function begin(what: WorkloadOrder, options: { timeoutSeconds?: number } = {}): Promise<{ heard: Heard; workload: RunningWorkload }> {
    const heard = new Heard();
    const workload = await setup.runner(options).start(what, heard);
    running.push(workload);
    return { heard, workload };
  }

  it('runs the snapshot, and tells every line of its output once', async () => {
    const what = order('talk');
    const { heard, workload } = await begin(what);
    await expect(workload.finished).resolves.toEqual({ kind: 'exited', code: 0 });
    expect(heard.lines[0]).toMatch(
      new RegExp(`RunnerEntrypointConfiguration --snapshot_id ${what.snapshotId} --run_id ${what.runId} --placeholder_run_id ${what.runId}$`),
    );
    const numbers = Array.from({ length: 200 }, (_, number) => `line ${number}`);
    expect(heard.lines.slice(1)).toEqual([...numbers, 'the end']);
  });

  it('tells the exit code of one that fails, and what it said', async () => {
    const { heard, workload } = await begin(order('fail'));
    await expect(workload.finished).resolves.toEqual({ kind: 'exited', code: 1 });
    expect(heard.lines).toContain('something is wrong');
  });

  it('is ended when its time is over, with all it has started', async () => {
    const { heard, workload } = await begin(order('wait'), { timeoutSeconds: 2 });
    const pids = await heard.pids();
    await expect(workload.finished).resolves.toEqual({ kind: 'timed_out' });
    await until(() => !pids.some(isAlive));
  });

  it('is stopped on request, with all it has started', async () => {
    const { heard, workload } = await begin(order('wait'));
    const pids = await heard.pids();
    workload.stop();
    await expect(workload.finished).resolves.toEqual({ kind: 'stopped' });
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('knows its own environment, and nothing of the server’s', async () => {
    process.env.SECRET_OF_THE_SERVER = 'hidden';
    const { heard, workload } = await begin(order('environment', { ZENML_STORE_URL: 'http://server' }));
    await workload.finished;
    delete process.env.SECRET_OF_THE_SERVER;
    const seen = JSON.parse(await heard.line('{'));
    expect(seen).toMatchObject({ ZENML_STORE_URL: 'http://server', ZENML_STORE_API_TOKEN: token, ZENML_ANALYTICS_OPT_IN: 'false' });
    const unknown = Object.keys(seen).filter(
      (name) => !/^(ZENML_|PYTHON|LC_|LANG$|HOME$|PATH$|TMPDIR$|TZ$|SSL_|REQUESTS_|BEHAVIOUR$|AUTO_OPEN_DASHBOARD$)/.test(name),
    );
    expect(unknown).toEqual([]);
  });

  it('has a token that nobody else sees', async () => {
    const { heard, workload } = await begin(order('wait'));
    expect(await setup.visible(heard)).not.toContain(token);
    workload.stop();
    await workload.finished;
    expect(heard.lines.join('\n')).not.toContain(token);
  });

  it('leaves nothing behind', async () => {
    const { workload } = await begin(order('environment'));
    await workload.finished;
    await workload.clean?.();
    await until(() => setup.left().length === 0);
  });
});

describe('the process runner', () => {
  const runner = (changes: Partial<ConstructorParameters<typeof ProcessRunner>[0]> = {}) =>
    new ProcessRunner({ python, sourceRoot, dataDir: mkdtempSync(path.join(scratch, 'data-')), timeoutSeconds: 50, memoryMegabytes: null, ...changes });

  it('says so when nothing was started', async () => {
    await expect(runner({ python: '/nowhere/python' }).start(order('talk'), new Heard())).rejects.toBeInstanceOf(NotStarted);
  });

  it('gives a process no more memory than is allowed', async () => {
    const allocate = async (memoryMegabytes: number | null) => {
      const heard = new Heard();
      const { finished } = await runner({ memoryMegabytes }).start(order('allocate'), heard);
      return { outcome: await finished, output: heard.lines.join('\n') };
    };
    expect(await allocate(null)).toMatchObject({ outcome: { kind: 'exited', code: 0 }, output: expect.stringContaining('it fits') });
    expect(await allocate(512)).toMatchObject({ outcome: { kind: 'exited', code: 1 }, output: expect.stringContaining('MemoryError') });
  });

  // The server is a process of its own here, on what was built, so that it can be killed.
  it.each(['wait', 'hold the interpreter'])('leaves nothing running when the server is killed (%s)', async (behaviour) => {
    const options = { python, sourceRoot, dataDir: mkdtempSync(path.join(scratch, 'data-')), timeoutSeconds: 50, memoryMegabytes: null };
    const script = `
      const { ProcessRunner } = await import(${JSON.stringify(path.join(__dirname, '../../dist/libs/workloads/process-runner.js'))});
      const listener = { keptLines: 0, output: (lines) => console.log(lines.join('\\n')), waiting() {} };
      await new ProcessRunner(${JSON.stringify(options)}).start(${JSON.stringify(order(behaviour))}, listener);`;
    const server: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const heard = new Heard();
    server.stdout?.on('data', (part) => heard.output(String(part).trimEnd().split('\n')));
    const pids = await heard.pids();
    expect(pids.every(isAlive)).toBe(true);
    server.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
  });
});

describe('the kubernetes runner', () => {
  let cluster: KubernetesCluster;
  beforeEach(async () => {
    cluster = await startCluster();
  });
  afterEach(() => cluster.stop());
  const runner = (changes: Partial<ReturnType<typeof kubernetesOptions>> = {}) => new KubernetesRunner({ ...kubernetesOptions(cluster), ...changes });

  it('goes on after its server, and is found by the next one, which tells only what is new', async () => {
    const what = order('wait', { GATE: path.join(scratch, randomUUID()) });
    const before = new Heard();
    const first = await runner().start(what, before);
    const pids = await before.pids();
    first.detach?.();
    await expect(first.finished).resolves.toEqual({ kind: 'detached' });
    expect(pids.every(isAlive)).toBe(true);
    const after = new Heard(before.lines.length);
    const second = (await runner().find(what, after)) as RunningWorkload;
    writeFileSync(what.environment.GATE as string, '');
    await expect(second.finished).resolves.toEqual({ kind: 'exited', code: 0 });
    expect(after.lines).toEqual(['let go']);
    expect(cluster.jobs).toHaveLength(1);
  });

  it('has one Job for a run, whoever asks and however often', async () => {
    const what = order('wait', { GATE: path.join(scratch, randomUUID()) });
    const [first, second] = await Promise.all([runner().start(what, new Heard()), runner().start(what, new Heard())]);
    const third = await runner().start(what, new Heard());
    writeFileSync(what.environment.GATE as string, '');
    for (const one of [first, second, third]) await expect(one.finished).resolves.toEqual({ kind: 'exited', code: 0 });
    expect([cluster.jobs.length, cluster.pods.length]).toEqual([1, 1]);
  });

  it.each([
    ['POST jobs', false],
    ['POST jobs', true],
    ['POST secrets', false],
    ['POST secrets', true],
  ])('has started nothing when %s fails (carried out: %s), and goes on from there', async (on, isCarriedOut) => {
    cluster.faults.push({ on, status: 500, isCarriedOut });
    const what = order('talk');
    await expect(runner().start(what, new Heard())).rejects.toBeInstanceOf(NotStarted);
    expect(cluster.pods).toEqual([]);
    const { finished } = await runner().start(what, new Heard());
    await expect(finished).resolves.toEqual({ kind: 'exited', code: 0 });
    expect(cluster.jobs).toHaveLength(1);
  });

  it.each([true, false])('finds out whether a Job was let go when the answer is lost (carried out: %s)', async (isCarriedOut) => {
    cluster.faults.push({ on: 'PATCH jobs', status: 500, isCarriedOut });
    const what = order('talk');
    const starting = runner().start(what, new Heard());
    if (!isCarriedOut) {
      await expect(starting).rejects.toBeInstanceOf(NotStarted);
      expect(cluster.pods).toEqual([]);
    } else await expect((await starting).finished).resolves.toEqual({ kind: 'exited', code: 0 });
  });

  it('knows what its crashed server had not started yet', async () => {
    const what = order('talk');
    cluster.faults.push({ on: 'POST secrets', status: 500 });
    await expect(runner().start(what, new Heard())).rejects.toBeInstanceOf(NotStarted);
    await expect(runner().find(what, new Heard())).resolves.toBe('not_started');
    expect([cluster.jobs, cluster.pods]).toEqual([[], []]);
    await expect(runner().find(what, new Heard())).resolves.toBeNull();
  });

  it('keeps up with a cluster whose connections break and whose versions expire', async () => {
    const what = order('wait', { GATE: path.join(scratch, randomUUID()) });
    const heard = new Heard();
    const { finished } = await runner().start(what, heard);
    await heard.pids();
    cluster.interrupt();
    cluster.interrupt({ forget: true });
    writeFileSync(what.environment.GATE as string, '');
    cluster.interrupt({ forget: true });
    await expect(finished).resolves.toEqual({ kind: 'exited', code: 0 });
    expect(heard.lines).toEqual([expect.stringMatching(/^arguments/), expect.stringMatching(/^pids/), 'let go']);
  });

  it.each<[string, (cluster: KubernetesCluster) => void, RegExp]>([
    ['ran out of memory', (it) => it.outOfMemory(it.pods[0] as never), /^It ran out of memory \(the limit is 512Mi\)/],
    ['was evicted', (it) => it.evict(it.pods[0] as never), /^Its pod was taken away: EvictionByEvictionAPI: The machine is needed/],
    ['was deleted by somebody', (it) => it.deleteJob(it.jobs[0]?.metadata?.name as string), /^Its Job was deleted/],
  ])('says that it %s', async (_, happen, reason) => {
    const heard = new Heard();
    const { finished } = await runner().start(order('wait'), heard);
    const pids = await heard.pids();
    happen(cluster);
    await expect(finished).resolves.toEqual({ kind: 'failed', reason: expect.stringMatching(reason) });
    await until(() => !pids.some(isAlive));
  });

  it('says why it does not begin, and gives up in the end', async () => {
    const heard = new Heard();
    const { finished } = await runner({ startTimeoutSeconds: 1 }).start({ ...order('talk'), image: 'nowhere/image:1' }, heard);
    const outcome = await finished;
    expect(heard.reasons).toEqual([expect.stringMatching(/^ImagePullBackOff: /)]);
    expect(outcome).toEqual({ kind: 'failed', reason: expect.stringMatching(/did not start within 1 seconds \(ImagePullBackOff/) });
    expect([cluster.jobs, cluster.pods, cluster.secrets]).toEqual([[], [], []]);
  });

  it('says so when there is no cluster, no right or no image', async () => {
    const starts = [runner({ kubeconfig: '/nowhere/kubeconfig' }), runner({ namespace: 'of-others' })].map((one) => one.start(order('talk'), new Heard()));
    for (const one of starts) await expect(one).rejects.toBeInstanceOf(NotStarted);
    await expect(runner().start({ ...order('talk'), image: null }, new Heard())).rejects.toBeInstanceOf(NotStarted);
    await expect((await runner({ image }).start({ ...order('talk'), image: null }, new Heard())).finished).resolves.toEqual({ kind: 'exited', code: 0 });
  });

  it('makes pods as they were ordered, with no more rights than they need', async () => {
    const what = order('wait');
    const heard = new Heard();
    const workload = await runner().start(what, heard);
    await heard.pids();
    const [job] = cluster.jobs;
    expect(job).toMatchObject({
      metadata: {
        name: `zenml-run-${what.runId}`,
        labels: { team: 'ml', 'zenml.io/run-id': what.runId, 'zenml.io/workspace-id': what.workspaceId },
        annotations: { 'example.com/cost-center': '17' },
      },
      spec: {
        backoffLimit: 0,
        podReplacementPolicy: 'Failed',
        activeDeadlineSeconds: 50,
        ttlSecondsAfterFinished: 3_600,
        template: {
          spec: {
            restartPolicy: 'Never',
            automountServiceAccountToken: false,
            imagePullSecrets: [{ name: 'pull' }],
            nodeSelector: { pool: 'training' },
            tolerations: [{ key: 'gpu', operator: 'Exists' }],
            securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                image,
                resources: { requests: { cpu: '250m' }, limits: { memory: '512Mi' } },
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      },
    });
    expect(cluster.secrets).toEqual([
      expect.objectContaining({
        data: { ZENML_STORE_API_TOKEN: Buffer.from(token).toString('base64') },
        metadata: expect.objectContaining({ ownerReferences: [expect.objectContaining({ kind: 'Job', uid: job?.metadata?.uid })] }),
      }),
    ]);
    workload.stop();
    await workload.finished;
    expect(cluster.secrets).toEqual([]);
    const named = await runner({ serviceAccount: 'trainer' }).start(order('talk'), new Heard());
    expect(cluster.jobs[0]?.spec?.template.spec).toMatchObject({ serviceAccountName: 'trainer', automountServiceAccountToken: true });
    await named.finished;
  });
});
