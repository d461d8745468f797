import { randomUUID } from 'node:crypto';
import { Controller, Logger } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { recordChange } from '#libs/resource/audit.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertName } from '#libs/resource/name.js';
import type { Resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { snapshots } from '#libs/wire/operations/snapshots.js';
import { attachTags, detachTags } from '../metadata/tag-resource.js';
import { createSnapshot, replace } from './create-snapshot.js';
import { ofSnapshots, withRunConfiguration } from './run-configuration.js';
import { snapshot, stepConfigurations } from './snapshot.js';
import { countPrunable, detachTriggers, prune } from './snapshot-cleanup.js';

/** Old snapshots are deleted in the background, one job at a time in this process. */
let pruning: Promise<void> | null = null;

@Controller()
export class SnapshotController {
  readonly #log = new Logger('snapshots');

  constructor(private readonly store: ResourceStore) {}

  @Operation(snapshots.list_pipeline_snapshots, { action: 'read', on: 'pipeline_deployment' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof snapshots.list_pipeline_snapshots>) {
    return this.store.list(caller, snapshot, input);
  }

  @Operation(snapshots.get_pipeline_snapshot, { action: 'read', on: 'pipeline_deployment' })
  async get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof snapshots.get_pipeline_snapshot>) {
    const shown: Resource = { ...snapshot, metadata: { ...snapshot.metadata, step_configurations: stepConfigurations(query.step_configuration_filter) } };
    const document = await this.store.get(caller, shown, path.snapshot_id, query);
    if (!query.hydrate || !query.include_config_schema) return document;
    return withRunConfiguration(this.store.reader(caller), caller, document, ofSnapshots);
  }

  @Operation(snapshots.create_pipeline_snapshot, { action: 'create', on: 'pipeline_deployment' })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof snapshots.create_pipeline_snapshot>) {
    return this.store.write(caller, async (tx) => {
      const body = await this.store.inProject(tx, caller, input);
      const id = await createSnapshot(tx, this.store, caller, body);
      return this.store.reply(caller, snapshot, id, tx);
    });
  }

  @Operation(snapshots.update_pipeline_snapshot, { action: 'update', on: 'pipeline_deployment' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof snapshots.update_pipeline_snapshot>) {
    return this.store.write(caller, async (tx) => {
      const id = path.snapshot_id;
      const row = await this.store.row<{ name: string | null; pipeline_id: string }>(tx, caller, snapshot, id, 'update', {
        columns: ['name', 'pipeline_id'],
        lock: true,
      });
      const name = typeof body.name === 'string' ? body.name : body.name === false ? null : undefined;
      if (typeof name === 'string') {
        assertName('snapshot', name);
        if (body.replace) await replace(tx, this.store, caller, row.pipeline_id, name, id);
      }
      await this.store.updateRow(tx, caller, snapshot, id, { name, description: body.description || undefined });
      await attachTags(tx, caller, 'pipeline_snapshot', id, body.add_tags);
      await detachTags(tx, caller, 'pipeline_snapshot', id, body.remove_tags);
      if (name === null || (name === undefined && row.name === null)) await detachTriggers(tx, caller, id);
      return this.store.reply(caller, snapshot, id, tx);
    });
  }

  @Operation(snapshots.delete_pipeline_snapshot, { action: 'delete', on: 'pipeline_deployment' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof snapshots.delete_pipeline_snapshot>) {
    const id = path.snapshot_id;
    return this.store.delete(caller, snapshot, id, async (tx) => {
      await detachTriggers(tx, caller, id);
      await tx.query(
        sql`UPDATE workspace.pipeline_snapshot SET source_snapshot_id = NULL WHERE workspace_id = ${caller.workspaceId} AND source_snapshot_id = ${id}`,
      );
    });
  }

  @Operation(snapshots.prune_pipeline_snapshots, { action: 'prune', on: 'pipeline_deployment' })
  async prune(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof snapshots.prune_pipeline_snapshots>) {
    caller.access.require('prune', 'pipeline_deployment', { projectId: body.project });
    const what = { workspaceId: caller.workspaceId, projectId: body.project, olderThan: body.older_than };
    if (!body.apply) return { snapshot_count: await countPrunable(this.store.reader(caller), what), task_id: null };
    if (pruning) throw new Problem('busy', 'Snapshots are being pruned already. Try again when that is finished.');
    const taskId = randomUUID();
    const recorded = recordChange(this.store.reader(caller), caller, body.project);
    pruning = recorded
      .then(() => prune(this.store.db, what))
      .then(
        (count) => this.#log.log({ message: 'snapshots pruned', taskId, count }),
        (error: Error) => this.#log.error({ message: 'pruning snapshots failed', taskId, error: error.message }),
      )
      .finally(() => {
        pruning = null;
      });
    await recorded;
    return { snapshot_count: null, task_id: taskId };
  }
}
