import { z } from 'zod';
import { model } from '../registry.js';
import { dict, list, orNull, str } from '../types.js';
import { StackDeploymentProvider } from './enums.js';
import { ServiceConnectorResponse } from './service-connector.js';
import { StackResponse } from './stack.js';

export const DeployedStack = model(
  'DeployedStack',
  z.object({
    stack: StackResponse,
    service_connector: orNull(ServiceConnectorResponse),
  }),
);
export type DeployedStack = z.infer<typeof DeployedStack>;

export const StackDeploymentConfig = model(
  'StackDeploymentConfig',
  z.object({
    deployment_url: str(),
    deployment_url_text: str(),
    configuration: orNull(str()),
    instructions: orNull(str()),
  }),
);
export type StackDeploymentConfig = z.infer<typeof StackDeploymentConfig>;

export const StackDeploymentInfo = model(
  'StackDeploymentInfo',
  z.object({
    provider: StackDeploymentProvider,
    description: str(),
    instructions: str(),
    post_deploy_instructions: str(),
    integrations: list(str()),
    permissions: dict(list(str())),
    locations: dict(str()),
    skypilot_default_regions: dict(str()),
  }),
);
export type StackDeploymentInfo = z.infer<typeof StackDeploymentInfo>;
