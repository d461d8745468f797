import { z } from 'zod';
import { ServiceFilter } from '../filters.js';
import { Page_ServiceResponse_, ServiceRequest, ServiceResponse, ServiceUpdate } from '../models/service.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const services = {
  create_service: operation({
    id: 'create_service_api_v1_services_post',
    tag: 'services',
    method: 'post',
    path: '/api/v1/services',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: ServiceRequest,
    response: ServiceResponse,
    errors: [401, 403, 422],
  }),
  list_services: operation({
    id: 'list_services_api_v1_services_get',
    tag: 'services',
    method: 'get',
    path: '/api/v1/services',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ServiceFilter,
    response: Page_ServiceResponse_,
    errors: [401, 403, 404, 422],
  }),
  get_service: operation({
    id: 'get_service_api_v1_services__service_id__get',
    tag: 'services',
    method: 'get',
    path: '/api/v1/services/{service_id}',
    pathParams: z.object({
      service_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ServiceResponse,
    errors: [401, 403, 404, 422],
  }),
  update_service: operation({
    id: 'update_service_api_v1_services__service_id__put',
    tag: 'services',
    method: 'put',
    path: '/api/v1/services/{service_id}',
    pathParams: z.object({
      service_id: uuid(),
    }),
    body: ServiceUpdate,
    response: ServiceResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_service: operation({
    id: 'delete_service_api_v1_services__service_id__delete',
    tag: 'services',
    method: 'delete',
    path: '/api/v1/services/{service_id}',
    pathParams: z.object({
      service_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
