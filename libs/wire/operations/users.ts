import { z } from 'zod';
import { UserFilter } from '../filters.js';
import { Page_UserResponse_, UserRequest, UserResponse, UserUpdate } from '../models/user.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const users = {
  list_users: operation({
    id: 'list_users_api_v1_users_get',
    tag: 'users',
    method: 'get',
    path: '/api/v1/users',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: UserFilter,
    response: Page_UserResponse_,
    errors: [401, 404, 422],
  }),
  create_user: operation({
    id: 'create_user_api_v1_users_post',
    tag: 'users',
    method: 'post',
    path: '/api/v1/users',
    body: UserRequest,
    response: UserResponse,
    errors: [401, 409, 422],
  }),
  get_user: operation({
    id: 'get_user_api_v1_users__user_name_or_id__get',
    tag: 'users',
    method: 'get',
    path: '/api/v1/users/{user_name_or_id}',
    pathParams: z.object({
      user_name_or_id: either([str(), uuid()]),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: UserResponse,
    errors: [401, 404, 422],
  }),
  delete_user: operation({
    id: 'delete_user_api_v1_users__user_name_or_id__delete',
    tag: 'users',
    method: 'delete',
    path: '/api/v1/users/{user_name_or_id}',
    pathParams: z.object({
      user_name_or_id: either([str(), uuid()]),
    }),
    response: nothing(),
    errors: [401, 404, 422],
  }),
  update_user: operation({
    id: 'update_user_api_v1_users__user_name_or_id__put',
    tag: 'users',
    method: 'put',
    path: '/api/v1/users/{user_name_or_id}',
    pathParams: z.object({
      user_name_or_id: either([str(), uuid()]),
    }),
    body: UserUpdate,
    response: UserResponse,
    errors: [401, 404, 422],
  }),
  deactivate_user: operation({
    id: 'deactivate_user_api_v1_users__user_name_or_id__deactivate_put',
    tag: 'users',
    method: 'put',
    path: '/api/v1/users/{user_name_or_id}/deactivate',
    pathParams: z.object({
      user_name_or_id: either([str(), uuid()]),
    }),
    response: UserResponse,
    errors: [401, 404, 422],
  }),
  email_opt_in_response: operation({
    id: 'email_opt_in_response_api_v1_users__user_name_or_id__email_opt_in_put',
    tag: 'users',
    method: 'put',
    path: '/api/v1/users/{user_name_or_id}/email-opt-in',
    pathParams: z.object({
      user_name_or_id: either([str(), uuid()]),
    }),
    body: UserUpdate,
    response: UserResponse,
    errors: [401, 404, 422],
  }),
  get_current_user: operation({
    id: 'get_current_user_api_v1_current_user_get',
    tag: 'users',
    method: 'get',
    path: '/api/v1/current-user',
    response: UserResponse,
    errors: [401, 404, 422],
  }),
  update_myself: operation({
    id: 'update_myself_api_v1_current_user_put',
    tag: 'users',
    method: 'put',
    path: '/api/v1/current-user',
    body: UserUpdate,
    response: UserResponse,
    errors: [401, 404, 422],
  }),
  activate_user: operation({
    id: 'activate_user_api_v1_users__user_name_or_id__activate_put',
    tag: 'users',
    method: 'put',
    path: '/api/v1/users/{user_name_or_id}/activate',
    pathParams: z.object({
      user_name_or_id: either([str(), uuid()]),
    }),
    body: UserUpdate,
    response: UserResponse,
    errors: [401, 404, 422],
    public: true,
  }),
};
