/** A run to start: which one, and what its client is told through the environment. */
export type WorkloadOrder = {
  workspaceId: string;
  runId: string;
  snapshotId: string;
  /** What the run's images are made of, where the runner uses images; null: the runner's own. */
  image: string | null;
  environment: Record<string, string>;
  /** The part of the environment that nobody but the run may see. */
  secrets: Record<string, string>;
};

/** How a workload ended. `code` is null when a signal ended it, `reason` is for people. */
export type WorkloadOutcome =
  | { kind: 'exited'; code: number | null }
  | { kind: 'timed_out' }
  | { kind: 'stopped' }
  /** Not by itself: it ran out of memory, its machine went away, its image could not be had. */
  | { kind: 'failed'; reason: string }
  /** It goes on, and this process does not follow it any more. */
  | { kind: 'detached' };

export type RunningWorkload = {
  /** When it really runs; where this is missing it does from the start. */
  begun?: Promise<void>;
  /** Never rejects. */
  finished: Promise<WorkloadOutcome>;
  /** Ends it, by force if it does not listen. */
  stop(): void;
  /** Leaves it to whoever finds it next; only where workloads outlive the process that started them. */
  detach?(): void;
  /** Its outcome is recorded: removes what is left of it. Never rejects. */
  clean?(): Promise<void>;
};

/** Hears what happens to a workload. */
export type WorkloadListener = {
  /** Lines of its output that are kept already, from the first: they are not told again. */
  keptLines: number;
  /** What it prints, whole lines at a time. */
  output(lines: string[]): void;
  /** Why it does not run yet. */
  waiting(reason: string): void;
};

/** Starts workloads somewhere. */
export interface Runner {
  readonly name: string;
  /** @throws NotStarted when nothing runs, or trying again with the same run cannot run anything twice */
  start(order: WorkloadOrder, listener: WorkloadListener): Promise<RunningWorkload>;
  /**
   * Finds what an earlier process has started. Only where workloads outlive the process that started them.
   * @returns null when nothing is there: it is over or was removed. `not_started`: for certain, and never will be.
   */
  find?(place: Pick<WorkloadOrder, 'workspaceId' | 'runId'>, listener: WorkloadListener): Promise<RunningWorkload | 'not_started' | null>;
}

/** The workload has not been started, for certain. */
export class NotStarted extends Error {}

/** The module that runs a snapshot, and what it is told: what images of the original are started with. */
export function entrypointOf({ runId, snapshotId }: Pick<WorkloadOrder, 'runId' | 'snapshotId'>): { module: string; arguments: string[] } {
  return {
    module: 'zenml.entrypoints.entrypoint',
    arguments: [
      '--entrypoint_config_source',
      'zenml.zen_server.pipeline_execution.runner_entrypoint_configuration.RunnerEntrypointConfiguration',
      '--snapshot_id',
      snapshotId,
      '--run_id',
      runId,
      '--placeholder_run_id',
      runId,
    ],
  };
}
