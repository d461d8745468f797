import { Controller } from '@nestjs/common';
import type { Tx } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { workloads } from '#libs/wire/operations/workloads.js';
import { insertRunEvents, runEventColumns } from '../events/platform-event.js';
import { Installation } from '../installation.js';
import { run } from '../runs/run.js';
import { lockRun } from '../runs/run-status.js';
import { bindingOf, queuedReason, queueFull, serverSideRuns, startRun } from './start-run.js';
import { workload } from './workload.js';

type Dead = { id: string; status: string; run_id: string; snapshot_id: string; started_at: string | null; retried_run_id: string | null };

/** What people see of the queue, and what they can do about runs that died in it. */
@Controller()
export class WorkloadController {
  constructor(
    private readonly store: ResourceStore,
    private readonly installation: Installation,
  ) {}

  @Operation(workloads.list_workloads, { action: 'read', on: 'pipeline_run' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof workloads.list_workloads>) {
    return this.store.list(caller, workload, input);
  }

  @Operation(workloads.get_workload, { action: 'read', on: 'pipeline_run' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof workloads.get_workload>) {
    return this.store.get(caller, workload, path.workload_id, query);
  }

  /**
   * A run that was never started goes back into the queue as it is. One that was started may have done half of its work, so a new run of the same
   * snapshot takes its place. Either way it runs in the name of whoever asks for it now.
   */
  @Operation(workloads.retry_workload, { action: 'update', on: 'pipeline_run', also: 'creates a run where the dead one had been started' })
  retry(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof workloads.retry_workload>) {
    return this.store.write(caller, async (tx) => {
      const dead = await this.store.row<Dead>(tx, caller, workload, path.workload_id, 'update', { lock: true });
      if (dead.status !== 'dead') throw new Problem('invalid', `The workload is ${dead.status}. Only dead ones can be retried.`);
      if (dead.retried_run_id) throw new Problem('exists', `It has been retried already, as the run ${dead.retried_run_id}.`);
      const id = dead.started_at ? await this.#replace(tx, caller, dead) : await this.#putBack(tx, caller, dead);
      return this.store.reply(caller, run, id, tx);
    });
  }

  async #replace(tx: Tx, caller: Caller, dead: Dead): Promise<string> {
    const { snapshot_id: snapshotId, run_id: originalRunId } = dead;
    const [row] = await tx.query<{ name: string }>(
      sql`SELECT run_name_template AS name FROM workspace.pipeline_snapshot WHERE workspace_id = ${caller.workspaceId} AND id = ${snapshotId}`,
    );
    // The dead run keeps its name. Where the name was given as it is, the new one gets another.
    const name = row?.name ?? '';
    const configuration = name.includes('{') ? null : { run_name: `${name.slice(0, 200)}-{date}-{time}` };
    const id = await startRun(this.installation, this.store, tx, caller, { snapshotId, configuration, originalRunId });
    await this.store.updateRow(tx, caller, workload, dead.id, { retried_run_id: id });
    return id;
  }

  async #putBack(tx: Tx, caller: Caller, dead: Dead): Promise<string> {
    const runs = serverSideRuns(this.installation);
    const locked = await lockRun(tx, caller, dead.run_id, 'update');
    caller.access.require('create', 'pipeline_run', { projectId: locked.project_id });
    if (locked.status !== 'failed') throw new Problem('invalid', `The run is ${locked.status}, so there is nothing to retry.`);
    const place = { workspaceId: caller.workspaceId, id: dead.id };
    const { queueLimit } = runs.options;
    if (!(await runs.queue.putBack(tx, place, { userId: caller.userId, binding: bindingOf(caller) }, queueLimit))) throw queueFull(queueLimit);
    await tx.query(
      sql`WITH changed AS (UPDATE workspace.pipeline_run r SET status = 'initializing', in_progress = true, end_time = NULL, status_reason = ${queuedReason}, updated = (clock_timestamp() AT TIME ZONE 'utc') WHERE r.workspace_id = ${caller.workspaceId} AND r.id = ${dead.run_id} RETURNING ${runEventColumns}), event AS (${insertRunEvents(raw('changed'), 'failed')}) SELECT id FROM changed`,
    );
    return dead.run_id;
  }
}
