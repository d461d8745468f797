import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, dict, json, type Link, metadataValue, orNull, str, uuid } from '../types.js';
import { RunWaitConditionLeaseMode, RunWaitConditionResolution, RunWaitConditionStatus, RunWaitConditionType } from './enums.js';
import { PipelineRunResponse } from './pipeline-run.js';
import { UserResponse } from './user.js';

export const RunWaitConditionResponseBody = model(
  'RunWaitConditionResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    type: RunWaitConditionType,
    status: RunWaitConditionStatus,
    last_polled_at: orNull(datetime()),
    poller_instance_id: orNull(str()),
    poller_lease_expires_at: orNull(datetime()),
    resolved_at: orNull(datetime()),
    resolved_by_user_id: orNull(uuid()),
  }),
);
export type RunWaitConditionResponseBody = z.infer<typeof RunWaitConditionResponseBody>;

export const RunWaitConditionResponseMetadata = model(
  'RunWaitConditionResponseMetadata',
  z.object({
    question: orNull(str()),
    run_metadata: dict(metadataValue()).default({}),
    data_schema: orNull(anyDict()),
    resolution: orNull(RunWaitConditionResolution),
    result: orNull(json()),
  }),
);
export type RunWaitConditionResponseMetadata = z.infer<typeof RunWaitConditionResponseMetadata>;

export const RunWaitConditionResponseResources = model(
  'RunWaitConditionResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    get run(): Link {
      return PipelineRunResponse;
    },
  }),
);
export type RunWaitConditionResponseResources = z.infer<typeof RunWaitConditionResponseResources>;

export const RunWaitConditionResponse = model(
  'RunWaitConditionResponse',
  z.object({
    body: orNull(RunWaitConditionResponseBody),
    metadata: orNull(RunWaitConditionResponseMetadata),
    resources: orNull(RunWaitConditionResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str(),
  }),
);
export type RunWaitConditionResponse = z.infer<typeof RunWaitConditionResponse>;

export const Page_RunWaitConditionResponse_ = model('Page_RunWaitConditionResponse_', page(RunWaitConditionResponse));
export type Page_RunWaitConditionResponse_ = z.infer<typeof Page_RunWaitConditionResponse_>;

export const RunWaitConditionLeaseUpdate = model(
  'RunWaitConditionLeaseUpdate',
  z.object({
    poller_instance_id: str(),
    poller_lease_expires_at: datetime(),
    mode: RunWaitConditionLeaseMode.default('refresh'),
  }),
);
export type RunWaitConditionLeaseUpdate = z.infer<typeof RunWaitConditionLeaseUpdate>;

export const RunWaitConditionRequest = model(
  'RunWaitConditionRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    run: uuid(),
    name: str(),
    type: RunWaitConditionType,
    question: str().nullish(),
    data_schema: anyDict().nullish(),
    metadata: dict(metadataValue()).default({}),
  }),
);
export type RunWaitConditionRequest = z.infer<typeof RunWaitConditionRequest>;

export const RunWaitConditionResolveRequest = model(
  'RunWaitConditionResolveRequest',
  z.object({
    user: uuid().nullish(),
    resolution: RunWaitConditionResolution,
    result: json().nullish(),
  }),
);
export type RunWaitConditionResolveRequest = z.infer<typeof RunWaitConditionResolveRequest>;
