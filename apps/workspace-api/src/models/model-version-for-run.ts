import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { raw, type Sql, sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { countMade } from '#libs/resource/plan.js';
import { allowed, Render, tableOf } from '#libs/resource/resource.js';
import { createModelVersion } from './create-model-version.js';
import { model } from './model.js';
import { assertVersionName, type Reference, referenceOf } from './model-version.rules.js';

/** The model of a run's or step's configuration, with substitutions already filled in. */
export type ConfiguredModel = {
  name: string;
  version?: string | number | null | undefined;
  license?: string | null | undefined;
  description?: string | null | undefined;
  audience?: string | null | undefined;
  use_cases?: string | null | undefined;
  limitations?: string | null | undefined;
  trade_offs?: string | null | undefined;
  ethics?: string | null | undefined;
  tags?: readonly string[] | null | undefined;
  save_models_to_registry?: boolean | null | undefined;
};

/**
 * The model version that a run or one of its steps works on. Model and version are made when they do not exist; versions that are named by number or
 * stage must exist. Without a version, all steps of a run share one numbered version. One statement when everything exists.
 * @returns the id of the version
 */
export async function getOrCreateModelVersion(
  tx: Tx,
  caller: Caller,
  { project, model: configured, runId }: { project: string; model: ConfiguredModel; runId: string },
): Promise<string> {
  const text = configured.version === null || configured.version === undefined ? null : String(configured.version);
  const reference = text === null ? null : referenceOf(text);
  const found = await find(tx, caller, project, configured.name, runId, reference);
  if (found?.version) return found.version;
  const modelId = found?.id ?? (await getOrCreateModel(tx, caller, project, configured));
  if (reference && reference.by !== 'name') throw new Problem('not_found', `The model '${configured.name}' has no version '${text}'.`);
  if (reference) assertVersionName(reference.name);
  // Another step of the run may make the same version at this moment; whoever has the lock first makes it, the others find it.
  await tx.query(sql`SELECT id FROM workspace.model WHERE workspace_id = ${caller.workspaceId} AND id = ${modelId} FOR NO KEY UPDATE`);
  const again = await find(tx, caller, project, configured.name, runId, reference);
  if (again?.version) return again.version;
  caller.access.require('create', 'model_version', { projectId: project });
  return createModelVersion(tx, caller, {
    projectId: project,
    modelId,
    name: reference?.name,
    description: configured.description,
    tags: configured.tags,
    producerRunId: runId,
  });
}

/** The model and the version meant by the reference. @throws AccessDenied for a model that the caller may not read */
async function find(
  tx: Tx,
  caller: Caller,
  project: string,
  name: string,
  runId: string,
  reference: Reference | null,
): Promise<{ id: string; version: string | null } | null> {
  const render = new Render(caller);
  const m = render.alias();
  const readable = allowed(model, 'read', m, render) ?? raw('true');
  const [row] = await tx.query<{ id: string; version: string | null; readable: boolean }>(
    sql`SELECT ${m}.id, ${readable} AS readable, (SELECT v.id FROM workspace.model_version v WHERE v.workspace_id = ${m}.workspace_id AND v.model_id = ${m}.id AND ${match(reference, runId)} ORDER BY v.number DESC LIMIT 1) AS version FROM ${tableOf(model)} ${m} WHERE ${m}.workspace_id = ${caller.workspaceId} AND ${m}.project_id = ${project} AND ${m}.name = ${name}`,
  );
  if (row && !row.readable) throw new AccessDenied('read', 'model', row.id);
  return row ?? null;
}

function match(reference: Reference | null, runId: string): Sql {
  if (!reference) return sql`v.producer_run_id_if_numeric = ${runId}`;
  switch (reference.by) {
    case 'number':
      return sql`v.number = ${reference.number}`;
    case 'latest':
      return raw('true');
    case 'stage':
      return sql`v.stage = ${reference.stage}`;
    case 'name':
      return sql`v.name = ${reference.name}`;
  }
}

async function getOrCreateModel(tx: Tx, caller: Caller, project: string, configured: ConfiguredModel): Promise<string> {
  caller.access.require('create', 'model', { projectId: project });
  const { name, license, description, audience, use_cases, limitations, trade_offs, ethics, save_models_to_registry } = configured;
  const [row] = await tx.query<{ id: string; is_new: boolean }>(
    sql`INSERT INTO workspace.model (workspace_id, name, project_id, user_id, license, description, audience, use_cases, limitations, trade_offs, ethics, save_models_to_registry) VALUES (${caller.workspaceId}, ${name}, ${project}, ${caller.userId}, ${license ?? null}, ${description ?? null}, ${audience ?? null}, ${use_cases ?? null}, ${limitations ?? null}, ${trade_offs ?? null}, ${ethics ?? null}, ${save_models_to_registry ?? true}) ON CONFLICT (workspace_id, project_id, name) DO UPDATE SET name = excluded.name RETURNING id, (xmax = 0) AS is_new`,
  );
  const { id, is_new } = row as { id: string; is_new: boolean };
  if (is_new) await countMade(tx, caller, 'model', id);
  return id;
}

/** Links a run to its model version; one statement, nothing when the link exists. */
export async function linkRunToModelVersion(tx: Tx, caller: Caller, modelVersionId: string, runId: string): Promise<void> {
  await tx.query(
    sql`INSERT INTO workspace.model_versions_runs (workspace_id, model_version_id, pipeline_run_id) VALUES (${caller.workspaceId}, ${modelVersionId}, ${runId}) ON CONFLICT (workspace_id, model_version_id, pipeline_run_id) DO NOTHING`,
  );
}

/** Links artifact versions, a step's inputs or outputs, to its model version; one statement for all of them. */
export async function linkArtifactsToModelVersion(tx: Tx, caller: Caller, modelVersionId: string, artifactVersionIds: readonly string[]): Promise<void> {
  if (artifactVersionIds.length === 0) return;
  await tx.query(
    sql`INSERT INTO workspace.model_versions_artifacts (workspace_id, model_version_id, artifact_version_id) SELECT ${caller.workspaceId}::uuid, ${modelVersionId}::uuid, a FROM unnest(${[...new Set(artifactVersionIds)]}::uuid[]) AS a ON CONFLICT (workspace_id, model_version_id, artifact_version_id) DO NOTHING`,
  );
}
