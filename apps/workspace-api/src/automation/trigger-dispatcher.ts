import { Logger } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import { UpgradeRequired } from '#libs/control-plane/control-plane.js';
import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import { record } from '#libs/resource/audit.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertRoom } from '#libs/resource/plan.js';
import type { ResourceStore } from '#libs/resource/store.js';
import type { TriggerRunConcurrency } from '#libs/wire/models/enums.js';
import { loadCaller } from '../identity/principal.js';
import type { Installation } from '../installation.js';
import { snapshot } from '../pipelines/snapshot.js';
import { startRun } from '../workloads/start-run.js';
import { type DispatchError, type DispatchState, nextDispatchState, type Outcome } from './dispatch-state.rules.js';
import { instantOfNaive, naiveUtc } from './trigger-scheduler.js';

type Place = { workspaceId: string; id: string; triggerId: string };

/** A dispatch with everything that decides about it, under the lock of its trigger. */
type Held = {
  status: string;
  attempts: number;
  occasion: string;
  info: string | null;
  snapshot_id: string;
  project_id: string;
  user_id: string | null;
  type: string;
  concurrency: TriggerRunConcurrency;
  max_runs: number | null;
  /** Still attached, and the trigger at work. */
  is_wanted: boolean;
  dispatch_state: string | null;
  has_active_run: boolean;
  run_count: number;
  comes_round: boolean;
};

const batch = 100;
/** Something else has the trigger's row; it is over soon. */
const busyPauseMs = 300;
const maxPauseSeconds = 300;
/** Some half an hour of a full queue. */
const maxBusyAttempts = 12;
const maxAttempts = 5;

/** No request stands behind it. */
const noRequest = { id: '', method: '', url: '', ip: '', userAgent: '', idempotencyKey: null };

/** Refused on purpose: a person has to change something before it can work. */
class OwnerGone extends Error {}

/**
 * Starts the runs that firings ask for, in the name of the trigger's owner, with the rights that the owner has at that moment. Dispatches of one trigger take
 * turns under the lock of its row, in any number of processes. The run, its link to the trigger and what became of the dispatch are one transaction: a crash
 * before its end leaves the dispatch waiting for somebody else, one after it nothing to do.
 */
export class TriggerDispatcher {
  readonly #log = new Logger('triggers');

  constructor(
    private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  get #nowMs(): number {
    return this.installation.options.clock();
  }

  /** Starts what waits. @returns in how many milliseconds there may be more; null when nothing waits */
  async look(signal?: AbortSignal): Promise<number | null> {
    const { db } = this.installation;
    let isBusy = false;
    for (let isMore = true; isMore; ) {
      const waiting = await db.read<{ workspace_id: string; id: string; trigger_id: string }>(
        { workspaceId: null },
        sql`SELECT workspace_id, id, trigger_id FROM workspace.waiting_dispatches(${naiveUtc(this.#nowMs)}::timestamp, ${batch})`,
      );
      let done = 0;
      isBusy = false;
      for (const { workspace_id: workspaceId, id, trigger_id: triggerId } of waiting) {
        if (signal?.aborted) return null;
        if (await this.#dispatch({ workspaceId, id, triggerId })) done += 1;
        else isBusy = true;
      }
      // Somebody who came upon a trigger in our hands counts on us to look again.
      isMore = done > 0;
    }
    if (isBusy) return busyPauseMs;
    const nowMs = this.#nowMs;
    const [next] = await db.read<{ at: string | null }>({ workspaceId: null }, sql`SELECT workspace.next_dispatch(${naiveUtc(nowMs)}::timestamp) AS at`);
    return next?.at ? instantOfNaive(next.at) - nowMs : null;
  }

  /** @returns false when somebody else has the trigger */
  async #dispatch(place: Place): Promise<boolean> {
    try {
      const caller = await this.#ownerOf(place);
      return await this.installation.db.tx(place, async (tx) => {
        const held = await this.#hold(tx, place);
        if (!held) return false;
        if (held.status === 'waiting') await this.#decide(tx, place, held, caller);
        return true;
      });
    } catch (error) {
      return this.#failed(place, error);
    }
  }

  /** @throws OwnerGone, Problem */
  async #ownerOf({ workspaceId, triggerId }: Place): Promise<Caller | null> {
    const { db } = this.installation;
    const [row] = await db.read<{ user_id: string | null }>(
      { workspaceId },
      sql`SELECT user_id FROM workspace.trigger WHERE workspace_id = ${workspaceId} AND id = ${triggerId}`,
    );
    if (!row) return null;
    if (!row.user_id) throw new OwnerGone('The account that owns the trigger does not exist any more. Make the trigger again under another one.');
    const caller = await loadCaller(db, workspaceId, { userId: row.user_id, issuedAtSeconds: null, claims: null }, noRequest);
    return caller.actor ? { ...caller, actor: { ...caller.actor, credential: { type: 'trigger', id: triggerId } } } : caller;
  }

  async #decide(tx: Tx, place: Place, held: Held, caller: Caller | null): Promise<void> {
    if (!held.is_wanted || !caller) return this.#settle(tx, place, held, 'skipped', null);
    const details = { occasion: held.occasion };
    const skipped = (status: Outcome['status'], why: object) =>
      this.#settle(tx, place, held, 'skipped', { status, at: this.#at(), details: { ...details, ...why } });
    if (held.comes_round) return skipped('SKIPPED_TRIGGER_CYCLE', JSON.parse(held.info ?? '{}'));
    if (held.max_runs !== null && held.run_count >= held.max_runs) return skipped('SKIPPED_MAX_RUNS', { max_runs: held.max_runs, run_count: held.run_count });
    if (held.concurrency === 'skip' && held.has_active_run) return skipped('SKIPPED_CONCURRENCY', {});
    await assertRoom(tx, caller, 'schedule');
    await this.store.row(tx, caller, snapshot, held.snapshot_id, 'read', { columns: ['id'] });
    const runId = await startRun(this.installation, this.store, tx, caller, { snapshotId: held.snapshot_id, configuration: null });
    await tx.query(
      sql`INSERT INTO workspace.trigger_execution (workspace_id, trigger_id, pipeline_run_id, info) VALUES (${place.workspaceId}, ${place.triggerId}, ${runId}, ${held.info}::json)`,
    );
    const target = { type: 'pipeline_run', id: runId, name: null, projectId: held.project_id };
    await record(tx, caller, 'pipeline_run.start', target, { trigger: place.triggerId, occasion: held.occasion });
    await this.#settle(tx, place, held, 'started', { status: 'SUCCESS', at: this.#at(), details: { ...details, pipeline_run_id: runId } }, runId);
  }

  /** Takes the trigger's row, under which nothing about the dispatch changes. @returns null when somebody else has it */
  async #hold(tx: Tx, { workspaceId, id, triggerId }: Place): Promise<Held | null> {
    const [known] = await tx.query<{ locked: boolean }>(
      sql`SELECT true AS locked FROM workspace.trigger WHERE workspace_id = ${workspaceId} AND id = ${triggerId} FOR NO KEY UPDATE SKIP LOCKED`,
    );
    if (!known) {
      // Gone, and not in somebody's hands: what it left is of no use.
      const left = sql`DELETE FROM workspace.trigger_firing f WHERE f.workspace_id = ${workspaceId} AND f.trigger_id = ${triggerId} AND NOT EXISTS (SELECT 1 FROM workspace.trigger t WHERE t.workspace_id = f.workspace_id AND t.id = f.trigger_id)`;
      await tx.query(left);
      return null;
    }
    const ofPair = sql`FROM workspace.trigger_execution e JOIN workspace.pipeline_run r ON r.workspace_id = e.workspace_id AND r.id = e.pipeline_run_id WHERE e.workspace_id = t.workspace_id AND e.trigger_id = t.id AND r.source_snapshot_id IS NOT DISTINCT FROM s.source_snapshot_id`;
    const [held] = await tx.query<Held>(
      sql`SELECT d.status, d.attempts, f.occasion, f.info, d.snapshot_id, t.project_id, t.user_id, t.type, t.concurrency, (t.configuration ->> 'max_runs')::int AS max_runs,
          t.active AND NOT t.is_archived AND x.snapshot_id IS NOT NULL AS is_wanted, x.dispatch_state,
          EXISTS (SELECT 1 ${ofPair} AND r.in_progress) AS has_active_run,
          CASE WHEN t.configuration ->> 'max_runs' IS NULL THEN 0 ELSE (SELECT count(*)::int ${ofPair}) END AS run_count,
          EXISTS (SELECT 1 FROM json_array_elements_text(f.info -> 'upstream_pipeline_ids') AS p(id) WHERE p.id = s.pipeline_id::text) AS comes_round
        FROM workspace.trigger_dispatch d JOIN workspace.trigger_firing f ON f.workspace_id = d.workspace_id AND f.id = d.firing_id
        JOIN workspace.trigger t ON t.workspace_id = f.workspace_id AND t.id = f.trigger_id
        LEFT JOIN workspace.trigger_snapshot x ON x.workspace_id = d.workspace_id AND x.trigger_id = t.id AND x.snapshot_id = d.snapshot_id
        LEFT JOIN workspace.pipeline_snapshot s ON s.workspace_id = d.workspace_id AND s.id = d.snapshot_id
        WHERE d.workspace_id = ${workspaceId} AND d.id = ${id}`,
    );
    return held ?? null;
  }

  /** @param outcome null: nobody is left to be told */
  async #settle(
    tx: Tx,
    place: Place,
    held: Held,
    status: 'started' | 'skipped' | 'failed',
    outcome: Outcome | null,
    runId: string | null = null,
  ): Promise<void> {
    await tx.query(
      sql`UPDATE workspace.trigger_dispatch SET status = ${status}, pipeline_run_id = ${runId}, updated = (clock_timestamp() AT TIME ZONE 'utc') WHERE workspace_id = ${place.workspaceId} AND id = ${place.id}`,
    );
    if (outcome) await this.#show(tx, place, held, outcome);
  }

  async #show(tx: Tx, { workspaceId, triggerId }: Place, held: Held, outcome: Outcome): Promise<void> {
    const before = held.dispatch_state === null ? null : (JSON.parse(held.dispatch_state) as DispatchState);
    await tx.query(
      sql`UPDATE workspace.trigger_snapshot SET dispatch_state = ${JSON.stringify(nextDispatchState(before, outcome))}::json WHERE workspace_id = ${workspaceId} AND trigger_id = ${triggerId} AND snapshot_id = ${held.snapshot_id}`,
    );
  }

  /** The run could not be started, and nothing of it was written. Shows why, and decides whether to try again. @returns false when somebody else has the trigger */
  async #failed(place: Place, error: unknown): Promise<boolean> {
    const what = faultOf(error);
    if (what.isUnexpected) this.#log.warn({ err: error }, `the trigger ${place.triggerId} could not start a run`);
    return this.installation.db.tx(place, async (tx) => {
      const held = await this.#hold(tx, place);
      if (!held) return false;
      if (held.status !== 'waiting') return true;
      const attempts = held.attempts + 1;
      const isLast = attempts >= what.maxAttempts;
      const severity = isLast ? (what.isUnexpected ? 'Critical' : 'Major') : 'Minor';
      const outcome: Outcome = { status: 'ERROR', at: this.#at(), details: { occasion: held.occasion, attempts }, error: { ...what.error, severity } };
      if (isLast) await this.#settle(tx, place, held, 'failed', outcome);
      else {
        const again = naiveUtc(this.#nowMs + Math.min(2 ** attempts, maxPauseSeconds) * 1000);
        await tx.query(
          sql`UPDATE workspace.trigger_dispatch SET attempts = ${attempts}, available_at = ${again}::timestamp, updated = (clock_timestamp() AT TIME ZONE 'utc') WHERE workspace_id = ${place.workspaceId} AND id = ${place.id}`,
        );
        await this.#show(tx, place, held, outcome);
      }
      return true;
    });
  }

  #at(): string {
    return naiveUtc(this.#nowMs);
  }
}

type Fault = { error: Omit<DispatchError, 'severity'>; maxAttempts: number; isUnexpected: boolean };

/** What is shown of an error, and how often it is worth trying: a refusal stays one until somebody changes something, a full queue does not stay full. */
function faultOf(error: unknown): Fault {
  const refused = (type: string, message: string, attempts = 1): Fault => ({ error: { type, message }, maxAttempts: attempts, isUnexpected: false });
  if (error instanceof OwnerGone) return refused('OwnerGone', error.message);
  if (error instanceof AccessDenied) return refused('AccessDenied', error.message);
  if (error instanceof UpgradeRequired) return refused('SubscriptionUpgradeRequiredError', error.message);
  if (error instanceof Problem && error.status < 500)
    // Names of runs are made of the time, and the next one is another.
    return refused(error.className, error.message, error.code === 'busy' ? maxBusyAttempts : error.code === 'exists' ? 3 : 1);
  if (error instanceof Problem && error.code === 'not_implemented') return refused(error.className, error.message);
  return { error: { type: 'InternalError', message: 'The run could not be started because of an error in the server.' }, maxAttempts, isUnexpected: true };
}
