import { Controller } from '@nestjs/common';
import { join, literal, raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { JsonText } from '#libs/http/reply.js';
import type { Caller } from '#libs/resource/caller.js';
import { missing, ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { steps } from '#libs/wire/operations/steps.js';
import { createStep, updateStep } from './record-step.js';
import { finishedStatuses, isFinished } from './status.rules.js';
import { stepRun } from './step-run.js';

@Controller()
export class StepRunController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(steps.list_run_steps, { action: 'read', on: 'pipeline_run' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof steps.list_run_steps>) {
    // Whether a step can be taken from the cache is asked for every step of every run.
    return this.store.list(caller, stepRun, input, { isMostlyEmpty: (input.rawQuery as URLSearchParams).has('cache_key') });
  }

  @Operation(steps.create_run_step, { action: 'update', on: 'pipeline_run' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof steps.create_run_step>) {
    return this.store.write(caller, async (tx) => this.store.reply(caller, stepRun, await createStep(tx, caller, body), tx));
  }

  @Operation(steps.get_step, { action: 'read', on: 'pipeline_run' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof steps.get_step>) {
    return this.store.get(caller, stepRun, path.step_id, query);
  }

  @Operation(steps.update_step, { action: 'update', on: 'pipeline_run' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof steps.update_step>) {
    return this.store.write(caller, async (tx) => {
      await updateStep(tx, caller, path.step_id, body);
      return this.store.reply(caller, stepRun, path.step_id, tx);
    });
  }

  @Operation(steps.get_step_configuration, { action: 'read', on: 'pipeline_run' })
  configuration(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof steps.get_step_configuration>) {
    return this.store.get(caller, stepRun, path.step_id, { document: (t) => sql`(${t}.step_configuration -> 'config')` });
  }

  @Operation(steps.get_step_status, { action: 'read', on: 'pipeline_run' })
  status(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof steps.get_step_status>) {
    return this.store.get(caller, stepRun, path.step_id, { document: (t) => sql`to_json(${t}.status)` });
  }

  /** Many small requests while steps run: one statement each, no transaction. The time is the only one of the wire with a zone. */
  @Operation(steps.update_heartbeat, { guarded: 'the run that the token is bound to; tokens without a run may report for every step of the workspace' })
  async heartbeat(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof steps.update_heartbeat>) {
    const { pipeline_run_id: tokenRun, schedule_id: tokenSchedule } = (caller.token ?? {}) as { pipeline_run_id?: string; schedule_id?: string };
    const isTheirs = tokenRun ? sql`f.run_id = ${tokenRun}` : tokenSchedule ? sql`f.schedule_id = ${tokenSchedule}` : raw('true');
    const [row] = await this.store
      .reader(caller)
      .query<{ status: string; is_theirs: boolean | null; document: string }>(
        sql`WITH f AS (SELECT x.id, x.status, x.heartbeat_threshold, r.id AS run_id, r.status AS run_status, coalesce(r.schedule_id, s.schedule_id) AS schedule_id FROM workspace.step_run x JOIN workspace.pipeline_run r ON r.workspace_id = x.workspace_id AND r.id = x.pipeline_run_id LEFT JOIN workspace.pipeline_snapshot s ON s.workspace_id = r.workspace_id AND s.id = r.snapshot_id WHERE x.workspace_id = ${caller.workspaceId} AND x.id = ${path.step_run_id}), beat AS (UPDATE workspace.step_run x SET latest_heartbeat = (clock_timestamp() AT TIME ZONE 'utc') FROM f WHERE x.workspace_id = ${caller.workspaceId} AND x.id = f.id AND x.status NOT IN (${join(finishedStatuses.map(literal))}) AND ${isTheirs} RETURNING x.latest_heartbeat) SELECT f.status, ${isTheirs} AS is_theirs, json_build_object('id', f.id, 'status', f.status, 'latest_heartbeat', workspace.wire_time(beat.latest_heartbeat) || 'Z', 'pipeline_run_status', f.run_status, 'heartbeat_enabled', f.heartbeat_threshold IS NOT NULL)::text AS document FROM f LEFT JOIN beat ON true`,
      );
    if (!row) throw missing(stepRun, path.step_run_id);
    if (isFinished(row.status)) throw new Problem('forbidden', `The step is ${row.status}; finished steps have no heartbeat.`);
    if (!row.is_theirs) throw new Problem('not_authorized', `The token was issued for another run or schedule than that of the step ${path.step_run_id}.`);
    return new JsonText(row.document);
  }
}
