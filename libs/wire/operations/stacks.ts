import { z } from 'zod';
import { StackFilter } from '../filters.js';
import { StackDeploymentProvider } from '../models/enums.js';
import { Page_StackResponse_, StackRequest, StackResponse, StackUpdate } from '../models/stack.js';
import { DeployedStack, StackDeploymentConfig, StackDeploymentInfo } from '../models/stack-deployment.js';
import { operation } from '../operation.js';
import { bool, datetime, either, nothing, str, uuid } from '../types.js';

export const stacks = {
  get_stack_deployment_info: operation({
    id: 'get_stack_deployment_info_api_v1_stack_deployment_info_get',
    tag: 'stacks',
    method: 'get',
    path: '/api/v1/stack-deployment/info',
    query: z.object({
      provider: StackDeploymentProvider,
    }),
    response: StackDeploymentInfo,
    errors: [401, 403, 422],
  }),
  get_stack_deployment_config: operation({
    id: 'get_stack_deployment_config_api_v1_stack_deployment_config_get',
    tag: 'stacks',
    method: 'get',
    path: '/api/v1/stack-deployment/config',
    query: z.object({
      provider: StackDeploymentProvider,
      stack_name: str(),
      location: str().nullish(),
      terraform: bool().default(false),
    }),
    response: StackDeploymentConfig,
    errors: [401, 403, 422],
  }),
  get_deployed_stack: operation({
    id: 'get_deployed_stack_api_v1_stack_deployment_stack_get',
    tag: 'stacks',
    method: 'get',
    path: '/api/v1/stack-deployment/stack',
    query: z.object({
      provider: StackDeploymentProvider,
      stack_name: str(),
      location: str().nullish(),
      date_start: datetime().nullish(),
      terraform: bool().default(false),
    }),
    response: DeployedStack.nullable(),
    errors: [401, 403, 422],
  }),
  create_stack: operation({
    id: 'create_stack_api_v1_stacks_post',
    tag: 'stacks',
    method: 'post',
    path: '/api/v1/stacks',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: StackRequest,
    response: StackResponse,
    errors: [401, 403, 409, 422],
  }),
  list_stacks: operation({
    id: 'list_stacks_api_v1_stacks_get',
    tag: 'stacks',
    method: 'get',
    path: '/api/v1/stacks',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
    }),
    filter: StackFilter,
    response: Page_StackResponse_,
    errors: [401, 403, 404, 422],
  }),
  get_stack: operation({
    id: 'get_stack_api_v1_stacks__stack_id__get',
    tag: 'stacks',
    method: 'get',
    path: '/api/v1/stacks/{stack_id}',
    pathParams: z.object({
      stack_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: StackResponse,
    errors: [401, 403, 404, 422],
  }),
  update_stack: operation({
    id: 'update_stack_api_v1_stacks__stack_id__put',
    tag: 'stacks',
    method: 'put',
    path: '/api/v1/stacks/{stack_id}',
    pathParams: z.object({
      stack_id: uuid(),
    }),
    body: StackUpdate,
    response: StackResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_stack: operation({
    id: 'delete_stack_api_v1_stacks__stack_id__delete',
    tag: 'stacks',
    method: 'delete',
    path: '/api/v1/stacks/{stack_id}',
    pathParams: z.object({
      stack_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
