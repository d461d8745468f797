import { randomUUID } from 'node:crypto';
import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { identifier, raw, sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import { toJsonText } from '#libs/http/reply.js';
import type { Caller } from '#libs/resource/caller.js';
import { countMade } from '#libs/resource/plan.js';
import { complete } from '#libs/wire/complete.js';
import { ExceptionInfo } from '#libs/wire/models/common.js';
import type { PipelineRunRequest } from '#libs/wire/models/pipeline-run.js';
import { insertRunEvents, runEventColumns } from '../events/platform-event.js';
import { claimLogs, openLogs } from '../logs/attach-logs.js';
import { attachTags } from '../metadata/tag-resource.js';
import { withSubstitutions } from '../pipelines/configuration.rules.js';
import { configuredModelVersion } from './configured-model.js';
import { allowedOnRun } from './run-status.js';
import { isPlaceholder } from './status.rules.js';

/** Longer environments are dropped: they are only shown, and the column of the original ends here. */
const maxEnvironmentLength = 65_535;

type Snapshot = {
  pipeline_id: string;
  substitutions: string | null;
  enable_heartbeat: string | null;
  model: string | null;
  original: boolean | null;
  root: string | null;
};

/**
 * The run that a request means: one that its orchestrator has reported already, one that the client has announced and the orchestrator now takes
 * over, or a new one. Requests for the same snapshot take turns on its row.
 */
export async function getOrCreateRun(tx: Tx, caller: Caller, request: PipelineRunRequest): Promise<{ id: string; isNew: boolean }> {
  const known = await reportedRun(tx, caller, request);
  if (known) return { id: known, isNew: false };
  const snapshot = await lockSnapshot(tx, caller, request);
  caller.access.require('create', 'pipeline_run', { projectId: request.project });
  if (!isPlaceholder(request.status)) {
    const id = await takeOver(tx, caller, request);
    if (id) {
      await attachTags(tx, caller, 'pipeline_run', id, request.tags);
      return { id, isNew: true };
    }
  }
  const id = await insertRun(tx, caller, request, snapshot);
  if (id) return { id, isNew: true };
  const winner = await reportedRun(tx, caller, request);
  if (winner) return { id: winner, isNew: false };
  throw new Problem(
    'exists',
    `There is already a pipeline run named '${request.name}' in this project, and names of runs are unique. Use another run name, a name with placeholders such as '${request.name}_{date}_{time}', or none at all: then one is made for every run.`,
  );
}

/** A run that the orchestrator has started. @throws AccessDenied */
async function reportedRun(tx: Tx, caller: Caller, request: PipelineRunRequest): Promise<string | null> {
  if (!request.orchestrator_run_id) return null;
  const [row] = await tx.query<{ id: string; allowed: boolean }>(
    sql`SELECT r.id, ${allowedOnRun(caller, 'read')} AS allowed FROM workspace.pipeline_run r WHERE r.workspace_id = ${caller.workspaceId} AND r.snapshot_id = ${request.snapshot} AND r.orchestrator_run_id = ${request.orchestrator_run_id} AND r.status NOT IN ('initializing', 'provisioning')`,
  );
  if (!row) return null;
  if (!row.allowed) throw new AccessDenied('read', 'pipeline_run', row.id);
  return row.id;
}

async function lockSnapshot(tx: Tx, caller: Caller, request: PipelineRunRequest): Promise<Snapshot> {
  const inProject = (id: string | null | undefined) =>
    sql`FROM workspace.pipeline_run r WHERE r.workspace_id = ${caller.workspaceId} AND r.id = ${id ?? null}::uuid AND r.project_id = ${request.project}`;
  const [row] = await tx.query<Snapshot>(
    sql`SELECT s.pipeline_id, (s.pipeline_configuration -> 'substitutions')::text AS substitutions, s.pipeline_configuration ->> 'enable_heartbeat' AS enable_heartbeat, (s.pipeline_configuration -> 'model')::text AS model, (SELECT ${allowedOnRun(caller, 'read')} ${inProject(request.original_run_id)}) AS original, (SELECT coalesce(r.root_run_id, r.id) ${inProject(request.parent_run_id)}) AS root FROM workspace.pipeline_snapshot s WHERE s.workspace_id = ${caller.workspaceId} AND s.id = ${request.snapshot} AND s.project_id = ${request.project} FOR NO KEY UPDATE OF s`,
  );
  if (!row) throw new Problem('not_found', `No pipeline snapshot with the ID ${request.snapshot} found in the project.`);
  if (request.original_run_id) {
    if (row.original === null) throw new Problem('not_found', `No original run with the ID ${request.original_run_id} found in the project.`);
    if (!row.original) throw new AccessDenied('read', 'pipeline_run', request.original_run_id);
  }
  if (request.parent_run_id && row.root === null) throw new Problem('not_found', `No parent run with the ID ${request.parent_run_id} found in the project.`);
  return row;
}

/** The orchestrator starts a run that its client has announced. Name, index and start time stay as announced. */
async function takeOver(tx: Tx, caller: Caller, request: PipelineRunRequest): Promise<string | null> {
  const announced = sql`SELECT r.id, r.status FROM workspace.pipeline_run r WHERE r.workspace_id = ${caller.workspaceId} AND r.snapshot_id = ${request.snapshot} AND r.status IN ('initializing', 'provisioning') AND (r.orchestrator_run_id = ${request.orchestrator_run_id ?? null} OR r.orchestrator_run_id IS NULL) ORDER BY r.orchestrator_run_id NULLS LAST, r.created DESC, r.id LIMIT 1 FOR NO KEY UPDATE`;
  if (!request.orchestrator_run_id) {
    const [row] = await tx.query(announced);
    if (row) throw new Problem('invalid', 'A run of this snapshot is announced already; starting it takes an orchestrator_run_id.');
    return null;
  }
  const [row] = await tx.query<{ id: string }>(
    sql`WITH announced AS (${announced}), changed AS (UPDATE workspace.pipeline_run r SET orchestrator_run_id = ${request.orchestrator_run_id}, orchestrator_environment = ${environmentText(request)}::json, status = ${request.status}, in_progress = true, updated = (clock_timestamp() AT TIME ZONE 'utc') FROM announced a WHERE r.workspace_id = ${caller.workspaceId} AND r.id = a.id RETURNING ${runEventColumns}, a.status AS previous_status), event AS (${insertRunEvents(raw('changed'), sql`c.previous_status`)}) SELECT id FROM changed`,
  );
  return row?.id ?? null;
}

/** Null when another run has the name, or the orchestrator's id, or the key below its parent. */
async function insertRun(tx: Tx, caller: Caller, request: PipelineRunRequest, snapshot: Snapshot): Promise<string | null> {
  const id = randomUUID();
  // Frozen here: the original computes date and time of a run without a start anew on every read.
  const { substitutions } = withSubstitutions({ substitutions: JSON.parse(snapshot.substitutions ?? '{}') }, request.start_time) as {
    substitutions: Record<string, string>;
  };
  const trigger = request.trigger_info;
  const triggeredBy = trigger?.step_run_id ?? trigger?.deployment_id ?? null;
  const triggeredByType = trigger?.step_run_id ? 'step_run' : triggeredBy ? 'deployment' : null;
  const [row] = await tx.query(
    sql`WITH n AS (UPDATE workspace.pipeline SET run_count = run_count + 1 WHERE workspace_id = ${caller.workspaceId} AND id = ${snapshot.pipeline_id} RETURNING run_count), made AS (INSERT INTO workspace.pipeline_run AS r (workspace_id, id, project_id, user_id, name, orchestrator_run_id, orchestrator_environment, start_time, end_time, status, index, in_progress, status_reason, pipeline_id, snapshot_id, stack_id, build_id, schedule_id, code_reference_id, source_snapshot_id, template_id, triggered_by, triggered_by_type, enable_heartbeat, exception_info, original_run_id, parent_run_id, child_key, root_run_id, pipeline_configuration) SELECT ${caller.workspaceId}::uuid, ${id}::uuid, ${request.project}::uuid, ${caller.userId}::uuid, ${request.name}, ${request.orchestrator_run_id ?? null}, ${environmentText(request)}::json, ${request.start_time ?? null}::timestamp, ${request.end_time ?? null}::timestamp, ${request.status}, n.run_count, true, ${request.status_reason ?? null}, s.pipeline_id, s.id, s.stack_id, s.build_id, s.schedule_id, s.code_reference_id, ${existing('pipeline_snapshot', 'source_snapshot_id')}, ${existing('run_template', 'template_id')}, ${triggeredBy}::uuid, ${triggeredByType}, ${snapshot.enable_heartbeat !== 'false'}, ${request.exception_info ? toJsonText(complete(ExceptionInfo, request.exception_info)) : null}::json, ${request.original_run_id ?? null}::uuid, ${request.parent_run_id ?? null}::uuid, ${request.child_key ?? null}, ${snapshot.root}::uuid, workspace.json_with(s.pipeline_configuration, 'substitutions', ${JSON.stringify(substitutions)}::json) FROM n, workspace.pipeline_snapshot s WHERE s.workspace_id = ${caller.workspaceId} AND s.id = ${request.snapshot} ON CONFLICT DO NOTHING RETURNING ${runEventColumns}), event AS (${insertRunEvents(raw('made'), null)}) SELECT id FROM made`,
  );
  if (!row) return null;
  await countMade(tx, caller, 'pipeline_run', id);
  if (typeof request.logs === 'string') await claimLogs(tx, caller, request.logs, { projectId: request.project, pipelineRunId: id });
  else if (request.logs) await openLogs(tx, caller, [request.logs], { projectId: request.project, pipelineRunId: id, source: 'client', userId: caller.userId });
  const modelVersionId = await configuredModelVersion(tx, caller, {
    projectId: request.project,
    runId: id,
    model: JSON.parse(snapshot.model ?? 'null'),
    substitutions,
  });
  if (modelVersionId)
    tx.execute(sql`UPDATE workspace.pipeline_run SET model_version_id = ${modelVersionId} WHERE workspace_id = ${caller.workspaceId} AND id = ${id}`);
  await attachTags(tx, caller, 'pipeline_run', id, request.tags);
  return id;
}

/** Snapshots may point to what is gone, runs may not. */
function existing(table: 'pipeline_snapshot' | 'run_template', column: string) {
  return sql`(SELECT x.id FROM ${identifier('workspace', table)} x WHERE x.workspace_id = s.workspace_id AND x.id = ${identifier('s', column)})`;
}

function environmentText(request: PipelineRunRequest): string {
  const text = JSON.stringify(request.orchestrator_environment);
  return text.length > maxEnvironmentLength ? '{}' : text;
}
