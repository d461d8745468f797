import path from 'node:path';
import { Logger } from '@nestjs/common';
import { Access } from '#libs/access/access.js';
import type { Runner as DatabaseRunner, Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import type { ExecutionStatus } from '#libs/wire/models/enums.js';
import { KubernetesRunner, type KubernetesRunnerOptions } from '#libs/workloads/kubernetes-runner.js';
import { ProcessRunner } from '#libs/workloads/process-runner.js';
import type { Runner, WorkloadOrder } from '#libs/workloads/runner.js';
import { CannotRun, type End, Worker, type Workloads } from '#libs/workloads/worker.js';
import { type ClaimedWorkload, defaultLeaseSeconds, WorkloadQueue } from '#libs/workloads/workload-queue.js';
import type { Installation } from '../installation.js';
import type { RunnerName } from '../pipelines/runnable.js';
import { lockRun, updateRunStatus } from '../runs/run-status.js';
import { isFinished, isPlaceholder } from '../runs/status.rules.js';
import { assertRunnable, loadSource } from './source-snapshot.js';

export type WorkloadOptions = {
  /** Runs are Jobs of a cluster; without it they are processes of this machine. */
  kubernetes?: Omit<KubernetesRunnerOptions, 'timeoutSeconds'> | null;
  python: string;
  sourceRoot: string;
  timeoutSeconds: number;
  memoryMegabytes: number | null;
  /** At a time, in this process. */
  concurrency: number;
  /** At a time in one workspace, over all processes. */
  concurrencyPerWorkspace?: number;
  /** How long a worker has to say that it is still there. */
  leaseSeconds?: number;
  /** Runs that may wait, per workspace. */
  queueLimit: number;
  /** Where workloads reach the server; null: at the address of the workspace, or where this process listens. */
  serverUrl: string | null;
};

export const defaultConcurrencyPerWorkspace = 10;

/** What the token of a run outlives the run's time by. */
const tokenMarginSeconds = 600;

/** The runs that the server starts: their queue, and this process's part in working it off. */
export class ServerSideRuns implements Workloads {
  readonly queue: WorkloadQueue;
  #worker: Worker | null = null;
  #address = '';

  constructor(
    private readonly installation: Installation,
    readonly options: WorkloadOptions,
  ) {
    const { concurrencyPerWorkspace: mostPerWorkspace = defaultConcurrencyPerWorkspace, leaseSeconds = defaultLeaseSeconds } = options;
    this.queue = new WorkloadQueue(installation.db, { mostPerWorkspace, leaseSeconds });
  }

  /** @param address where this process listens */
  start(address: string): void {
    this.#address = address;
    const { concurrency } = this.options;
    this.#worker = new Worker({ queue: this.queue, runner: this.#runner(), workloads: this, concurrency, log: new Logger('workloads') });
    this.wake();
  }

  #runner(): Runner {
    const { kubernetes, python, sourceRoot, timeoutSeconds, memoryMegabytes } = this.options;
    if (kubernetes) return new KubernetesRunner({ ...kubernetes, timeoutSeconds });
    const dataDir = path.resolve(this.installation.options.dataDir, 'workloads');
    return new ProcessRunner({ python, sourceRoot, timeoutSeconds, memoryMegabytes, dataDir });
  }

  get runnerName(): RunnerName {
    return this.options.kubernetes ? 'kubernetes' : 'process';
  }

  /** Whether there is an image for runs whose snapshot has none. */
  get hasImage(): boolean {
    return Boolean(this.options.kubernetes?.image);
  }

  async stop(): Promise<void> {
    await this.#worker?.stop();
  }

  /** Does not wait: the queue is worked off meanwhile. */
  wake(): void {
    void this.#worker?.wake();
  }

  /** Asks for the end of a run that the server has started; see {@link WorkloadQueue.stop}. */
  async requestStop(tx: Tx, workspaceId: string, runId: string): Promise<'removed' | 'asked' | null> {
    const answer = await this.queue.stop(tx, workspaceId, runId);
    if (answer === 'asked') tx.afterCommit(() => this.#worker?.interrupt(runId));
    return answer;
  }

  async prepare(workload: ClaimedWorkload): Promise<WorkloadOrder | null> {
    const { workspaceId, runId, snapshotId, userId } = workload;
    const caller = callerOf(workspaceId);
    const [run] = await this.installation.db.read<{ status: string; project_id: string }>(
      caller,
      sql`UPDATE workspace.pipeline_run SET status_reason = 'Starting: preparing the process.' WHERE workspace_id = ${workspaceId} AND id = ${runId} AND status = 'initializing' RETURNING status, project_id`,
    );
    if (!run) return null;
    if (!userId) throw new CannotRun('The account that started the run does not exist any more.');
    const snapshot = await loadSource({ query: (query) => this.installation.db.read(caller, query) }, caller, snapshotId, this.runnerName);
    try {
      assertRunnable(snapshot, this);
    } catch (error) {
      if (error instanceof Problem) throw new CannotRun(error.message);
      throw error;
    }
    const { token } = this.installation.tokens.sign(
      workspaceId,
      { sub: userId, pipeline_run_id: runId, ...workload.binding },
      { lifetimeSeconds: this.options.timeoutSeconds + tokenMarginSeconds },
    );
    return {
      workspaceId,
      runId,
      snapshotId,
      image: snapshot.image,
      environment: {
        ZENML_STORE_URL: this.#urlOf(workspaceId),
        ZENML_STORE_TYPE: 'rest',
        ZENML_STORE_VERIFY_SSL: 'true',
        ZENML_ACTIVE_PROJECT_ID: run.project_id,
        ZENML_ACTIVE_STACK_ID: snapshot.stack_id as string,
        ...(snapshot.client_version ? { ZENML_VERSION: snapshot.client_version } : {}),
      },
      secrets: { ZENML_STORE_API_TOKEN: token },
    };
  }

  async waiting({ workspaceId, runId }: ClaimedWorkload, reason: string): Promise<void> {
    await this.installation.db.read(
      { workspaceId },
      sql`UPDATE workspace.pipeline_run SET status_reason = ${`Starting: ${reason}`.slice(0, 255)} WHERE workspace_id = ${workspaceId} AND id = ${runId} AND status = 'initializing'`,
    );
  }

  async started({ workspaceId, runId }: ClaimedWorkload): Promise<void> {
    await this.installation.db.read(
      { workspaceId },
      sql`UPDATE workspace.pipeline_run SET status_reason = 'Running: its process was started.' WHERE workspace_id = ${workspaceId} AND id = ${runId} AND status = 'initializing'`,
    );
  }

  async ended({ workspaceId, runId }: ClaimedWorkload, end: End, settle: (tx: DatabaseRunner) => Promise<boolean>): Promise<void> {
    const caller = callerOf(workspaceId);
    await this.installation.db.tx(caller, async (tx) => {
      if (!(await settle(tx))) return;
      const locked = await lockRun(tx, caller, runId, 'update').catch((error) => {
        if (error instanceof Problem && error.code === 'not_found') return null;
        throw error;
      });
      if (!locked || isFinished(locked.status)) return;
      const become = verdict(end, locked.status);
      if (!become) return;
      await closeSteps(tx, workspaceId, runId, become.status);
      // A run with compiled steps is stopped as soon as it is stopping and no step is under way.
      if (become.status === 'stopped') await updateRunStatus(tx, caller, locked, { requested: 'stopping', reason: become.reason });
      if (!isFinished(locked.status)) await updateRunStatus(tx, caller, locked, { requested: become.status, reason: become.reason });
      // Nobody is left to start the steps that do not depend on a failure.
      await tx.query(
        sql`UPDATE workspace.pipeline_run SET in_progress = false, end_time = coalesce(end_time, (clock_timestamp() AT TIME ZONE 'utc')) WHERE workspace_id = ${workspaceId} AND id = ${runId} AND in_progress`,
      );
    });
  }

  /** @throws CannotRun when that is an address that only this machine knows */
  #urlOf(workspaceId: string): string {
    const { serverUrl, kubernetes } = this.options;
    if (serverUrl) return serverUrl.replaceAll('{id8}', workspaceId.slice(0, 8)).replaceAll('{id}', workspaceId);
    const url = this.installation.workspaceUrl(workspaceId) || `${this.#address}${this.installation.local.rootPath}`;
    if (kubernetes && /^https?:\/\/(localhost|127\.|\[::1\])/.test(url))
      throw new CannotRun(`The cluster cannot reach this server at ${url}. Set WORKLOAD_SERVER_URL.`);
    return url;
  }
}

/** What an unfinished run becomes when its process is over; null when it goes on elsewhere. */
export function verdict(end: End, status: ExecutionStatus): { status: 'failed' | 'stopped'; reason: string } | null {
  if (end.kind === 'lost') return { status: 'failed', reason: 'The server that ran it was lost. It is not started again by itself.' };
  if (end.kind === 'failed') return { status: 'failed', reason: end.text.slice(0, 255) };
  const { outcome } = end;
  if (outcome.kind === 'stopped') return { status: 'stopped', reason: 'Stopped on request.' };
  if (outcome.kind === 'failed') return { status: 'failed', reason: outcome.reason.slice(0, 255) };
  if (outcome.kind === 'detached') return null;
  if (outcome.kind === 'timed_out') return { status: 'failed', reason: 'The run took longer than the server allows (WORKLOAD_TIMEOUT_SECONDS).' };
  if (outcome.code !== 0)
    return { status: 'failed', reason: outcome.code === null ? 'Its process was killed.' : `Its process ended with exit code ${outcome.code}.` };
  // An orchestrator elsewhere goes on by itself; it has taken the run over by then, or never will.
  return isPlaceholder(status) && status !== 'provisioning' ? { status: 'failed', reason: 'Its process ended without starting the pipeline.' } : null;
}

/** Steps of a process that is gone do not end by themselves. */
async function closeSteps(tx: DatabaseRunner, workspaceId: string, runId: string, status: 'failed' | 'stopped'): Promise<void> {
  await tx.query(
    sql`UPDATE workspace.step_run SET status = ${status}, end_time = coalesce(end_time, (clock_timestamp() AT TIME ZONE 'utc')), updated = (clock_timestamp() AT TIME ZONE 'utc') WHERE workspace_id = ${workspaceId} AND pipeline_run_id = ${runId} AND status IN ('initializing', 'provisioning', 'queued', 'running', 'retrying', 'stopping', 'cancelling', 'paused')`,
  );
}

/** The server itself, which records what became of the runs it started. */
function callerOf(workspaceId: string): Caller {
  return {
    principal: 'workloads',
    tenant: workspaceId,
    workspaceId,
    userId: '00000000-0000-0000-0000-000000000000',
    userName: '',
    isAdmin: true,
    isServiceAccount: true,
    externalUserId: null,
    identityMode: 'local',
    token: null,
    access: Access.unlimited(),
    // No request stands behind it.
    request: { id: '', method: '', url: '', ip: '', userAgent: '', idempotencyKey: null },
  };
}
