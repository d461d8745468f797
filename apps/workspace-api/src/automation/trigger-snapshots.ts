import { Controller, Inject } from '@nestjs/common';
import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertRoom } from '#libs/resource/plan.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { PipelineRunConfiguration } from '#libs/wire/models/configuration.js';
import type { InputOf } from '#libs/wire/operation.js';
import { triggers } from '#libs/wire/operations/triggers.js';
import { Installation } from '../installation.js';
import { snapshot } from '../pipelines/snapshot.js';
import { anyCluster, assertRunnable, loadSource } from '../workloads/source-snapshot.js';
import { deriveForRun } from '../workloads/start-run.js';
import { trigger } from './trigger.js';
import { withoutError } from './trigger.rules.js';

type Attached = { snapshot_id: string; source_snapshot_id: string | null; dispatch_state: string | null };

/** What triggers run: copies of snapshots, so that neither later changes nor another trigger's configuration get in between. */
@Controller()
export class TriggerSnapshotController {
  constructor(
    private readonly store: ResourceStore,
    @Inject(Installation) private readonly installation: Installation,
  ) {}

  @Operation(triggers.attach_trigger_to_snapshot, {
    action: 'update',
    on: 'trigger',
    also: 'read on the snapshot, create on pipeline_deployment and pipeline_run',
  })
  attach(@CurrentCaller() caller: Caller, @Input() { path, query, body }: InputOf<typeof triggers.attach_trigger_to_snapshot>) {
    return this.store.write(caller, async (tx) => {
      const { trigger_id: triggerId, snapshot_id: snapshotId } = path;
      const row = await this.store.row<{ project_id: string; is_archived: boolean }>(tx, caller, trigger, triggerId, 'update', {
        columns: ['project_id', 'is_archived'],
        lock: true,
      });
      const source = await this.store.row<{ name: string | null }>(tx, caller, snapshot, snapshotId, 'read', {
        columns: ['name'],
        where: (t) => sql`${t}.project_id = ${row.project_id}`,
      });
      if (source.name === null) throw new Problem('forbidden', 'Only snapshots with a name can be attached to a trigger. Give it one first.');
      const earlier = (await attachedTo(tx, caller, triggerId)).filter((one) => isMeant(one, snapshotId));
      if (earlier.length > 0 && !query.allow_replace)
        throw new Problem(
          'forbidden',
          'The snapshot is attached to this trigger already. Detach it first, or send the request with allow_replace set to true.',
        );
      await assertRoom(tx, caller, 'schedule');
      caller.access.require('create', 'pipeline_deployment', { projectId: row.project_id });
      caller.access.require('create', 'pipeline_run', { projectId: row.project_id });
      const copy = await this.#copy(tx, caller, snapshotId, body ?? {});
      if (row.is_archived) throw new Problem('forbidden', 'Nothing can be attached to an archived trigger.');
      await detach(tx, caller, triggerId, earlier);
      await tx.query(sql`INSERT INTO workspace.trigger_snapshot (workspace_id, trigger_id, snapshot_id) VALUES (${caller.workspaceId}, ${triggerId}, ${copy})`);
      return null;
    });
  }

  async #copy(tx: Tx, caller: Caller, snapshotId: string, configuration: PipelineRunConfiguration): Promise<string> {
    const runner = this.installation.serverSideRuns ?? anyCluster;
    const source = await loadSource(tx, caller, snapshotId, runner.runnerName);
    assertRunnable(source, runner);
    return (await deriveForRun(tx, this.store, caller, source, { configuration })).snapshotId;
  }

  @Operation(triggers.detach_trigger_from_snapshot, { action: 'update', on: 'trigger', also: 'read on the snapshot' })
  detach(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof triggers.detach_trigger_from_snapshot>) {
    return this.store.write(caller, async (tx) => {
      await this.store.row(tx, caller, trigger, path.trigger_id, 'update', { columns: ['id'], lock: true });
      await this.store.row(tx, caller, snapshot, path.snapshot_id, 'read', { columns: ['id'] });
      const meant = (await attachedTo(tx, caller, path.trigger_id)).filter((one) => isMeant(one, path.snapshot_id));
      if (meant.length === 0) throw notAttached(path.snapshot_id, path.trigger_id);
      await detach(tx, caller, path.trigger_id, meant);
      return null;
    });
  }

  @Operation(triggers.clear_trigger_dispatch_error, { action: 'update', on: 'trigger' })
  clearError(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof triggers.clear_trigger_dispatch_error>) {
    return this.store.write(caller, async (tx) => {
      await this.store.row(tx, caller, trigger, path.trigger_id, 'update', { columns: ['id'], lock: true });
      const all = await attachedTo(tx, caller, path.trigger_id);
      const meant = query.snapshot_id ? all.filter((one) => one.source_snapshot_id === query.snapshot_id) : all;
      if (query.snapshot_id && meant.length === 0) throw notAttached(query.snapshot_id, path.trigger_id);
      const states = meant.filter((one) => one.dispatch_state !== null);
      if (states.length === 0) return null;
      const cleared = states.map((one) => withoutError(JSON.parse(one.dispatch_state as string)));
      await tx.query(
        sql`UPDATE workspace.trigger_snapshot x SET dispatch_state = n.state::json FROM unnest(${states.map((one) => one.snapshot_id)}::uuid[], ${cleared.map((state) => state && JSON.stringify(state))}::text[]) AS n(id, state) WHERE x.workspace_id = ${caller.workspaceId} AND x.trigger_id = ${path.trigger_id} AND x.snapshot_id = n.id`,
      );
      return null;
    });
  }
}

async function attachedTo(tx: Tx, caller: Caller, triggerId: string): Promise<Attached[]> {
  return tx.query<Attached>(
    sql`SELECT x.snapshot_id, s.source_snapshot_id, x.dispatch_state FROM workspace.trigger_snapshot x JOIN workspace.pipeline_snapshot s ON s.workspace_id = x.workspace_id AND s.id = x.snapshot_id WHERE x.workspace_id = ${caller.workspaceId} AND x.trigger_id = ${triggerId}`,
  );
}

/** By the copy's own id or by that of what it was made from. */
function isMeant({ snapshot_id, source_snapshot_id }: Attached, id: string): boolean {
  return snapshot_id === id || source_snapshot_id === id;
}

async function detach(tx: Tx, caller: Caller, triggerId: string, which: Attached[]): Promise<void> {
  if (which.length === 0) return;
  await tx.query(
    sql`DELETE FROM workspace.trigger_snapshot WHERE workspace_id = ${caller.workspaceId} AND trigger_id = ${triggerId} AND snapshot_id = ANY(${which.map((one) => one.snapshot_id)}::uuid[])`,
  );
}

function notAttached(snapshotId: string, triggerId: string): Problem {
  return new Problem('not_found', `The snapshot ${snapshotId} is not attached to the trigger ${triggerId}.`);
}
