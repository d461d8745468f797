import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { type KubernetesApi, KubernetesError, pause } from './kubernetes-api.js';
import { podGraceSeconds } from './kubernetes-job.js';
import { hasBegun, isOver, outcomeOf, waitingReason } from './kubernetes-outcome.rules.js';
import { LineSplitter } from './lines.js';
import type { RunningWorkload, WorkloadListener, WorkloadOutcome } from './runner.js';

/** How long a Job that is to go may take for it: a machine that is gone never says that its pods are over. */
const removalMs = podGraceSeconds * 1_000 + 60_000;

/** How long the last lines may take after a Job is over. */
const lastLinesMs = podGraceSeconds * 1_000 + 5_000;

const retryMs = 1_000;

/** A Job that was let go, followed until it is over. */
export class RunningJob implements RunningWorkload {
  readonly finished: Promise<WorkloadOutcome>;
  readonly begun: Promise<void>;
  #pod: V1Pod | null = null;
  #waiting: string | null = null;
  /** What this process has decided about it, before the cluster says that it is over. */
  #verdict: WorkloadOutcome | null = null;
  #setOutcome!: (outcome: WorkloadOutcome) => void;
  #setBegun!: () => void;
  #reading: Promise<void> | null = null;
  #ending: Promise<void> | null = null;
  #removing: Promise<void> | null = null;
  readonly #startTimer: NodeJS.Timeout;
  /** Ends the watches, then the log. */
  readonly #watching = new AbortController();
  readonly #logging = new AbortController();

  constructor(
    private readonly api: KubernetesApi,
    private readonly job: V1Job,
    private readonly runId: string,
    private readonly listener: WorkloadListener,
    startTimeoutSeconds: number,
  ) {
    const outcome = new Promise<WorkloadOutcome>((resolve) => (this.#setOutcome = resolve));
    this.begun = new Promise((resolve) => (this.#setBegun = resolve));
    this.finished = outcome.then((one) => this.#close(one));
    const since = (job.status?.startTime ?? job.metadata?.creationTimestamp ?? new Date()).getTime();
    const notBegun = () => {
      const why = this.#waiting ? ` (${this.#waiting})` : '';
      this.#remove({ kind: 'failed', reason: `Its pod did not start within ${startTimeoutSeconds} seconds${why}.` });
    };
    this.#startTimer = setTimeout(notBegun, Math.max(0, since + startTimeoutSeconds * 1_000 - Date.now()));
    void api.observeJob(job.metadata?.name ?? '', this.#watching.signal, (one) => this.#seeJob(one));
    void api.observePod(runId, this.#watching.signal, (one) => this.#seePod(one));
  }

  stop(): void {
    this.#remove({ kind: 'stopped' });
  }

  detach(): void {
    this.#setOutcome({ kind: 'detached' });
  }

  async clean(): Promise<void> {
    // The cluster removes it later where this fails.
    await this.api.deleteJob(this.job, { isForeground: false }).catch(() => {});
  }

  #seeJob(job: V1Job | null): void {
    // One of the same name that came after it is another one.
    if (!job || job.metadata?.uid !== this.job.metadata?.uid) this.#setOutcome(this.#verdict ?? { kind: 'failed', reason: 'Its Job was deleted.' });
    // What is to go is over when it is gone.
    else if (!this.#verdict && outcomeOf(job, null)) this.#ending ??= this.#end(job);
  }

  /** The Job may be known to be over before its pod is. */
  async #end(job: V1Job): Promise<void> {
    const pod = await this.api.podOf(this.runId).catch(() => null);
    this.#seePod(pod);
    this.#setOutcome(outcomeOf(job, pod ?? this.#pod) as WorkloadOutcome);
  }

  #seePod(pod: V1Pod | null): void {
    if (!pod) return;
    this.#pod = pod;
    if (hasBegun(pod)) {
      clearTimeout(this.#startTimer);
      this.#setBegun();
      this.#reading ??= this.#read(pod.metadata?.name ?? '');
      return;
    }
    const reason = waitingReason(pod);
    if (reason && reason !== this.#waiting) this.listener.waiting(reason);
    this.#waiting = reason;
  }

  #remove(verdict: WorkloadOutcome): void {
    this.#verdict ??= verdict;
    this.#removing ??= this.#delete();
  }

  async #delete(): Promise<void> {
    const { signal } = this.#watching;
    const limit = Date.now() + removalMs;
    while (!signal.aborted) {
      try {
        await this.api.deleteJob(this.job, { isForeground: true });
        await pause(limit - Date.now(), signal);
        return this.#setOutcome(this.#verdict as WorkloadOutcome);
      } catch {
        await pause(retryMs, signal);
      }
    }
  }

  /** The log as far as it is not kept yet. Connections break, so it is read again until the pod is over, and then once more for its end. */
  async #read(pod: string): Promise<void> {
    const { signal } = this.#logging;
    let kept = this.listener.keptLines;
    let isLast = false;
    while (!signal.aborted) {
      let toSkip = kept;
      const tell = (lines: string[]) => {
        const fresh = lines.slice(toSkip);
        toSkip = Math.max(0, toSkip - lines.length);
        kept += fresh.length;
        if (fresh.length > 0) this.listener.output(fresh);
      };
      const splitter = new LineSplitter(tell);
      try {
        for await (const part of this.api.log(pod, !isLast, signal)) splitter.add(part);
        // What comes before its end of line may go on where the connection broke.
        if (isLast && !signal.aborted) splitter.end();
      } catch (error) {
        if ((error as KubernetesError).code === 404) return;
      }
      if (isLast || signal.aborted) return;
      const now = await this.api.readPod(pod).catch((error: KubernetesError) => error);
      if (now === null) return;
      isLast = !(now instanceof KubernetesError) && isOver(now);
      if (!isLast) await pause(retryMs, signal);
    }
  }

  async #close(outcome: WorkloadOutcome): Promise<WorkloadOutcome> {
    clearTimeout(this.#startTimer);
    this.#watching.abort();
    if (outcome.kind !== 'detached' && this.#reading) await Promise.race([this.#reading, pause(lastLinesMs, this.#logging.signal)]);
    this.#logging.abort();
    await this.#reading;
    return outcome;
  }
}
