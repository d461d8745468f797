import type { Db, Runner, Tx } from '#libs/database/db.js';
import { type Sql, sql } from '#libs/database/sql.js';

/** What the credential of whoever started a run was bound to. */
export type Binding = { api_key_id?: string; key_gen?: number; device_id?: string };

export type ClaimedWorkload = {
  workspaceId: string;
  id: string;
  runId: string;
  snapshotId: string;
  /** Null when the account has been deleted meanwhile. */
  userId: string | null;
  attempts: number;
  binding: Binding;
  /** Its worker was lost after it was started: it must be put to rest, not started. */
  isLost: boolean;
};

/** How much of a run's output is kept, in parts, lines and characters. */
export type Written = { parts: number; lines: number; length: number };

type ClaimedRow = {
  workspace_id: string;
  id: string;
  run_id: string;
  snapshot_id: string;
  user_id: string | null;
  status: string;
  attempts: number;
  binding: string;
};

type Place = { workspaceId: string; id: string };

/** Statements over all workspaces: functions that run with their owner's rights. */
const nowhere = { workspaceId: null };

const now = sql`(clock_timestamp() AT TIME ZONE 'utc')`;

/** How long a worker has to say that it is still there, unless configured otherwise. */
export const defaultLeaseSeconds = 60;

export type QueueOptions = {
  /** Workloads of one workspace that may be under way at a time, over all processes. */
  mostPerWorkspace: number;
  leaseSeconds: number;
};

/** Processes hear on it that the queue may have something for them, or the id of a run that is to be stopped. */
const channel = 'workload';

/**
 * The queue of runs to start, in the database, for all workspaces and processes. A workload is `queued`, then `leased` by one worker, then `started`,
 * then `finished` or `dead`. `started` is written before anything runs, so after a crash at any moment nothing can be started a second time.
 * What is `dead` waits for a person, who may put it back.
 */
export class WorkloadQueue {
  constructor(
    private readonly db: Db,
    readonly options: QueueOptions,
  ) {}

  /** @returns whether there was room */
  async add(tx: Tx, workspaceId: string, workload: { runId: string; snapshotId: string; userId: string; binding: Binding }, limit: number): Promise<boolean> {
    const rows = await tx.query(
      sql`INSERT INTO workspace.workload (workspace_id, run_id, snapshot_id, user_id, binding) SELECT ${workspaceId}::uuid, ${workload.runId}::uuid, ${workload.snapshotId}::uuid, ${workload.userId}::uuid, ${JSON.stringify(workload.binding)}::json WHERE ${await hasRoom(tx, workspaceId, limit)} RETURNING id`,
    );
    return rows.length > 0;
  }

  /**
   * Puts a dead workload that was never started back into the queue, in the name of whoever asks for it now.
   * @returns whether there was room
   */
  async putBack(tx: Tx, place: Place, by: { userId: string; binding: Binding }, limit: number): Promise<boolean> {
    const rows = await tx.query(
      sql`UPDATE workspace.workload SET status = 'queued', attempts = 0, available_at = ${now}, worker = NULL, lease_until = NULL, is_stop_requested = false, error = NULL, user_id = ${by.userId}, binding = ${JSON.stringify(by.binding)}::json, updated = ${now} WHERE workspace_id = ${place.workspaceId} AND id = ${place.id} AND status = 'dead' AND started_at IS NULL AND ${await hasRoom(tx, place.workspaceId, limit)} RETURNING id`,
    );
    return rows.length > 0;
  }

  /**
   * The next workload for a worker. Workspaces take turns, and none has more under way than its limit.
   * @param hasRoom whether the worker could start one; without, it is only given what is to be put to rest
   */
  async claim(worker: string, hasRoom = true): Promise<ClaimedWorkload | null> {
    const { leaseSeconds, mostPerWorkspace } = this.options;
    const [row] = await this.db.read<ClaimedRow>(
      nowhere,
      sql`SELECT * FROM workspace.claim_workload(${worker}, ${leaseSeconds}::int, ${mostPerWorkspace}::int, ${hasRoom}::boolean)`,
    );
    if (!row) return null;
    const { workspace_id: workspaceId, id, run_id: runId, snapshot_id: snapshotId, user_id: userId, attempts, status, binding } = row;
    return { workspaceId, id, runId, snapshotId, userId, attempts, binding: JSON.parse(binding) as Binding, isLost: status === 'started' };
  }

  /** Milliseconds until the passing of time makes something claimable; null when it never will. */
  async untilNext(): Promise<number | null> {
    const [row] = await this.db.read<{ seconds: number | null }>(nowhere, sql`SELECT workspace.seconds_to_next_workload() AS seconds`);
    return row?.seconds == null ? null : Math.max(0, row.seconds * 1_000);
  }

  /**
   * Hears of changes that time does not bring, as soon as they are committed: `null` asks to look at the queue, an id to stop that run. Some may be
   * missed, so look from time to time all the same.
   * @returns what ends it
   */
  listen(heard: (runId: string | null) => void): () => void {
    return this.db.listen(channel, (payload) => heard(payload || null));
  }

  /** The last moment before it runs. @returns false when somebody else has it, or it shall not run any more */
  async start(place: Place, worker: string): Promise<boolean> {
    const rows = await this.db.read(
      place,
      sql`UPDATE workspace.workload SET status = 'started', started_at = ${now}, updated = ${now} WHERE workspace_id = ${place.workspaceId} AND id = ${place.id} AND worker = ${worker} AND status = 'leased' AND lease_until > ${now} AND NOT is_stop_requested RETURNING id`,
    );
    return rows.length > 0;
  }

  /** Keeps the lease. @returns what the worker shall do: go on, stop it because it was asked to, or drop it because it is not the worker's any more */
  async renew(place: Place, worker: string): Promise<'go_on' | 'stop' | 'drop'> {
    const [row] = await this.db.read<{ is_stop_requested: boolean }>(
      place,
      sql`UPDATE workspace.workload SET lease_until = ${now} + make_interval(secs => ${this.options.leaseSeconds}::int) WHERE workspace_id = ${place.workspaceId} AND id = ${place.id} AND worker = ${worker} AND status IN ('leased', 'started') RETURNING is_stop_requested`,
    );
    return row ? (row.is_stop_requested ? 'stop' : 'go_on') : 'drop';
  }

  /** Back into the queue, for later. Only for what certainly has not run. */
  async postpone(place: Place, worker: string, delaySeconds: number, error: string): Promise<void> {
    await this.db.read(
      place,
      sql`UPDATE workspace.workload SET status = 'queued', worker = NULL, lease_until = NULL, started_at = NULL, error = ${error}, history = workspace.with_attempt(history, attempts, ${error}), available_at = ${now} + make_interval(secs => ${delaySeconds}::int), updated = ${now} WHERE workspace_id = ${place.workspaceId} AND id = ${place.id} AND worker = ${worker} AND status IN ('leased', 'started')`,
    );
  }

  /** Gives up the lease of what goes on without its worker, for the next one to find. */
  async release(place: Place, worker: string): Promise<void> {
    await this.db.read(
      place,
      sql`UPDATE workspace.workload SET lease_until = ${now}, updated = ${now} WHERE workspace_id = ${place.workspaceId} AND id = ${place.id} AND worker = ${worker} AND status = 'started' RETURNING pg_notify(${channel}, '')`,
    );
  }

  /**
   * The end of it.
   * @param isNotStarted for certain, whatever was intended: then it may be put back into the queue
   * @returns false when it is another worker's by now
   */
  async end(tx: Runner, place: Place, worker: string, status: 'finished' | 'dead', error: string | null, isNotStarted = false): Promise<boolean> {
    const history = status === 'dead' ? sql`workspace.with_attempt(history, attempts, ${error})` : sql`history`;
    const startedAt = isNotStarted ? sql`NULL` : sql`started_at`;
    const rows = await tx.query(
      sql`UPDATE workspace.workload SET status = ${status}, error = ${error}, history = ${history}, started_at = ${startedAt}, lease_until = NULL, updated = ${now} WHERE workspace_id = ${place.workspaceId} AND id = ${place.id} AND worker = ${worker} AND status IN ('leased', 'started') RETURNING id`,
    );
    return rows.length > 0;
  }

  /**
   * Asks for a run's end.
   * @returns `removed`: it had not been taken yet and never will be. `asked`: its worker learns it. Null: the server did not start that run, or it is over.
   */
  async stop(tx: Tx, workspaceId: string, runId: string): Promise<'removed' | 'asked' | null> {
    const [row] = await tx.query<{ status: string }>(
      sql`UPDATE workspace.workload SET is_stop_requested = true, status = CASE WHEN status = 'queued' THEN 'finished' ELSE status END, updated = ${now} WHERE workspace_id = ${workspaceId} AND run_id = ${runId} AND status IN ('queued', 'leased', 'started') RETURNING status`,
    );
    return row ? (row.status === 'finished' ? 'removed' : 'asked') : null;
  }

  /** The output that is kept so far. */
  async written(place: { workspaceId: string; runId: string }): Promise<Written> {
    const [row] = await this.db.read<Written>(
      place,
      sql`SELECT coalesce(max(part) + 1, 0)::int AS parts, coalesce(sum(length(text) - length(replace(text, E'\\n', '')) + 1), 0)::int AS lines, coalesce(sum(length(text)), 0)::int AS length FROM workspace.workload_output WHERE workspace_id = ${place.workspaceId} AND run_id = ${place.runId}`,
    );
    return row as Written;
  }

  /** Keeps a part of the output; nothing where the workload is another worker's by now, or was deleted with its run. */
  async write(place: Place, worker: string, part: number, text: string): Promise<void> {
    await this.db.read(
      place,
      sql`INSERT INTO workspace.workload_output (workspace_id, run_id, part, text) SELECT w.workspace_id, w.run_id, ${part}::int, ${text} FROM workspace.workload w WHERE w.workspace_id = ${place.workspaceId} AND w.id = ${place.id} AND w.worker = ${worker}`,
    );
  }
}

/** A condition. Counting and adding take turns within a workspace. */
async function hasRoom(tx: Tx, workspaceId: string, limit: number): Promise<Sql> {
  await tx.query(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`workload ${workspaceId}`}, 0))`);
  return sql`(SELECT count(*) FROM workspace.workload WHERE workspace_id = ${workspaceId} AND status IN ('queued', 'leased')) < ${limit}::int`;
}
