import { Controller } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { raw, type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { uuidOf } from '#libs/resource/predicate.js';
import { toOne } from '#libs/resource/render.js';
import { allowed, type FilterRule, Render, type Resource, resource, tableOf } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { ModelVersionArtifactFilter, ModelVersionPipelineRunFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { modelVersionArtifacts } from '#libs/wire/operations/model-version-artifacts.js';
import { modelVersionPipelineRuns } from '#libs/wire/operations/model-version-pipeline-runs.js';
import { modelVersions } from '#libs/wire/operations/model-versions.js';
import { artifactVersion, deleteArtifactVersions } from '../artifacts/artifact-version.js';
import { run } from '../runs/run.js';
import { modelVersion } from './model-version.js';
import { linkArtifactsToModelVersion, linkRunToModelVersion } from './model-version-for-run.js';

/** A condition on the linked artifact version `v` and its artifact `a`. */
function onArtifact(t: Sql, condition: Sql): Sql {
  return sql`EXISTS (SELECT 1 FROM workspace.artifact_version v JOIN workspace.artifact a ON a.workspace_id = v.workspace_id AND a.id = v.artifact_id LEFT JOIN workspace."user" u ON u.workspace_id = v.workspace_id AND u.id = v.user_id WHERE v.workspace_id = ${t}.workspace_id AND v.id = ${t}.artifact_version_id AND ${condition})`;
}

function onType(condition: Sql): FilterRule {
  return (predicate, t) => (predicate.flag() ? onArtifact(t, condition) : null);
}

function onRun(t: Sql, condition: Sql): Sql {
  return sql`EXISTS (SELECT 1 FROM workspace.pipeline_run r LEFT JOIN workspace."user" u ON u.workspace_id = r.workspace_id AND u.id = r.user_id WHERE r.workspace_id = ${t}.workspace_id AND r.id = ${t}.pipeline_run_id AND ${condition})`;
}

const throughVersion = { type: null, through: { parent: () => modelVersion, column: 'model_version_id' } };

export const artifactLink: Resource = resource({
  name: 'link of a model version to an artifact',
  table: 'model_versions_artifacts',
  access: throughVersion,
  named: false,
  body: { model_version: 'model_version_id', artifact_version: toOne(() => artifactVersion, 'artifact_version_id') },
  metadata: {},
  resources: false,
  filter: ModelVersionArtifactFilter,
  filters: {
    artifact_name: (predicate, t) => onArtifact(t, predicate.on(sql`a.name`, 'str')),
    only_data_artifacts: onType(sql`v.type NOT IN ('ServiceArtifact', 'ModelArtifact')`),
    only_model_artifacts: onType(sql`v.type = 'ModelArtifact'`),
    only_deployment_artifacts: onType(sql`v.type = 'ServiceArtifact'`),
    has_custom_name: (predicate, t) => onArtifact(t, predicate.on(sql`a.has_custom_name`, 'bool')),
    user: (predicate, t) => onArtifact(t, predicate.nameOrId(sql`u.id`, sql`u.name`, sql`u.full_name`)),
  },
});

export const runLink: Resource = resource({
  name: 'link of a model version to a run',
  table: 'model_versions_runs',
  access: throughVersion,
  named: false,
  body: { model_version: 'model_version_id', pipeline_run: toOne(() => run, 'pipeline_run_id') },
  metadata: {},
  resources: false,
  filter: ModelVersionPipelineRunFilter,
  filters: {
    pipeline_run_name: (predicate, t) => onRun(t, predicate.on(sql`r.name`, 'str')),
    user: (predicate, t) => onRun(t, predicate.nameOrId(sql`u.id`, sql`u.name`, sql`u.full_name`)),
  },
});

const linking = { action: 'update', on: 'model_version' } as const;
const listing = { action: 'read', on: 'model', also: 'links are as readable as the model' } as const;

@Controller()
export class ModelVersionLinkController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(modelVersionArtifacts.list_model_version_artifact_links, listing)
  listArtifacts(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof modelVersionArtifacts.list_model_version_artifact_links>) {
    return this.store.list(caller, artifactLink, input);
  }

  @Operation(modelVersionPipelineRuns.list_model_version_pipeline_run_links, listing)
  listRuns(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof modelVersionPipelineRuns.list_model_version_pipeline_run_links>) {
    return this.store.list(caller, runLink, input);
  }

  @Operation(modelVersionArtifacts.create_model_version_artifact_link, linking)
  linkArtifact(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof modelVersionArtifacts.create_model_version_artifact_link>) {
    return this.store.write(caller, async (tx) => {
      await this.assertLinkable(tx, caller, body.model_version, artifactVersion, body.artifact_version);
      const pair = sql`model_version_id = ${body.model_version} AND artifact_version_id = ${body.artifact_version}`;
      return this.link(tx, caller, artifactLink, pair, () => linkArtifactsToModelVersion(tx, caller, body.model_version, [body.artifact_version]));
    });
  }

  @Operation(modelVersionPipelineRuns.create_model_version_pipeline_run_link, linking)
  linkRun(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof modelVersionPipelineRuns.create_model_version_pipeline_run_link>) {
    return this.store.write(caller, async (tx) => {
      await this.assertLinkable(tx, caller, body.model_version, run, body.pipeline_run);
      const pair = sql`model_version_id = ${body.model_version} AND pipeline_run_id = ${body.pipeline_run}`;
      return this.link(tx, caller, runLink, pair, () => linkRunToModelVersion(tx, caller, body.model_version, body.pipeline_run));
    });
  }

  @Operation(modelVersions.delete_model_version_artifact_link, linking)
  unlinkArtifact(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof modelVersions.delete_model_version_artifact_link>) {
    const nameOrId = path.model_version_artifact_link_name_or_id;
    const byName = sql`l.artifact_version_id IN (SELECT v.id FROM workspace.artifact_version v JOIN workspace.artifact a ON a.workspace_id = v.workspace_id AND a.id = v.artifact_id WHERE v.workspace_id = l.workspace_id AND a.name = ${nameOrId})`;
    return this.unlink(caller, path.model_version_id, raw('workspace.model_versions_artifacts'), nameOrId, byName);
  }

  @Operation(modelVersions.delete_model_version_pipeline_run_link, linking)
  unlinkRun(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof modelVersions.delete_model_version_pipeline_run_link>) {
    const nameOrId = path.model_version_pipeline_run_link_name_or_id;
    const byName = sql`l.pipeline_run_id IN (SELECT r.id FROM workspace.pipeline_run r WHERE r.workspace_id = l.workspace_id AND r.name = ${nameOrId})`;
    return this.unlink(caller, path.model_version_id, raw('workspace.model_versions_runs'), nameOrId, byName);
  }

  @Operation(modelVersions.delete_all_model_version_artifact_links, linking)
  unlinkAllArtifacts(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof modelVersions.delete_all_model_version_artifact_links>) {
    return this.store.write(caller, async (tx) => {
      const id = path.model_version_id;
      await this.store.row(tx, caller, modelVersion, id, 'update', { columns: ['id'] });
      if (!query.only_links) {
        const render = new Render(caller);
        const v = render.alias();
        const linked = sql`FROM ${tableOf(artifactVersion)} ${v} WHERE ${v}.workspace_id = ${caller.workspaceId} AND ${v}.id IN (SELECT l.artifact_version_id FROM workspace.model_versions_artifacts l WHERE l.workspace_id = ${caller.workspaceId} AND l.model_version_id = ${id})`;
        const may = allowed(artifactVersion, 'delete', v, render);
        const [denied] = may ? await tx.query<{ id: string }>(sql`SELECT ${v}.id ${linked} AND NOT coalesce(${may}, false) LIMIT 1`) : [];
        if (denied) throw new AccessDenied('delete', 'artifact_version', denied.id);
        await deleteArtifactVersions(tx, sql`DELETE ${linked}`);
      }
      await tx.query(sql`DELETE FROM workspace.model_versions_artifacts WHERE workspace_id = ${caller.workspaceId} AND model_version_id = ${id}`);
      return null;
    });
  }

  private async assertLinkable(tx: Tx, caller: Caller, versionId: string, target: Resource, targetId: string): Promise<void> {
    const version = await this.store.row<{ project_id: string }>(tx, caller, modelVersion, versionId, 'update', { columns: ['project_id'] });
    await this.store.row(tx, caller, target, targetId, 'read', { columns: ['id'], where: (t) => sql`${t}.project_id = ${version.project_id}` });
  }

  /** A new link is answered hydrated, one that existed is not. */
  private async link(tx: Tx, caller: Caller, kind: Resource, pair: Sql, make: () => Promise<void>) {
    const find = async () => {
      const table = raw(`workspace.${kind.table}`);
      const [row] = await tx.query<{ id: string }>(sql`SELECT id FROM ${table} WHERE workspace_id = ${caller.workspaceId} AND ${pair}`);
      return row?.id;
    };
    const before = await find();
    if (!before) await make();
    const id = before ?? ((await find()) as string);
    return this.store.get(caller, kind, id, { hydrate: !before }, tx);
  }

  private unlink(caller: Caller, versionId: string, table: Sql, nameOrId: string, byName: Sql): Promise<null> {
    return this.store.write(caller, async (tx) => {
      await this.store.row(tx, caller, modelVersion, versionId, 'update', { columns: ['id'] });
      const id = uuidOf(nameOrId);
      const [gone] = await tx.query(
        sql`DELETE FROM ${table} d WHERE d.workspace_id = ${caller.workspaceId} AND d.id = (SELECT l.id FROM ${table} l WHERE l.workspace_id = ${caller.workspaceId} AND l.model_version_id = ${versionId} AND ${id ? sql`l.id = ${id}` : byName} ORDER BY l.created, l.id LIMIT 1) RETURNING d.id`,
      );
      if (!gone) throw new Problem('not_found', `The model version has no link with the ID or name '${nameOrId}'.`);
      return null;
    });
  }
}
