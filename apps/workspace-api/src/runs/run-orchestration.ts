import { Controller } from '@nestjs/common';
import type { Runner } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { runs } from '#libs/wire/operations/runs.js';
import { Installation } from '../installation.js';
import { run } from './run.js';
import { lockRun, updateRunStatus } from './run-status.js';
import { isFinished } from './status.rules.js';

/** Orchestrators run where clients start them; this server holds no code of theirs, so it can ask a run to stop but not ask how it is. */
@Controller()
export class RunOrchestrationController {
  constructor(
    private readonly store: ResourceStore,
    private readonly installation: Installation,
  ) {}

  @Operation(runs.refresh_run_status, { action: 'read', on: 'pipeline_run' })
  async refresh(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof runs.refresh_run_status>): Promise<null> {
    const reader = this.store.reader(caller);
    await this.store.row(reader, caller, run, path.run_id, 'read', { columns: ['id'] });
    const flavor = await orchestratorFlavor(reader, caller, path.run_id);
    throw new Problem('not_implemented', `The server cannot ask the '${flavor}' orchestrator how a run is doing; its steps report that themselves.`);
  }

  @Operation(runs.stop_run, { action: 'update', on: 'pipeline_run' })
  stop(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof runs.stop_run>) {
    return this.store.write(caller, async (tx) => {
      const locked = await lockRun(tx, caller, path.run_id, 'update');
      const flavor = await orchestratorFlavor(tx, caller, locked.id);
      if (locked.status === 'completed' || locked.status === 'stopped' || locked.status === 'stopping')
        throw new Problem('forbidden', `The run is ${locked.status} and cannot be stopped.`);
      // A run that the server started ends with its process, before as well as after its orchestrator has it.
      const stopped = await this.installation.serverSideRuns?.requestStop(tx, caller.workspaceId, locked.id);
      if (stopped) {
        await updateRunStatus(tx, caller, locked, { requested: 'stopping', reason: 'Manual stop requested.' });
        if (stopped === 'removed' && !isFinished(locked.status))
          await updateRunStatus(tx, caller, locked, { requested: 'stopped', reason: 'Stopped before it started.' });
        return null;
      }
      if (!locked.orchestrator_run_id) throw new Problem('forbidden', 'The run has not reached its orchestrator yet and cannot be stopped.');
      // Steps learn it from the reply to their next heartbeat; killing them would take the orchestrator itself.
      if (!query.graceful)
        throw new Problem(
          'not_implemented',
          `The server cannot stop a run of the '${flavor}' orchestrator by force. Stop it gracefully (graceful=true), or in the orchestrator.`,
        );
      await updateRunStatus(tx, caller, locked, { requested: 'stopping', reason: 'Manual stop requested.' });
      return null;
    });
  }
}

/** @throws Problem 400 when the stack or its orchestrator is gone */
async function orchestratorFlavor(runner: Runner, caller: Caller, runId: string): Promise<string> {
  const [row] = await runner.query<{ stack_id: string | null; flavor: string | null }>(
    sql`SELECT s.stack_id, (SELECT c.flavor FROM workspace.stack_composition l JOIN workspace.stack_component c ON c.workspace_id = l.workspace_id AND c.id = l.component_id WHERE l.workspace_id = s.workspace_id AND l.stack_id = s.stack_id AND c.type = 'orchestrator' LIMIT 1) AS flavor FROM workspace.pipeline_run r JOIN workspace.pipeline_snapshot s ON s.workspace_id = r.workspace_id AND s.id = r.snapshot_id WHERE r.workspace_id = ${caller.workspaceId} AND r.id = ${runId}`,
  );
  if (!row?.stack_id) throw new Problem('invalid', 'The stack of this run has been deleted.');
  if (!row.flavor) throw new Problem('invalid', 'The orchestrator of this run has been deleted.');
  return row.flavor;
}
