import { z } from 'zod';
import { model } from '../registry.js';
import { anyDict, bool, dict, dictBy, int, list, str } from '../types.js';
import { ComponentResponse } from './component.js';
import { StackComponentType } from './enums.js';

export const ComponentInfo = model(
  'ComponentInfo',
  z.object({
    flavor: str(),
    service_connector_index: int().nullish(),
    service_connector_resource_id: str().nullish(),
    configuration: anyDict().default({}),
  }),
);
export type ComponentInfo = z.infer<typeof ComponentInfo>;

export const ResourcesInfo = model(
  'ResourcesInfo',
  z.object({
    flavor: str(),
    flavor_display_name: str(),
    required_configuration: dict(str()).default({}),
    use_resource_value_as_fixed_config: bool().default(false),
    accessible_by_service_connector: list(str()),
    connected_through_service_connector: list(ComponentResponse),
  }),
);
export type ResourcesInfo = z.infer<typeof ResourcesInfo>;

export const ServiceConnectorInfo = model(
  'ServiceConnectorInfo',
  z.object({
    type: str(),
    auth_method: str(),
    configuration: anyDict().default({}),
  }),
);
export type ServiceConnectorInfo = z.infer<typeof ServiceConnectorInfo>;

export const ServiceConnectorResourcesInfo = model(
  'ServiceConnectorResourcesInfo',
  z.object({
    connector_type: str(),
    components_resources_info: dictBy(StackComponentType, list(ResourcesInfo)),
  }),
);
export type ServiceConnectorResourcesInfo = z.infer<typeof ServiceConnectorResourcesInfo>;
