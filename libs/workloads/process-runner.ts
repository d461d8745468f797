import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { LineSplitter } from './lines.js';
import { entrypointOf, NotStarted, type Runner, type RunningWorkload, type WorkloadListener, type WorkloadOrder, type WorkloadOutcome } from './runner.js';

export type ProcessRunnerOptions = {
  /** The interpreter; `zenml` must be installed for it. */
  python: string;
  /** Folders with the code of pipelines, as in PYTHONPATH; empty: only what is installed. */
  sourceRoot: string;
  /** Where working directories are made, and where local artifact stores without a path of their own keep their files. */
  dataDir: string;
  timeoutSeconds: number;
  /** Address space of a process; null: as much as there is. */
  memoryMegabytes: number | null;
};

/** What a process may know of the server's environment; everything else stays with the server. */
const inherited = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE'];

/** Time between asking a process to end and ending it. */
const graceMs = 10_000;

/**
 * Comes before the entrypoint: limits the memory, and leaves a watcher that ends the whole process group when the server is gone (the pipe on
 * descriptor 3 closes with it), so that a run whose server was killed does not go on while others believe it dead. The watcher is a process, since a
 * thread would have to wait for whatever code holds the interpreter.
 */
const bootstrap = `
import os, runpy, signal, sys
module, megabytes = sys.argv[1], int(sys.argv[2])
if os.fork() == 0:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    try:
        while os.read(3, 1):
            pass
    finally:
        os.killpg(0, signal.SIGKILL)
os.close(3)
if megabytes:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
sys.argv = [module] + sys.argv[3:]
runpy.run_module(module, run_name="__main__", alter_sys=True)
`;

/**
 * Runs workloads as processes on the server's own machine, under its own account. The environment is empty but for what the run needs, and the
 * working directory is the run's own; that keeps runs apart from each other, not from the machine. For code of people who are trusted with it.
 */
export class ProcessRunner implements Runner {
  readonly name = 'process';

  constructor(private readonly options: ProcessRunnerOptions) {}

  async start(order: WorkloadOrder, listener: WorkloadListener): Promise<RunningWorkload> {
    const { python, sourceRoot, dataDir, memoryMegabytes } = this.options;
    const stores = path.join(dataDir, 'local_stores');
    let folder: string;
    try {
      await mkdir(stores, { recursive: true });
      folder = await mkdtemp(path.join(dataDir, `run-${order.runId.slice(0, 8)}-`));
    } catch (cause) {
      throw new NotStarted('The folder for the run could not be made.', { cause });
    }
    const { module, arguments: told } = entrypointOf(order);
    const child = spawn(python, ['-u', '-c', bootstrap, module, String(memoryMegabytes ?? 0), ...told], {
      cwd: folder,
      // A group of its own, so that whatever it starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
        HOME: folder,
        TMPDIR: folder,
        ...(sourceRoot ? { PYTHONPATH: sourceRoot } : {}),
        PYTHONDONTWRITEBYTECODE: '1',
        ZENML_CONFIG_PATH: path.join(folder, '.zenml'),
        ZENML_LOCAL_STORES_PATH: stores,
        ZENML_ANALYTICS_OPT_IN: 'false',
        ZENML_LOGGING_COLORS_DISABLED: 'true',
        ZENML_ENABLE_RICH_TRACEBACK: 'false',
        AUTO_OPEN_DASHBOARD: 'false',
        ...order.environment,
        ...order.secrets,
      },
    });
    const clean = () => rm(folder, { recursive: true, force: true }).catch(() => {});
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => reject(new NotStarted(`'${python}' could not be started.`, { cause })));
    }).catch(async (error) => {
      await clean();
      throw error;
    });
    child.on('error', () => {});
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      const lines = new LineSplitter((some) => listener.output(some));
      stream.on('data', (part: Buffer) => lines.add(part)).on('end', () => lines.end());
    }
    return this.#watch(child, clean);
  }

  #watch(child: ChildProcess, clean: () => Promise<void>): RunningWorkload {
    let because: 'timed_out' | 'stopped' | null = null;
    let killer: NodeJS.Timeout | undefined;
    const end = (why: 'timed_out' | 'stopped') => {
      if (because) return;
      because = why;
      signal(child, 'SIGTERM');
      killer = setTimeout(() => signal(child, 'SIGKILL'), graceMs);
    };
    const limit = setTimeout(() => end('timed_out'), this.options.timeoutSeconds * 1_000);
    const finished = new Promise<WorkloadOutcome>((resolve) => {
      // `exit` rather than `close`: what it has left running holds the pipes open, and is ended here.
      child.once('exit', (code) => {
        clearTimeout(limit);
        clearTimeout(killer);
        signal(child, 'SIGKILL');
        const settle = () => void clean().then(() => resolve(because ? { kind: because } : { kind: 'exited', code }));
        if (child.stdout?.readableEnded && child.stderr?.readableEnded) settle();
        else child.once('close', settle);
      });
    });
    return { finished, stop: () => end('stopped') };
  }
}

/** To the process and all it has started. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, name);
  } catch {
    // Gone already.
  }
}
