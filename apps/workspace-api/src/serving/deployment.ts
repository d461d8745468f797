import { Controller } from '@nestjs/common';
import { identifier, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import type { Caller } from '#libs/resource/caller.js';
import { toOne } from '#libs/resource/render.js';
import { type Expression, type Resource, resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { DeploymentFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { deployments } from '#libs/wire/operations/deployments.js';
import { visualizationsOf } from '../artifacts/curated-visualization.js';
import { attachTags, detachTags } from '../metadata/tag-resource.js';
import { pipeline } from '../pipelines/pipeline.js';
import { snapshot } from '../pipelines/snapshot.js';
import { markOnboarding } from '../server/onboarding.js';
import { component } from '../stacks/component.js';
import { stack } from '../stacks/stack.js';

/** A column of the snapshot that is deployed. */
function ofSnapshot(name: 'pipeline_id' | 'stack_id' | 'name'): Expression {
  return (t) => sql`(SELECT s.${identifier(name)} FROM workspace.pipeline_snapshot s WHERE s.workspace_id = ${t}.workspace_id AND s.id = ${t}.snapshot_id)`;
}

const pipelineName: Expression = (t) =>
  sql`(SELECT p.name FROM workspace.pipeline_snapshot s JOIN workspace.pipeline p ON p.workspace_id = s.workspace_id AND p.id = s.pipeline_id WHERE s.workspace_id = ${t}.workspace_id AND s.id = ${t}.snapshot_id)`;

/** A pipeline that is served. Its status is what the deployer last said. */
export const deployment: Resource = resource({
  name: 'deployment',
  table: 'deployment',
  access: 'deployment',
  body: { url: 'url', status: 'status' },
  metadata: { deployment_metadata: 'deployment_metadata', auth_key: 'auth_key' },
  resources: {
    snapshot: toOne(() => snapshot, 'snapshot_id'),
    deployer: toOne(() => component, 'deployer_id'),
    pipeline: toOne(() => pipeline, ofSnapshot('pipeline_id')),
    stack: toOne(() => stack, ofSnapshot('stack_id')),
    visualizations: visualizationsOf('deployment'),
  },
  taggable: 'deployment',
  filter: DeploymentFilter,
  filters: {
    pipeline: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.pipeline_snapshot s JOIN workspace.pipeline p ON p.workspace_id = s.workspace_id AND p.id = s.pipeline_id WHERE s.workspace_id = ${t}.workspace_id AND s.id = ${t}.snapshot_id AND ${predicate.nameOrId(sql`p.id`, sql`p.name`)})`,
  },
  sorts: { pipeline: pipelineName, snapshot: ofSnapshot('name') },
  references: { snapshot_id: { to: () => snapshot, inProject: true }, deployer_id: { to: () => component } },
  columns: { tags: null, add_tags: null, remove_tags: null },
  nullKeeps: ['name', 'snapshot_id', 'url', 'status', 'deployment_metadata', 'auth_key'],
  conflict: ({ name }) => `There is already a deployment named '${name}' in this project.`,
});

@Controller()
export class DeploymentController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(deployments.list_deployments, { action: 'read', on: 'deployment' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof deployments.list_deployments>) {
    return this.store.list(caller, deployment, input);
  }

  @Operation(deployments.get_deployment, { action: 'read', on: 'deployment' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof deployments.get_deployment>) {
    return this.store.get(caller, deployment, path.deployment_id, query);
  }

  @Operation(deployments.create_deployment, { action: 'create', on: 'deployment' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof deployments.create_deployment>) {
    return this.store.write(caller, async (tx) => {
      const id = await this.store.insert(tx, caller, deployment, body, { status: 'unknown' });
      await attachTags(tx, caller, 'deployment', id, body.tags);
      await markOnboarding(tx, caller.workspaceId, 'pipeline_deployed', 'oss_onboarding_completed', 'pro_onboarding_completed');
      return this.store.reply(caller, deployment, id, tx);
    });
  }

  @Operation(deployments.update_deployment, { action: 'update', on: 'deployment' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof deployments.update_deployment>) {
    return this.store.write(caller, async (tx) => {
      const id = path.deployment_id;
      const row = await this.store.row<{ project_id: string }>(tx, caller, deployment, id, 'update', { columns: ['project_id'], lock: true });
      await this.store.checkReferences(tx, caller, deployment, { ...body, project: row.project_id });
      await this.store.updateFrom(tx, caller, deployment, id, body);
      await attachTags(tx, caller, 'deployment', id, body.add_tags);
      await detachTags(tx, caller, 'deployment', id, body.remove_tags);
      return this.store.reply(caller, deployment, id, tx);
    });
  }

  @Operation(deployments.delete_deployment, { action: 'delete', on: 'deployment' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof deployments.delete_deployment>) {
    return this.store.delete(caller, deployment, path.deployment_id);
  }
}
