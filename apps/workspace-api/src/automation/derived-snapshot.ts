import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import { parseExact } from '#libs/json/exact.js';
import type { Caller } from '#libs/resource/caller.js';
import type { ResourceStore } from '#libs/resource/store.js';
import type { PipelineRunConfiguration } from '#libs/wire/models/configuration.js';
import type { PipelineSnapshotRequest } from '#libs/wire/models/pipeline-snapshot.js';
import { createSnapshot } from '../pipelines/create-snapshot.js';
import { hasImages } from '../pipelines/runnable.js';
import { assertTemplatable } from '../pipelines/templatable.js';
import { secret } from '../secrets/secret.js';
import { wireVersion } from '../server/server.js';
import {
  assertRunsOnServer,
  type Component,
  type Document,
  pipelineOverrides,
  settingsKey,
  stepWithOverrides,
  updated,
  withSettingsKeys,
} from './run-overrides.rules.js';

type Source = {
  project_id: string;
  name: string | null;
  is_dynamic: boolean;
  run_name_template: string;
  pipeline_configuration: string;
  pipeline_spec: string | null;
  pipeline_version_hash: string | null;
  source_code: string | null;
  code_path: string | null;
  source_snapshot_id: string | null;
  stack_id: string | null;
  pipeline_id: string;
  build_id: string;
  client_version: string | null;
  build: { stack_id: string; stack_checksum: string | null; zenml_version: string | null };
  steps: Record<string, { spec: unknown; config: Document; step_config_overrides: Document }>;
  code_reference: { commit: string; subdirectory: string; code_repository: string } | null;
  components: (Component & { integration: string | null; is_synchronous: boolean })[];
  checksum: string;
};

/**
 * A copy of a snapshot with a run configuration worked into it, for runs that the server starts by itself. Runs of it count as runs of the
 * snapshot that people know by name.
 * @throws Problem 400 where the server cannot run it
 */
export async function deriveSnapshot(
  tx: Tx,
  store: ResourceStore,
  caller: Caller,
  snapshotId: string,
  configuration: PipelineRunConfiguration,
): Promise<string> {
  const source = await sourceOf(tx, caller, snapshotId);
  await assertTemplatable(tx, caller, snapshotId);
  if (!source?.stack_id)
    throw new Problem('invalid', 'The server cannot run this snapshot: its images are on one machine only, or its stack does not exist any more.');
  if (source.build.stack_checksum && source.build.stack_checksum !== source.checksum)
    throw new Problem('invalid', 'The stack was changed since the images of this snapshot were built, so they may lack something. Make a new snapshot.');
  const asked = configuration as Document & { steps?: Record<string, Document> | null };
  assertRunsOnServer(asked, source.is_dynamic);

  const version = source.build.zenml_version ?? source.client_version;
  const resolved = async (overrides: Document): Promise<Document> => ({
    ...overrides,
    ...(overrides.settings ? { settings: withSettingsKeys(overrides.settings, source.components, version) } : {}),
    ...(overrides.secrets ? { secrets: await secretIds(tx, store, caller, overrides.secrets as string[]) } : {}),
  });
  const pipeline = updated(parseExact(source.pipeline_configuration) as Document, await resolved(pipelineOverrides(asked, source.is_dynamic)));
  pipeline.settings = withoutWaiting(pipeline.settings, source, version);
  const steps: Record<string, unknown> = {};
  for (const [name, step] of Object.entries(source.steps)) steps[name] = stepWithOverrides(name, step, await resolved(asked.steps?.[name] ?? {}));
  const spec = source.pipeline_spec === null ? null : (parseExact(source.pipeline_spec) as Document);
  const hasParameters = Object.keys((pipeline.parameters ?? {}) as Document).length > 0;

  return createSnapshot(tx, store, caller, {
    project: source.project_id,
    is_dynamic: source.is_dynamic,
    run_name_template: configuration.run_name || source.run_name_template,
    pipeline_configuration: pipeline,
    step_configurations: steps,
    client_environment: {},
    client_version: wireVersion,
    server_version: wireVersion,
    stack: source.stack_id,
    pipeline: source.pipeline_id,
    build: source.build_id,
    code_reference: source.code_reference,
    code_path: source.code_path,
    source_snapshot: source.name === null ? source.source_snapshot_id : snapshotId,
    pipeline_version_hash: source.pipeline_version_hash,
    pipeline_spec: spec && hasParameters ? { ...spec, parameters: pipeline.parameters } : spec,
    source_code: source.source_code,
  } as PipelineSnapshotRequest);
}

/** The snapshot with all that is needed of its build and stack; nothing where the server could not run it. */
async function sourceOf(tx: Tx, caller: Caller, id: string): Promise<Source | undefined> {
  const component = sql`workspace.stack_composition m JOIN workspace.stack_component x ON x.workspace_id = m.workspace_id AND x.id = m.component_id JOIN workspace.flavor f ON f.workspace_id = x.workspace_id AND f.name = x.flavor AND f.type = x.type WHERE m.workspace_id = b.workspace_id AND m.stack_id = b.stack_id`;
  const [row] = await tx.query<
    Omit<Source, 'build' | 'steps' | 'code_reference' | 'components'> & Record<'build' | 'steps' | 'code_reference' | 'components', string | null>
  >(
    sql`SELECT t.*, json_build_object('stack_id', b.stack_id, 'stack_checksum', b.stack_checksum, 'zenml_version', b.zenml_version) AS build,
          (SELECT coalesce(json_object_agg(c.name, c.config ORDER BY c.index), '{}'::json) FROM workspace.step_configuration c WHERE c.workspace_id = t.workspace_id AND c.snapshot_id = t.id) AS steps,
          (SELECT json_build_object('commit', r."commit", 'subdirectory', r.subdirectory, 'code_repository', r.code_repository_id) FROM workspace.code_reference r WHERE r.workspace_id = t.workspace_id AND r.id = t.code_reference_id) AS code_reference,
          (SELECT coalesce(json_agg(json_build_object('type', x.type, 'name', x.name, 'flavor', x.flavor, 'is_synchronous', f.config_schema -> 'properties' -> 'synchronous' IS NOT NULL) ORDER BY x.created, x.id), '[]'::json) FROM ${component}) AS components,
          md5(coalesce((SELECT string_agg(i.integration, '' ORDER BY i.integration COLLATE "C") FROM (SELECT DISTINCT f.integration FROM ${component} AND f.integration <> 'built-in') i), '')) AS checksum
        FROM workspace.pipeline_snapshot t JOIN workspace.pipeline_build b ON b.workspace_id = t.workspace_id AND b.id = t.build_id
        WHERE t.workspace_id = ${caller.workspaceId} AND t.id = ${id} AND ${hasImages(sql`t`, null as never)}`,
  );
  if (!row) return undefined;
  const parsed = <T>(text: string | null) => (text === null ? null : parseExact(text)) as T;
  return { ...row, build: parsed(row.build), steps: parsed(row.steps), code_reference: parsed(row.code_reference), components: parsed(row.components) };
}

/** Nobody waits for a run that the server starts, so its orchestrator must not either. */
function withoutWaiting(settings: unknown, { components }: Source, version: string | null): Document {
  const orchestrator = components.find(({ type }) => type === 'orchestrator');
  if (!orchestrator?.is_synchronous) return (settings ?? {}) as Document;
  const keyed = withSettingsKeys(settings, components, version);
  const key = settingsKey(orchestrator, version);
  return { ...keyed, [key]: { ...(keyed[key] as Document | undefined), synchronous: false } };
}

async function secretIds(tx: Tx, store: ResourceStore, caller: Caller, namesOrIds: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const one of namesOrIds) ids.push(await store.idOf(tx, caller, secret, one));
  return ids;
}
