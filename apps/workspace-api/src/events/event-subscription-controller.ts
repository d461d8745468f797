import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { JsonText } from '#libs/http/reply.js';
import { checkedUrl } from '#libs/outbound/guarded-fetch.js';
import { OutboundError } from '#libs/outbound/outbound-error.js';
import { newSigningSecret } from '#libs/outbound/signature.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { eventSubscriptions } from '#libs/wire/operations/event-subscriptions.js';
import { Installation } from '../installation.js';
import { type DueDelivery, EventDeliveries, secretPlace } from './event-deliveries.js';
import { eventDelivery, eventSubscription } from './event-subscription.js';

/** How long the secret before is still signed with, beside the new one. */
const rotationHours = 24;

/** Every event is written and sent once for each. */
const mostSubscriptions = 50;

const reader = { action: 'read', on: 'webhook', also: 'in the whole workspace' } as const;
const editor = { action: 'update', on: 'webhook', also: 'in the whole workspace' } as const;

/** Webhooks out: who is told of events, and how that went. */
@Controller()
export class EventSubscriptionController {
  constructor(
    private readonly store: ResourceStore,
    private readonly installation: Installation,
  ) {}

  @Operation(eventSubscriptions.list_event_subscriptions, reader)
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof eventSubscriptions.list_event_subscriptions>) {
    return this.store.list(caller, eventSubscription, input);
  }

  @Operation(eventSubscriptions.get_event_subscription, reader)
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof eventSubscriptions.get_event_subscription>) {
    return this.store.get(caller, eventSubscription, path.event_subscription_id, query);
  }

  /** The secret is shown here and never again. */
  @Operation(eventSubscriptions.create_event_subscription, { action: 'create', on: 'webhook', also: 'in the whole workspace' })
  async create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof eventSubscriptions.create_event_subscription>) {
    caller.access.require('create', 'webhook');
    this.#assertUrl(body.url);
    const [id, secret] = [randomUUID(), newSigningSecret()];
    const sealed = (await this.installation.sealers.of(caller.workspaceId)).seal(secret, secretPlace(caller.workspaceId, id));
    return this.store.write(
      caller,
      async (tx) => {
        const [row] = await tx.query<{ count: number }>(
          sql`SELECT count(*)::int AS count FROM workspace.event_subscription WHERE workspace_id = ${caller.workspaceId}`,
        );
        if ((row?.count ?? 0) >= mostSubscriptions) throw new Problem('invalid', `A workspace has ${mostSubscriptions} event subscriptions at most.`);
        await this.store.insert(tx, caller, eventSubscription, body, { id, secret: sealed, only_project_id: body.project ?? null });
        const document = await this.store.get(caller, eventSubscription, id, {}, tx);
        return { ...(document.parse() as object), secret };
      },
      { isSecret: true },
    );
  }

  /** Switching one on that we switched off forgets why. */
  @Operation(eventSubscriptions.update_event_subscription, editor)
  async update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof eventSubscriptions.update_event_subscription>) {
    if (body.url) this.#assertUrl(body.url);
    const fresh = body.active ? { disabled_reason: null, failures_in_a_row: 0 } : {};
    const updated = await this.store.update(caller, eventSubscription, path.event_subscription_id, body, fresh);
    if (body.active) void this.installation.eventDeliveries?.wake();
    return updated;
  }

  @Operation(eventSubscriptions.delete_event_subscription, { action: 'delete', on: 'webhook', also: 'in the whole workspace' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof eventSubscriptions.delete_event_subscription>) {
    return this.store.delete(caller, eventSubscription, path.event_subscription_id);
  }

  @Operation(eventSubscriptions.rotate_event_subscription_secret, editor)
  async rotate(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof eventSubscriptions.rotate_event_subscription_secret>) {
    const { workspaceId } = caller;
    const id = path.event_subscription_id;
    const secret = newSigningSecret();
    const sealed = (await this.installation.sealers.of(workspaceId)).seal(secret, secretPlace(workspaceId, id));
    const until = new Date(this.installation.options.clock() + rotationHours * 3_600_000).toISOString().slice(0, -1);
    return this.store.write(
      caller,
      async (tx) => {
        const row = await this.store.row<{ secret: string }>(tx, caller, eventSubscription, id, 'update', { columns: ['secret'], lock: true });
        await this.store.updateRow(tx, caller, eventSubscription, id, { secret: sealed, previous_secret: row.secret, previous_secret_until: until });
        return { secret, previous_secret_until: `${until}000` };
      },
      { isSecret: true },
    );
  }

  /** One attempt, made now, also for one that is switched off; the answer is what became of it. */
  @Operation(eventSubscriptions.test_event_subscription, editor)
  async test(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof eventSubscriptions.test_event_subscription>) {
    const { workspaceId } = caller;
    const runner = this.store.reader(caller);
    const columns = ['id', 'url', 'secret', 'only_project_id'];
    const to = await this.store.row<{ id: string; url: string; secret: string; only_project_id: string | null }>(
      runner,
      caller,
      eventSubscription,
      path.event_subscription_id,
      'update',
      { columns },
    );
    const eventId = randomUUID();
    const timestamp = new Date(this.installation.options.clock()).toISOString();
    const payload = JSON.stringify({
      id: eventId,
      type: 'test',
      timestamp,
      workspace_id: workspaceId,
      project_id: to.only_project_id,
      resource: { type: 'event_subscription', id: to.id },
      data: {},
    });
    // Over before it begins, so that nobody else sends it; the attempt says how it really went.
    const id = await this.store.insertRow(runner, caller, eventDelivery, {
      subscription_id: to.id,
      event_id: eventId,
      event: 'test',
      payload,
      status: 'failed',
      attempts: 1,
      next_attempt_at: null,
      last_error: 'The server was stopped meanwhile.',
    });
    const due: DueDelivery = {
      workspace_id: workspaceId,
      id,
      subscription_id: to.id,
      attempts: 1,
      payload,
      url: to.url,
      secret: to.secret,
      previous_secret: null,
    };
    await new EventDeliveries(this.installation).deliver(due, { isTest: true });
    return this.store.get(caller, eventDelivery, id);
  }

  @Operation(eventSubscriptions.list_event_deliveries, reader)
  async deliveries(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof eventSubscriptions.list_event_deliveries>) {
    const id = input.path.event_subscription_id;
    await this.store.row(this.store.reader(caller), caller, eventSubscription, id, 'read', { columns: ['id'] });
    return this.store.list(caller, eventDelivery, input, { where: (t) => sql`${t}.subscription_id = ${id}` });
  }

  /** The same delivery once more, under its own id, with all its attempts. */
  @Operation(eventSubscriptions.redeliver_event, editor)
  redeliver(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof eventSubscriptions.redeliver_event>): Promise<JsonText> {
    return this.store.write(caller, async (tx) => {
      const { status } = await this.store.row<{ status: string }>(tx, caller, eventDelivery, path.delivery_id, 'update', {
        columns: ['status'],
        lock: true,
        where: (t) => sql`${t}.subscription_id = ${path.event_subscription_id}`,
      });
      if (status === 'pending') throw new Problem('invalid', 'This delivery is still under way.');
      await tx.query(
        sql`UPDATE workspace.event_delivery SET status = 'pending', attempts = 0, delivered_at = NULL, next_attempt_at = (clock_timestamp() AT TIME ZONE 'utc'), updated = (clock_timestamp() AT TIME ZONE 'utc') WHERE workspace_id = ${caller.workspaceId} AND id = ${path.delivery_id}`,
      );
      tx.afterCommit(() => void this.installation.eventDeliveries?.wake());
      return this.store.reply(caller, eventDelivery, path.delivery_id, tx);
    });
  }

  /** Addresses are looked at again whenever one is sent something; this tells at once what could never work. @throws Problem 400 */
  #assertUrl(url: string): void {
    try {
      checkedUrl(url, this.installation.outbound);
    } catch (error) {
      if (error instanceof OutboundError) throw new Problem('invalid', error.message);
      throw error;
    }
  }
}
