import { z } from 'zod';
import { model } from '../registry.js';
import { ArtifactVersionResponse } from './artifact-version.js';
import { VisualizationType } from './enums.js';
import { bool, datetime, orNull, str, uuid } from '../types.js';

export const ArtifactVisualizationRequest = model('ArtifactVisualizationRequest', z.object({
  type: VisualizationType,
  uri: str(),
}));
export type ArtifactVisualizationRequest = z.infer<typeof ArtifactVisualizationRequest>;

export const ArtifactVisualizationResponseBody = model('ArtifactVisualizationResponseBody', z.object({
  created: datetime(),
  updated: datetime(),
  type: VisualizationType,
  uri: str(),
}));
export type ArtifactVisualizationResponseBody = z.infer<typeof ArtifactVisualizationResponseBody>;

export const ArtifactVisualizationResponseMetadata = model('ArtifactVisualizationResponseMetadata', z.object({
  artifact_version_id: uuid(),
}));
export type ArtifactVisualizationResponseMetadata = z.infer<typeof ArtifactVisualizationResponseMetadata>;

export const ArtifactVisualizationResponse = model('ArtifactVisualizationResponse', z.object({
  body: orNull(ArtifactVisualizationResponseBody),
  metadata: orNull(ArtifactVisualizationResponseMetadata),
  get resources(): z.ZodDefault<z.ZodNullable<typeof ArtifactVisualizationResponseResources>> {
    return orNull(ArtifactVisualizationResponseResources);
  },
  id: uuid(),
  permission_denied: bool().default(false),
}));
export type ArtifactVisualizationResponse = z.infer<typeof ArtifactVisualizationResponse>;

export const ArtifactVisualizationResponseResources = model('ArtifactVisualizationResponseResources', z.looseObject({
  get artifact_version(): z.ZodDefault<z.ZodNullable<typeof ArtifactVersionResponse>> {
    return orNull(ArtifactVersionResponse);
  },
}));
export type ArtifactVisualizationResponseResources = z.infer<typeof ArtifactVisualizationResponseResources>;

export const LoadedVisualization = model('LoadedVisualization', z.object({
  type: VisualizationType,
  value: str(),
}));
export type LoadedVisualization = z.infer<typeof LoadedVisualization>;
