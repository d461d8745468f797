import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { countMade } from '#libs/resource/plan.js';
import type { ResourceStore } from '#libs/resource/store.js';
import type { PipelineRunConfiguration } from '#libs/wire/models/configuration.js';
import type { PipelineSnapshotRequest } from '#libs/wire/models/pipeline-snapshot.js';
import type { ReplayRunConfiguration } from '#libs/wire/models/server-side-run.js';
import type { Binding } from '#libs/workloads/workload-queue.js';
import type { Installation } from '../installation.js';
import { fillTemplate, withSubstitutions } from '../pipelines/configuration.rules.js';
import { createSnapshot } from '../pipelines/create-snapshot.js';
import { getOrCreateRun } from '../runs/record-run.js';
import { secret } from '../secrets/secret.js';
import { wireVersion } from '../server/server.js';
import { assertRunConfiguration, assertSteps, type DerivedSnapshot, derivedSnapshot } from './derived-snapshot.rules.js';
import type { ServerSideRuns } from './server-side-runs.js';
import { anyCluster, assertRunnable, type LoadedSnapshot, loadSource } from './source-snapshot.js';

export const queuedReason = 'Queued: waiting for a worker of the server.';

/** When a queue that is full may have room again; nobody knows how long runs take. */
const retryAfterSeconds = 30;

export type RunOrder = {
  snapshotId: string;
  configuration: PipelineRunConfiguration | ReplayRunConfiguration | null | undefined;
  templateId?: string;
  /** The step that asks for the run. */
  stepRunId?: string | null | undefined;
  originalRunId?: string;
};

/** The runner, or what to tell who wants one. */
export function serverSideRuns(installation: Installation): ServerSideRuns {
  if (!installation.serverSideRuns)
    throw new Problem('not_implemented', 'No workload runner is configured: set WORKLOAD_PYTHON, or WORKLOAD_RUNNER=kubernetes.');
  return installation.serverSideRuns;
}

/** Records a run of a snapshot under a configuration, and queues it. The caller may read the snapshot. @returns the run's id. @throws Problem 400, 404, 429, 501 */
export async function startRun(installation: Installation, store: ResourceStore, tx: Tx, caller: Caller, order: RunOrder): Promise<string> {
  const source = await loadSource(tx, caller, order.snapshotId, (installation.serverSideRuns ?? anyCluster).runnerName);
  caller.access.require('create', 'pipeline_deployment', { projectId: source.project_id });
  caller.access.require('create', 'pipeline_run', { projectId: source.project_id });
  const runs = serverSideRuns(installation);
  assertRunnable(source, runs);
  assertSteps(source, (order.configuration ?? {}) as never);
  const { snapshotId, derived } = await deriveForRun(tx, store, caller, source, order);
  const startTime = `${new Date(installation.options.clock()).toISOString().slice(0, 23)}${microseconds()}`;
  const { substitutions } = withSubstitutions(derived.pipeline_configuration, startTime) as { substitutions: Record<string, string> };
  const { id: runId } = await getOrCreateRun(tx, caller, {
    project: source.project_id,
    name: fillTemplate(derived.run_name_template, substitutions).slice(0, 255),
    snapshot: snapshotId,
    start_time: startTime,
    status: 'initializing',
    status_reason: queuedReason,
    orchestrator_environment: {},
    tags: derived.pipeline_configuration.tags as never,
    logs: { source: 'runner' },
    ...(order.stepRunId ? { trigger_info: { step_run_id: order.stepRunId } } : {}),
    ...(order.originalRunId ? { original_run_id: order.originalRunId } : {}),
  });
  await countMade(tx, caller, 'template_run', runId);
  const { queueLimit } = runs.options;
  const added = await runs.queue.add(tx, caller.workspaceId, { runId, snapshotId, userId: caller.userId, binding: bindingOf(caller) }, queueLimit);
  if (!added) throw queueFull(queueLimit);
  tx.afterCommit(() => runs.wake());
  return runId;
}

/** A copy of a snapshot with a run configuration worked into it. The caller may read the snapshot and create others. @throws Problem 400, 404, 501 */
export async function deriveForRun(
  tx: Tx,
  store: ResourceStore,
  caller: Caller,
  source: LoadedSnapshot,
  order: Pick<RunOrder, 'configuration' | 'templateId'>,
): Promise<{ snapshotId: string; derived: DerivedSnapshot }> {
  const configuration = await withSecretIds(store, tx, caller, order.configuration ?? {});
  assertRunConfiguration(configuration, source.isDynamic);
  assertInputs(configuration);

  const derived = derivedSnapshot(source, configuration as never);
  const request = {
    ...derived,
    project: source.project_id,
    is_dynamic: source.isDynamic,
    client_environment: {},
    client_version: wireVersion,
    server_version: wireVersion,
    stack: source.stack_id,
    pipeline: source.pipeline_id,
    build: source.build_id,
    code_reference: source.codeReference,
    code_path: source.code_path,
    template: order.templateId ?? null,
    // The nearest one that people know by name, so that its runs are found there.
    source_snapshot: source.name === null ? source.source_snapshot_id : source.id,
    pipeline_version_hash: source.pipeline_version_hash,
    source_code: source.source_code,
  };
  const snapshotId = await createSnapshot(tx, store, caller, request as unknown as PipelineSnapshotRequest); // documents of the database, which have passed this model before
  return { snapshotId, derived };
}

export function queueFull(limit: number): Problem {
  const headers = { 'Retry-After': String(retryAfterSeconds) };
  return new Problem('busy', `${limit} runs are waiting already. Try again when some of them have started.`, { headers });
}

let lastMicrosecond = Math.floor(Math.random() * 1000);

/** Clocks here tell milliseconds. Names of runs are made of the time down to the microsecond, and runs that start together must not get the same. */
function microseconds(): string {
  lastMicrosecond = (lastMicrosecond + 1) % 1000;
  return String(lastMicrosecond).padStart(3, '0');
}

/** The run's token ends with the key or device that started the run. */
export function bindingOf({ token }: Caller): Binding {
  const { api_key_id, key_gen, device_id } = (token ?? {}) as Binding;
  return { ...(api_key_id ? { api_key_id } : {}), ...(key_gen === undefined ? {} : { key_gen }), ...(device_id ? { device_id } : {}) };
}

type Configured = PipelineRunConfiguration & Partial<ReplayRunConfiguration>;

/** Secrets by their ids, all of which the caller may read. @throws Problem 404, AccessDenied */
async function withSecretIds(store: ResourceStore, tx: Tx, caller: Caller, configuration: Configured): Promise<Configured> {
  const named = [configuration, ...Object.values(configuration.steps ?? {})].flatMap(({ secrets }) => secrets ?? []);
  const ids = new Map<string, string>();
  for (const name of new Set(named)) {
    const id = await store.idOf(tx, caller, secret, name);
    await store.row(tx, caller, secret, id, 'read', { columns: ['id'] });
    ids.set(name, id);
  }
  const resolved = <T extends { secrets?: string[] | null | undefined }>(one: T): T =>
    one.secrets ? { ...one, secrets: one.secrets.map((name) => ids.get(name) as string) } : one;
  const steps = configuration.steps && Object.fromEntries(Object.entries(configuration.steps).map(([name, step]) => [name, resolved(step)]));
  return { ...resolved(configuration), ...(steps ? { steps } : {}) };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Other inputs of a step must be artifacts: making one of a value takes the Python classes of whoever wrote the step. @throws Problem 501 */
function assertInputs(configuration: Configured): void {
  for (const field of ['step_input_overrides', 'step_default_input_overrides'] as const)
    for (const [step, inputs] of Object.entries(configuration[field] ?? {}))
      for (const [name, value] of Object.entries(inputs))
        if (typeof value !== 'string' || !uuid.test(value))
          throw new Problem(
            'not_implemented',
            `The input '${name}' of the step '${step}' must be the ID of an artifact version. Save the value as an artifact first.`,
          );
}

/** The snapshot that a run came from. @throws Problem 400 */
export async function snapshotOfRun(tx: Tx, caller: Caller, runId: string): Promise<string> {
  const [row] = await tx.query<{ snapshot_id: string | null }>(
    sql`SELECT snapshot_id FROM workspace.pipeline_run WHERE workspace_id = ${caller.workspaceId} AND id = ${runId}`,
  );
  if (!row?.snapshot_id) throw new Problem('invalid', 'This run has no snapshot, so it cannot be run again.');
  return row.snapshot_id;
}
