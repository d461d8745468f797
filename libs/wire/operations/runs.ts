import { z } from 'zod';
import { PipelineRunFilter, StepRunFilter } from '../filters.js';
import { ExecutionStatus } from '../models/enums.js';
import { LogEntry } from '../models/logs.js';
import { Page_PipelineRunResponse_, PipelineRunRequest, PipelineRunResponse, PipelineRunUpdate } from '../models/pipeline-run.js';
import { PipelineRunDAG } from '../models/pipeline-run-dag.js';
import { RunStatisticsRequest, RunStatisticsResponse } from '../models/run-statistics.js';
import { Page_StepRunResponse_ } from '../models/step-run.js';
import { StreamBatchRequest, StreamBatchResponse } from '../models/stream-event.js';
import { operation } from '../operation.js';
import { anyDict, bool, either, json, list, nothing, str, uuid } from '../types.js';

export const runs = {
  get_or_create_pipeline_run: operation({
    id: 'get_or_create_pipeline_run_api_v1_runs_post',
    tag: 'runs',
    method: 'post',
    path: '/api/v1/runs',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: PipelineRunRequest,
    response: z.tuple([PipelineRunResponse, bool()]),
    errors: [401, 403, 409, 422],
  }),
  list_runs: operation({
    id: 'list_runs_api_v1_runs_get',
    tag: 'runs',
    method: 'get',
    path: '/api/v1/runs',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
      include_full_metadata: bool().default(false),
    }),
    filter: PipelineRunFilter,
    response: Page_PipelineRunResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_run_statistics: operation({
    id: 'get_run_statistics_api_v1_runs_statistics_post',
    tag: 'runs',
    method: 'post',
    path: '/api/v1/runs/statistics',
    body: RunStatisticsRequest,
    response: RunStatisticsResponse,
    errors: [401, 403, 404, 422],
  }),
  get_run: operation({
    id: 'get_run_api_v1_runs__run_id__get',
    tag: 'runs',
    method: 'get',
    path: '/api/v1/runs/{run_id}',
    pathParams: z.object({
      run_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
      refresh_status: bool().default(false),
      include_python_packages: bool().default(false),
      include_full_metadata: bool().default(false),
    }),
    response: PipelineRunResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  update_run: operation({
    id: 'update_run_api_v1_runs__run_id__put',
    tag: 'runs',
    method: 'put',
    path: '/api/v1/runs/{run_id}',
    pathParams: z.object({
      run_id: uuid(),
    }),
    body: PipelineRunUpdate,
    response: PipelineRunResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  delete_run: operation({
    id: 'delete_run_api_v1_runs__run_id__delete',
    tag: 'runs',
    method: 'delete',
    path: '/api/v1/runs/{run_id}',
    pathParams: z.object({
      run_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  get_run_steps: operation({
    id: 'get_run_steps_api_v1_runs__run_id__steps_get',
    tag: 'runs',
    method: 'get',
    path: '/api/v1/runs/{run_id}/steps',
    pathParams: z.object({
      run_id: uuid(),
    }),
    filter: StepRunFilter,
    response: Page_StepRunResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_pipeline_configuration: operation({
    id: 'get_pipeline_configuration_api_v1_runs__run_id__pipeline_configuration_get',
    tag: 'runs',
    method: 'get',
    path: '/api/v1/runs/{run_id}/pipeline-configuration',
    pathParams: z.object({
      run_id: uuid(),
    }),
    response: anyDict(),
    errors: [401, 403, 404, 422],
  }),
  get_run_status: operation({
    id: 'get_run_status_api_v1_runs__run_id__status_get',
    tag: 'runs',
    method: 'get',
    path: '/api/v1/runs/{run_id}/status',
    pathParams: z.object({
      run_id: uuid(),
    }),
    response: ExecutionStatus,
    errors: [401, 403, 404, 422],
  }),
  get_run_dag: operation({
    id: 'get_run_dag_api_v1_runs__run_id__dag_get',
    tag: 'runs',
    method: 'get',
    path: '/api/v1/runs/{run_id}/dag',
    pathParams: z.object({
      run_id: uuid(),
    }),
    query: z.object({
      include_step_metadata: list(str()).nullish(),
    }),
    response: PipelineRunDAG,
    errors: [401, 403, 404, 422],
  }),
  refresh_run_status: operation({
    id: 'refresh_run_status_api_v1_runs__run_id__refresh_post',
    tag: 'runs',
    method: 'post',
    path: '/api/v1/runs/{run_id}/refresh',
    pathParams: z.object({
      run_id: uuid(),
    }),
    query: z.object({
      include_steps: bool().default(false),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  stop_run: operation({
    id: 'stop_run_api_v1_runs__run_id__stop_post',
    tag: 'runs',
    method: 'post',
    path: '/api/v1/runs/{run_id}/stop',
    pathParams: z.object({
      run_id: uuid(),
    }),
    query: z.object({
      graceful: bool().default(false),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  run_logs: operation({
    id: 'run_logs_api_v1_runs__run_id__logs_get',
    tag: 'runs',
    method: 'get',
    path: '/api/v1/runs/{run_id}/logs',
    pathParams: z.object({
      run_id: uuid(),
    }),
    query: z.object({
      source: str().nullish(),
      logs_id: uuid().nullish(),
    }),
    response: list(LogEntry),
    errors: [400, 401, 403, 404, 422],
  }),
  disable_run_heartbeat: operation({
    id: 'disable_run_heartbeat_api_v1_runs__run_id__disable_heartbeat_put',
    tag: 'runs',
    method: 'put',
    path: '/api/v1/runs/{run_id}/disable_heartbeat',
    pathParams: z.object({
      run_id: uuid(),
    }),
    response: nothing(),
    errors: [400, 401, 403, 404, 422],
  }),
  publish_run_events: operation({
    id: 'publish_run_events_api_v1_runs__pipeline_run_id__events_post',
    tag: 'runs',
    method: 'post',
    path: '/api/v1/runs/{pipeline_run_id}/events',
    pathParams: z.object({
      pipeline_run_id: uuid(),
    }),
    body: StreamBatchRequest,
    response: StreamBatchResponse,
    errors: [401, 403, 404, 413, 422, 501],
  }),
  stream_run_events: operation({
    id: 'stream_run_events_api_v1_runs__pipeline_run_id__events_stream_get',
    tag: 'runs',
    method: 'get',
    path: '/api/v1/runs/{pipeline_run_id}/events/stream',
    pathParams: z.object({
      pipeline_run_id: uuid(),
    }),
    query: z.object({
      since: str().nullish(),
      kinds: list(str()).nullish(),
      step_names: list(str()).nullish(),
      correlation_ids: list(str()).nullish(),
    }),
    headers: z.object({
      'Last-Event-ID': str().nullish(),
    }),
    response: json(),
    responseKind: 'stream',
    errors: [401, 403, 404, 422, 501],
  }),
};
