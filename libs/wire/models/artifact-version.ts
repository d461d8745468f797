import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, dict, either, int, type Link, list, metadataValue, orNull, rule, str, uuid } from '../types.js';
import { ArtifactResponse } from './artifact.js';
import { Source } from './configuration.js';
import { ArtifactSaveType, ArtifactType, VisualizationType } from './enums.js';
import { TagResponse } from './tag.js';
import { UserResponse } from './user.js';

export const ArtifactVisualizationRequest = model(
  'ArtifactVisualizationRequest',
  z.object({
    type: VisualizationType,
    uri: str(),
  }),
);
export type ArtifactVisualizationRequest = z.infer<typeof ArtifactVisualizationRequest>;

export const ArtifactVersionRequest = model(
  'ArtifactVersionRequest',
  z
    .object({
      user: uuid().nullish(),
      project: uuid(),
      artifact_id: uuid().nullish(),
      artifact_name: str().nullish(),
      version: either([int(), str()]).nullish(),
      has_custom_name: bool().default(false),
      type: ArtifactType,
      artifact_store_id: uuid().nullish(),
      uri: str({ max: 65535 }),
      materializer: Source,
      data_type: Source,
      content_hash: str({ max: 255 }).nullish(),
      tags: list(str()).nullish(),
      visualizations: list(ArtifactVisualizationRequest).nullish(),
      save_type: ArtifactSaveType,
      metadata: dict(metadataValue()).nullish(),
      item_count: int().nullish(),
    })
    .check(rule(({ artifact_id, artifact_name }) => Boolean(artifact_id) !== Boolean(artifact_name), 'Give either artifact_id or artifact_name'))
    .check(rule(({ version }) => version == null || String(version).length < 255, 'A version may have at most 254 characters')),
);
export type ArtifactVersionRequest = z.infer<typeof ArtifactVersionRequest>;

export const ArtifactVersionResponseBody = model(
  'ArtifactVersionResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    artifact: ArtifactResponse,
    version: str(),
    uri: str({ max: 65535 }),
    type: ArtifactType,
    materializer: Source,
    data_type: Source,
    save_type: ArtifactSaveType,
    artifact_store_id: orNull(uuid()),
    content_hash: orNull(str()),
    item_count: orNull(int()),
  }),
);
export type ArtifactVersionResponseBody = z.infer<typeof ArtifactVersionResponseBody>;

export const ArtifactVersionResponseMetadata = model(
  'ArtifactVersionResponseMetadata',
  z.object({
    get visualizations(): z.ZodDefault<z.ZodNullable<z.ZodArray<Link>>> {
      return orNull(list(ArtifactVisualizationResponse));
    },
    run_metadata: dict(metadataValue()).default({}),
  }),
);
export type ArtifactVersionResponseMetadata = z.infer<typeof ArtifactVersionResponseMetadata>;

export const ArtifactVersionResponseResources = model(
  'ArtifactVersionResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    tags: list(TagResponse),
    producer_step_run_id: orNull(uuid()),
    producer_pipeline_run_id: orNull(uuid()),
  }),
);
export type ArtifactVersionResponseResources = z.infer<typeof ArtifactVersionResponseResources>;

export const ArtifactVersionResponse = model(
  'ArtifactVersionResponse',
  z.object({
    body: orNull(ArtifactVersionResponseBody),
    metadata: orNull(ArtifactVersionResponseMetadata),
    resources: orNull(ArtifactVersionResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type ArtifactVersionResponse = z.infer<typeof ArtifactVersionResponse>;

export const ArtifactVersionUpdate = model(
  'ArtifactVersionUpdate',
  z.object({
    name: str().nullish(),
    add_tags: list(str()).nullish(),
    remove_tags: list(str()).nullish(),
  }),
);
export type ArtifactVersionUpdate = z.infer<typeof ArtifactVersionUpdate>;

export const ArtifactVisualizationResponseBody = model(
  'ArtifactVisualizationResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    type: VisualizationType,
    uri: str(),
  }),
);
export type ArtifactVisualizationResponseBody = z.infer<typeof ArtifactVisualizationResponseBody>;

export const ArtifactVisualizationResponseMetadata = model(
  'ArtifactVisualizationResponseMetadata',
  z.object({
    artifact_version_id: uuid(),
  }),
);
export type ArtifactVisualizationResponseMetadata = z.infer<typeof ArtifactVisualizationResponseMetadata>;

export const ArtifactVisualizationResponseResources = model(
  'ArtifactVisualizationResponseResources',
  z.looseObject({
    get artifact_version(): z.ZodDefault<z.ZodNullable<Link>> {
      return orNull(ArtifactVersionResponse);
    },
  }),
);
export type ArtifactVisualizationResponseResources = z.infer<typeof ArtifactVisualizationResponseResources>;

export const ArtifactVisualizationResponse = model(
  'ArtifactVisualizationResponse',
  z.object({
    body: orNull(ArtifactVisualizationResponseBody),
    metadata: orNull(ArtifactVisualizationResponseMetadata),
    resources: orNull(ArtifactVisualizationResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type ArtifactVisualizationResponse = z.infer<typeof ArtifactVisualizationResponse>;

export const LoadedVisualization = model(
  'LoadedVisualization',
  z.object({
    type: VisualizationType,
    value: str(),
  }),
);
export type LoadedVisualization = z.infer<typeof LoadedVisualization>;

export const Page_ArtifactVersionResponse_ = model('Page_ArtifactVersionResponse_', page(ArtifactVersionResponse));
export type Page_ArtifactVersionResponse_ = z.infer<typeof Page_ArtifactVersionResponse_>;
