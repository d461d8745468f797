import { z } from 'zod';
import { DeploymentFilter } from '../filters.js';
import { DeploymentRequest, DeploymentResponse, DeploymentUpdate, Page_DeploymentResponse_ } from '../models/deployment.js';
import { operation } from '../operation.js';
import { bool, nothing, uuid } from '../types.js';

export const deployments = {
  create_deployment: operation({
    id: 'create_deployment_api_v1_deployments_post',
    tag: 'deployments',
    method: 'post',
    path: '/api/v1/deployments',
    body: DeploymentRequest,
    response: DeploymentResponse,
    errors: [401, 403, 409, 422],
  }),
  list_deployments: operation({
    id: 'list_deployments_api_v1_deployments_get',
    tag: 'deployments',
    method: 'get',
    path: '/api/v1/deployments',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: DeploymentFilter,
    response: Page_DeploymentResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_deployment: operation({
    id: 'get_deployment_api_v1_deployments__deployment_id__get',
    tag: 'deployments',
    method: 'get',
    path: '/api/v1/deployments/{deployment_id}',
    pathParams: z.object({
      deployment_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: DeploymentResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  update_deployment: operation({
    id: 'update_deployment_api_v1_deployments__deployment_id__put',
    tag: 'deployments',
    method: 'put',
    path: '/api/v1/deployments/{deployment_id}',
    pathParams: z.object({
      deployment_id: uuid(),
    }),
    body: DeploymentUpdate,
    response: DeploymentResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  delete_deployment: operation({
    id: 'delete_deployment_api_v1_deployments__deployment_id__delete',
    tag: 'deployments',
    method: 'delete',
    path: '/api/v1/deployments/{deployment_id}',
    pathParams: z.object({
      deployment_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
