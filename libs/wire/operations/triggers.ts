import { z } from 'zod';
import { TriggerFilter } from '../filters.js';
import { PipelineRunConfiguration } from '../models/configuration.js';
import { SourceType } from '../models/enums.js';
import {
  Page_TriggerResponse_,
  PlatformEventTriggerRequest,
  PlatformEventTriggerResponse,
  PlatformEventTriggerUpdate,
  ScheduleTriggerRequest,
  ScheduleTriggerResponse,
  ScheduleTriggerUpdate,
  WebhookTriggerRequest,
  WebhookTriggerResponse,
  WebhookTriggerUpdate,
} from '../models/triggers.js';
import { operation } from '../operation.js';
import { bool, dict, either, list, nothing, str, uuid } from '../types.js';

export const triggers = {
  create_trigger: operation({
    id: 'create_trigger_api_v1_triggers_post',
    tag: 'triggers',
    method: 'post',
    path: '/api/v1/triggers',
    body: z.discriminatedUnion('type', [ScheduleTriggerRequest, PlatformEventTriggerRequest, WebhookTriggerRequest]),
    response: either([ScheduleTriggerResponse, PlatformEventTriggerResponse, WebhookTriggerResponse]),
    errors: [401, 403, 409, 422],
  }),
  list_triggers: operation({
    id: 'list_triggers_api_v1_triggers_get',
    tag: 'triggers',
    method: 'get',
    path: '/api/v1/triggers',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: TriggerFilter,
    response: Page_TriggerResponse_,
    errors: [401, 403, 404, 422],
  }),
  get_trigger: operation({
    id: 'get_trigger_api_v1_triggers__trigger_id__get',
    tag: 'triggers',
    method: 'get',
    path: '/api/v1/triggers/{trigger_id}',
    pathParams: z.object({
      trigger_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: either([ScheduleTriggerResponse, PlatformEventTriggerResponse, WebhookTriggerResponse]),
    errors: [401, 403, 404, 422],
  }),
  update_trigger: operation({
    id: 'update_trigger_api_v1_triggers__trigger_id__put',
    tag: 'triggers',
    method: 'put',
    path: '/api/v1/triggers/{trigger_id}',
    pathParams: z.object({
      trigger_id: uuid(),
    }),
    body: z.discriminatedUnion('type', [ScheduleTriggerUpdate, PlatformEventTriggerUpdate, WebhookTriggerUpdate]),
    response: either([ScheduleTriggerResponse, PlatformEventTriggerResponse, WebhookTriggerResponse]),
    errors: [401, 403, 404, 422],
  }),
  delete_trigger: operation({
    id: 'delete_trigger_api_v1_triggers__trigger_id__delete',
    tag: 'triggers',
    method: 'delete',
    path: '/api/v1/triggers/{trigger_id}',
    pathParams: z.object({
      trigger_id: uuid(),
    }),
    query: z.object({
      soft: bool().default(true),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  attach_trigger_to_snapshot: operation({
    id: 'attach_trigger_to_snapshot_api_v1_triggers__trigger_id__pipeline_snapshots__snapshot_id__put',
    tag: 'triggers',
    method: 'put',
    path: '/api/v1/triggers/{trigger_id}/pipeline_snapshots/{snapshot_id}',
    pathParams: z.object({
      trigger_id: uuid(),
      snapshot_id: uuid(),
    }),
    query: z.object({
      allow_replace: bool().default(false),
    }),
    body: PipelineRunConfiguration.nullable(),
    bodyRequired: false,
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  detach_trigger_from_snapshot: operation({
    id: 'detach_trigger_from_snapshot_api_v1_triggers__trigger_id__pipeline_snapshots__snapshot_id__delete',
    tag: 'triggers',
    method: 'delete',
    path: '/api/v1/triggers/{trigger_id}/pipeline_snapshots/{snapshot_id}',
    pathParams: z.object({
      trigger_id: uuid(),
      snapshot_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  clear_trigger_dispatch_error: operation({
    id: 'clear_trigger_dispatch_error_api_v1_triggers__trigger_id__dispatch_state_delete',
    tag: 'triggers',
    method: 'delete',
    path: '/api/v1/triggers/{trigger_id}/dispatch_state',
    pathParams: z.object({
      trigger_id: uuid(),
    }),
    query: z.object({
      snapshot_id: uuid().nullish(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  list_supported_events: operation({
    id: 'list_supported_events_api_v1_supported_events_get',
    tag: 'triggers',
    method: 'get',
    path: '/api/v1/supported-events',
    query: z.object({
      source_type: SourceType,
    }),
    response: list(dict(str().nullable())),
    errors: [401, 403, 422],
    public: true,
  }),
};
