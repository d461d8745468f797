import { z } from 'zod';
import { page } from '../page.js';
import { model } from '../registry.js';
import { bool, datetime, list, orNull, str, uuid } from '../types.js';
import { TagResponse } from './tag.js';
import { UserResponse } from './user.js';

export const ArtifactRequest = model(
  'ArtifactRequest',
  z.object({
    user: uuid().nullish(),
    project: uuid(),
    name: str({ max: 255 }),
    has_custom_name: bool().default(false),
    tags: list(str()).nullish(),
  }),
);
export type ArtifactRequest = z.infer<typeof ArtifactRequest>;

export const ArtifactResponseBody = model(
  'ArtifactResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
  }),
);
export type ArtifactResponseBody = z.infer<typeof ArtifactResponseBody>;

export const ArtifactResponseMetadata = model(
  'ArtifactResponseMetadata',
  z.object({
    has_custom_name: bool().default(false),
  }),
);
export type ArtifactResponseMetadata = z.infer<typeof ArtifactResponseMetadata>;

export const ArtifactResponseResources = model(
  'ArtifactResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
    tags: list(TagResponse),
    latest_version_name: orNull(str()),
    latest_version_id: orNull(uuid()),
  }),
);
export type ArtifactResponseResources = z.infer<typeof ArtifactResponseResources>;

export const ArtifactResponse = model(
  'ArtifactResponse',
  z.object({
    body: orNull(ArtifactResponseBody),
    metadata: orNull(ArtifactResponseMetadata),
    resources: orNull(ArtifactResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type ArtifactResponse = z.infer<typeof ArtifactResponse>;

export const ArtifactUpdate = model(
  'ArtifactUpdate',
  z.object({
    name: str().nullish(),
    add_tags: list(str()).nullish(),
    remove_tags: list(str()).nullish(),
    has_custom_name: bool().nullish(),
  }),
);
export type ArtifactUpdate = z.infer<typeof ArtifactUpdate>;

export const Page_ArtifactResponse_ = model('Page_ArtifactResponse_', page(ArtifactResponse));
export type Page_ArtifactResponse_ = z.infer<typeof Page_ArtifactResponse_>;
