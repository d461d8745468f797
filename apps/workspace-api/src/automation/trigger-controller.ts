import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import type { Runner, Tx } from '#libs/database/db.js';
import { and, type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertRoom } from '#libs/resource/plan.js';
import { uuidOf } from '#libs/resource/predicate.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf, RawQuery } from '#libs/wire/operation.js';
import { triggers } from '#libs/wire/operations/triggers.js';
import { Installation } from '../installation.js';
import { pipeline } from '../pipelines/pipeline.js';
import { snapshot } from '../pipelines/snapshot.js';
import { run } from '../runs/run.js';
import { nextOccurrence } from './schedule-times.rules.js';
import { trigger } from './trigger.js';
import { archivedName, scheduleConfiguration, sourceColumns } from './trigger.rules.js';
import { webhook } from './webhook.js';
import { checkedConfiguration } from './webhook-configuration.rules.js';

type Created = InputOf<typeof triggers.create_trigger>['body'];
type Updated = InputOf<typeof triggers.update_trigger>['body'];

const sources = { pipeline, pipeline_run: run, pipeline_snapshot: snapshot };

@Controller()
export class TriggerController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(triggers.list_triggers, { action: 'read', on: 'trigger' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof triggers.list_triggers>) {
    return this.store.list(caller, trigger, input, { where: narrowing(input.rawQuery) });
  }

  @Operation(triggers.get_trigger, { action: 'read', on: 'trigger' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof triggers.get_trigger>) {
    return this.store.get(caller, trigger, path.trigger_id, query);
  }

  @Operation(triggers.create_trigger, { action: 'create', on: 'trigger', also: 'update on the source of events, read on the webhook' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof triggers.create_trigger>) {
    return this.store.write(caller, async (tx) => {
      const columns = await this.#columns(tx, caller, body, 'webhook_id' in body ? { webhookId: body.webhook_id, projectId: body.project } : null);
      const { name, active, type, concurrency, flavor } = body;
      const id = await this.store.insert(tx, caller, trigger, { project: body.project }, { name, active, type, concurrency, flavor, ...columns });
      return this.store.reply(caller, trigger, id, tx);
    });
  }

  @Operation(triggers.update_trigger, { action: 'update', on: 'trigger', also: 'update on the source of events, read on the webhook' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof triggers.update_trigger>) {
    return this.store.write(caller, async (tx) => {
      const id = path.trigger_id;
      const row = await this.store.row<{ type: string; is_archived: boolean; webhook_id: string | null; project_id: string }>(
        tx,
        caller,
        trigger,
        id,
        'update',
        {
          columns: ['type', 'is_archived', 'webhook_id', 'project_id'],
          lock: true,
        },
      );
      if (row.type !== body.type) throw new Problem('forbidden', `The type of a trigger cannot be changed: this one is of the type ${row.type}.`);
      if (row.is_archived) throw new Problem('forbidden', 'An archived trigger cannot be updated.');
      const columns = await this.#columns(tx, caller, body, row.webhook_id === null ? null : { webhookId: row.webhook_id, projectId: row.project_id });
      await assertRoom(tx, caller, 'schedule');
      await this.store.updateRow(tx, caller, trigger, id, { name: body.name, active: body.active, concurrency: body.concurrency, ...columns });
      return this.store.reply(caller, trigger, id, tx);
    });
  }

  /** Archived triggers stay for the runs they started; their name becomes free. */
  @Operation(triggers.delete_trigger, { action: 'delete', on: 'trigger' })
  delete(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof triggers.delete_trigger>) {
    const id = path.trigger_id;
    if (!query.soft) return this.store.delete(caller, trigger, id);
    return this.store.write(caller, async (tx) => {
      const row = await this.store.row<{ name: string; is_archived: boolean }>(tx, caller, trigger, id, 'delete', {
        columns: ['name', 'is_archived'],
        lock: true,
      });
      if (row.is_archived) throw new Problem('forbidden', `The trigger ${id} is archived already.`);
      await this.store.updateRow(tx, caller, trigger, id, { is_archived: true, active: false, name: archivedName(row.name, randomUUID()) });
      await tx.query(sql`DELETE FROM workspace.trigger_snapshot WHERE workspace_id = ${caller.workspaceId} AND trigger_id = ${id}`);
      return null;
    });
  }

  /** The columns of a trigger's kind, after checking what it refers to. */
  async #columns(tx: Tx, caller: Caller, body: Created | Updated, hook: { webhookId: string; projectId: string } | null) {
    switch (body.type) {
      case 'schedule': {
        const given = 'next_occurrence' in body ? body.next_occurrence : null;
        return { configuration: scheduleConfiguration(body), next_occurrence: given ?? nextOccurrence(body, this.installation.options.clock()) };
      }
      case 'platform_event': {
        const { source_entity, target_events } = body;
        await this.store.row(tx, caller, sources[source_entity.type], source_entity.id, 'update', { columns: ['id'] });
        return { configuration: { source_entity, target_events }, ...sourceColumns(body) };
      }
      case 'webhook': {
        const type = await this.#webhookType(tx, caller, hook);
        return { configuration: { configuration: checkedConfiguration(type, body.configuration) }, webhook_id: hook?.webhookId };
      }
    }
  }

  async #webhookType(tx: Runner, caller: Caller, hook: { webhookId: string; projectId: string } | null): Promise<string> {
    if (!hook) throw new Problem('not_found', 'The webhook of this trigger does not exist any more.');
    const { webhook_type } = await this.store.row<{ webhook_type: string }>(tx, caller, webhook, hook.webhookId, 'read', {
      columns: ['webhook_type'],
      where: (t) => sql`${t}.project_id = ${hook.projectId}`,
    });
    return webhook_type;
  }
}

/** What always narrows a list, even under `logical_operator=or`. Values of one field are alternatives; ids are ids, without operators. */
function narrowing(query: RawQuery): (t: Sql) => Sql {
  const idsOf = (name: string) => query.getAll(name).map((value) => uuidOf(value) ?? noId(name, value));
  const [types, flavors, pipelines, snapshots] = [query.getAll('type'), query.getAll('flavor'), idsOf('pipeline_id'), idsOf('snapshot_id')];
  return (t) => {
    const conditions: Sql[] = [];
    if (types.length > 0) conditions.push(sql`${t}.type = ANY(${types}::text[])`);
    if (flavors.length > 0) conditions.push(sql`${t}.flavor = ANY(${flavors}::text[])`);
    const link: Sql[] = [];
    if (pipelines.length > 0) link.push(sql`s.pipeline_id = ANY(${pipelines}::uuid[])`);
    if (snapshots.length > 0) link.push(sql`(s.id = ANY(${snapshots}::uuid[]) OR s.source_snapshot_id = ANY(${snapshots}::uuid[]))`);
    if (link.length > 0)
      conditions.push(
        sql`EXISTS (SELECT 1 FROM workspace.trigger_snapshot x JOIN workspace.pipeline_snapshot s ON s.workspace_id = x.workspace_id AND s.id = x.snapshot_id WHERE x.workspace_id = ${t}.workspace_id AND x.trigger_id = ${t}.id AND ${and(link)})`,
      );
    return and(conditions);
  };
}

function noId(name: string, value: string): never {
  throw new Problem('invalid', `The filter ${name} takes the UUID of what is meant; got '${value}'.`);
}
