import { Controller } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import type { Action } from '#libs/access/vocabulary.js';
import type { Runner, Tx } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { allowed, Render, tableOf } from '#libs/resource/resource.js';
import { missing, ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { logs as operations } from '#libs/wire/operations/logs.js';
import { allowedOnRun } from '../runs/run-status.js';
import { component } from '../stacks/component.js';
import { claimLogs } from './attach-logs.js';
import { logs } from './logs.js';

@Controller()
export class LogsController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(operations.create_logs, { guarded: 'the right to update the run, and to read the stores' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof operations.create_logs>) {
    return this.store.write(caller, async (tx) => {
      const projectId = await this.projectOf(tx, caller, body);
      const id = this.store.insertLater(tx, caller, logs, {
        id: body.id,
        uri: body.uri,
        source: body.source,
        artifact_store_id: body.artifact_store_id,
        log_store_id: body.log_store_id,
        pipeline_run_id: body.pipeline_run_id,
        step_run_id: body.step_run_id,
        hook_invocation_id: body.hook_invocation_id,
        project_id: projectId,
        user_id: caller.userId,
      });
      return this.store.reply(caller, logs, id, tx);
    });
  }

  @Operation(operations.get_logs, { action: 'read', on: 'pipeline_run' })
  async get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof operations.get_logs>) {
    await assertOfRun(this.store.reader(caller), caller, path.logs_id, 'read');
    return this.store.get(caller, logs, path.logs_id, query);
  }

  @Operation(operations.update_logs, { guarded: 'the right to update the run' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof operations.update_logs>) {
    return this.store.write(caller, async (tx) => {
      const id = path.logs_id;
      const [row] = await tx.query<{ project_id: string; run: boolean | null; step: boolean | null }>(
        sql`SELECT l.project_id, (SELECT ${allowedOnRun(caller, 'update')} FROM workspace.pipeline_run r WHERE r.workspace_id = l.workspace_id AND r.id = ${body.pipeline_run_id ?? null}::uuid AND r.project_id = l.project_id) AS run, (SELECT ${allowedOnRun(caller, 'update')} FROM workspace.step_run x JOIN workspace.pipeline_run r ON r.workspace_id = x.workspace_id AND r.id = x.pipeline_run_id WHERE x.workspace_id = l.workspace_id AND x.id = ${body.step_run_id ?? null}::uuid AND x.project_id = l.project_id) AS step FROM workspace.logs l WHERE l.workspace_id = ${caller.workspaceId} AND l.id = ${id} FOR NO KEY UPDATE`,
      );
      if (!row) throw missing(logs, id);
      for (const [name, wanted, may] of [
        ['pipeline run', body.pipeline_run_id, row.run],
        ['step run', body.step_run_id, row.step],
      ] as const) {
        if (!wanted) continue;
        if (may === null) throw new Problem('not_found', `No ${name} with the ID ${wanted} found in the project.`);
        if (!may) throw new AccessDenied('update', name, wanted);
      }
      const owner = { ...(body.pipeline_run_id ? { pipelineRunId: body.pipeline_run_id } : {}), ...(body.step_run_id ? { stepRunId: body.step_run_id } : {}) };
      await claimLogs(tx, caller, id, { projectId: row.project_id, ...owner });
      return this.store.reply(caller, logs, id, tx);
    });
  }

  /** Checks everything that new logs refer to, in one statement. @returns the project: the one named, or that of the run or step */
  private async projectOf(tx: Tx, caller: Caller, body: InputOf<typeof operations.create_logs>['body']): Promise<string> {
    const render = new Render(caller);
    const { workspaceId } = caller;
    const store = (id: string | null | undefined) => {
      const x = render.alias();
      return sql`(SELECT ${allowed(component, 'read', x, render) ?? raw('true')} FROM ${tableOf(component)} ${x} WHERE ${x}.workspace_id = ${workspaceId} AND ${x}.id = ${id ?? null}::uuid)`;
    };
    const owner = sql`SELECT r.project_id, ${allowedOnRun(caller, 'update')} AS may`;
    const [row] = await tx.query<NewLogs>(
      sql`SELECT o.project_id AS owner_project, o.may, ${store(body.artifact_store_id)} AS artifact_store, ${store(body.log_store_id)} AS log_store, (SELECT p.id FROM workspace.project p WHERE p.workspace_id = ${workspaceId} AND p.id = coalesce(${body.project ?? null}::uuid, o.project_id)) AS project FROM (SELECT 1) one LEFT JOIN (${owner} FROM workspace.pipeline_run r WHERE r.workspace_id = ${workspaceId} AND r.id = ${body.pipeline_run_id ?? null}::uuid UNION ALL ${owner} FROM workspace.step_run x JOIN workspace.pipeline_run r ON r.workspace_id = x.workspace_id AND r.id = x.pipeline_run_id WHERE x.workspace_id = ${workspaceId} AND x.id = ${body.step_run_id ?? null}::uuid) o ON true`,
    );
    const { owner_project, may, artifact_store, log_store, project } = row as NewLogs;
    const ownerId = body.pipeline_run_id ?? body.step_run_id;
    if (ownerId && owner_project === null) throw new Problem('not_found', `No pipeline run or step run with the ID ${ownerId} found.`);
    if (ownerId && !may) throw new AccessDenied('update', 'pipeline_run', ownerId);
    for (const [id, readable] of [
      [body.artifact_store_id, artifact_store],
      [body.log_store_id, log_store],
    ] as const) {
      if (id && readable === null) throw new Problem('not_found', `No stack component with the ID ${id} found.`);
      if (id && !readable) throw new AccessDenied('read', 'stack_component', id);
    }
    if (body.project && !project) throw new Problem('not_found', `No project with the ID ${body.project} found.`);
    if (!project) throw new Problem('invalid', 'Logs need a project, or a run or step whose project they share.');
    if (owner_project && owner_project !== project) throw new Problem('not_found', `No pipeline run or step run with the ID ${ownerId} found in the project.`);
    return project;
  }
}

type NewLogs = { owner_project: string | null; may: boolean | null; artifact_store: boolean | null; log_store: boolean | null; project: string | null };

/** Logs are as readable as the run they belong to; before they belong to one they are not read at all. @throws Problem 404, 403, AccessDenied */
export async function assertOfRun(runner: Runner, caller: Caller, id: string, action: Action): Promise<void> {
  const [row] = await runner.query<{ run: string | null; may: boolean | null }>(
    sql`SELECT r.id AS run, ${allowedOnRun(caller, action)} AS may FROM workspace.logs l LEFT JOIN workspace.step_run x ON x.workspace_id = l.workspace_id AND x.id = l.step_run_id LEFT JOIN workspace.hook_invocation h ON h.workspace_id = l.workspace_id AND h.id = l.hook_invocation_id LEFT JOIN workspace.pipeline_run r ON r.workspace_id = l.workspace_id AND r.id = coalesce(l.pipeline_run_id, x.pipeline_run_id, h.pipeline_run_id) WHERE l.workspace_id = ${caller.workspaceId} AND l.id = ${id}`,
  );
  if (!row) throw missing(logs, id);
  if (!row.run) throw new Problem('forbidden', 'These logs belong to no run, step or hook yet, so nobody can read them.');
  if (!row.may) throw new AccessDenied(action, 'pipeline_run', row.run);
}
