import { isDeepStrictEqual } from 'node:util';
import { Controller } from '@nestjs/common';
import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { plainNumbers } from '#libs/json/exact.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { RunWaitConditionRequest } from '#libs/wire/models/run-wait-condition.js';
import type { InputOf } from '#libs/wire/operation.js';
import { runWaitConditions } from '#libs/wire/operations/run-wait-conditions.js';
import { insertMetadata } from './run-metadata.js';
import { lockRun, updateRunStatus } from './run-status.js';
import { runWaitCondition } from './run-wait-condition.js';
import { acceptedResult, metadataTypes } from './run-wait-condition.rules.js';
import { isFinished } from './status.rules.js';

type Row = {
  id: string;
  run_id: string;
  status: string;
  type: string;
  question: string | null;
  data_schema_json: string | null;
  resolution: string | null;
  is_leased: boolean;
};

const now = sql`(clock_timestamp() AT TIME ZONE 'utc')`;

@Controller()
export class RunWaitConditionController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(runWaitConditions.list_wait_conditions, { action: 'read', on: 'pipeline_run' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof runWaitConditions.list_wait_conditions>) {
    return this.store.list(caller, runWaitCondition, input);
  }

  @Operation(runWaitConditions.get_run_wait_condition, { action: 'read', on: 'pipeline_run' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof runWaitConditions.get_run_wait_condition>) {
    return this.store.get(caller, runWaitCondition, path.run_wait_condition_id, query);
  }

  /** Asking again for the same thing finds what was asked before: a pipeline that resumes runs its code from the start. */
  @Operation(runWaitConditions.create_run_wait_condition, { action: 'update', on: 'pipeline_run' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof runWaitConditions.create_run_wait_condition>) {
    return this.store.write(caller, async (tx) => {
      const locked = await lockRun(tx, caller, body.run, 'update', body.project);
      if (!locked.is_dynamic) throw new Problem('forbidden', 'Only dynamic pipelines can wait for a condition.');
      const id = (await this.sameCondition(tx, caller, body)) ?? (await this.insert(tx, caller, body));
      return this.store.reply(caller, runWaitCondition, id, tx);
    });
  }

  @Operation(runWaitConditions.update_run_wait_condition_lease, { action: 'update', on: 'pipeline_run' })
  lease(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof runWaitConditions.update_run_wait_condition_lease>) {
    return this.store.write(caller, async (tx) => {
      const { row, locked } = await this.lock(tx, caller, path.run_wait_condition_id);
      const isPending = row.status === 'pending';
      const isKept = body.mode === 'refresh';
      // Somebody else has answered; who polls is not interesting any more.
      if (isKept && !isPending) return row.status;
      const poller = isKept ? body.poller_instance_id : null;
      const until = isKept ? sql`${body.poller_lease_expires_at}::timestamp` : now;
      await tx.query(
        sql`UPDATE workspace.run_wait_condition SET last_polled_at = ${now}, updated = ${now}, poller_instance_id = ${poller}, poller_lease_expires_at = ${until} WHERE workspace_id = ${caller.workspaceId} AND id = ${row.id}`,
      );
      if (!isKept && isPending) await updateRunStatus(tx, caller, locked, { requested: 'paused', reason: 'Waiting for input.' });
      if (body.mode === 'abandon' && row.resolution === 'continue') await pauseForResume(tx, caller, locked.root_run_id ?? locked.id);
      return row.status;
    });
  }

  @Operation(runWaitConditions.resolve_run_wait_condition, { action: 'update', on: 'pipeline_run' })
  resolve(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof runWaitConditions.resolve_run_wait_condition>) {
    return this.store.write(caller, async (tx) => {
      const { row, locked } = await this.lock(tx, caller, path.run_wait_condition_id);
      if (row.status !== 'pending') throw new Problem('forbidden', 'The wait condition has been resolved already.');
      const schema = row.data_schema_json === null ? null : (JSON.parse(row.data_schema_json) as object | null);
      const result = acceptedResult(body.resolution, body.result ?? null, schema);
      await tx.query(
        sql`UPDATE workspace.run_wait_condition SET status = 'resolved', resolution = ${body.resolution}, result_json = ${result === null ? null : JSON.stringify(result)}::json, resolved_at = ${now}, resolved_by_user_id = ${caller.userId}, updated = ${now} WHERE workspace_id = ${caller.workspaceId} AND id = ${row.id}`,
      );
      const document = await this.store.get(caller, runWaitCondition, row.id, {}, tx);
      if (body.resolution === 'abort') await updateRunStatus(tx, caller, locked, { requested: 'stopped', reason: 'Wait condition was aborted.' });
      else if (!row.is_leased) await pauseForResume(tx, caller, locked.root_run_id ?? locked.id);
      return document;
    });
  }

  /** The condition and its run, the run's row first: everything that changes a run's status takes its lock first. */
  private async lock(tx: Tx, caller: Caller, id: string) {
    const { run_id } = await this.store.row<{ run_id: string }>(tx, caller, runWaitCondition, id, 'update', { columns: ['run_id'] });
    const locked = await lockRun(tx, caller, run_id, 'update');
    const [row] = await tx.query<Row>(
      sql`SELECT id, run_id, status, type, question, data_schema_json, resolution, coalesce(poller_lease_expires_at > ${now}, false) AS is_leased FROM workspace.run_wait_condition WHERE workspace_id = ${caller.workspaceId} AND id = ${id} FOR NO KEY UPDATE`,
    );
    return { row: row as Row, locked };
  }

  private async sameCondition(tx: Tx, caller: Caller, body: RunWaitConditionRequest): Promise<string | null> {
    const rows = await tx.query<Row & { name: string }>(
      sql`SELECT id, name, status, type, question, data_schema_json FROM workspace.run_wait_condition WHERE workspace_id = ${caller.workspaceId} AND run_id = ${body.run} AND (name = ${body.name} OR status = 'pending')`,
    );
    const same = rows.find((row) => row.name === body.name);
    if (same) {
      const schema: unknown = same.data_schema_json === null ? null : JSON.parse(same.data_schema_json);
      if (same.type === body.type && same.question === (body.question ?? null) && isDeepStrictEqual(schema, plainNumbers(body.data_schema ?? null)))
        return same.id;
      throw new Problem('exists', `The run already has a wait condition named '${body.name}' that asks for something else.`);
    }
    if (rows.length > 0) throw new Problem('forbidden', 'The run waits for another condition already. Resolve that one first.');
    return null;
  }

  private async insert(tx: Tx, caller: Caller, body: RunWaitConditionRequest): Promise<string> {
    const id = await this.store.insertRow(tx, caller, runWaitCondition, {
      run_id: body.run,
      project_id: body.project,
      user_id: caller.userId,
      type: body.type,
      status: 'pending',
      name: body.name,
      question: body.question,
      data_schema_json: body.data_schema ?? undefined,
    });
    const types = metadataTypes(body.metadata ?? {});
    const values = Object.fromEntries(Object.keys(types).map((key) => [key, (body.metadata as Record<string, never>)[key]]));
    await insertMetadata(tx, caller, { project: body.project, resources: [{ id, type: 'wait_condition' }], values: values as never, types });
    return id;
  }
}

/** Nobody polls for the answer: the run waits until somebody resumes it. */
async function pauseForResume(tx: Tx, caller: Caller, rootId: string): Promise<void> {
  const root = await lockRun(tx, caller, rootId, 'update');
  if (!isFinished(root.status)) await updateRunStatus(tx, caller, root, { requested: 'paused', reason: 'Waiting for manual resume.' });
}
