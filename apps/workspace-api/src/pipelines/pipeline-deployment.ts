import { Controller } from '@nestjs/common';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { JsonText } from '#libs/http/reply.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { pipelineDeployments } from '#libs/wire/operations/pipeline-deployments.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { knowsOverrides, withoutOverrides } from './snapshot.rules.js';
import { SnapshotController } from './snapshot-controller.js';

/** Snapshots under the name they had before 0.90. */
@Controller()
export class PipelineDeploymentController {
  readonly #snapshots: SnapshotController;

  constructor(store: ResourceStore) {
    this.#snapshots = new SnapshotController(store);
  }

  @Operation([pipelineDeployments.list_deployments, workspaces.list_deployments], { action: 'read', on: 'pipeline_deployment' })
  async list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof pipelineDeployments.list_deployments>) {
    return asKnown(caller, await this.#snapshots.list(caller, input));
  }

  @Operation(pipelineDeployments.get_deployment, { action: 'read', on: 'pipeline_deployment' })
  async get(@CurrentCaller() caller: Caller, @Input() { path, query, ...input }: InputOf<typeof pipelineDeployments.get_deployment>) {
    return asKnown(
      caller,
      await this.#snapshots.get(caller, { ...input, path: { snapshot_id: path.deployment_id }, query: { ...query, include_config_schema: null } }),
    );
  }

  @Operation([pipelineDeployments.create_deployment, workspaces.create_deployment], { action: 'create', on: 'pipeline_deployment' })
  async create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof pipelineDeployments.create_deployment>) {
    return asKnown(caller, await this.#snapshots.create(caller, input));
  }

  @Operation(pipelineDeployments.delete_deployment, { action: 'delete', on: 'pipeline_deployment' })
  delete(@CurrentCaller() caller: Caller, @Input() { path, ...input }: InputOf<typeof pipelineDeployments.delete_deployment>) {
    return this.#snapshots.delete(caller, { ...input, path: { snapshot_id: path.deployment_id } });
  }
}

function asKnown(caller: Caller, document: JsonText): JsonText {
  return knowsOverrides(caller.request.userAgent) ? document : JsonText.of(withoutOverrides(document.parseExact()));
}
