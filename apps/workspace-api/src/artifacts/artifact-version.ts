import { Controller } from '@nestjs/common';
import { Last, type Runner, type Tx } from '#libs/database/db.js';
import { databaseFault } from '#libs/database/errors.js';
import { identifier, join, raw, type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { JsonText } from '#libs/http/reply.js';
import type { Caller } from '#libs/resource/caller.js';
import { aggregatedList } from '#libs/resource/json.js';
import { Predicate } from '#libs/resource/predicate.js';
import { documentOf, toMany, toOne } from '#libs/resource/render.js';
import { type Expression, type FilterRule, Render, type Resource, resource, tableOf } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { ArtifactVersionFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { artifactVersions } from '#libs/wire/operations/artifact-versions.js';
import { attachTags, detachTags } from '../metadata/tag-resource.js';
import { project } from '../projects/project.js';
import { artifact } from './artifact.js';
import { artifactVisualization } from './artifact-visualization.js';
import { createArtifactVersions } from './create-artifact-version.js';

/** The earliest completed step that has the version among its outputs; steps that took it from the cache did not make it. */
function producer(column: 'id' | 'pipeline_run_id'): Expression {
  return (t) =>
    sql`(SELECT s.${identifier(column)} FROM workspace.step_run_output_artifact o JOIN workspace.step_run s ON s.workspace_id = o.workspace_id AND s.id = o.step_id WHERE o.workspace_id = ${t}.workspace_id AND o.artifact_id = ${t}.id AND s.status = 'completed' ORDER BY s.created, s.id LIMIT 1)`;
}

/** Whether any row of a table refers to the version. */
function referredBy(table: string, column: string, t: Sql): Sql {
  return sql`EXISTS (SELECT 1 FROM ${identifier('workspace', table)} u WHERE u.workspace_id = ${t}.workspace_id AND u.${identifier(column)} = ${t}.id)`;
}

const steps = [
  ['step_run_output_artifact', 'artifact_id'],
  ['step_run_input_artifact', 'artifact_id'],
] as const;
/** What keeps a version from being pruned. */
const users = [...steps, ['pipeline_run_output', 'artifact_id'], ['hook_invocation_output_artifact', 'artifact_version_id']] as const;

function isUnused(t: Sql, by: readonly (readonly [string, string])[] = steps): Sql {
  return sql`NOT (${join(
    by.map(([table, column]) => referredBy(table, column, t)),
    ' OR ',
  )})`;
}

/** A JSON column that is filtered like a column of text. */
function onText(column: 'materializer' | 'data_type'): FilterRule {
  return (predicate, t) => Predicate.parse(column, predicate.text).on(sql`${t}.${identifier(column)}::text`, 'str');
}

export const artifactVersion: Resource = resource({
  name: 'artifact version',
  table: 'artifact_version',
  access: { type: 'artifact_version', through: { parent: () => artifact, column: 'artifact_id' } },
  named: false,
  body: {
    artifact: toOne(() => artifact, 'artifact_id'),
    version: 'version',
    uri: 'uri',
    type: 'type',
    materializer: 'materializer',
    data_type: 'data_type',
    save_type: 'save_type',
    artifact_store_id: 'artifact_store_id',
    content_hash: 'content_hash',
    item_count: 'item_count',
  },
  metadata: {
    visualizations: toMany(
      () => artifactVisualization,
      (x, t) => sql`${x}.artifact_version_id = ${t}.id`,
      (x) => sql`${x}.position, ${x}.created, ${x}.id`,
    ),
  },
  resources: { producer_step_run_id: producer('id'), producer_pipeline_run_id: producer('pipeline_run_id') },
  taggable: 'artifact_version',
  runMetadata: 'artifact_version',
  counted: true,
  filter: ArtifactVersionFilter,
  filters: {
    materializer: onText('materializer'),
    data_type: onText('data_type'),
    artifact: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.artifact a WHERE a.workspace_id = ${t}.workspace_id AND a.id = ${t}.artifact_id AND ${predicate.nameOrId(sql`a.id`, sql`a.name`)})`,
    // The older name of the same filter.
    artifact_id: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.artifact a WHERE a.workspace_id = ${t}.workspace_id AND a.id = ${t}.artifact_id AND ${predicate.nameOrId(sql`a.id`, sql`a.name`)})`,
    only_unused: (predicate, t) => (predicate.flag() ? isUnused(t) : null),
    has_custom_name: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.artifact a WHERE a.workspace_id = ${t}.workspace_id AND a.id = ${t}.artifact_id AND ${predicate.on(sql`a.has_custom_name`, 'bool')})`,
    model_version_id: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.model_versions_artifacts l WHERE l.workspace_id = ${t}.workspace_id AND l.artifact_version_id = ${t}.id AND ${predicate.on(sql`l.model_version_id`, 'uuid')})`,
    model: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.model_versions_artifacts l JOIN workspace.model_version v ON v.workspace_id = l.workspace_id AND v.id = l.model_version_id JOIN workspace.model m ON m.workspace_id = v.workspace_id AND m.id = v.model_id WHERE l.workspace_id = ${t}.workspace_id AND l.artifact_version_id = ${t}.id AND ${predicate.nameOrId(sql`m.id`, sql`m.name`)})`,
    pipeline_run: (predicate, t) =>
      sql`${t}.id IN (SELECT io.artifact_id FROM workspace.pipeline_run r JOIN workspace.step_run s ON s.workspace_id = r.workspace_id AND s.pipeline_run_id = r.id JOIN (SELECT workspace_id, step_id, artifact_id FROM workspace.step_run_input_artifact UNION ALL SELECT workspace_id, step_id, artifact_id FROM workspace.step_run_output_artifact) io ON io.workspace_id = s.workspace_id AND io.step_id = s.id WHERE r.workspace_id = ${t}.workspace_id AND ${predicate.nameOrId(sql`r.id`, sql`r.name`)})`,
  },
  sorts: { materializer: (t) => sql`${t}.materializer::text`, data_type: (t) => sql`${t}.data_type::text` },
});

@Controller()
export class ArtifactVersionController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(artifactVersions.list_artifact_versions, { action: 'read', on: 'artifact', also: 'versions are as readable as their artifact' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof artifactVersions.list_artifact_versions>) {
    return this.store.list(caller, artifactVersion, input);
  }

  @Operation(artifactVersions.get_artifact_version, { action: 'read', on: 'artifact', also: 'versions are as readable as their artifact' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof artifactVersions.get_artifact_version>) {
    return this.store.get(caller, artifactVersion, path.artifact_version_id, query);
  }

  @Operation(artifactVersions.create_artifact_version, { action: 'create', on: 'artifact_version' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof artifactVersions.create_artifact_version>) {
    return this.store.write(caller, async (tx) => {
      const ids = await createArtifactVersions(tx, caller, [body]);
      return this.#made(caller, ids, false);
    });
  }

  @Operation(artifactVersions.batch_create_artifact_version, { action: 'create', on: 'artifact_version' })
  createBatch(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof artifactVersions.batch_create_artifact_version>) {
    return this.store.write(caller, async (tx) => {
      if (body.length === 0) {
        caller.access.require('create', 'artifact_version');
        return new JsonText('[]');
      }
      const ids = await createArtifactVersions(tx, caller, body);
      return this.#made(caller, ids, true);
    });
  }

  @Operation(artifactVersions.update_artifact_version, { action: 'update', on: 'artifact_version' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof artifactVersions.update_artifact_version>) {
    return this.store.write(caller, async (tx) => {
      const id = path.artifact_version_id;
      await this.store.row(tx, caller, artifactVersion, id, 'update', { columns: ['id'], lock: true });
      await this.store.updateRow(tx, caller, artifactVersion, id, {});
      await attachTags(tx, caller, 'artifact_version', id, body.add_tags);
      await detachTags(tx, caller, 'artifact_version', id, body.remove_tags);
      return this.store.reply(caller, artifactVersion, id, tx);
    });
  }

  @Operation(artifactVersions.prune_artifact_versions, { action: 'prune', on: 'artifact_version' })
  prune(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof artifactVersions.prune_artifact_versions>) {
    return this.store.write(caller, async (tx) => {
      const projectId = await this.store.idOf(tx, caller, project, query.project_name_or_id);
      caller.access.require('prune', 'artifact_version', { projectId });
      await tx.query(
        sql`DELETE FROM workspace.artifact_version v WHERE v.workspace_id = ${caller.workspaceId} AND v.project_id = ${projectId} AND ${isUnused(raw('v'), users)}`,
      );
      if (!query.only_versions) {
        await tx.query(
          sql`DELETE FROM workspace.artifact a WHERE a.workspace_id = ${caller.workspaceId} AND a.project_id = ${projectId} AND NOT EXISTS (SELECT 1 FROM workspace.artifact_version v WHERE v.workspace_id = a.workspace_id AND v.artifact_id = a.id)`,
        );
      }
      return null;
    });
  }

  /** What was made is its owner's, who may read it: one document, or a list in the order of the ids. */
  #made(caller: Caller, ids: readonly string[], isList: boolean): Last<JsonText> {
    const render = new Render(caller);
    const t = render.alias();
    const document = documentOf(artifactVersion, t, render, { metadata: true, resources: true });
    const doc = isList ? aggregatedList(document, sql`array_position(${ids}::uuid[], ${t}.id)`) : document;
    return new Last(
      sql`SELECT ${doc}::text AS doc FROM ${tableOf(artifactVersion)} ${t} WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${t}.id = ANY(${ids}::uuid[])`,
      ([row]) => new JsonText((row as { doc: string }).doc),
    );
  }
}

/** @throws Problem 400 for a version that a step took or made */
export async function assertUnused(tx: Runner, caller: Caller, id: string): Promise<void> {
  const [row] = await tx.query<{ unused: boolean }>(
    sql`SELECT ${isUnused(raw('v'))} AS unused FROM workspace.artifact_version v WHERE v.workspace_id = ${caller.workspaceId} AND v.id = ${id}`,
  );
  if (row && !row.unused) throw new Problem('invalid', 'Artifact versions that runs use cannot be deleted. Delete all runs that use this version first.');
}

/** Runs a DELETE of versions. Outputs of whole runs hold on to their versions, unlike those of steps. */
export async function deleteArtifactVersions(tx: Tx, statement: Sql): Promise<void> {
  try {
    await tx.query(statement);
  } catch (error) {
    if (databaseFault(error)?.kind === 'foreign_key')
      throw new Problem('forbidden', 'An artifact version is the output of a run and cannot be deleted. Delete the run first.', { cause: error });
    throw error;
  }
}
