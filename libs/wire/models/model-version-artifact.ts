import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, orNull, uuid } from '../types.js';
import { ArtifactVersionResponse } from './artifact-version.js';
import { BaseResponseMetadata } from './common.js';

export const ModelVersionArtifactRequest = model(
  'ModelVersionArtifactRequest',
  z.object({
    model_version: uuid(),
    artifact_version: uuid(),
  }),
);
export type ModelVersionArtifactRequest = z.infer<typeof ModelVersionArtifactRequest>;

export const ModelVersionArtifactResponseBody = model(
  'ModelVersionArtifactResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    model_version: uuid(),
    artifact_version: ArtifactVersionResponse,
  }),
);
export type ModelVersionArtifactResponseBody = z.infer<typeof ModelVersionArtifactResponseBody>;

export const ModelVersionArtifactResponseResources = model('ModelVersionArtifactResponseResources', z.looseObject({}));
export type ModelVersionArtifactResponseResources = z.infer<typeof ModelVersionArtifactResponseResources>;

export const ModelVersionArtifactResponse = model(
  'ModelVersionArtifactResponse',
  z.object({
    body: orNull(ModelVersionArtifactResponseBody),
    metadata: orNull(BaseResponseMetadata),
    resources: orNull(ModelVersionArtifactResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type ModelVersionArtifactResponse = z.infer<typeof ModelVersionArtifactResponse>;

export const Page_ModelVersionArtifactResponse_ = model('Page_ModelVersionArtifactResponse_', page(ModelVersionArtifactResponse));
export type Page_ModelVersionArtifactResponse_ = z.infer<typeof Page_ModelVersionArtifactResponse_>;
