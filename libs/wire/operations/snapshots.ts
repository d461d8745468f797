import { z } from 'zod';
import { PipelineSnapshotFilter } from '../filters.js';
import {
  Page_PipelineSnapshotResponse_,
  PipelineSnapshotPruneRequest,
  PipelineSnapshotPruneResponse,
  PipelineSnapshotRequest,
  PipelineSnapshotResponse,
  PipelineSnapshotUpdate,
} from '../models/pipeline-snapshot.js';
import { operation } from '../operation.js';
import { bool, either, json, list, nothing, str, uuid } from '../types.js';

export const snapshots = {
  create_pipeline_snapshot: operation({
    id: 'create_pipeline_snapshot_api_v1_pipeline_snapshots_post',
    tag: 'snapshots',
    method: 'post',
    path: '/api/v1/pipeline_snapshots',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: PipelineSnapshotRequest,
    response: PipelineSnapshotResponse,
    errors: [401, 403, 409, 422],
  }),
  list_pipeline_snapshots: operation({
    id: 'list_pipeline_snapshots_api_v1_pipeline_snapshots_get',
    tag: 'snapshots',
    method: 'get',
    path: '/api/v1/pipeline_snapshots',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
    }),
    filter: PipelineSnapshotFilter,
    response: Page_PipelineSnapshotResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_pipeline_snapshot: operation({
    id: 'get_pipeline_snapshot_api_v1_pipeline_snapshots__snapshot_id__get',
    tag: 'snapshots',
    method: 'get',
    path: '/api/v1/pipeline_snapshots/{snapshot_id}',
    pathParams: z.object({
      snapshot_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
      step_configuration_filter: list(str()).nullish(),
      include_config_schema: bool().nullish(),
    }),
    response: PipelineSnapshotResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  update_pipeline_snapshot: operation({
    id: 'update_pipeline_snapshot_api_v1_pipeline_snapshots__snapshot_id__put',
    tag: 'snapshots',
    method: 'put',
    path: '/api/v1/pipeline_snapshots/{snapshot_id}',
    pathParams: z.object({
      snapshot_id: uuid(),
    }),
    body: PipelineSnapshotUpdate,
    response: PipelineSnapshotResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_pipeline_snapshot: operation({
    id: 'delete_pipeline_snapshot_api_v1_pipeline_snapshots__snapshot_id__delete',
    tag: 'snapshots',
    method: 'delete',
    path: '/api/v1/pipeline_snapshots/{snapshot_id}',
    pathParams: z.object({
      snapshot_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  prune_pipeline_snapshots: operation({
    id: 'prune_pipeline_snapshots_api_v1_pipeline_snapshots_prune_post',
    tag: 'snapshots',
    method: 'post',
    path: '/api/v1/pipeline_snapshots/prune',
    body: PipelineSnapshotPruneRequest,
    response: PipelineSnapshotPruneResponse,
    errors: [401, 403, 422, 429],
  }),
  get_snapshot_code_download_token: operation({
    id: 'get_snapshot_code_download_token_api_v1_pipeline_snapshots__snapshot_id__download_token_get',
    tag: 'snapshots',
    method: 'get',
    path: '/api/v1/pipeline_snapshots/{snapshot_id}/download-token',
    pathParams: z.object({
      snapshot_id: uuid(),
    }),
    response: str(),
    errors: [400, 401, 403, 404, 422],
  }),
  download_snapshot_code: operation({
    id: 'download_snapshot_code_api_v1_pipeline_snapshots__snapshot_id__code_get',
    tag: 'snapshots',
    method: 'get',
    path: '/api/v1/pipeline_snapshots/{snapshot_id}/code',
    pathParams: z.object({
      snapshot_id: uuid(),
    }),
    query: z.object({
      token: str(),
    }),
    response: json(),
    responseKind: 'file',
    errors: [401, 403, 404, 422],
    public: true,
  }),
};
