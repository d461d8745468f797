import { Controller } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import type { Caller } from '#libs/resource/caller.js';
import { toOne } from '#libs/resource/render.js';
import { resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { complete } from '#libs/wire/complete.js';
import { PipelineBuildFilter } from '#libs/wire/filters.js';
import { PipelineBuildRequest } from '#libs/wire/models/pipeline-build.js';
import type { InputOf } from '#libs/wire/operation.js';
import { builds } from '#libs/wire/operations/builds.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { stack } from '../stacks/stack.js';
import { pipeline } from './pipeline.js';

/** Container images made for the steps of a pipeline; never changed, only replaced. */
export const build = resource({
  name: 'pipeline build',
  table: 'pipeline_build',
  access: 'pipeline_build',
  named: false,
  metadata: {
    pipeline: toOne(() => pipeline, 'pipeline_id'),
    stack: toOne(() => stack, 'stack_id'),
    images: 'images',
    zenml_version: 'zenml_version',
    python_version: 'python_version',
    checksum: 'checksum',
    stack_checksum: 'stack_checksum',
    is_local: 'is_local',
    contains_code: 'contains_code',
    duration: 'duration',
  },
  filter: PipelineBuildFilter,
  filters: {
    container_registry_id: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.stack_composition c JOIN workspace.stack_component x ON x.workspace_id = c.workspace_id AND x.id = c.component_id WHERE c.workspace_id = ${t}.workspace_id AND c.stack_id = ${t}.stack_id AND x.type = 'container_registry' AND ${predicate.on(sql`x.id`, 'uuid')})`,
  },
  references: { stack: { to: () => stack }, pipeline: { to: () => pipeline, inProject: true } },
});

@Controller()
export class BuildController {
  constructor(private readonly store: ResourceStore) {}

  @Operation([builds.list_builds, workspaces.list_builds], { action: 'read', on: 'pipeline_build' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof builds.list_builds>) {
    return this.store.list(caller, build, input);
  }

  @Operation(builds.get_build, { action: 'read', on: 'pipeline_build' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof builds.get_build>) {
    return this.store.get(caller, build, path.build_id, query);
  }

  @Operation([builds.create_build, workspaces.create_build], { action: 'create', on: 'pipeline_build' })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof builds.create_build>) {
    return this.store.write(caller, async (tx) => {
      const body = complete(PipelineBuildRequest, await this.store.inProject(tx, caller, input));
      const id = await this.store.insert(tx, caller, build, body);
      return this.store.reply(caller, build, id, tx);
    });
  }

  @Operation(builds.delete_build, { action: 'delete', on: 'pipeline_build' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof builds.delete_build>) {
    return this.store.delete(caller, build, path.build_id);
  }
}
