import { Controller } from '@nestjs/common';
import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { JsonText } from '#libs/http/reply.js';
import type { Caller } from '#libs/resource/caller.js';
import { mainDocument } from '#libs/resource/render.js';
import { projectOverride, ResourceStore } from '#libs/resource/store.js';
import { complete } from '#libs/wire/complete.js';
import { ExceptionInfo } from '#libs/wire/models/common.js';
import type { PipelineRunUpdate } from '#libs/wire/models/pipeline-run.js';
import type { InputOf } from '#libs/wire/operation.js';
import { runs } from '#libs/wire/operations/runs.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { openLogs } from '../logs/attach-logs.js';
import { attachTags, detachTags } from '../metadata/tag-resource.js';
import { project } from '../projects/project.js';
import { getOrCreateRun } from './record-run.js';
import { run, runWith } from './run.js';
import { type LockedRun, lockRun, updateRunStatus } from './run-status.js';
import { isPlaceholder } from './status.rules.js';
import { stepRun } from './step-run.js';

@Controller()
export class RunController {
  constructor(private readonly store: ResourceStore) {}

  @Operation([runs.get_or_create_pipeline_run, workspaces.get_or_create_pipeline_run], {
    action: 'create',
    on: 'pipeline_run',
    also: 'reads a run that exists',
  })
  getOrCreate(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof runs.get_or_create_pipeline_run>) {
    return this.store.write(caller, async (tx) => {
      const named = projectOverride(input);
      const body = named ? { ...input.body, project: await this.store.idOf(tx, caller, project, named) } : input.body;
      const { id, isNew } = await getOrCreateRun(tx, caller, body);
      return this.store.reply(caller, run, id, tx, {
        document: (_, render) => sql`'[' || ${mainDocument(run, render, { metadata: true, resources: true })} || ${`,${isNew}]`}::text`,
      });
    });
  }

  @Operation([runs.list_runs, workspaces.list_runs], { action: 'read', on: 'pipeline_run' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof runs.list_runs>) {
    return this.store.list(caller, runWith(input.query), input);
  }

  @Operation(runs.get_run, { action: 'read', on: 'pipeline_run' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof runs.get_run>) {
    return this.store.get(caller, runWith(query), path.run_id, { hydrate: query.hydrate });
  }

  @Operation(runs.update_run, { action: 'update', on: 'pipeline_run' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof runs.update_run>) {
    return this.store.write(caller, async (tx) => {
      const locked = await lockRun(tx, caller, path.run_id, 'update');
      if (body.status) await updateRunStatus(tx, caller, locked, { requested: body.status, reason: body.status_reason ?? null });
      await this.change(tx, caller, locked, body);
      return this.store.reply(caller, run, locked.id, tx);
    });
  }

  @Operation(runs.delete_run, { action: 'delete', on: 'pipeline_run' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof runs.delete_run>) {
    return this.store.delete(caller, run, path.run_id);
  }

  @Operation(runs.get_run_steps, { action: 'read', on: 'pipeline_run' })
  async steps(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof runs.get_run_steps>) {
    await this.store.row(this.store.reader(caller), caller, run, input.path.run_id, 'read', { columns: ['id'] });
    const query = new URLSearchParams(input.rawQuery as URLSearchParams);
    query.delete('pipeline_run_id');
    return this.store.list(
      caller,
      stepRun,
      { ...input, query: {}, rawQuery: query as never },
      { where: (t) => sql`${t}.pipeline_run_id = ${input.path.run_id}` },
    );
  }

  @Operation(runs.get_pipeline_configuration, { action: 'read', on: 'pipeline_run' })
  configuration(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof runs.get_pipeline_configuration>) {
    return this.store.get(caller, run, path.run_id, { document: (t) => sql`${t}.pipeline_configuration` });
  }

  @Operation(runs.get_run_status, { action: 'read', on: 'pipeline_run' })
  status(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof runs.get_run_status>) {
    return this.store.get(caller, run, path.run_id, { document: (t) => sql`to_json(${t}.status)` });
  }

  @Operation(runs.disable_run_heartbeat, { action: 'update', on: 'pipeline_run' })
  disableHeartbeat(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof runs.disable_run_heartbeat>) {
    return this.store.write(caller, async (tx) => {
      const { id } = await lockRun(tx, caller, path.run_id, 'update');
      await tx.query(
        sql`WITH r AS (UPDATE workspace.pipeline_run SET enable_heartbeat = false WHERE workspace_id = ${caller.workspaceId} AND id = ${id}) UPDATE workspace.step_run SET heartbeat_threshold = null WHERE workspace_id = ${caller.workspaceId} AND pipeline_run_id = ${id} AND heartbeat_threshold IS NOT NULL`,
      );
      return null;
    });
  }

  /** Everything that an update may change beside the status. */
  private async change(tx: Tx, caller: Caller, locked: LockedRun, body: PipelineRunUpdate): Promise<void> {
    const { workspaceId } = caller;
    if (body.orchestrator_run_id) {
      if (!isPlaceholder(locked.status))
        throw new Problem('forbidden', `The run is ${locked.status}; only a run that has not started yet can get an orchestrator_run_id.`);
      if (locked.orchestrator_run_id && locked.orchestrator_run_id !== body.orchestrator_run_id)
        throw new Problem('forbidden', `The run has the orchestrator_run_id '${locked.orchestrator_run_id}' already.`);
    }
    if (body.outputs) await this.replaceOutputs(tx, caller, locked, body.outputs);
    const exception = body.exception_info ? JSON.stringify(complete(ExceptionInfo, body.exception_info)) : null;
    await this.store.updateRow(tx, caller, run, locked.id, {
      orchestrator_run_id: body.orchestrator_run_id || undefined,
      exception_info: exception ? new JsonText(exception) : undefined,
    });
    const [{ user_id } = { user_id: null }] = body.add_logs?.length
      ? await tx.query<{ user_id: string | null }>(sql`SELECT user_id FROM workspace.pipeline_run WHERE workspace_id = ${workspaceId} AND id = ${locked.id}`)
      : [];
    await openLogs(tx, caller, body.add_logs ?? [], { projectId: locked.project_id, pipelineRunId: locked.id, source: 'orchestrator', userId: user_id });
    await attachTags(tx, caller, 'pipeline_run', locked.id, body.add_tags);
    await detachTags(tx, caller, 'pipeline_run', locked.id, body.remove_tags);
  }

  private async replaceOutputs(tx: Tx, caller: Caller, locked: LockedRun, outputs: Record<string, string>): Promise<void> {
    const rows = Object.entries(outputs).map(([name, id], index) => ({ name, id, index }));
    const [counted] = await tx.query<{ unknown: string | null }>(
      sql`SELECT (SELECT n.id FROM unnest(${rows.map((row) => row.id)}::uuid[]) AS n(id) WHERE NOT EXISTS (SELECT 1 FROM workspace.artifact_version v WHERE v.workspace_id = ${caller.workspaceId} AND v.project_id = ${locked.project_id} AND v.id = n.id) LIMIT 1) AS unknown`,
    );
    if (counted?.unknown) throw new Problem('not_found', `No artifact version with the ID ${counted.unknown} found in the project.`);
    await tx.query(sql`DELETE FROM workspace.pipeline_run_output WHERE workspace_id = ${caller.workspaceId} AND pipeline_run_id = ${locked.id}`);
    await tx.query(
      sql`INSERT INTO workspace.pipeline_run_output (workspace_id, pipeline_run_id, name, output_index, artifact_id) SELECT ${caller.workspaceId}::uuid, ${locked.id}::uuid, n.name, n.index, n.id FROM json_to_recordset(${JSON.stringify(rows)}::json) AS n(name text, index int, id uuid)`,
    );
  }
}
