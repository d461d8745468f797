import { z } from 'zod';
import { ServiceConnectorFilter } from '../filters.js';
import { ServiceConnectorInfo, ServiceConnectorResourcesInfo } from '../models/full-stack.js';
import { Page_ServiceConnectorResponse_, ServiceConnectorRequest, ServiceConnectorResponse, ServiceConnectorUpdate } from '../models/service-connector.js';
import { ServiceConnectorResourcesModel, ServiceConnectorTypeModel } from '../models/service-connector-type.js';
import { operation } from '../operation.js';
import { bool, dict, either, list, nothing, str, uuid } from '../types.js';

export const serviceConnectors = {
  create_service_connector: operation({
    id: 'create_service_connector_api_v1_service_connectors_post',
    tag: 'service_connectors',
    method: 'post',
    path: '/api/v1/service_connectors',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: ServiceConnectorRequest,
    response: ServiceConnectorResponse,
    errors: [401, 403, 409, 422],
  }),
  list_service_connectors: operation({
    id: 'list_service_connectors_api_v1_service_connectors_get',
    tag: 'service_connectors',
    method: 'get',
    path: '/api/v1/service_connectors',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      expand_secrets: bool().default(true),
      hydrate: bool().default(false),
    }),
    filter: ServiceConnectorFilter,
    body: dict(str().nullable()).nullable(),
    bodyRequired: false,
    response: Page_ServiceConnectorResponse_,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  list_service_connector_resources: operation({
    id: 'list_service_connector_resources_api_v1_service_connectors_resources_get',
    tag: 'service_connectors',
    method: 'get',
    path: '/api/v1/service_connectors/resources',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    filter: ServiceConnectorFilter,
    body: dict(str().nullable()).nullable(),
    bodyRequired: false,
    response: list(ServiceConnectorResourcesModel),
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_service_connector: operation({
    id: 'get_service_connector_api_v1_service_connectors__connector_id__get',
    tag: 'service_connectors',
    method: 'get',
    path: '/api/v1/service_connectors/{connector_id}',
    pathParams: z.object({
      connector_id: uuid(),
    }),
    query: z.object({
      expand_secrets: bool().default(true),
      hydrate: bool().default(true),
    }),
    response: ServiceConnectorResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  update_service_connector: operation({
    id: 'update_service_connector_api_v1_service_connectors__connector_id__put',
    tag: 'service_connectors',
    method: 'put',
    path: '/api/v1/service_connectors/{connector_id}',
    pathParams: z.object({
      connector_id: uuid(),
    }),
    body: ServiceConnectorUpdate,
    response: ServiceConnectorResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_service_connector: operation({
    id: 'delete_service_connector_api_v1_service_connectors__connector_id__delete',
    tag: 'service_connectors',
    method: 'delete',
    path: '/api/v1/service_connectors/{connector_id}',
    pathParams: z.object({
      connector_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  validate_and_verify_service_connector_config: operation({
    id: 'validate_and_verify_service_connector_config_api_v1_service_connectors_verify_post',
    tag: 'service_connectors',
    method: 'post',
    path: '/api/v1/service_connectors/verify',
    query: z.object({
      list_resources: bool().default(true),
    }),
    body: ServiceConnectorRequest,
    response: ServiceConnectorResourcesModel,
    errors: [401, 403, 409, 422],
  }),
  validate_and_verify_service_connector: operation({
    id: 'validate_and_verify_service_connector_api_v1_service_connectors__connector_id__verify_put',
    tag: 'service_connectors',
    method: 'put',
    path: '/api/v1/service_connectors/{connector_id}/verify',
    pathParams: z.object({
      connector_id: uuid(),
    }),
    query: z.object({
      resource_type: str().nullish(),
      resource_id: str().nullish(),
      list_resources: bool().default(true),
    }),
    response: ServiceConnectorResourcesModel,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_service_connector_client: operation({
    id: 'get_service_connector_client_api_v1_service_connectors__connector_id__client_get',
    tag: 'service_connectors',
    method: 'get',
    path: '/api/v1/service_connectors/{connector_id}/client',
    pathParams: z.object({
      connector_id: uuid(),
    }),
    query: z.object({
      resource_type: str().nullish(),
      resource_id: str().nullish(),
    }),
    response: ServiceConnectorResponse,
    errors: [401, 403, 404, 422],
    dedup: true,
  }),
  get_resources_based_on_service_connector_info: operation({
    id: 'get_resources_based_on_service_connector_info_api_v1_service_connectors_full_stack_resources_post',
    tag: 'service_connectors',
    method: 'post',
    path: '/api/v1/service_connectors/full_stack_resources',
    query: z.object({
      connector_uuid: uuid().nullish(),
    }),
    body: ServiceConnectorInfo.nullable(),
    bodyRequired: false,
    response: ServiceConnectorResourcesInfo,
    errors: [401, 403, 409, 422],
  }),
  list_service_connector_types: operation({
    id: 'list_service_connector_types_api_v1_service_connector_types_get',
    tag: 'service_connectors',
    method: 'get',
    path: '/api/v1/service_connector_types',
    query: z.object({
      connector_type: str().nullish(),
      resource_type: str().nullish(),
      auth_method: str().nullish(),
    }),
    response: list(ServiceConnectorTypeModel),
    errors: [401, 403, 404, 422],
  }),
  get_service_connector_type: operation({
    id: 'get_service_connector_type_api_v1_service_connector_types__connector_type__get',
    tag: 'service_connectors',
    method: 'get',
    path: '/api/v1/service_connector_types/{connector_type}',
    pathParams: z.object({
      connector_type: str(),
    }),
    response: ServiceConnectorTypeModel,
    errors: [401, 403, 404, 422],
  }),
};
