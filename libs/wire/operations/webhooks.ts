import { z } from 'zod';
import { WebhookFilter } from '../filters.js';
import {
  Page_WebhookResponse_,
  WebhookCreateResponse,
  WebhookRequest,
  WebhookResponse,
  WebhookRotateSecretRequest,
  WebhookSecretResponse,
  WebhookUpdate,
} from '../models/webhook.js';
import { operation } from '../operation.js';
import { anyDict, bool, json, nothing, str, uuid } from '../types.js';

export const webhooks = {
  create_webhook: operation({
    id: 'create_webhook_api_v1_webhooks_post',
    tag: 'webhooks',
    method: 'post',
    path: '/api/v1/webhooks',
    body: WebhookRequest,
    response: WebhookCreateResponse,
    errors: [401, 403, 422],
  }),
  list_webhooks: operation({
    id: 'list_webhooks_api_v1_webhooks_get',
    tag: 'webhooks',
    method: 'get',
    path: '/api/v1/webhooks',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: WebhookFilter,
    response: Page_WebhookResponse_,
    errors: [401, 403, 422],
  }),
  get_webhook: operation({
    id: 'get_webhook_api_v1_webhooks__webhook_id__get',
    tag: 'webhooks',
    method: 'get',
    path: '/api/v1/webhooks/{webhook_id}',
    pathParams: z.object({
      webhook_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: WebhookResponse,
    errors: [401, 403, 422],
  }),
  update_webhook: operation({
    id: 'update_webhook_api_v1_webhooks__webhook_id__put',
    tag: 'webhooks',
    method: 'put',
    path: '/api/v1/webhooks/{webhook_id}',
    pathParams: z.object({
      webhook_id: uuid(),
    }),
    body: WebhookUpdate,
    response: WebhookResponse,
    errors: [401, 403, 422],
  }),
  delete_webhook: operation({
    id: 'delete_webhook_api_v1_webhooks__webhook_id__delete',
    tag: 'webhooks',
    method: 'delete',
    path: '/api/v1/webhooks/{webhook_id}',
    pathParams: z.object({
      webhook_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 422],
  }),
  get_raw_webhook_event: operation({
    id: 'get_raw_webhook_event_api_v1_webhooks__webhook_id__events_raw_get',
    tag: 'webhooks',
    method: 'get',
    path: '/api/v1/webhooks/{webhook_id}/events/raw',
    pathParams: z.object({
      webhook_id: uuid(),
    }),
    query: z.object({
      delivery_id: str(),
    }),
    response: anyDict(),
    errors: [401, 403, 422],
  }),
  rotate_webhook_secret: operation({
    id: 'rotate_webhook_secret_api_v1_webhooks__webhook_id__secret_put',
    tag: 'webhooks',
    method: 'put',
    path: '/api/v1/webhooks/{webhook_id}/secret',
    pathParams: z.object({
      webhook_id: uuid(),
    }),
    body: WebhookRotateSecretRequest,
    response: WebhookSecretResponse,
    errors: [401, 403, 422],
  }),
  receive_webhook_event: operation({
    id: 'receive_webhook_event_api_v1_webhooks__webhook_type___webhook_id__events_post',
    tag: 'webhooks',
    method: 'post',
    path: '/api/v1/webhooks/{webhook_type}/{webhook_id}/events',
    pathParams: z.object({
      webhook_type: str(),
      webhook_id: uuid(),
    }),
    bodyKind: 'raw',
    // Empty, or text that the sender asked for: not one of the senders reads JSON here.
    response: json(),
    responseKind: 'text',
    status: 202,
    errors: [422],
    public: true,
  }),
};
