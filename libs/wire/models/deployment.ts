import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, either, type Link, list, orNull, str, uuid } from '../types.js';
import { ComponentResponse } from './component.js';
import { Tag } from './configuration.js';
import { CuratedVisualizationResponse } from './curated-visualization.js';
import { DeploymentStatus } from './enums.js';
import { PipelineResponse } from './pipeline.js';
import { PipelineSnapshotResponse } from './pipeline-snapshot.js';
import { StackResponse } from './stack.js';
import { TagResponse } from './tag.js';
import { UserResponse } from './user.js';

export const DeploymentRequest = model(
  'DeploymentRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    name: str({ max: 255 }),
    snapshot_id: uuid(),
    deployer_id: uuid(),
    auth_key: str().nullish(),
    tags: list(either([str(), Tag])).nullish(),
  }),
);
export type DeploymentRequest = z.infer<typeof DeploymentRequest>;

export const DeploymentResponseBody = model(
  'DeploymentResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    url: orNull(str()),
    status: orNull(DeploymentStatus),
  }),
);
export type DeploymentResponseBody = z.infer<typeof DeploymentResponseBody>;

export const DeploymentResponseMetadata = model(
  'DeploymentResponseMetadata',
  z.object({
    deployment_metadata: anyDict(),
    auth_key: orNull(str()),
  }),
);
export type DeploymentResponseMetadata = z.infer<typeof DeploymentResponseMetadata>;

export const DeploymentResponseResources = model(
  'DeploymentResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    get snapshot(): z.ZodDefault<z.ZodNullable<Link>> {
      return orNull(PipelineSnapshotResponse);
    },
    deployer: orNull(ComponentResponse),
    pipeline: orNull(PipelineResponse),
    tags: list(TagResponse),
    visualizations: list(CuratedVisualizationResponse).default([]),
    stack: orNull(StackResponse),
  }),
);
export type DeploymentResponseResources = z.infer<typeof DeploymentResponseResources>;

export const DeploymentResponse = model(
  'DeploymentResponse',
  z.object({
    body: orNull(DeploymentResponseBody),
    metadata: orNull(DeploymentResponseMetadata),
    resources: orNull(DeploymentResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type DeploymentResponse = z.infer<typeof DeploymentResponse>;

export const DeploymentUpdate = model(
  'DeploymentUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    snapshot_id: uuid().nullish(),
    url: str().nullish(),
    status: DeploymentStatus.nullish(),
    deployment_metadata: anyDict().nullish(),
    auth_key: str().nullish(),
    add_tags: list(str()).nullish(),
    remove_tags: list(str()).nullish(),
  }),
);
export type DeploymentUpdate = z.infer<typeof DeploymentUpdate>;

export const Page_DeploymentResponse_ = model('Page_DeploymentResponse_', page(DeploymentResponse));
export type Page_DeploymentResponse_ = z.infer<typeof Page_DeploymentResponse_>;
