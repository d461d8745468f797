/** A run to start: which one, and what its client is told through the environment. */
export type WorkloadOrder = {
  workspaceId: string;
  runId: string;
  snapshotId: string;
  environment: Record<string, string>;
};

/** How a workload ended. `code` is null when a signal ended it. */
export type WorkloadOutcome = { kind: 'exited'; code: number | null } | { kind: 'timed_out' } | { kind: 'stopped' };

export type RunningWorkload = {
  /** Never rejects. */
  finished: Promise<WorkloadOutcome>;
  /** Ends it, by force if it does not listen. */
  stop(): void;
};

/** Starts workloads somewhere. */
export interface Runner {
  readonly name: string;
  /**
   * @param onOutput gets what it prints, whole lines at a time
   * @throws NotStarted when nothing runs, so that trying again cannot run anything twice
   */
  start(order: WorkloadOrder, onOutput: (lines: string[]) => void): Promise<RunningWorkload>;
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
