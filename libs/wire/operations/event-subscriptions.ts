import { z } from 'zod';
import { EventDeliveryFilter, EventSubscriptionFilter } from '../filters.js';
import {
  EventDeliveryResponse,
  EventSubscriptionCreateResponse,
  EventSubscriptionRequest,
  EventSubscriptionResponse,
  EventSubscriptionSecretResponse,
  EventSubscriptionUpdate,
  Page_EventDeliveryResponse_,
  Page_EventSubscriptionResponse_,
} from '../models/event-subscription.js';
import { operation } from '../operation.js';
import { bool, nothing, uuid } from '../types.js';

const one = '/api/v1/event_subscriptions/{event_subscription_id}';
const oneParams = z.object({ event_subscription_id: uuid() });
const tag = 'event_subscriptions';

/** Webhooks out. The reference has none. */
export const eventSubscriptions = {
  create_event_subscription: operation({
    id: 'create_event_subscription_api_v1_event_subscriptions_post',
    tag,
    method: 'post',
    path: '/api/v1/event_subscriptions',
    body: EventSubscriptionRequest,
    response: EventSubscriptionCreateResponse,
    errors: [400, 401, 403, 404, 409, 422],
  }),
  list_event_subscriptions: operation({
    id: 'list_event_subscriptions_api_v1_event_subscriptions_get',
    tag,
    method: 'get',
    path: '/api/v1/event_subscriptions',
    query: z.object({ hydrate: bool().default(false) }),
    filter: EventSubscriptionFilter,
    response: Page_EventSubscriptionResponse_,
    errors: [401, 403, 422],
  }),
  get_event_subscription: operation({
    id: 'get_event_subscription_api_v1_event_subscriptions__event_subscription_id__get',
    tag,
    method: 'get',
    path: one,
    pathParams: oneParams,
    query: z.object({ hydrate: bool().default(true) }),
    response: EventSubscriptionResponse,
    errors: [401, 403, 404, 422],
  }),
  update_event_subscription: operation({
    id: 'update_event_subscription_api_v1_event_subscriptions__event_subscription_id__put',
    tag,
    method: 'put',
    path: one,
    pathParams: oneParams,
    body: EventSubscriptionUpdate,
    response: EventSubscriptionResponse,
    errors: [400, 401, 403, 404, 409, 422],
  }),
  delete_event_subscription: operation({
    id: 'delete_event_subscription_api_v1_event_subscriptions__event_subscription_id__delete',
    tag,
    method: 'delete',
    path: one,
    pathParams: oneParams,
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  rotate_event_subscription_secret: operation({
    id: 'rotate_event_subscription_secret_api_v1_event_subscriptions__event_subscription_id__secret_put',
    tag,
    method: 'put',
    path: `${one}/secret`,
    pathParams: oneParams,
    response: EventSubscriptionSecretResponse,
    errors: [401, 403, 404, 422],
  }),
  test_event_subscription: operation({
    id: 'test_event_subscription_api_v1_event_subscriptions__event_subscription_id__test_post',
    tag,
    method: 'post',
    path: `${one}/test`,
    pathParams: oneParams,
    response: EventDeliveryResponse,
    errors: [401, 403, 404, 422],
  }),
  list_event_deliveries: operation({
    id: 'list_event_deliveries_api_v1_event_subscriptions__event_subscription_id__deliveries_get',
    tag,
    method: 'get',
    path: `${one}/deliveries`,
    pathParams: oneParams,
    query: z.object({ hydrate: bool().default(false) }),
    filter: EventDeliveryFilter,
    response: Page_EventDeliveryResponse_,
    errors: [401, 403, 404, 422],
  }),
  redeliver_event: operation({
    id: 'redeliver_event_api_v1_event_subscriptions__event_subscription_id__deliveries__delivery_id__redeliver_post',
    tag,
    method: 'post',
    path: `${one}/deliveries/{delivery_id}/redeliver`,
    pathParams: z.object({ event_subscription_id: uuid(), delivery_id: uuid() }),
    response: EventDeliveryResponse,
    errors: [400, 401, 403, 404, 422],
  }),
};
