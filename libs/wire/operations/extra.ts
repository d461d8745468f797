import { z } from 'zod';
import { PipelineRunConfiguration } from '../models/configuration.js';
import { PipelineRunResponse } from '../models/pipeline-run.js';
import { RunTemplateResponse, RunTemplateUpdate } from '../models/run-template.js';
import { PipelineSnapshotRunRequest, ReplayRunConfiguration } from '../models/server-side-run.js';
import { operation } from '../operation.js';
import { list, nothing, str, uuid } from '../types.js';

/**
 * Operations that the reference has only with a workload manager or with an authorization service, so that its usual
 * document lacks them, and PATCH for run templates.
 */
export const extra = {
  create_snapshot_run: operation({
    id: 'create_snapshot_run_api_v1_pipeline_snapshots__snapshot_id__runs_post',
    tag: 'snapshots',
    method: 'post',
    path: '/api/v1/pipeline_snapshots/{snapshot_id}/runs',
    pathParams: z.object({
      snapshot_id: uuid(),
    }),
    body: PipelineSnapshotRunRequest,
    response: PipelineRunResponse,
    errors: [401, 403, 404, 422, 429],
  }),
  replay_run: operation({
    id: 'replay_run_api_v1_runs__run_id__replay_post',
    tag: 'runs',
    method: 'post',
    path: '/api/v1/runs/{run_id}/replay',
    pathParams: z.object({
      run_id: uuid(),
    }),
    body: ReplayRunConfiguration.nullable(),
    bodyRequired: false,
    response: PipelineRunResponse,
    errors: [400, 401, 403, 404, 422],
  }),
  create_template_run: operation({
    id: 'create_template_run_api_v1_run_templates__template_id__runs_post',
    tag: 'run_templates',
    method: 'post',
    path: '/api/v1/run_templates/{template_id}/runs',
    pathParams: z.object({
      template_id: uuid(),
    }),
    body: PipelineRunConfiguration.nullable(),
    bodyRequired: false,
    response: PipelineRunResponse,
    errors: [401, 403, 404, 422, 429],
    deprecated: true,
  }),
  patch_run_template: operation({
    id: 'patch_run_template_api_v1_run_templates__template_id__patch',
    tag: 'run_templates',
    method: 'patch',
    path: '/api/v1/run_templates/{template_id}',
    pathParams: z.object({
      template_id: uuid(),
    }),
    body: RunTemplateUpdate,
    response: RunTemplateResponse,
    errors: [401, 403, 404, 422],
  }),
  update_user_resource_membership: operation({
    id: 'update_user_resource_membership_api_v1_users_resource_membership_post',
    tag: 'users',
    method: 'post',
    path: '/api/v1/users/resource_membership',
    query: z.object({
      resource_type: str(),
      resource_id: uuid(),
      user_id: str().nullish(),
      team_id: str().nullish(),
    }),
    body: list(str()),
    response: nothing(),
    errors: [401, 404, 422],
  }),
};
