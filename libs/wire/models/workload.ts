import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, enumOf, int, type Link, list, orNull, str, uuid } from '../types.js';
import { PipelineRunResponse } from './pipeline-run.js';
import { UserResponse } from './user.js';

/** Ours; the reference keeps what it starts in the memory of its process. */
export const WorkloadStatus = model('WorkloadStatus', enumOf(['queued', 'leased', 'started', 'finished', 'dead']));
export type WorkloadStatus = z.infer<typeof WorkloadStatus>;

export const WorkloadAttempt = model('WorkloadAttempt', z.object({ attempt: int(), ended_at: datetime(), error: orNull(str()) }));
export type WorkloadAttempt = z.infer<typeof WorkloadAttempt>;

export const WorkloadResponseBody = model(
  'WorkloadResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    status: WorkloadStatus,
    run_id: uuid(),
    snapshot_id: uuid(),
    attempts: int(),
    available_at: datetime(),
    started_at: orNull(datetime()),
    error: orNull(str()),
    retried_run_id: orNull(uuid()),
  }),
);
export type WorkloadResponseBody = z.infer<typeof WorkloadResponseBody>;

export const WorkloadResponseMetadata = model('WorkloadResponseMetadata', z.object({ history: list(WorkloadAttempt) }));
export type WorkloadResponseMetadata = z.infer<typeof WorkloadResponseMetadata>;

export const WorkloadResponseResources = model(
  'WorkloadResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    get run(): Link {
      return PipelineRunResponse;
    },
  }),
);
export type WorkloadResponseResources = z.infer<typeof WorkloadResponseResources>;

export const WorkloadResponse = model(
  'WorkloadResponse',
  z.object({
    body: orNull(WorkloadResponseBody),
    metadata: orNull(WorkloadResponseMetadata),
    resources: orNull(WorkloadResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type WorkloadResponse = z.infer<typeof WorkloadResponse>;

export const Page_WorkloadResponse_ = model('Page_WorkloadResponse_', page(WorkloadResponse));
export type Page_WorkloadResponse_ = z.infer<typeof Page_WorkloadResponse_>;
