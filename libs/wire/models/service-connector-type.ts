import { z } from 'zod';
import { model } from '../registry.js';
import { anyDict, bool, either, int, list, orNull, str, uuid } from '../types.js';

export const AuthenticationMethodModel = model(
  'AuthenticationMethodModel',
  z.object({
    name: str(),
    auth_method: str({ max: 255 }),
    description: str().default(''),
    config_schema: anyDict().default({}),
    min_expiration_seconds: int().nullish(),
    max_expiration_seconds: int().nullish(),
    default_expiration_seconds: int().nullish(),
  }),
);
export type AuthenticationMethodModel = z.infer<typeof AuthenticationMethodModel>;

export const ResourceTypeModel = model(
  'ResourceTypeModel',
  z.object({
    name: str(),
    resource_type: str(),
    description: str().default(''),
    auth_methods: list(str()),
    supports_instances: bool().default(false),
    logo_url: str().nullish(),
    emoji: str().nullish(),
  }),
);
export type ResourceTypeModel = z.infer<typeof ResourceTypeModel>;

export const ServiceConnectorTypeModel = model(
  'ServiceConnectorTypeModel',
  z.object({
    name: str(),
    connector_type: str({ max: 255 }),
    description: str().default(''),
    resource_types: list(ResourceTypeModel),
    auth_methods: list(AuthenticationMethodModel),
    supports_auto_configuration: bool().default(false),
    logo_url: str().nullish(),
    emoji: str().nullish(),
    docs_url: str().nullish(),
    sdk_docs_url: str().nullish(),
    local: bool().default(true),
    remote: bool().default(false),
  }),
);
export type ServiceConnectorTypeModel = z.infer<typeof ServiceConnectorTypeModel>;

export const ServiceConnectorTypedResourcesModel = model(
  'ServiceConnectorTypedResourcesModel',
  z.object({
    resource_type: str({ max: 255 }),
    resource_ids: orNull(list(str())),
    error: orNull(str()),
  }),
);
export type ServiceConnectorTypedResourcesModel = z.infer<typeof ServiceConnectorTypedResourcesModel>;

export const ServiceConnectorResourcesModel = model(
  'ServiceConnectorResourcesModel',
  z.object({
    id: orNull(uuid()),
    name: orNull(str({ max: 255 })),
    connector_type: either([str(), ServiceConnectorTypeModel]),
    resources: list(ServiceConnectorTypedResourcesModel).default([]),
    error: orNull(str()),
  }),
);
export type ServiceConnectorResourcesModel = z.infer<typeof ServiceConnectorResourcesModel>;
