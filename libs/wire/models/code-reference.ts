import { z } from 'zod';
import { model } from '../registry.js';
import { bool, datetime, orNull, str, uuid } from '../types.js';
import { CodeRepositoryResponse } from './code-repository.js';

export const CodeReferenceRequest = model(
  'CodeReferenceRequest',
  z.object({
    commit: str(),
    subdirectory: str(),
    code_repository: uuid(),
  }),
);
export type CodeReferenceRequest = z.infer<typeof CodeReferenceRequest>;

export const CodeReferenceResponseBody = model(
  'CodeReferenceResponseBody',
  z.object({
    created: datetime(),
    updated: datetime(),
    commit: str(),
    subdirectory: str(),
    code_repository: CodeRepositoryResponse,
  }),
);
export type CodeReferenceResponseBody = z.infer<typeof CodeReferenceResponseBody>;

export const CodeReferenceResponseMetadata = model('CodeReferenceResponseMetadata', z.object({}));
export type CodeReferenceResponseMetadata = z.infer<typeof CodeReferenceResponseMetadata>;

export const CodeReferenceResponseResources = model('CodeReferenceResponseResources', z.looseObject({}));
export type CodeReferenceResponseResources = z.infer<typeof CodeReferenceResponseResources>;

export const CodeReferenceResponse = model(
  'CodeReferenceResponse',
  z.object({
    body: orNull(CodeReferenceResponseBody),
    metadata: orNull(CodeReferenceResponseMetadata),
    resources: orNull(CodeReferenceResponseResources),
    id: uuid(),
    permission_denied: bool().default(false),
  }),
);
export type CodeReferenceResponse = z.infer<typeof CodeReferenceResponse>;
