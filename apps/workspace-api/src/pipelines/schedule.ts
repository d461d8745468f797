import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import type { Predicate } from '#libs/resource/predicate.js';
import { resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { ScheduleFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { schedules } from '#libs/wire/operations/schedules.js';
import { workspaces } from '#libs/wire/operations/workspaces.js';
import { durationSeconds } from '#libs/wire/time.js';
import { component } from '../stacks/component.js';
import { pipeline } from './pipeline.js';

/** Intervals are compared as numbers; a value that is none is compared as text, which finds nothing rather than failing. */
function intervalCondition(predicate: Predicate, t: Sql): Sql {
  const isNumber = predicate.value.trim() !== '' && Number.isFinite(Number(predicate.value));
  if (isNumber && ['equals', 'notequals', 'gt', 'gte', 'lt', 'lte'].includes(predicate.operator)) return predicate.on(sql`${t}.interval_second`, 'float');
  return predicate.on(sql`${t}.interval_second::text`, 'str');
}

/** What an orchestrator runs by itself and when; the server only keeps the record. */
export const schedule = resource({
  name: 'schedule',
  table: 'schedule',
  access: 'schedule',
  planned: { feature: 'schedule', isCounted: false },
  body: {
    active: 'active',
    cron_expression: 'cron_expression',
    start_time: 'start_time',
    end_time: 'end_time',
    interval_second: (t) => sql`workspace.wire_duration(${t}.interval_second)`,
    catchup: 'catchup',
    run_once_start_time: 'run_once_start_time',
    is_archived: 'is_archived',
  },
  metadata: { orchestrator_id: 'orchestrator_id', pipeline_id: 'pipeline_id' },
  runMetadata: 'schedule',
  filter: ScheduleFilter,
  filters: { interval_second: intervalCondition },
  references: { orchestrator_id: { to: () => component }, pipeline_id: { to: () => pipeline, inProject: true } },
  conflict: ({ name }) => `There is already a schedule named '${name}' in this project.`,
});

@Controller()
export class ScheduleController {
  constructor(private readonly store: ResourceStore) {}

  @Operation([schedules.list_schedules, workspaces.list_schedules], { action: 'read', on: 'schedule' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof schedules.list_schedules>) {
    return this.store.list(caller, schedule, input);
  }

  @Operation(schedules.get_schedule, { action: 'read', on: 'schedule' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof schedules.get_schedule>) {
    return this.store.get(caller, schedule, path.schedule_id, query);
  }

  @Operation([schedules.create_schedule, workspaces.create_schedule], { action: 'create', on: 'schedule' })
  create(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof schedules.create_schedule>) {
    return this.store.write(caller, async (tx) => {
      const body = await this.store.inProject(tx, caller, input);
      assertNameFits(body.name);
      const id = await this.store.insert(tx, caller, schedule, body, { interval_second: durationSeconds(body.interval_second) });
      return this.store.reply(caller, schedule, id, tx);
    });
  }

  @Operation(schedules.update_schedule, { action: 'update', on: 'schedule' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof schedules.update_schedule>) {
    return this.store.write(caller, async (tx) => {
      const id = path.schedule_id;
      const row = await this.store.row<{ is_archived: boolean }>(tx, caller, schedule, id, 'update', { columns: ['is_archived'], lock: true });
      if (row.is_archived) throw new Problem('forbidden', 'An archived schedule cannot be updated.');
      const { name, cron_expression, active } = body;
      assertNameFits(name);
      await this.store.updateRow(tx, caller, schedule, id, {
        name: name ?? undefined,
        cron_expression: cron_expression || undefined,
        active: active ?? undefined,
      });
      return this.store.reply(caller, schedule, id, tx);
    });
  }

  /** Archived schedules stay for the runs they made; their name becomes free. */
  @Operation(schedules.delete_schedule, { action: 'delete', on: 'schedule' })
  delete(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof schedules.delete_schedule>) {
    const id = path.schedule_id;
    if (!query.soft) return this.store.delete(caller, schedule, id);
    return this.store.write(caller, async (tx) => {
      const row = await this.store.row<{ name: string }>(tx, caller, schedule, id, 'delete', { columns: ['name'], lock: true });
      await this.store.updateRow(tx, caller, schedule, id, { is_archived: true, active: false, name: `${row.name}_${randomUUID()}` });
      return null;
    });
  }
}

/** Requests may have longer names by their model, answers may not. */
function assertNameFits(name: string | null | undefined): void {
  if (name && [...name].length > maxNameLength) throw new Problem('unprocessable', `Names of schedules have at most ${maxNameLength} characters.`);
}

const maxNameLength = 255;
