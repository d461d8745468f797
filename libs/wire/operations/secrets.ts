import { z } from 'zod';
import { SecretFilter } from '../filters.js';
import { Page_SecretResponse_, SecretRequest, SecretResponse, SecretUpdate } from '../models/secret.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const secrets = {
  create_secret: operation({
    id: 'create_secret_api_v1_secrets_post',
    tag: 'secrets',
    method: 'post',
    path: '/api/v1/secrets',
    query: z.object({
      workspace_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: SecretRequest,
    response: SecretResponse,
    errors: [401, 403, 409, 422],
  }),
  list_secrets: operation({
    id: 'list_secrets_api_v1_secrets_get',
    tag: 'secrets',
    method: 'get',
    path: '/api/v1/secrets',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: SecretFilter,
    response: Page_SecretResponse_,
    errors: [401, 403, 404, 422],
  }),
  get_secret: operation({
    id: 'get_secret_api_v1_secrets__secret_id__get',
    tag: 'secrets',
    method: 'get',
    path: '/api/v1/secrets/{secret_id}',
    pathParams: z.object({
      secret_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: SecretResponse,
    errors: [401, 403, 404, 422],
  }),
  update_secret: operation({
    id: 'update_secret_api_v1_secrets__secret_id__put',
    tag: 'secrets',
    method: 'put',
    path: '/api/v1/secrets/{secret_id}',
    pathParams: z.object({
      secret_id: uuid(),
    }),
    query: z.object({
      patch_values: bool().nullable().default(false),
    }),
    body: SecretUpdate,
    response: SecretResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_secret: operation({
    id: 'delete_secret_api_v1_secrets__secret_id__delete',
    tag: 'secrets',
    method: 'delete',
    path: '/api/v1/secrets/{secret_id}',
    pathParams: z.object({
      secret_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  backup_secrets: operation({
    id: 'backup_secrets_api_v1_secrets_operations_backup_put',
    tag: 'secrets',
    method: 'put',
    path: '/api/v1/secrets_operations/backup',
    query: z.object({
      ignore_errors: bool().default(true),
      delete_secrets: bool().default(false),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  restore_secrets: operation({
    id: 'restore_secrets_api_v1_secrets_operations_restore_put',
    tag: 'secrets',
    method: 'put',
    path: '/api/v1/secrets_operations/restore',
    query: z.object({
      ignore_errors: bool().default(false),
      delete_secrets: bool().default(false),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
