import { z } from 'zod';
import { ArtifactFilter } from '../filters.js';
import { ArtifactRequest, ArtifactResponse, ArtifactUpdate, Page_ArtifactResponse_ } from '../models/artifact.js';
import { operation } from '../operation.js';
import { bool, nothing, uuid } from '../types.js';

export const artifacts = {
  list_artifacts: operation({
    id: 'list_artifacts_api_v1_artifacts_get',
    tag: 'artifacts',
    method: 'get',
    path: '/api/v1/artifacts',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ArtifactFilter,
    response: Page_ArtifactResponse_,
    errors: [401, 403, 404, 422],
  }),
  create_artifact: operation({
    id: 'create_artifact_api_v1_artifacts_post',
    tag: 'artifacts',
    method: 'post',
    path: '/api/v1/artifacts',
    body: ArtifactRequest,
    response: ArtifactResponse,
    errors: [401, 403, 409, 422],
  }),
  get_artifact: operation({
    id: 'get_artifact_api_v1_artifacts__artifact_id__get',
    tag: 'artifacts',
    method: 'get',
    path: '/api/v1/artifacts/{artifact_id}',
    pathParams: z.object({
      artifact_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ArtifactResponse,
    errors: [401, 403, 404, 422],
  }),
  update_artifact: operation({
    id: 'update_artifact_api_v1_artifacts__artifact_id__put',
    tag: 'artifacts',
    method: 'put',
    path: '/api/v1/artifacts/{artifact_id}',
    pathParams: z.object({
      artifact_id: uuid(),
    }),
    body: ArtifactUpdate,
    response: ArtifactResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_artifact: operation({
    id: 'delete_artifact_api_v1_artifacts__artifact_id__delete',
    tag: 'artifacts',
    method: 'delete',
    path: '/api/v1/artifacts/{artifact_id}',
    pathParams: z.object({
      artifact_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
};
