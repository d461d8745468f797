import { randomUUID } from 'node:crypto';
import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import { toJsonText } from '#libs/http/reply.js';
import { parseExact, plainNumber } from '#libs/json/exact.js';
import type { Caller } from '#libs/resource/caller.js';
import { missing } from '#libs/resource/store.js';
import { complete } from '#libs/wire/complete.js';
import { ExceptionInfo } from '#libs/wire/models/common.js';
import { StepInput } from '#libs/wire/models/configuration.js';
import type { ExecutionStatus } from '#libs/wire/models/enums.js';
import type { StepRunRequest, StepRunUpdate } from '#libs/wire/models/step-run.js';
import { claimLogs, openLogs } from '../logs/attach-logs.js';
import { attachTagsToMany } from '../metadata/tag-resource.js';
import { type Configuration, mergeStepConfiguration, type Step, type StoredStep } from '../pipelines/configuration.rules.js';
import { configuredModelVersion } from './configured-model.js';
import { allowedOnRun, type LockedRun, lockedRunColumns, lockOfRun, runWithSnapshot, updateRunStatus } from './run-status.js';
import { assertStepStatus, stepStatusAfter } from './status.rules.js';
import { stepRun } from './step-run.js';
import { type Attempt, copiedInputLinks, type InputLink, type InputSources, inputLinks, nextAttempt, overriddenInputs } from './step-run.rules.js';

type Parent = { name: string; id: string };
type RunOfStep = LockedRun & { allowed: boolean; configuration: string; stored: string | null };

/** Records a step of a run. A running step takes three statements, whatever its inputs; a finished one two more for the run's status. */
export async function createStep(tx: Tx, caller: Caller, request: StepRunRequest): Promise<string> {
  assertStepStatus(null, request.status);
  const run = await lockRunForStep(tx, caller, request);
  assertOpen(run, request.name);
  const pipeline = parseExact(run.configuration) as Configuration;
  const step = configurationOf(request, run, pipeline);
  const found = await lookUp(tx, caller, request, run, step);
  const retry = step.config.retry as { max_retries?: number } | null | undefined;
  const { version, isRetriable } = nextAttempt(request.name, found.attempts, Number(plainNumber(retry?.max_retries ?? 0)));
  const overridden = overriddenInputs(pipeline, request.name, step.config.name as string);
  const links = request.original_step_run_id
    ? copiedInputLinks(request.inputs, found.originalInputs)
    : inputLinks(request.inputs, step as InputSources, overridden);
  const id = randomUUID();
  const earlier = found.attempts.at(-1);
  const modelVersionId = earlier
    ? earlier.model_version_id
    : await configuredModelVersion(tx, caller, {
        projectId: run.project_id,
        runId: run.id,
        model: step.config.model,
        substitutions: step.config.substitutions as Record<string, string>,
      });
  const status = isRetriable && request.status === 'failed' ? 'retrying' : request.status;
  insertStep(tx, caller, request, run, {
    id,
    version,
    isRetriable,
    status,
    modelVersionId,
    step: withoutParameters(step, overridden),
    links,
    parents: found.parents,
  });
  const owner = { projectId: run.project_id, stepRunId: id };
  if (typeof request.logs === 'string') await claimLogs(tx, caller, request.logs, owner);
  else if (request.logs) await openLogs(tx, caller, [request.logs], { ...owner, source: 'step', userId: caller.userId });
  if (status === 'cached' || status === 'skipped') await cascadeTags(tx, caller, pipeline, request.outputs);
  if (status !== 'running') await updateRunStatus(tx, caller, run);
  return id;
}

async function lockRunForStep(tx: Tx, caller: Caller, request: StepRunRequest): Promise<RunOfStep> {
  const [run] = await tx.query<RunOfStep>(
    sql`SELECT ${lockedRunColumns}, r.pipeline_configuration::text AS configuration, (SELECT c.config::text FROM workspace.step_configuration c WHERE c.workspace_id = s.workspace_id AND c.snapshot_id = s.id AND c.step_run_id IS NULL AND c.name = ${request.name}) AS stored, ${allowedOnRun(caller, 'update')} AS allowed FROM ${runWithSnapshot} WHERE r.workspace_id = ${caller.workspaceId} AND r.id = ${request.pipeline_run_id} AND r.project_id = ${request.project} ${lockOfRun}`,
  );
  if (!run) throw new Problem('not_found', `No pipeline run with the ID ${request.pipeline_run_id} found in the project.`);
  if (!run.allowed) throw new AccessDenied('update', 'pipeline_run', run.id);
  return run;
}

function assertOpen(run: LockedRun, name: string): void {
  if (run.status === 'stopping' || run.status === 'stopped') throw new Problem('forbidden', `The run is ${run.status}, so the step '${name}' cannot start.`);
  if (run.status === 'failed' && run.execution_mode !== 'continue_on_failure')
    throw new Problem('forbidden', `The run has failed and its execution mode is ${run.execution_mode}, so the step '${name}' cannot start.`);
}

function configurationOf(request: StepRunRequest, run: RunOfStep, pipeline: Configuration): Step {
  if (request.dynamic_config && !run.is_dynamic) throw new Problem('forbidden', 'Only dynamic pipelines take a dynamic_config with a step.');
  if (!request.dynamic_config && run.stored === null) throw new Problem('not_found', `The snapshot of the run has no step '${request.name}'.`);
  const stored = (request.dynamic_config ? complete(StepInput, request.dynamic_config) : parseExact(run.stored as string)) as StoredStep;
  const { spec, step_config_overrides } = stored;
  return mergeStepConfiguration(pipeline, step_config_overrides === undefined ? stored : { spec, step_config_overrides }, { isDynamic: run.is_dynamic });
}

/** Parameters that a replay replaced by artifacts are none any more. */
function withoutParameters(step: Step, overridden: ReadonlySet<string>): Step {
  if (overridden.size === 0) return step;
  const parameters = Object.fromEntries(Object.entries((step.config.parameters ?? {}) as Configuration).filter(([name]) => !overridden.has(name)));
  return { ...step, config: { ...step.config, parameters } };
}

type Found = { attempts: Attempt[]; parents: string[]; originalInputs: InputLink[] };

/** Everything else a new step refers to, in one statement. @throws Problem 404 */
async function lookUp(tx: Tx, caller: Caller, request: StepRunRequest, run: LockedRun, step: Step): Promise<Found> {
  const { workspaceId } = caller;
  const upstream = (step.spec as { upstream_steps: string[] }).upstream_steps;
  const artifacts = [...Object.values(request.inputs), ...Object.values(request.outputs)].flat();
  const originalId = request.original_step_run_id ?? null;
  const [row] = await tx.query<{ attempts: string; parents: string; original: boolean; inputs: string; artifacts: string[] }>(
    sql`SELECT (SELECT coalesce(json_agg(json_build_object('id', x.id, 'status', x.status, 'version', x.version, 'model_version_id', x.model_version_id) ORDER BY x.version DESC), '[]'::json) FROM workspace.step_run x WHERE x.workspace_id = ${workspaceId} AND x.pipeline_run_id = ${run.id} AND x.name = ${request.name})::text AS attempts, (SELECT coalesce(json_agg(p), '[]'::json) FROM (SELECT DISTINCT ON (x.name) x.name, x.id FROM workspace.step_run x WHERE x.workspace_id = ${workspaceId} AND x.pipeline_run_id = ${run.id} AND x.name = ANY(${upstream}::text[]) ORDER BY x.name, x.version DESC) p)::text AS parents, EXISTS (SELECT 1 FROM workspace.step_run x WHERE x.workspace_id = ${workspaceId} AND x.id = ${originalId}::uuid AND x.project_id = ${run.project_id}) AS original, (SELECT coalesce(json_agg(i), '[]'::json) FROM workspace.step_run_input_artifact i WHERE i.workspace_id = ${workspaceId} AND i.step_id = ${originalId}::uuid)::text AS inputs, (SELECT array_agg(v.id) FROM workspace.artifact_version v WHERE v.workspace_id = ${workspaceId} AND v.project_id = ${run.project_id} AND v.id = ANY(${artifacts}::uuid[])) AS artifacts`,
  );
  const found = row as NonNullable<typeof row>;
  if (originalId && !found.original) throw new Problem('not_found', `No original step run with the ID ${originalId} found in the project.`);
  assertFound(artifacts, found.artifacts);
  const parents = JSON.parse(found.parents) as Parent[];
  const absent = upstream.find((name) => !parents.some((parent) => parent.name === name));
  if (absent) throw new Problem('not_found', `The step '${request.name}' comes after '${absent}', which this run has not started.`);
  return { attempts: JSON.parse(found.attempts), parents: parents.map((parent) => parent.id), originalInputs: JSON.parse(found.inputs) };
}

function assertFound(wanted: readonly string[], found: readonly string[] | null): void {
  const known = new Set(found ?? []);
  const unknown = wanted.find((id) => !known.has(id));
  if (unknown) throw new Problem('not_found', `No artifact version with the ID ${unknown} found in the project.`);
}

type NewStep = {
  id: string;
  version: number;
  isRetriable: boolean;
  status: ExecutionStatus;
  modelVersionId: string | null;
  step: Step;
  links: InputLink[];
  parents: string[];
};

const now = sql`(clock_timestamp() AT TIME ZONE 'utc')`;

/** The step and all its links, and earlier attempts become retried, in one statement. */
function insertStep(tx: Tx, caller: Caller, request: StepRunRequest, run: LockedRun, made: NewStep): void {
  const { workspaceId } = caller;
  const { config, spec } = made.step;
  const threshold = (spec as { enable_heartbeat?: boolean }).enable_heartbeat && run.enable_heartbeat ? (config.heartbeat_healthy_threshold as number) : null;
  const isCopy = made.status === 'cached' || made.status === 'skipped';
  tx.execute(
    sql`WITH step AS (INSERT INTO workspace.step_run (workspace_id, id, name, project_id, user_id, start_time, end_time, status, snapshot_id, pipeline_run_id, original_step_run_id, docstring, cache_key, cache_expires_at, code_hash, source_code, version, is_retriable, exception_info, heartbeat_threshold, model_version_id, step_configuration) VALUES (${workspaceId}, ${made.id}, ${request.name}, ${run.project_id}, ${caller.userId}, ${request.start_time}, ${request.end_time ?? null}, ${made.status}, ${run.snapshot_id}, ${run.id}, ${request.original_step_run_id ?? null}, ${request.docstring ?? null}, ${request.cache_key ?? null}, ${request.cache_expires_at ?? null}, ${request.code_hash ?? null}, ${request.source_code ?? null}, ${made.version}, ${made.isRetriable}, ${exceptionText(request.exception_info)}::json, ${threshold}, ${made.modelVersionId}, ${JSON.stringify({ spec, config })}::json)), earlier AS (UPDATE workspace.step_run SET status = 'retried', end_time = coalesce(end_time, ${now}) WHERE workspace_id = ${workspaceId} AND pipeline_run_id = ${run.id} AND name = ${request.name} AND status <> 'retried'), parents AS (INSERT INTO workspace.step_run_parents (workspace_id, parent_id, child_id) SELECT ${workspaceId}::uuid, p, ${made.id}::uuid FROM unnest(${made.parents}::uuid[]) AS p), inputs AS (${inputRows(workspaceId, made.id, made.links)}), outputs AS (${outputRows(workspaceId, made.id, request.outputs)}), metadata AS (INSERT INTO workspace.run_metadata_resource (workspace_id, resource_id, resource_type, run_metadata_id) SELECT l.workspace_id, ${made.id}::uuid, l.resource_type, l.run_metadata_id FROM workspace.run_metadata_resource l JOIN workspace.run_metadata m ON m.workspace_id = l.workspace_id AND m.id = l.run_metadata_id WHERE l.workspace_id = ${workspaceId} AND l.resource_type = 'step_run' AND l.resource_id = ${isCopy ? (request.original_step_run_id ?? null) : null}::uuid AND m.publisher_step_id = l.resource_id) SELECT 1`,
  );
}

function exceptionText(info: ExceptionInfo | null | undefined): string | null {
  return info ? toJsonText(complete(ExceptionInfo, info)) : null;
}

function inputRows(workspaceId: string, stepId: string, links: readonly InputLink[]) {
  return sql`INSERT INTO workspace.step_run_input_artifact (workspace_id, step_id, artifact_id, name, type, input_index, chunk_index, chunk_size) SELECT ${workspaceId}::uuid, ${stepId}::uuid, l.artifact_id, l.name, l.type, l.input_index, l.chunk_index, l.chunk_size FROM json_to_recordset(${JSON.stringify(links)}::json) AS l(name text, artifact_id uuid, type text, input_index int, chunk_index int, chunk_size int) ON CONFLICT DO NOTHING`;
}

function outputRows(workspaceId: string, stepId: string, outputs: Record<string, string[]>) {
  const rows = Object.entries(outputs).flatMap(([name, ids]) => ids.map((id) => ({ name, id })));
  return sql`INSERT INTO workspace.step_run_output_artifact (workspace_id, step_id, artifact_id, name) SELECT ${workspaceId}::uuid, ${stepId}::uuid, l.id, l.name FROM json_to_recordset(${JSON.stringify(rows)}::json) AS l(name text, id uuid) ON CONFLICT DO NOTHING`;
}

/** Tags of a pipeline that say so go on to what its steps put out. Steps that run attach them themselves; copied steps do not run. */
async function cascadeTags(tx: Tx, caller: Caller, pipeline: Configuration, outputs: Record<string, string[]>): Promise<void> {
  const tags = ((pipeline.tags ?? []) as (string | { name: string; cascade?: boolean | null })[]).filter((tag) => typeof tag === 'object' && tag.cascade);
  if (tags.length === 0) return;
  const ids = [...new Set(Object.values(outputs).flat())];
  await attachTagsToMany(
    tx,
    caller,
    ids.map((id) => ({ type: 'artifact_version', id, tags })),
  );
}

type ExistingStep = LockedRun & {
  allowed: boolean;
  step_status: ExecutionStatus;
  is_retriable: boolean;
  step_user_id: string | null;
  artifacts: string[] | null;
};

/** Changes a step and works out what that means for its run: at most four statements, whatever the outputs. */
export async function updateStep(tx: Tx, caller: Caller, id: string, update: StepRunUpdate): Promise<void> {
  const outputs = update.outputs ?? {};
  const loaded = Object.entries(update.loaded_artifact_versions ?? {});
  const artifacts = [...Object.values(outputs).flat(), ...loaded.map(([, artifact]) => artifact)];
  const [found] = await tx.query<ExistingStep>(
    sql`SELECT ${lockedRunColumns}, x.status AS step_status, x.is_retriable, x.user_id AS step_user_id, (SELECT array_agg(v.id) FROM workspace.artifact_version v WHERE v.workspace_id = r.workspace_id AND v.project_id = r.project_id AND v.id = ANY(${artifacts}::uuid[])) AS artifacts, ${allowedOnRun(caller, 'update')} AS allowed FROM workspace.step_run x JOIN workspace.pipeline_run r ON r.workspace_id = x.workspace_id AND r.id = x.pipeline_run_id LEFT JOIN workspace.pipeline_snapshot s ON s.workspace_id = r.workspace_id AND s.id = r.snapshot_id WHERE x.workspace_id = ${caller.workspaceId} AND x.id = ${id} FOR NO KEY UPDATE OF r, x`,
  );
  if (!found) throw missing(stepRun, id);
  if (!found.allowed) throw new AccessDenied('update', 'pipeline_run', found.id);
  if (update.status) assertStepStatus(found.step_status, update.status);
  const status = update.status ? stepStatusAfter(update.status, { status: found.step_status, isRetriable: found.is_retriable }, found.status) : null;
  assertFound(artifacts, found.artifacts);
  const links = loaded.map(([name, artifact_id]) => ({ name, artifact_id, type: 'manual', input_index: 0, chunk_index: null, chunk_size: null }));
  const exception = exceptionText(update.exception_info);
  tx.execute(
    sql`WITH outputs AS (${outputRows(caller.workspaceId, id, outputs)}), inputs AS (${inputRows(caller.workspaceId, id, links)}) UPDATE workspace.step_run SET status = coalesce(${status}, status), end_time = coalesce(${update.end_time ?? null}::timestamp, end_time), cache_expires_at = coalesce(${update.cache_expires_at ?? null}::timestamp, cache_expires_at), exception_info = CASE WHEN ${exception}::text IS NULL THEN exception_info ELSE ${exception}::json END, updated = ${now} WHERE workspace_id = ${caller.workspaceId} AND id = ${id}`,
  );
  await updateRunStatus(tx, caller, found);
  await openLogs(tx, caller, update.add_logs ?? [], { projectId: found.project_id, stepRunId: id, source: 'step', userId: found.step_user_id });
}
