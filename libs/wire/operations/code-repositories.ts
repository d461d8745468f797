import { z } from 'zod';
import { CodeRepositoryFilter } from '../filters.js';
import { CodeRepositoryRequest, CodeRepositoryResponse, CodeRepositoryUpdate, Page_CodeRepositoryResponse_ } from '../models/code-repository.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const codeRepositories = {
  create_code_repository: operation({
    id: 'create_code_repository_api_v1_code_repositories_post',
    tag: 'code_repositories',
    method: 'post',
    path: '/api/v1/code_repositories',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: CodeRepositoryRequest,
    response: CodeRepositoryResponse,
    errors: [401, 403, 409, 422],
  }),
  list_code_repositories: operation({
    id: 'list_code_repositories_api_v1_code_repositories_get',
    tag: 'code_repositories',
    method: 'get',
    path: '/api/v1/code_repositories',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
    }),
    filter: CodeRepositoryFilter,
    response: Page_CodeRepositoryResponse_,
    errors: [401, 403, 404, 422],
  }),
  get_code_repository: operation({
    id: 'get_code_repository_api_v1_code_repositories__code_repository_id__get',
    tag: 'code_repositories',
    method: 'get',
    path: '/api/v1/code_repositories/{code_repository_id}',
    pathParams: z.object({
      code_repository_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: CodeRepositoryResponse,
    errors: [401, 403, 404, 422],
  }),
  update_code_repository: operation({
    id: 'update_code_repository_api_v1_code_repositories__code_repository_id__put',
    tag: 'code_repositories',
    method: 'put',
    path: '/api/v1/code_repositories/{code_repository_id}',
    pathParams: z.object({
      code_repository_id: uuid(),
    }),
    body: CodeRepositoryUpdate,
    response: CodeRepositoryResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_code_repository: operation({
    id: 'delete_code_repository_api_v1_code_repositories__code_repository_id__delete',
    tag: 'code_repositories',
    method: 'delete',
    path: '/api/v1/code_repositories/{code_repository_id}',
    pathParams: z.object({
      code_repository_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
