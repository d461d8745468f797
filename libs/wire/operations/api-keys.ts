import { z } from 'zod';
import { APIKeyFilter, ServiceAccountFilter } from '../filters.js';
import { APIKeyRequest, APIKeyResponse, APIKeyRotateRequest, APIKeyUpdate, Page_APIKeyResponse_ } from '../models/api-key.js';
import { Page_ServiceAccountResponse_, ServiceAccountRequest, ServiceAccountResponse, ServiceAccountUpdate } from '../models/service-account.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const apiKeys = {
  create_service_account: operation({
    id: 'create_service_account_api_v1_service_accounts_post',
    tag: 'api_keys',
    method: 'post',
    path: '/api/v1/service_accounts',
    body: ServiceAccountRequest,
    response: ServiceAccountResponse,
    errors: [401, 409, 422],
  }),
  list_service_accounts: operation({
    id: 'list_service_accounts_api_v1_service_accounts_get',
    tag: 'api_keys',
    method: 'get',
    path: '/api/v1/service_accounts',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ServiceAccountFilter,
    response: Page_ServiceAccountResponse_,
    errors: [401, 404, 422],
  }),
  get_service_account: operation({
    id: 'get_service_account_api_v1_service_accounts__service_account_name_or_id__get',
    tag: 'api_keys',
    method: 'get',
    path: '/api/v1/service_accounts/{service_account_name_or_id}',
    pathParams: z.object({
      service_account_name_or_id: either([str(), uuid()]),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ServiceAccountResponse,
    errors: [401, 404, 422],
  }),
  update_service_account: operation({
    id: 'update_service_account_api_v1_service_accounts__service_account_name_or_id__put',
    tag: 'api_keys',
    method: 'put',
    path: '/api/v1/service_accounts/{service_account_name_or_id}',
    pathParams: z.object({
      service_account_name_or_id: either([str(), uuid()]),
    }),
    body: ServiceAccountUpdate,
    response: ServiceAccountResponse,
    errors: [401, 404, 422],
  }),
  delete_service_account: operation({
    id: 'delete_service_account_api_v1_service_accounts__service_account_name_or_id__delete',
    tag: 'api_keys',
    method: 'delete',
    path: '/api/v1/service_accounts/{service_account_name_or_id}',
    pathParams: z.object({
      service_account_name_or_id: either([str(), uuid()]),
    }),
    response: nothing(),
    errors: [401, 404, 422],
  }),
  create_api_key: operation({
    id: 'create_api_key_api_v1_service_accounts__service_account_id__api_keys_post',
    tag: 'api_keys',
    method: 'post',
    path: '/api/v1/service_accounts/{service_account_id}/api_keys',
    pathParams: z.object({
      service_account_id: uuid(),
    }),
    body: APIKeyRequest,
    response: APIKeyResponse,
    errors: [401, 409, 422],
  }),
  list_api_keys: operation({
    id: 'list_api_keys_api_v1_service_accounts__service_account_id__api_keys_get',
    tag: 'api_keys',
    method: 'get',
    path: '/api/v1/service_accounts/{service_account_id}/api_keys',
    pathParams: z.object({
      service_account_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: APIKeyFilter,
    response: Page_APIKeyResponse_,
    errors: [401, 404, 422],
  }),
  get_api_key: operation({
    id: 'get_api_key_api_v1_service_accounts__service_account_id__api_keys__api_key_name_or_id__get',
    tag: 'api_keys',
    method: 'get',
    path: '/api/v1/service_accounts/{service_account_id}/api_keys/{api_key_name_or_id}',
    pathParams: z.object({
      service_account_id: uuid(),
      api_key_name_or_id: either([str(), uuid()]),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: APIKeyResponse,
    errors: [401, 404, 422],
  }),
  update_api_key: operation({
    id: 'update_api_key_api_v1_service_accounts__service_account_id__api_keys__api_key_name_or_id__put',
    tag: 'api_keys',
    method: 'put',
    path: '/api/v1/service_accounts/{service_account_id}/api_keys/{api_key_name_or_id}',
    pathParams: z.object({
      service_account_id: uuid(),
      api_key_name_or_id: either([str(), uuid()]),
    }),
    body: APIKeyUpdate,
    response: APIKeyResponse,
    errors: [401, 409, 422],
  }),
  delete_api_key: operation({
    id: 'delete_api_key_api_v1_service_accounts__service_account_id__api_keys__api_key_name_or_id__delete',
    tag: 'api_keys',
    method: 'delete',
    path: '/api/v1/service_accounts/{service_account_id}/api_keys/{api_key_name_or_id}',
    pathParams: z.object({
      service_account_id: uuid(),
      api_key_name_or_id: either([str(), uuid()]),
    }),
    response: nothing(),
    errors: [401, 404, 422],
  }),
  rotate_api_key: operation({
    id: 'rotate_api_key_api_v1_service_accounts__service_account_id__api_keys__api_key_name_or_id__rotate_put',
    tag: 'api_keys',
    method: 'put',
    path: '/api/v1/service_accounts/{service_account_id}/api_keys/{api_key_name_or_id}/rotate',
    pathParams: z.object({
      service_account_id: uuid(),
      api_key_name_or_id: either([str(), uuid()]),
    }),
    body: APIKeyRotateRequest,
    response: APIKeyResponse,
    errors: [401, 409, 422],
  }),
};
