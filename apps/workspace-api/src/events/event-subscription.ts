import { toOne } from '#libs/resource/render.js';
import { column, resource } from '#libs/resource/resource.js';
import { EventDeliveryFilter, EventSubscriptionFilter } from '#libs/wire/filters.js';
import { project } from '../projects/project.js';

/**
 * An address outside that is told what happens here. It belongs to the workspace, also where it hears of one project only: what it sends away is decided by
 * those who may manage webhooks everywhere. Nobody owns it, so it does not stay in the hands of somebody who lost that right.
 */
export const eventSubscription = resource({
  name: 'event subscription',
  table: 'event_subscription',
  access: 'webhook',
  body: {
    url: 'url',
    events: 'events',
    project_id: 'only_project_id',
    active: 'active',
    disabled_reason: 'disabled_reason',
    failures_in_a_row: 'failures_in_a_row',
    last_delivery_at: 'last_delivery_at',
    last_delivery_status: 'last_delivery_status',
    last_delivery_error: 'last_delivery_error',
  },
  metadata: false,
  resources: { project: toOne(() => project, 'only_project_id') },
  filter: EventSubscriptionFilter,
  filters: { project_id: (predicate, t) => predicate.on(column(t, 'only_project_id'), 'uuid') },
  references: { project: { to: () => project } },
  nullKeeps: ['name', 'url', 'events', 'active'],
  conflict: ({ name }) => `There is already an event subscription named '${name}'.`,
});

/** One event for one subscription, and what became of it. */
export const eventDelivery = resource({
  name: 'event delivery',
  table: 'event_delivery',
  access: { type: null, through: { parent: () => eventSubscription, column: 'subscription_id', always: true } },
  named: false,
  body: {
    subscription_id: 'subscription_id',
    event_id: 'event_id',
    event: 'event',
    status: 'status',
    attempts: 'attempts',
    next_attempt_at: 'next_attempt_at',
    delivered_at: 'delivered_at',
    last_status: 'last_status',
    last_error: 'last_error',
    last_duration_ms: 'last_duration_ms',
  },
  metadata: { payload: 'payload', last_response: 'last_response' },
  filter: EventDeliveryFilter,
});
