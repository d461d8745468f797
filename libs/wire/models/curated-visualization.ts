import { z } from 'zod';
import { model } from '../registry.js';
import { bool, datetime, int, orNull, str, uuid } from '../types.js';
import { ArtifactVisualizationResponse } from './artifact-version.js';
import { CuratedVisualizationSize, VisualizationResourceTypes } from './enums.js';
import { UserResponse } from './user.js';

export const CuratedVisualizationRequest = model(
  'CuratedVisualizationRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    artifact_visualization_id: uuid(),
    display_name: str().nullish(),
    display_order: int({ min: 0 }).nullish(),
    layout_size: CuratedVisualizationSize.default('full_width'),
    resource_id: uuid(),
    resource_type: VisualizationResourceTypes,
  }),
);
export type CuratedVisualizationRequest = z.infer<typeof CuratedVisualizationRequest>;

export const CuratedVisualizationResponseBody = model(
  'CuratedVisualizationResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    artifact_visualization_id: uuid(),
    artifact_version_id: uuid(),
    display_name: orNull(str()),
    display_order: orNull(int({ min: 0 })),
    layout_size: CuratedVisualizationSize.default('full_width'),
    resource_id: uuid(),
    resource_type: VisualizationResourceTypes,
  }),
);
export type CuratedVisualizationResponseBody = z.infer<typeof CuratedVisualizationResponseBody>;

export const CuratedVisualizationResponseMetadata = model('CuratedVisualizationResponseMetadata', z.object({}));
export type CuratedVisualizationResponseMetadata = z.infer<typeof CuratedVisualizationResponseMetadata>;

export const CuratedVisualizationResponseResources = model(
  'CuratedVisualizationResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    artifact_visualization: ArtifactVisualizationResponse,
  }),
);
export type CuratedVisualizationResponseResources = z.infer<typeof CuratedVisualizationResponseResources>;

export const CuratedVisualizationResponse = model(
  'CuratedVisualizationResponse',
  z.object({
    body: orNull(CuratedVisualizationResponseBody),
    metadata: orNull(CuratedVisualizationResponseMetadata),
    resources: orNull(CuratedVisualizationResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type CuratedVisualizationResponse = z.infer<typeof CuratedVisualizationResponse>;

export const CuratedVisualizationUpdate = model(
  'CuratedVisualizationUpdate',
  z.object({
    display_name: str().nullish(),
    display_order: int({ min: 0 }).nullish(),
    layout_size: CuratedVisualizationSize.nullish(),
  }),
);
export type CuratedVisualizationUpdate = z.infer<typeof CuratedVisualizationUpdate>;
