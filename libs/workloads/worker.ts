import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Runner as DatabaseRunner } from '#libs/database/db.js';
import { NotStarted, type Runner, type RunningWorkload, type WorkloadOrder, type WorkloadOutcome } from './runner.js';
import type { ClaimedWorkload, WorkloadQueue } from './workload-queue.js';

/** What is the matter with a workload that cannot run, however often one tries. The text is for people. */
export class CannotRun extends Error {}

/** What became of a workload. */
export type End = { kind: 'outcome'; outcome: WorkloadOutcome } | { kind: 'failed'; text: string } | { kind: 'lost' };

/** What the worker asks of the application that owns the runs. */
export interface Workloads {
  /** Shows that the run is being started. @returns what to start, or null when the run does not wait for its start any more. @throws CannotRun */
  prepare(workload: ClaimedWorkload): Promise<WorkloadOrder | null>;
  /** Shows that the run is under way. */
  started(workload: ClaimedWorkload): Promise<void>;
  /** Gives the run its end, in the transaction in which `settle` takes the workload from the queue; nothing when that says false. */
  ended(workload: ClaimedWorkload, end: End, settle: (tx: DatabaseRunner) => Promise<boolean>): Promise<void>;
}

export type WorkerLog = { warn(message: object | string): void };

export type WorkerOptions = {
  queue: WorkloadQueue;
  runner: Runner;
  workloads: Workloads;
  /** Workloads at a time. */
  concurrency: number;
  log: WorkerLog;
  /** How often the queue is looked at and leases are renewed. */
  intervalMs?: number;
};

const maxAttempts = 5;
const renewalMs = 5_000;
/** Output is kept up to here; a run that prints more has logs of its steps for that. */
const maxOutputLength = 4 * 1024 * 1024;
const outputIntervalMs = 500;

/** Takes workloads from the queue and runs them, some at a time, until stopped. Any number of processes may do that with one queue. */
export class Worker {
  readonly #name = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  readonly #running = new Map<string, { done: Promise<void>; stop: () => void }>();
  #isStopped = false;
  #isLooking = false;
  #isWoken = false;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly options: WorkerOptions) {
    this.#timer = setInterval(() => void this.wake(), options.intervalMs ?? 1_000);
    this.#timer.unref();
  }

  /** Looks at the queue now: something may have been added. */
  async wake(): Promise<void> {
    this.#isWoken = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#isWoken && !this.#isStopped) {
        this.#isWoken = false;
        while (!this.#isStopped && this.#running.size < this.options.concurrency) {
          const workload = await this.options.queue.claim(this.#name);
          if (!workload) break;
          this.#take(workload);
        }
      }
    } catch (error) {
      this.options.log.warn({ err: error, message: 'the queue of runs could not be read; trying again' });
    } finally {
      this.#isLooking = false;
    }
  }

  /** Ends a workload that this worker runs without waiting for the next renewal. Others learn it there. */
  interrupt(runId: string): void {
    this.#running.get(runId)?.stop();
  }

  /** Takes nothing more, and ends what runs: nobody else could go on with it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const { stop } of this.#running.values()) stop();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #take(workload: ClaimedWorkload): void {
    let isInterrupted = false;
    let running: RunningWorkload | null = null;
    const stop = () => {
      isInterrupted = true;
      running?.stop();
    };
    const done = this.#run(workload, (one) => {
      running = one;
      if (isInterrupted) one.stop();
    })
      .catch((error) => this.options.log.warn({ err: error, message: `the run ${workload.runId} could not be settled; its lease ends soon` }))
      .finally(() => {
        this.#running.delete(workload.runId);
        if (!this.#isStopped) void this.wake();
      });
    this.#running.set(workload.runId, { done, stop });
  }

  async #run(workload: ClaimedWorkload, onRunning: (running: RunningWorkload) => void): Promise<void> {
    const { queue, runner, workloads } = this.options;
    const end = (what: End) =>
      workloads.ended(workload, what, (tx) => {
        const isDead = what.kind !== 'outcome';
        return queue.end(tx, workload, this.#name, isDead ? 'dead' : 'finished', what.kind === 'failed' ? what.text : isDead ? 'lost' : null);
      });
    if (workload.isLost) return end({ kind: 'lost' });
    let output: Output | null = null;
    let running: RunningWorkload;
    try {
      const order = await workloads.prepare(workload);
      if (!order) return end({ kind: 'outcome', outcome: { kind: 'stopped' } });
      if (this.#isStopped) return queue.postpone(workload, this.#name, 0, 'The server was stopped.');
      if (!(await queue.start(workload, this.#name))) return end({ kind: 'outcome', outcome: { kind: 'stopped' } });
      const written = new Output(queue, workload, this.options.log);
      output = written;
      running = await runner.start(order, (lines) => written.add(lines));
    } catch (error) {
      await output?.close();
      if (error instanceof CannotRun) return end({ kind: 'failed', text: error.message });
      this.options.log.warn({ err: error, message: `the run ${workload.runId} could not be started` });
      // Whatever failed before the runner was asked, or what the runner is sure about, has started nothing.
      const isSafe = output === null || error instanceof NotStarted;
      if (!isSafe || workload.attempts >= maxAttempts) return end({ kind: 'failed', text: 'The run could not be started.' });
      return queue.postpone(workload, this.#name, 2 ** workload.attempts, (error as Error).message);
    }
    onRunning(running);
    let isOurs = true;
    const renewal = setInterval(() => {
      queue.renew(workload, this.#name).then(
        (answer) => {
          if (answer === 'go_on') return;
          isOurs = answer !== 'drop';
          running.stop();
        },
        (error) => this.options.log.warn({ err: error, message: 'a lease could not be renewed; trying again' }),
      );
    }, renewalMs);
    await workloads
      .started(workload)
      .catch((error) => this.options.log.warn({ err: error, message: `the run ${workload.runId} could not be shown as running` }));
    const outcome = await running.finished;
    clearInterval(renewal);
    await output.close();
    if (!isOurs) return;
    const isCutOff = this.#isStopped && outcome.kind === 'stopped';
    await end(isCutOff ? { kind: 'failed', text: 'The server was stopped while the run was under way.' } : { kind: 'outcome', outcome });
  }
}

/** Writes lines in parts, a few times a second, in their order. */
class Output {
  #lines: string[] = [];
  #part = 0;
  #length = 0;
  #writing: Promise<void> = Promise.resolve();
  readonly #timer = setInterval(() => this.#flush(), outputIntervalMs);

  constructor(
    private readonly queue: WorkloadQueue,
    private readonly workload: ClaimedWorkload,
    private readonly log: WorkerLog,
  ) {}

  add(lines: string[]): void {
    for (const line of lines) {
      if (this.#length > maxOutputLength) return;
      this.#length += line.length;
      // PostgreSQL keeps no zero bytes in text.
      this.#lines.push(this.#length > maxOutputLength ? 'The rest of the output is not kept.' : line.replaceAll('\0', ''));
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    const text = this.#lines.join('\n');
    const part = this.#part++;
    this.#lines = [];
    this.#writing = this.#writing
      .then(() => this.queue.write(this.workload, part, text))
      .catch((error) => this.log.warn({ err: error, message: `output of the run ${this.workload.runId} could not be kept` }));
  }
}
