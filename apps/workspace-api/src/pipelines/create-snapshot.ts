import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertName } from '#libs/resource/name.js';
import type { ResourceStore } from '#libs/resource/store.js';
import { complete } from '#libs/wire/complete.js';
import { PipelineConfigurationInput, PipelineSpecInput, StepInput } from '#libs/wire/models/configuration.js';
import type { PipelineSnapshotRequest } from '#libs/wire/models/pipeline-snapshot.js';
import { insertSnapshotEvent } from '../events/platform-event.js';
import { attachTags } from '../metadata/tag-resource.js';
import { codeReferenceId } from './code-reference.js';
import { type Configuration, mergeStepConfiguration } from './configuration.rules.js';
import { snapshot } from './snapshot.js';
import { keptEnvironment } from './snapshot.rules.js';
import { holderOf, releaseName } from './snapshot-cleanup.js';

/** Everything a new snapshot needs, in one transaction. Returns its id. */
export async function createSnapshot(tx: Tx, store: ResourceStore, caller: Caller, body: PipelineSnapshotRequest): Promise<string> {
  const name = typeof body.name === 'string' ? body.name : null;
  if (name !== null) assertName('snapshot', name);
  const configuration = complete(PipelineConfigurationInput, body.pipeline_configuration) as Configuration;
  const steps = storedSteps(configuration, body);
  const values = {
    ...body,
    name,
    pipeline_configuration: configuration,
    pipeline_spec: body.pipeline_spec && complete(PipelineSpecInput, body.pipeline_spec),
    client_environment: keptEnvironment(body.client_environment),
    code_repository: body.code_reference?.code_repository,
  };
  if (name !== null && body.replace) await replace(tx, store, caller, body.pipeline, name, null);
  const id = await store.insert(tx, caller, snapshot, values, { step_count: steps.length });
  // Only now, since the insert has checked that the code repository is there.
  if (body.code_reference) {
    const reference = await codeReferenceId(tx, caller, body.project, body.code_reference);
    tx.execute(sql`UPDATE workspace.pipeline_snapshot SET code_reference_id = ${reference} WHERE workspace_id = ${caller.workspaceId} AND id = ${id}`);
  }
  tx.execute(
    sql`WITH event AS (${insertSnapshotEvent(caller.workspaceId, id)}) INSERT INTO workspace.step_configuration (workspace_id, snapshot_id, index, name, config) SELECT ${caller.workspaceId}::uuid, ${id}::uuid, s.n - 1, s.name, s.config::json FROM unnest(${steps.map(([step]) => step)}::text[], ${steps.map(([, text]) => text)}::text[]) WITH ORDINALITY AS s(name, config, n)`,
  );
  await attachTags(tx, caller, 'pipeline_snapshot', id, body.tags);
  return id;
}

/**
 * Steps as JSON text, ready to be sent: what a step inherits from the pipeline is merged once, here, since neither changes later.
 * What is the step's own stays beside it.
 */
function storedSteps(pipeline: Configuration, body: PipelineSnapshotRequest): [name: string, text: string][] {
  return Object.entries(body.step_configurations).map(([name, step]) => {
    const { spec, step_config_overrides } = complete(StepInput, step);
    const merged = mergeStepConfiguration(pipeline, { spec, step_config_overrides }, { isDynamic: body.is_dynamic });
    assertEnvironment(name, merged.config.environment as Record<string, unknown>);
    return [name, JSON.stringify(merged)];
  });
}

/** The environment of a pipeline takes any values, that of a step only text. @throws Problem 422 */
function assertEnvironment(step: string, environment: Record<string, unknown>): void {
  const name = Object.keys(environment).find((key) => typeof environment[key] !== 'string');
  if (name !== undefined) throw new Problem('unprocessable', `The environment variable '${name}' must be text, since the step '${step}' inherits it.`);
}

/** Frees a name for another snapshot. Who takes it over must be allowed to delete its holder. */
export async function replace(tx: Tx, store: ResourceStore, caller: Caller, pipelineId: string, name: string, keeper: string | null): Promise<void> {
  const holder = await holderOf(tx, caller, pipelineId, name);
  if (holder === null || holder === keeper) return;
  await store.row(tx, caller, snapshot, holder, 'delete', { columns: ['id'] });
  await releaseName(tx, caller, holder);
}
