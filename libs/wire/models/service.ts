import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, dict, type Link, orNull, str, uuid } from '../types.js';
import { ServiceState } from './enums.js';
import { ModelVersionResponse } from './model-version.js';
import { PipelineRunResponse } from './pipeline-run.js';
import { UserResponse } from './user.js';

export const ServiceType = model(
  'ServiceType',
  z.object({
    type: str(),
    flavor: str(),
    name: str().default(''),
    description: str().default(''),
    logo_url: str().default(''),
  }),
);
export type ServiceType = z.infer<typeof ServiceType>;

export const ServiceResponseBody = model(
  'ServiceResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    service_type: ServiceType,
    labels: orNull(dict(str())),
    state: orNull(ServiceState),
  }),
);
export type ServiceResponseBody = z.infer<typeof ServiceResponseBody>;

export const ServiceResponseMetadata = model(
  'ServiceResponseMetadata',
  z.object({
    service_source: str().nullable(),
    admin_state: ServiceState.nullable(),
    config: anyDict(),
    status: anyDict().nullable(),
    endpoint: orNull(anyDict()),
    prediction_url: orNull(str()),
    health_check_url: orNull(str()),
  }),
);
export type ServiceResponseMetadata = z.infer<typeof ServiceResponseMetadata>;

export const ServiceResponseResources = model(
  'ServiceResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    get pipeline_run(): z.ZodDefault<z.ZodNullable<Link>> {
      return orNull(PipelineRunResponse);
    },
    get model_version(): z.ZodDefault<z.ZodNullable<Link>> {
      return orNull(ModelVersionResponse);
    },
  }),
);
export type ServiceResponseResources = z.infer<typeof ServiceResponseResources>;

export const ServiceResponse = model(
  'ServiceResponse',
  z.object({
    body: orNull(ServiceResponseBody),
    metadata: orNull(ServiceResponseMetadata),
    resources: orNull(ServiceResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type ServiceResponse = z.infer<typeof ServiceResponse>;

export const Page_ServiceResponse_ = model('Page_ServiceResponse_', page(ServiceResponse));
export type Page_ServiceResponse_ = z.infer<typeof Page_ServiceResponse_>;

export const ServiceRequest = model(
  'ServiceRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    name: str({ max: 255 }),
    service_type: ServiceType,
    service_source: str().nullish(),
    admin_state: ServiceState.nullish(),
    config: anyDict(),
    labels: dict(str()).nullish(),
    status: anyDict().nullish(),
    endpoint: anyDict().nullish(),
    prediction_url: str().nullish(),
    health_check_url: str().nullish(),
    model_version_id: uuid().nullish(),
    pipeline_run_id: uuid().nullish(),
  }),
);
export type ServiceRequest = z.infer<typeof ServiceRequest>;

export const ServiceUpdate = model(
  'ServiceUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    admin_state: ServiceState.nullish(),
    service_source: str().nullish(),
    status: anyDict().nullish(),
    endpoint: anyDict().nullish(),
    prediction_url: str().nullish(),
    health_check_url: str().nullish(),
    labels: dict(str()).nullish(),
    model_version_id: uuid().nullish(),
  }),
);
export type ServiceUpdate = z.infer<typeof ServiceUpdate>;
