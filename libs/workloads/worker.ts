import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Runner as DatabaseRunner } from '#libs/database/db.js';
import { NotStarted, type Runner, type RunningWorkload, type WorkloadListener, type WorkloadOrder, type WorkloadOutcome } from './runner.js';
import type { ClaimedWorkload, WorkloadQueue, Written } from './workload-queue.js';

/** What is the matter with a workload that cannot run, however often one tries. The text is for people. */
export class CannotRun extends Error {}

/** What became of a workload. */
export type End = { kind: 'outcome'; outcome: WorkloadOutcome } | { kind: 'failed'; text: string; isNotStarted?: boolean } | { kind: 'lost' };

/** What the worker asks of the application that owns the runs. */
export interface Workloads {
  /** Shows that the run is being started. @returns what to start, or null when the run does not wait for its start any more. @throws CannotRun */
  prepare(workload: ClaimedWorkload): Promise<WorkloadOrder | null>;
  /** Shows why the run does not run yet, though it was handed to the runner. */
  waiting(workload: ClaimedWorkload, reason: string): Promise<void>;
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
  /** How often the queue is looked at where nothing tells that it has changed. */
  longestPauseMs?: number;
};

const maxAttempts = 5;
/** Before the next attempt, by the number of those that failed. */
const retryDelaySeconds = (attempts: number) => 10 * 3 ** (attempts - 1);
/** Of a lease: it is renewed so often that some renewals may be missed. */
const renewalShare = 1 / 6;
/** Of a lease: a worker that could not renew it for so long ends what runs, so that it is over before anybody declares it lost. */
const fenceShare = 1 / 2;
const defaultLongestPauseMs = 30_000;
const shortestPauseMs = 200;
const failurePauseMs = 2_000;
const maxSettleFailures = 4;
/** Output is kept up to here; a run that prints more has logs of its steps for that. */
const maxOutputLength = 4 * 1024 * 1024;
const outputIntervalMs = 500;

/** Takes workloads from the queue and runs them, some at a time, until stopped. Any number of processes may do that with one queue. */
export class Worker {
  readonly #name = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  readonly #running = new Map<string, { done: Promise<void>; stop: () => void; leave: () => void }>();
  #isStopped = false;
  #isLooking = false;
  #isWoken = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #endListening: () => void;

  constructor(private readonly options: WorkerOptions) {
    this.#endListening = options.queue.listen((runId) => (runId ? this.interrupt(runId) : void this.wake()));
    this.#wakeIn(0);
  }

  /** Looks at the queue now: something may have been added. */
  async wake(): Promise<void> {
    this.#isWoken = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#isWoken && !this.#isStopped) {
        this.#isWoken = false;
        while (!this.#isStopped) {
          const workload = await this.options.queue.claim(this.#name, this.#running.size < this.options.concurrency);
          if (!workload) break;
          this.#take(workload);
        }
      }
      if (!this.#isStopped) this.#wakeIn(await this.options.queue.untilNext());
    } catch (error) {
      this.options.log.warn({ err: error, message: 'the queue of runs could not be read; trying again' });
      this.#wakeIn(failurePauseMs);
    } finally {
      this.#isLooking = false;
      // Told so while it asked when to look next.
      if (this.#isWoken && !this.#isStopped) void this.wake();
    }
  }

  /** @param ms null: when somebody says so, or after the longest pause */
  #wakeIn(ms: number | null): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const { longestPauseMs = defaultLongestPauseMs } = this.options;
    // A little later than due, so that it is due by the database's clock, too; and not all processes at once.
    const pauseMs = Math.min(ms === null ? longestPauseMs : ms + shortestPauseMs, longestPauseMs) * (1 + Math.random() / 4);
    this.#timer = setTimeout(() => void this.wake(), pauseMs);
    this.#timer.unref();
  }

  /** Ends a workload that this worker runs without waiting for the next renewal. Others learn it there. */
  interrupt(runId: string): void {
    this.#running.get(runId)?.stop();
  }

  /** Takes nothing more. Leaves what runs to others where they can go on with it, and ends it elsewhere. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#endListening();
    for (const { leave } of this.#running.values()) leave();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #take(workload: ClaimedWorkload): void {
    let wanted: 'go_on' | 'stop' | 'leave' = 'go_on';
    let running: RunningWorkload | null = null;
    const obey = () => {
      if (!running || wanted === 'go_on') return;
      if (wanted === 'leave' && running.detach) running.detach();
      else running.stop();
    };
    const want = (what: 'stop' | 'leave') => {
      wanted = what;
      obey();
    };
    const done = this.#run(workload, (one) => {
      running = one;
      obey();
    })
      .catch((error) => this.options.log.warn({ err: error, message: `the run ${workload.runId} could not be settled; its lease ends soon` }))
      .finally(() => {
        this.#running.delete(workload.runId);
        if (!this.#isStopped) void this.wake();
      });
    this.#running.set(workload.runId, { done, stop: () => want('stop'), leave: () => want('leave') });
  }

  /** Goes on for a while when the database is away: what is known of a run's end shall not be lost with the lease. */
  async #settle(workload: ClaimedWorkload, what: End, settle: (tx: DatabaseRunner) => Promise<boolean>): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        return await this.options.workloads.ended(workload, what, settle);
      } catch (error) {
        if (failures >= maxSettleFailures) throw error;
        this.options.log.warn({ err: error, message: `the end of the run ${workload.runId} could not be recorded; trying again` });
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** failures));
      }
    }
  }

  async #run(workload: ClaimedWorkload, onRunning: (running: RunningWorkload) => void): Promise<void> {
    const { queue, workloads } = this.options;
    const end = (what: End) =>
      this.#settle(workload, what, (tx) => {
        const isDead = what.kind !== 'outcome';
        const error = what.kind === 'failed' ? what.text : isDead ? 'The worker was lost while the run was under way.' : null;
        return queue.end(tx, workload, this.#name, isDead ? 'dead' : 'finished', error, what.kind === 'failed' && what.isNotStarted);
      });
    const begun = workload.isLost ? await this.#find(workload, end) : await this.#start(workload, end);
    if (!begun) return;
    const { running, output } = begun;
    onRunning(running);
    let isOurs = true;
    let isFenced = false;
    const leaseMs = queue.options.leaseSeconds * 1_000;
    let renewedAtMs = performance.now();
    const renew = () => {
      const askedAtMs = performance.now();
      if (askedAtMs - renewedAtMs > leaseMs * fenceShare && !running.detach) {
        isFenced = true;
        running.stop();
      }
      return queue.renew(workload, this.#name).then(
        (answer) => {
          renewedAtMs = askedAtMs;
          if (answer === 'go_on') return;
          isOurs = answer !== 'drop';
          // What is another worker's by now must not be ended where that one follows it.
          if (!isOurs && running.detach) running.detach();
          else running.stop();
        },
        (error) => this.options.log.warn({ err: error, message: 'a lease could not be renewed; trying again' }),
      );
    };
    const renewal = setInterval(renew, leaseMs * renewalShare);
    // One that was found may have been told to stop while nobody followed it.
    if (workload.isLost) await renew();
    const show = () =>
      workloads.started(workload).catch((error) => this.options.log.warn({ err: error, message: `the run ${workload.runId} could not be shown as running` }));
    if (running.begun) void running.begun.then(show);
    else await show();
    const outcome = await running.finished;
    clearInterval(renewal);
    await output.close();
    if (!isOurs) return;
    if (outcome.kind === 'detached') return queue.release(workload, this.#name);
    if (isFenced) return end({ kind: 'failed', text: 'The server lost its database while the run was under way.' });
    const isCutOff = this.#isStopped && outcome.kind === 'stopped';
    await end(isCutOff ? { kind: 'failed', text: 'The server was stopped while the run was under way.' } : { kind: 'outcome', outcome });
    await running.clean?.();
  }

  async #start(workload: ClaimedWorkload, end: (what: End) => Promise<void>): Promise<Begun | null> {
    const { queue, runner, workloads } = this.options;
    if (workload.attempts > maxAttempts) {
      // Its workers were lost, one after the other, before they could start it.
      await end({ kind: 'failed', text: 'The run could not be started.', isNotStarted: true });
      return null;
    }
    let output: Output | null = null;
    try {
      const order = await workloads.prepare(workload);
      if (order && this.#isStopped) {
        await queue.postpone(workload, this.#name, 0, 'The server was stopped.');
        return null;
      }
      if (!order || !(await queue.start(workload, this.#name))) {
        await end({ kind: 'outcome', outcome: { kind: 'stopped' } });
        return null;
      }
      output = await this.#outputOf(workload);
      return { running: await runner.start(order, this.#listener(workload, output)), output };
    } catch (error) {
      await output?.close();
      if (error instanceof CannotRun) {
        await end({ kind: 'failed', text: error.message, isNotStarted: true });
        return null;
      }
      this.options.log.warn({ err: error, message: `the run ${workload.runId} could not be started` });
      // Whatever failed before the runner was asked, or what the runner is sure about, has started nothing.
      const isSafe = output === null || error instanceof NotStarted;
      // Whoever takes it when this lease is over finds out whether it runs.
      if (!isSafe && runner.find) return null;
      if (!isSafe || workload.attempts >= maxAttempts) await end({ kind: 'failed', text: 'The run could not be started.', isNotStarted: isSafe });
      else await queue.postpone(workload, this.#name, retryDelaySeconds(workload.attempts), reasonOf(error));
      return null;
    }
  }

  /** What a lost worker had started, if it is still there. */
  async #find(workload: ClaimedWorkload, end: (what: End) => Promise<void>): Promise<Begun | null> {
    const { queue, runner } = this.options;
    const output = await this.#outputOf(workload);
    const running =
      (await runner.find?.(workload, this.#listener(workload, output)).catch(async (error) => {
        await output.close();
        throw error;
      })) ?? null;
    if (running !== null && running !== 'not_started') return { running, output };
    await output.close();
    if (running === null) await end({ kind: 'lost' });
    else await queue.postpone(workload, this.#name, 0, 'Its worker was lost before it was started.');
    return null;
  }

  async #outputOf(workload: ClaimedWorkload): Promise<Output> {
    return new Output(this.options.queue, this.#name, workload, await this.options.queue.written(workload), this.options.log);
  }

  #listener(workload: ClaimedWorkload, output: Output): WorkloadListener {
    return {
      keptLines: output.keptLines,
      output: (lines) => output.add(lines),
      waiting: (reason) =>
        void this.options.workloads
          .waiting(workload, reason)
          .catch((error) => this.options.log.warn({ err: error, message: `the run ${workload.runId} could not be shown as waiting` })),
    };
  }
}

/** What people read about an attempt that failed. */
function reasonOf(error: unknown): string {
  return error instanceof NotStarted ? error.message : 'The run could not be prepared.';
}

type Begun = { running: RunningWorkload; output: Output };

/** Writes lines in parts, a few times a second, in their order. */
class Output {
  #lines: string[] = [];
  #part: number;
  #length: number;
  /** What earlier workers have kept. */
  readonly keptLines: number;
  #writing: Promise<void> = Promise.resolve();
  readonly #timer = setInterval(() => this.#flush(), outputIntervalMs);

  constructor(
    private readonly queue: WorkloadQueue,
    private readonly worker: string,
    private readonly workload: ClaimedWorkload,
    written: Written,
    private readonly log: WorkerLog,
  ) {
    this.#part = written.parts;
    this.#length = written.length;
    this.keptLines = written.lines;
  }

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
      .then(() => this.queue.write(this.workload, this.worker, part, text))
      .catch((error) => this.log.warn({ err: error, message: `output of the run ${this.workload.runId} could not be kept` }));
  }
}
