import { z } from 'zod';
import { before } from '../before.js';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, orNull, str, uuid } from '../types.js';

export const ProjectResponseBody = model(
  'ProjectResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    display_name: str({ max: 255 }),
  }),
);
export type ProjectResponseBody = z.infer<typeof ProjectResponseBody>;

export const ProjectResponseMetadata = model(
  'ProjectResponseMetadata',
  z.object({
    description: str({ max: 255 }).default(''),
    project_metadata: anyDict().default({}),
  }),
);
export type ProjectResponseMetadata = z.infer<typeof ProjectResponseMetadata>;

export const ProjectResponseResources = model('ProjectResponseResources', z.looseObject({}));
export type ProjectResponseResources = z.infer<typeof ProjectResponseResources>;

export const ProjectResponse = model(
  'ProjectResponse',
  z.object({
    body: orNull(ProjectResponseBody),
    metadata: orNull(ProjectResponseMetadata),
    resources: orNull(ProjectResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 50 }),
  }),
);
export type ProjectResponse = z.infer<typeof ProjectResponse>;

export const Page_ProjectResponse_ = model('Page_ProjectResponse_', page(ProjectResponse));
export type Page_ProjectResponse_ = z.infer<typeof Page_ProjectResponse_>;

/** A name is made of the display name where there is only that, and the other way round. */
function withBothNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { name, display_name } = value as { name?: unknown; display_name?: unknown };
  if (!name && typeof display_name === 'string' && display_name !== '') {
    return {
      ...value,
      name: display_name
        .toLowerCase()
        .replaceAll(' ', '-')
        .replace(/[^a-z0-9_-]/g, ''),
    };
  }
  return name && !display_name ? { ...value, display_name: name } : value;
}

export const ProjectRequest = model(
  'ProjectRequest',
  before(
    z.object({
      name: str({ min: 1, max: 50, pattern: /^[a-z0-9_-]+$/ }),
      display_name: str({ max: 255 }).default(''),
      description: str({ max: 255 }).default(''),
      project_metadata: anyDict().nullish(),
    }),
    withBothNames,
  ),
);
export type ProjectRequest = z.infer<typeof ProjectRequest>;

export const ProjectUpdate = model(
  'ProjectUpdate',
  z.object({
    name: str({ min: 1, max: 50, pattern: /^[a-z0-9_-]+$/ }).nullish(),
    display_name: str({ max: 255 }).nullish(),
    description: str({ max: 255 }).nullish(),
    project_metadata: anyDict().nullish(),
  }),
);
export type ProjectUpdate = z.infer<typeof ProjectUpdate>;
