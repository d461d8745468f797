import { sql } from '#libs/database/sql.js';
import { bareDepth, byName, listOf, nested, toOne } from '#libs/resource/render.js';
import { type Expression, type Resource, resource } from '#libs/resource/resource.js';
import { StepRunFilter } from '#libs/wire/filters.js';
import { artifactVersion } from '../artifacts/artifact-version.js';
import { modelVersion } from '../models/model-version.js';
import { logCollection, run } from './run.js';

/** What a step put out, by output name. */
const outputs: Expression = (t, render) => {
  const x = render.alias();
  return byName(
    nested(artifactVersion, x, render),
    sql`${x}.created, ${x}.id`,
    sql`FROM workspace.step_run_output_artifact l JOIN workspace.artifact_version ${x} ON ${x}.workspace_id = l.workspace_id AND ${x}.id = l.artifact_id WHERE l.workspace_id = ${t}.workspace_id AND l.step_id = ${t}.id`,
  );
};

/** What went into a step, by input name: bare artifact versions that also say how they got there. */
const inputs: Expression = (t, render) => {
  const x = render.alias();
  const document = nested(artifactVersion, x, render, bareDepth, {
    input_type: sql`l.type`,
    index: sql`l.input_index`,
    chunk_index: sql`l.chunk_index`,
    chunk_size: sql`l.chunk_size`,
  });
  return byName(
    document,
    sql`l.input_index, ${x}.created, l.artifact_id`,
    sql`FROM workspace.step_run_input_artifact l JOIN workspace.artifact_version ${x} ON ${x}.workspace_id = l.workspace_id AND ${x}.id = l.artifact_id WHERE l.workspace_id = ${t}.workspace_id AND l.step_id = ${t}.id`,
  );
};

export const stepRun: Resource = resource({
  name: 'step run',
  table: 'step_run',
  access: { type: null, through: { parent: () => run, column: 'pipeline_run_id' } },
  body: {
    // The configuration is complete when a step is created: merged with the pipeline's and with all substitutions.
    type: (t) => sql`${t}.step_configuration -> 'config' -> 'step_type'`,
    status: 'status',
    version: 'version',
    is_retriable: 'is_retriable',
    start_time: 'start_time',
    end_time: 'end_time',
    latest_heartbeat: 'latest_heartbeat',
    model_version_id: 'model_version_id',
    resource_request_id: 'resource_request_id',
    substitutions: (t) => sql`coalesce(${t}.step_configuration -> 'config' -> 'substitutions', '{}'::json)`,
    heartbeat_threshold: 'heartbeat_threshold',
  },
  metadata: {
    config: (t) => sql`${t}.step_configuration -> 'config'`,
    spec: (t) => sql`${t}.step_configuration -> 'spec'`,
    cache_key: 'cache_key',
    cache_expires_at: 'cache_expires_at',
    code_hash: 'code_hash',
    docstring: 'docstring',
    source_code: 'source_code',
    exception_info: 'exception_info',
    snapshot_id: 'snapshot_id',
    pipeline_run_id: 'pipeline_run_id',
    original_step_run_id: 'original_step_run_id',
    parent_step_ids: listOf(
      (t) => sql`SELECT p.parent_id FROM workspace.step_run_parents p WHERE p.workspace_id = ${t}.workspace_id AND p.child_id = ${t}.id ORDER BY p.parent_id`,
    ),
  },
  resources: {
    log_collection: logCollection('step_run_id'),
    model_version: toOne(() => modelVersion, 'model_version_id'),
    inputs,
    outputs,
    resource_request: () => sql`null::json`,
  },
  runMetadata: 'step_run',
  counted: true,
  filter: StepRunFilter,
  filters: {
    model: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.model_version v JOIN workspace.model x ON x.workspace_id = v.workspace_id AND x.id = v.model_id WHERE v.workspace_id = ${t}.workspace_id AND v.id = ${t}.model_version_id AND ${predicate.nameOrId(sql`x.id`, sql`x.name`)})`,
    exclude_retried: (predicate, t) => (predicate.flag() ? sql`${t}.status <> 'retried'` : null),
    cache_expired: (predicate, t) =>
      predicate.flag()
        ? sql`${t}.cache_expires_at < (now() AT TIME ZONE 'utc')`
        : sql`(${t}.cache_expires_at IS NULL OR ${t}.cache_expires_at > (now() AT TIME ZONE 'utc'))`,
  },
});
