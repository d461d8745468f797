import { AccessDenied } from '#libs/access/access.js';
import type { Action } from '#libs/access/vocabulary.js';
import type { Runner, Tx } from '#libs/database/db.js';
import { raw, type Sql, sql } from '#libs/database/sql.js';
import type { Caller } from '#libs/resource/caller.js';
import { allowed, Render } from '#libs/resource/resource.js';
import { missing } from '#libs/resource/store.js';
import type { ExecutionMode, ExecutionStatus } from '#libs/wire/models/enums.js';
import { fireOnRunEvent } from '../automation/firing.js';
import { insertRunEvents, runEventColumns } from '../events/platform-event.js';
import { markOnboarding, type OnboardingStep } from '../server/onboarding.js';
import { run } from './run.js';
import { isFinished, isInProgress, nextRunStatus, type StepCounts, type StepState } from './status.rules.js';

/** What decisions about a run rest on. Holding its row lock, statuses of the run and of its steps stay as they are. */
export type LockedRun = {
  id: string;
  name: string;
  project_id: string;
  status: ExecutionStatus;
  parent_run_id: string | null;
  root_run_id: string | null;
  orchestrator_run_id: string | null;
  snapshot_id: string | null;
  enable_heartbeat: boolean;
  is_dynamic: boolean;
  step_count: number;
  execution_mode: ExecutionMode;
};

/** Columns of {@link LockedRun} over a run `r` and its snapshot `s`. */
export const lockedRunColumns = sql`r.id, r.name, r.project_id, r.status, r.parent_run_id, r.root_run_id, r.orchestrator_run_id, r.snapshot_id, r.enable_heartbeat, coalesce(s.is_dynamic, false) AS is_dynamic, coalesce(s.step_count, 0) AS step_count, coalesce(r.pipeline_configuration ->> 'execution_mode', 'continue_on_failure') AS execution_mode`;

/** A run joined with its snapshot. Not FOR UPDATE: rows that refer to the run (logs, events) may be written meanwhile. */
export const runWithSnapshot = sql`workspace.pipeline_run r LEFT JOIN workspace.pipeline_snapshot s ON s.workspace_id = r.workspace_id AND s.id = r.snapshot_id`;
export const lockOfRun = sql`FOR NO KEY UPDATE OF r`;

/** Whether the caller may do this with the run `r`. */
export function allowedOnRun(caller: Caller, action: Action): Sql {
  return allowed(run, action, raw('r'), new Render(caller)) ?? raw('true');
}

/** @throws Problem 404, AccessDenied */
export async function lockRun(tx: Tx, caller: Caller, id: string, action: Action, projectId?: string): Promise<LockedRun> {
  const [row] = await tx.query<LockedRun & { allowed: boolean }>(
    sql`SELECT ${lockedRunColumns}, ${allowedOnRun(caller, action)} AS allowed FROM ${runWithSnapshot} WHERE r.workspace_id = ${caller.workspaceId} AND r.id = ${id}${projectId ? sql` AND r.project_id = ${projectId}` : raw('')} ${lockOfRun}`,
  );
  if (!row) throw missing(run, id);
  if (!row.allowed) throw new AccessDenied(action, 'pipeline_run', id);
  return row;
}

/** Works out what the run becomes, after a request or a change of a step, and writes it. The run must be locked. */
export async function updateRunStatus(
  tx: Tx,
  caller: Caller,
  locked: LockedRun,
  change: { requested?: ExecutionStatus | null; reason?: string | null } = {},
): Promise<void> {
  const { requested = null, reason = null } = change;
  const status = nextRunStatus({
    current: locked.status,
    requested,
    hasReason: reason !== null,
    isDynamic: locked.is_dynamic,
    isChild: locked.parent_run_id !== null,
    steps: locked.is_dynamic ? new Map() : await countSteps(tx, caller, locked.id),
    stepCount: locked.step_count,
  });
  if (status === null) return;
  const progress = { status, isDynamic: locked.is_dynamic, mode: locked.execution_mode };
  const inProgress = isInProgress({
    ...progress,
    ...(status === 'failed' && !locked.is_dynamic ? await stepsOf(tx, caller, locked) : { steps: [], upstream: null }),
  });
  const keepsReason = status === locked.status || (locked.status === 'stopping' && status === 'stopped');
  const now = sql`(clock_timestamp() AT TIME ZONE 'utc')`;
  const end = status === 'resuming' ? sql`null` : inProgress ? sql`r.end_time` : sql`coalesce(r.end_time, ${now})`;
  const isNews = status !== locked.status;
  const event = isNews ? sql`, event AS (${insertRunEvents(raw('changed'), locked.status)} RETURNING id)` : raw('');
  const firing = isNews && (status === 'completed' || status === 'failed') ? sql`, ${fireOnRunEvent('changed', 'event')}` : raw('');
  const isEnd = isFinished(status) && !isFinished(locked.status);
  const written = sql`WITH changed AS (UPDATE workspace.pipeline_run r SET status = ${status}, in_progress = ${inProgress}, end_time = ${end}, status_reason = ${reason ? sql`${reason}` : keepsReason ? sql`r.status_reason` : sql`null`}, updated = ${now} WHERE r.workspace_id = ${caller.workspaceId} AND r.id = ${locked.id} RETURNING ${runEventColumns}, ${isEnd ? flavorsOfRun : sql`null::text[]`} AS flavors)${event}${firing} SELECT flavors FROM changed`;
  if (isEnd) {
    const [row] = await tx.query<{ flavors: string[] }>(written);
    if (row) await markOnboarding(tx, caller.workspaceId, ...onboardingSteps(row.flavors));
  } else tx.execute(written);
  locked.status = status;
}

const flavorsOfRun = sql`(SELECT coalesce(array_agg(c.type || '/' || c.flavor), '{}') FROM workspace.pipeline_snapshot s JOIN workspace.stack_composition l ON l.workspace_id = s.workspace_id AND l.stack_id = s.stack_id JOIN workspace.stack_component c ON c.workspace_id = l.workspace_id AND c.id = l.component_id WHERE s.workspace_id = r.workspace_id AND s.id = r.snapshot_id AND c.type IN ('orchestrator', 'artifact_store'))`;

function onboardingSteps(flavors: readonly string[]): OnboardingStep[] {
  const steps: OnboardingStep[] = ['pipeline_run'];
  if (flavors.some((one) => one.startsWith('orchestrator/') && one !== 'orchestrator/local' && one !== 'orchestrator/local_docker'))
    steps.push('pipeline_run_with_remote_orchestrator');
  if (flavors.some((one) => one.startsWith('artifact_store/') && one !== 'artifact_store/local')) steps.push('pipeline_run_with_remote_artifact_store');
  return steps;
}

async function countSteps(tx: Runner, caller: Caller, runId: string): Promise<StepCounts> {
  const rows = await tx.query<{ status: ExecutionStatus; count: number }>(
    sql`SELECT status, count(*)::int AS count FROM workspace.step_run WHERE workspace_id = ${caller.workspaceId} AND pipeline_run_id = ${runId} AND status <> 'retried' GROUP BY status`,
  );
  return new Map(rows.map(({ status, count }) => [status, count]));
}

/** Every step by name, and what comes before it: only a failed run needs that, to know which branches go on. */
async function stepsOf(tx: Runner, caller: Caller, locked: LockedRun): Promise<{ steps: StepState[]; upstream: Map<string, string[]> | null }> {
  const [row] = await tx.query<{ steps: string; upstream: string | null }>(
    sql`SELECT (SELECT coalesce(json_agg(json_build_object('name', x.name, 'status', x.status, 'isHeartbeatMissing', coalesce(coalesce(x.latest_heartbeat, x.start_time) + make_interval(mins => nullif(x.heartbeat_threshold, 0)) < (clock_timestamp() AT TIME ZONE 'utc'), false))), '[]'::json) FROM workspace.step_run x WHERE x.workspace_id = ${caller.workspaceId} AND x.pipeline_run_id = ${locked.id} AND x.status <> 'retried')::text AS steps, (SELECT s.pipeline_spec -> 'steps' FROM workspace.pipeline_snapshot s WHERE s.workspace_id = ${caller.workspaceId} AND s.id = ${locked.snapshot_id})::text AS upstream`,
  );
  const specification = row?.upstream ? (JSON.parse(row.upstream) as { invocation_id: string; upstream_steps: string[] }[] | null) : null;
  return {
    steps: JSON.parse(row?.steps ?? '[]'),
    upstream: specification && new Map(specification.map((step) => [step.invocation_id, step.upstream_steps])),
  };
}
