import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, enumOf, int, list, orNull, str, uuid } from '../types.js';

/** Ours; the reference calls nobody. */
const url = () => str({ min: 1, max: 2_000 });
const eventKind = () => str({ min: 1, max: 100, pattern: /^(\*|[a-z_]+\.(\*|[a-z_]+))$/ });
const events = () => list(eventKind(), { min: 1, max: 50 });

export const EventSubscriptionRequest = model(
  'EventSubscriptionRequest',
  z.object({
    name: str({ min: 1, max: 255 }),
    url: url(),
    events: events(),
    project: uuid().nullish(),
    active: bool().default(true),
  }),
);
export type EventSubscriptionRequest = z.infer<typeof EventSubscriptionRequest>;

export const EventSubscriptionUpdate = model(
  'EventSubscriptionUpdate',
  z.object({
    name: str({ min: 1, max: 255 }).nullish(),
    url: url().nullish(),
    events: events().nullish(),
    active: bool().nullish(),
  }),
);
export type EventSubscriptionUpdate = z.infer<typeof EventSubscriptionUpdate>;

export const EventSubscriptionResponseBody = model(
  'EventSubscriptionResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    url: str(),
    events: list(str()),
    project_id: orNull(uuid()),
    active: bool(),
    disabled_reason: orNull(str()),
    failures_in_a_row: int(),
    last_delivery_at: orNull(datetime()),
    last_delivery_status: orNull(int()),
    last_delivery_error: orNull(str()),
  }),
);
export type EventSubscriptionResponseBody = z.infer<typeof EventSubscriptionResponseBody>;

const envelope = {
  body: orNull(EventSubscriptionResponseBody),
  metadata: z.null(),
  resources: orNull(z.looseObject({})),
  id: uuid(),
  permission_denied: bool().default(false),
  name: str({ max: 255 }),
};

export const EventSubscriptionResponse = model('EventSubscriptionResponse', z.object(envelope));
export type EventSubscriptionResponse = z.infer<typeof EventSubscriptionResponse>;

export const Page_EventSubscriptionResponse_ = model('Page_EventSubscriptionResponse_', page(EventSubscriptionResponse));
export type Page_EventSubscriptionResponse_ = z.infer<typeof Page_EventSubscriptionResponse_>;

/** The secret is in no other reply. */
export const EventSubscriptionCreateResponse = model('EventSubscriptionCreateResponse', z.object({ ...envelope, secret: str() }));
export type EventSubscriptionCreateResponse = z.infer<typeof EventSubscriptionCreateResponse>;

export const EventSubscriptionSecretResponse = model('EventSubscriptionSecretResponse', z.object({ secret: str(), previous_secret_until: datetime() }));
export type EventSubscriptionSecretResponse = z.infer<typeof EventSubscriptionSecretResponse>;

export const EventDeliveryStatus = model('EventDeliveryStatus', enumOf(['pending', 'delivered', 'failed']));
export type EventDeliveryStatus = z.infer<typeof EventDeliveryStatus>;

export const EventDeliveryResponseBody = model(
  'EventDeliveryResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    subscription_id: uuid(),
    event_id: uuid(),
    event: str(),
    status: EventDeliveryStatus,
    attempts: int(),
    next_attempt_at: orNull(datetime()),
    delivered_at: orNull(datetime()),
    last_status: orNull(int()),
    last_error: orNull(str()),
    last_duration_ms: orNull(int()),
  }),
);
export type EventDeliveryResponseBody = z.infer<typeof EventDeliveryResponseBody>;

export const EventDeliveryResponseMetadata = model('EventDeliveryResponseMetadata', z.object({ payload: str(), last_response: orNull(str()) }));
export type EventDeliveryResponseMetadata = z.infer<typeof EventDeliveryResponseMetadata>;

export const EventDeliveryResponse = model(
  'EventDeliveryResponse',
  z.object({
    body: orNull(EventDeliveryResponseBody),
    metadata: orNull(EventDeliveryResponseMetadata),
    resources: orNull(z.looseObject({})),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type EventDeliveryResponse = z.infer<typeof EventDeliveryResponse>;

export const Page_EventDeliveryResponse_ = model('Page_EventDeliveryResponse_', page(EventDeliveryResponse));
export type Page_EventDeliveryResponse_ = z.infer<typeof Page_EventDeliveryResponse_>;
