import { Controller } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { join, literal, raw, type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { allowed, Render, type Resource, tableOf } from '#libs/resource/resource.js';
import { projectOverride, ResourceStore } from '#libs/resource/store.js';
import type { MetadataResourceTypes } from '#libs/wire/models/enums.js';
import type { RunMetadataRequest } from '#libs/wire/models/run-metadata.js';
import type { InputOf } from '#libs/wire/operation.js';
import { runMetadata } from '#libs/wire/operations/run-metadata.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { artifactVersion } from '../artifacts/artifact-version.js';
import { modelVersion } from '../models/model-version.js';
import { schedule } from '../pipelines/schedule.js';
import { project } from '../projects/project.js';
import { component } from '../stacks/component.js';
import { run } from './run.js';
import { runWaitCondition } from './run-wait-condition.js';
import { stepRun } from './step-run.js';

const targets: Record<MetadataResourceTypes, () => Resource> = {
  pipeline_run: () => run,
  step_run: () => stepRun,
  artifact_version: () => artifactVersion,
  model_version: () => modelVersion,
  schedule: () => schedule,
  wait_condition: () => runWaitCondition,
};

@Controller()
export class RunMetadataController {
  constructor(private readonly store: ResourceStore) {}

  @Operation([runMetadata.create_run_metadata, workspaces.create_run_metadata], {
    action: 'create',
    on: 'run_metadata',
    also: 'the right to update every resource that is named',
  })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof runMetadata.create_run_metadata>) {
    return this.store.write(caller, async (tx) => {
      const named = projectOverride(input);
      const body = named ? { ...input.body, project: await this.store.idOf(tx, caller, project, named) } : input.body;
      caller.access.require('create', 'run_metadata', { projectId: body.project });
      await assertTargets(tx, caller, body);
      await insertMetadata(tx, caller, body);
      return null;
    });
  }
}

/** Everything that the values hang on exists in the project and may be changed; one statement for all of it. @throws Problem 404, AccessDenied */
async function assertTargets(tx: Tx, caller: Caller, request: RunMetadataRequest): Promise<void> {
  const render = new Render(caller);
  const parts: Sql[] = request.resources.map(({ id, type }) => {
    const target = targets[type]();
    const x = render.alias();
    return sql`SELECT ${literal(type)}::text AS type, ${id}::uuid AS id, (SELECT ${allowed(target, 'update', x, render) ?? raw('true')} FROM ${tableOf(target)} ${x} WHERE ${x}.workspace_id = ${caller.workspaceId} AND ${x}.id = ${id} AND ${x}.project_id = ${request.project}) AS may`;
  });
  if (request.stack_component_id) {
    const x = render.alias();
    parts.push(
      sql`SELECT 'stack_component'::text AS type, ${request.stack_component_id}::uuid AS id, (SELECT true FROM ${tableOf(component)} ${x} WHERE ${x}.workspace_id = ${caller.workspaceId} AND ${x}.id = ${request.stack_component_id}) AS may`,
    );
  }
  if (parts.length === 0) return;
  const rows = await tx.query<{ type: string; id: string; may: boolean | null }>(join(parts, ' UNION ALL '));
  for (const { type, id, may } of rows) {
    if (may === null) throw new Problem('not_found', `No ${type} with the ID ${id} found${type === 'stack_component' ? '' : ' in the project'}.`);
    if (!may) throw new AccessDenied('update', type, id);
  }
}

/** Values and their links, in one statement. Nothing is overwritten: readers take the newest value of a key. */
export async function insertMetadata(
  tx: Tx,
  caller: Caller,
  request: Pick<RunMetadataRequest, 'project' | 'resources' | 'values' | 'types' | 'stack_component_id' | 'publisher_step_id'>,
): Promise<void> {
  const keys = Object.keys(request.values);
  if (request.resources.length === 0 || keys.length === 0) return;
  const untyped = keys.find((key) => request.types[key] === undefined);
  if (untyped !== undefined) throw new Problem('not_found', `The value '${untyped}' has no type; types must name one for every key of values.`);
  const rows = JSON.stringify(keys.map((key) => ({ key, value: request.values[key], type: request.types[key] })));
  await tx.query(
    sql`WITH made AS (INSERT INTO workspace.run_metadata (workspace_id, id, project_id, user_id, stack_component_id, key, value, type, publisher_step_id) SELECT ${caller.workspaceId}::uuid, gen_random_uuid(), ${request.project}::uuid, ${caller.userId}::uuid, ${request.stack_component_id ?? null}::uuid, n.key, coalesce(n.value, 'null'::json), n.type, ${request.publisher_step_id ?? null}::uuid FROM json_to_recordset(${rows}::json) AS n(key text, value json, type text) RETURNING workspace_id, id) INSERT INTO workspace.run_metadata_resource (workspace_id, resource_id, resource_type, run_metadata_id) SELECT made.workspace_id, t.id, t.type, made.id FROM made, json_to_recordset(${JSON.stringify(request.resources)}::json) AS t(id uuid, type text) ON CONFLICT DO NOTHING`,
  );
}
