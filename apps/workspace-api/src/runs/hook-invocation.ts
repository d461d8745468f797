import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { toJsonText } from '#libs/http/reply.js';
import type { Caller } from '#libs/resource/caller.js';
import { byName, nested } from '#libs/resource/render.js';
import { allowed, type Expression, Render, type Resource, resource, tableOf } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { complete } from '#libs/wire/complete.js';
import { HookInvocationFilter } from '#libs/wire/filters.js';
import { ExceptionInfo } from '#libs/wire/models/common.js';
import type { HookInvocationRequest } from '#libs/wire/models/hook-invocation.js';
import type { InputOf } from '#libs/wire/operation.js';
import { hookInvocations } from '#libs/wire/operations/hook-invocations.js';
import { artifactVersion } from '../artifacts/artifact-version.js';
import { logCollection, run } from './run.js';
import { allowedOnRun } from './run-status.js';

const outputs: Expression = (t, render) => {
  const x = render.alias();
  return byName(
    nested(artifactVersion, x, render),
    sql`${x}.created, ${x}.id`,
    sql`FROM workspace.hook_invocation_output_artifact l JOIN workspace.artifact_version ${x} ON ${x}.workspace_id = l.workspace_id AND ${x}.id = l.artifact_version_id WHERE l.workspace_id = ${t}.workspace_id AND l.hook_invocation_id = ${t}.id`,
  );
};

/** One call of a function that a pipeline or step has for its beginning, its end or a failure. */
export const hookInvocation: Resource = resource({
  name: 'hook invocation',
  table: 'hook_invocation',
  access: { type: null, through: { parent: () => run, column: 'pipeline_run_id' } },
  body: {
    hook_type: 'hook_type',
    status: 'status',
    start_time: 'start_time',
    end_time: 'end_time',
    pipeline_run_id: 'pipeline_run_id',
    step_run_id: 'step_run_id',
  },
  metadata: { source: 'source', exception_info: 'exception_info' },
  resources: { outputs, log_collection: logCollection('hook_invocation_id') },
  filter: HookInvocationFilter,
  conflict: ({ id }) => `There is already a hook invocation with the ID ${id}.`,
});

@Controller()
export class HookInvocationController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(hookInvocations.list_hook_invocations, { action: 'read', on: 'pipeline_run' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof hookInvocations.list_hook_invocations>) {
    return this.store.list(caller, hookInvocation, input);
  }

  @Operation(hookInvocations.get_hook_invocation, { action: 'read', on: 'pipeline_run' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof hookInvocations.get_hook_invocation>) {
    return this.store.get(caller, hookInvocation, path.hook_invocation_id, query);
  }

  @Operation(hookInvocations.create_hook_invocation, { action: 'update', on: 'pipeline_run', also: 'reads the artifact versions that it put out' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof hookInvocations.create_hook_invocation>) {
    return this.store.write(caller, async (tx) => {
      await assertReferences(tx, caller, body);
      const id = await this.store.insertRow(tx, caller, hookInvocation, {
        id: body.id ?? randomUUID(),
        hook_type: body.hook_type,
        name: body.name,
        status: body.status,
        start_time: body.start_time,
        end_time: body.end_time,
        source: body.source,
        exception_info: body.exception_info ? complete(ExceptionInfo, body.exception_info) : undefined,
        pipeline_run_id: body.pipeline_run_id,
        step_run_id: body.step_run_id,
        project_id: body.project,
        user_id: caller.userId,
      });
      await link(tx, caller, id, body);
      return this.store.reply(caller, hookInvocation, id, tx);
    });
  }

  @Operation(hookInvocations.delete_hook_invocation, { action: 'update', on: 'pipeline_run' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof hookInvocations.delete_hook_invocation>) {
    return this.store.write(caller, async (tx) => {
      const { id } = await this.store.row<{ id: string }>(tx, caller, hookInvocation, path.hook_invocation_id, 'update', { columns: ['id'] });
      await this.store.deleteRow(tx, caller, hookInvocation, id);
      return null;
    });
  }
}

/** Run, step and outputs of a hook are in its project; one statement for all. @throws Problem 404, AccessDenied */
async function assertReferences(tx: Tx, caller: Caller, body: HookInvocationRequest): Promise<void> {
  const { workspaceId } = caller;
  const render = new Render(caller);
  const v = render.alias();
  const ids = [...new Set(Object.values(body.outputs ?? {}).flat())];
  const readable = allowed(artifactVersion, 'read', v, render) ?? raw('true');
  const [row] = await tx.query<{ run: boolean | null; step: boolean; artifacts: string }>(
    sql`SELECT (SELECT ${allowedOnRun(caller, 'update')} FROM workspace.pipeline_run r WHERE r.workspace_id = ${workspaceId} AND r.id = ${body.pipeline_run_id} AND r.project_id = ${body.project}) AS run, EXISTS (SELECT 1 FROM workspace.step_run x WHERE x.workspace_id = ${workspaceId} AND x.id = ${body.step_run_id ?? null}::uuid AND x.project_id = ${body.project}) AS step, (SELECT coalesce(json_object_agg(${v}.id, ${readable}), '{}'::json) FROM ${tableOf(artifactVersion)} ${v} WHERE ${v}.workspace_id = ${workspaceId} AND ${v}.project_id = ${body.project} AND ${v}.id = ANY(${ids}::uuid[]))::text AS artifacts`,
  );
  const found = row as NonNullable<typeof row>;
  if (found.run === null) throw new Problem('not_found', `No pipeline run with the ID ${body.pipeline_run_id} found in the project.`);
  if (!found.run) throw new AccessDenied('update', 'pipeline_run', body.pipeline_run_id);
  if (body.step_run_id && !found.step) throw new Problem('not_found', `No step run with the ID ${body.step_run_id} found in the project.`);
  const artifacts = JSON.parse(found.artifacts) as Record<string, boolean>;
  for (const id of ids) {
    if (artifacts[id] === undefined) throw new Problem('not_found', `No artifact version with the ID ${id} found in the project.`);
    if (!artifacts[id]) throw new AccessDenied('read', 'artifact_version', id);
  }
}

/** Outputs, and the logs that were written meanwhile; logs that do not exist are left out, as clients expect. */
async function link(tx: Tx, caller: Caller, id: string, body: HookInvocationRequest): Promise<void> {
  const rows = Object.entries(body.outputs ?? {}).flatMap(([name, ids]) => ids.map((artifact) => ({ name, artifact })));
  if (rows.length === 0 && !body.logs_id) return;
  await tx.query(
    sql`WITH logs AS (UPDATE workspace.logs SET hook_invocation_id = ${id} WHERE workspace_id = ${caller.workspaceId} AND id = ${body.logs_id ?? null}::uuid AND project_id = ${body.project}) INSERT INTO workspace.hook_invocation_output_artifact (workspace_id, hook_invocation_id, artifact_version_id, name) SELECT ${caller.workspaceId}::uuid, ${id}::uuid, l.artifact, l.name FROM json_to_recordset(${toJsonText(rows)}::json) AS l(name text, artifact uuid) ON CONFLICT DO NOTHING`,
  );
}
