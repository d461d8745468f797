import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, int, list, orNull, str, uuid } from '../types.js';
import { ResourcePoolScope, ResourceRequestReclaimTolerance, ResourceRequestRuntimeState, ResourceRequestStatus } from './enums.js';
import { UserResponse } from './user.js';

export const ResourceRequestDemand = model(
  'ResourceRequestDemand',
  z.object({
    resource_id: orNull(uuid()),
    resource: orNull(str()),
    kind: orNull(str({ min: 1, max: 64 })),
    quantity: int({ above: 0 }),
    unit: orNull(str({ min: 1, max: 64 })),
    class: orNull(str()),
    resource_selector: orNull(anyDict()),
    class_selector: orNull(anyDict()),
  }),
);
export type ResourceRequestDemand = z.infer<typeof ResourceRequestDemand>;

export const ResourceRequestResponseBody = model(
  'ResourceRequestResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    component_ids: list(uuid()).default([]),
    step_run_id: orNull(uuid()),
    pipeline_run_id: orNull(uuid()),
    pool_id: orNull(uuid()),
    step_name: orNull(str()),
    pipeline_run_name: orNull(str()),
    project_id: orNull(uuid()),
    pool_name: orNull(str()),
    pool_scope: orNull(ResourcePoolScope),
    pool_selector: orNull(anyDict()),
    preemption_group: orNull(anyDict()),
    demands: list(ResourceRequestDemand).default([]),
    status: ResourceRequestStatus,
    runtime_state: ResourceRequestRuntimeState.default('unknown'),
    reclaim_tolerance: ResourceRequestReclaimTolerance,
    lease_expires_at: orNull(datetime()),
    allocation_deadline: orNull(datetime()),
    renewed_at: orNull(datetime()),
    allocated_at: orNull(datetime()),
    released_at: orNull(datetime()),
    queued_at: orNull(datetime()),
    status_reason: orNull(str()),
    preemption_initiated_by_id: orNull(uuid()),
  }),
);
export type ResourceRequestResponseBody = z.infer<typeof ResourceRequestResponseBody>;

export const ResourceRequestResponseMetadata = model('ResourceRequestResponseMetadata', z.object({}));
export type ResourceRequestResponseMetadata = z.infer<typeof ResourceRequestResponseMetadata>;

export const ResourcePoolAllocation = model(
  'ResourcePoolAllocation',
  z.object({
    id: uuid(),
    request_id: uuid(),
    demand_index: orNull(int({ min: 0 })),
    pool_id: uuid(),
    pool_name: orNull(str()),
    pool_scope: orNull(ResourcePoolScope),
    capacity_entry_id: orNull(uuid()),
    capacity_entry_name: orNull(str({ max: 255 })),
    resource_id: uuid(),
    resource: orNull(str()),
    resource_kind: str({ min: 1, max: 255 }),
    class: str(),
    quantity: int({ above: 0 }),
    unit: orNull(str({ min: 1, max: 64 })),
    base_quantity: orNull(int({ above: 0 })),
    policy_id: uuid(),
    grant_id: orNull(uuid()),
    priority: int(),
    priority_lane: bool().default(false),
    component_id: orNull(uuid()),
    account_id: orNull(uuid()),
    preemption_state: str(),
    preemption_reason: orNull(str()),
    released_at: orNull(datetime()),
    created: orNull(datetime()),
    updated: orNull(datetime()),
  }),
);
export type ResourcePoolAllocation = z.infer<typeof ResourcePoolAllocation>;

export const ResourcePoolQueueItem = model(
  'ResourcePoolQueueItem',
  z.object({
    id: uuid(),
    request_id: uuid(),
    pool_id: uuid(),
    pool_name: orNull(str()),
    pool_scope: orNull(ResourcePoolScope),
    policy_id: uuid(),
    priority: int(),
    priority_lane: bool().default(false),
    enqueued_at: datetime(),
    created: orNull(datetime()),
  }),
);
export type ResourcePoolQueueItem = z.infer<typeof ResourcePoolQueueItem>;

export const ResourceRequestResponseResources = model(
  'ResourceRequestResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    component_settings: anyDict().default({}),
    allocations: list(ResourcePoolAllocation).default([]),
    queue_entries: list(ResourcePoolQueueItem).default([]),
  }),
);
export type ResourceRequestResponseResources = z.infer<typeof ResourceRequestResponseResources>;

export const ResourceRequestResponse = model(
  'ResourceRequestResponse',
  z.object({
    body: orNull(ResourceRequestResponseBody),
    metadata: orNull(ResourceRequestResponseMetadata),
    resources: orNull(ResourceRequestResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type ResourceRequestResponse = z.infer<typeof ResourceRequestResponse>;

export const Page_ResourceRequestResponse_ = model('Page_ResourceRequestResponse_', page(ResourceRequestResponse));
export type Page_ResourceRequestResponse_ = z.infer<typeof Page_ResourceRequestResponse_>;

export const ResourceRequestRenewalRequest = model(
  'ResourceRequestRenewalRequest',
  z.object({
    lease_expires_at: datetime(),
    runtime_state: ResourceRequestRuntimeState.nullish(),
  }),
);
export type ResourceRequestRenewalRequest = z.infer<typeof ResourceRequestRenewalRequest>;
