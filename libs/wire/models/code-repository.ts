import { z } from 'zod';
import { before } from '../before.js';
import { page } from '../page.js';
import { model } from '../registry.js';
import { anyDict, bool, datetime, orNull, str, uuid } from '../types.js';
import { Source } from './configuration.js';
import { UserResponse } from './user.js';

/** Other than in configurations and updates, an import path does not stand for a source of a new repository. */
function withSourceAsObject(value: unknown): unknown {
  const isPath = typeof (value as { source?: unknown } | null)?.source === 'string';
  return isPath ? { ...(value as object), source: 0 } : value;
}

export const CodeRepositoryRequest = model(
  'CodeRepositoryRequest',
  before(
    z.object({
      user: uuid().nullish(),
      project: uuid(),
      name: str({ max: 255 }),
      config: anyDict(),
      source: Source,
      logo_url: str().nullish(),
      description: str({ max: 65535 }).nullish(),
    }),
    withSourceAsObject,
  ),
);
export type CodeRepositoryRequest = z.infer<typeof CodeRepositoryRequest>;

export const CodeRepositoryResponseBody = model(
  'CodeRepositoryResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    user_id: orNull(uuid()),
    project_id: uuid(),
    source: Source,
    logo_url: orNull(str()),
  }),
);
export type CodeRepositoryResponseBody = z.infer<typeof CodeRepositoryResponseBody>;

export const CodeRepositoryResponseMetadata = model(
  'CodeRepositoryResponseMetadata',
  z.object({
    config: anyDict(),
    description: orNull(str({ max: 65535 })),
  }),
);
export type CodeRepositoryResponseMetadata = z.infer<typeof CodeRepositoryResponseMetadata>;

export const CodeRepositoryResponseResources = model(
  'CodeRepositoryResponseResources',
  z.looseObject({
    user: orNull(UserResponse),
  }),
);
export type CodeRepositoryResponseResources = z.infer<typeof CodeRepositoryResponseResources>;

export const CodeRepositoryResponse = model(
  'CodeRepositoryResponse',
  z.object({
    body: orNull(CodeRepositoryResponseBody),
    metadata: orNull(CodeRepositoryResponseMetadata),
    resources: orNull(CodeRepositoryResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
    name: str({ max: 255 }),
  }),
);
export type CodeRepositoryResponse = z.infer<typeof CodeRepositoryResponse>;

export const CodeRepositoryUpdate = model(
  'CodeRepositoryUpdate',
  z.object({
    name: str({ max: 255 }).nullish(),
    config: anyDict().nullish(),
    source: Source.nullish(),
    logo_url: str().nullish(),
    description: str({ max: 65535 }).nullish(),
  }),
);
export type CodeRepositoryUpdate = z.infer<typeof CodeRepositoryUpdate>;

export const Page_CodeRepositoryResponse_ = model('Page_CodeRepositoryResponse_', page(CodeRepositoryResponse));
export type Page_CodeRepositoryResponse_ = z.infer<typeof Page_CodeRepositoryResponse_>;
