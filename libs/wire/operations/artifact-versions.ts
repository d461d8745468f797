import { z } from 'zod';
import { ArtifactVersionFilter } from '../filters.js';
import {
  ArtifactVersionRequest,
  ArtifactVersionResponse,
  ArtifactVersionUpdate,
  LoadedVisualization,
  Page_ArtifactVersionResponse_,
} from '../models/artifact-version.js';
import { operation } from '../operation.js';
import { bool, either, int, json, list, nothing, str, uuid } from '../types.js';

export const artifactVersions = {
  list_artifact_versions: operation({
    id: 'list_artifact_versions_api_v1_artifact_versions_get',
    tag: 'artifact_versions',
    method: 'get',
    path: '/api/v1/artifact_versions',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ArtifactVersionFilter,
    response: Page_ArtifactVersionResponse_,
    errors: [401, 403, 404, 422],
  }),
  create_artifact_version: operation({
    id: 'create_artifact_version_api_v1_artifact_versions_post',
    tag: 'artifact_versions',
    method: 'post',
    path: '/api/v1/artifact_versions',
    body: ArtifactVersionRequest,
    response: ArtifactVersionResponse,
    errors: [401, 403, 409, 422],
  }),
  prune_artifact_versions: operation({
    id: 'prune_artifact_versions_api_v1_artifact_versions_delete',
    tag: 'artifact_versions',
    method: 'delete',
    path: '/api/v1/artifact_versions',
    query: z.object({
      project_name_or_id: either([str(), uuid()]),
      only_versions: bool().default(true),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  batch_create_artifact_version: operation({
    id: 'batch_create_artifact_version_api_v1_artifact_versions_batch_post',
    tag: 'artifact_versions',
    method: 'post',
    path: '/api/v1/artifact_versions/batch',
    body: list(ArtifactVersionRequest),
    response: list(ArtifactVersionResponse),
    errors: [401, 403, 409, 422],
  }),
  get_artifact_version: operation({
    id: 'get_artifact_version_api_v1_artifact_versions__artifact_version_id__get',
    tag: 'artifact_versions',
    method: 'get',
    path: '/api/v1/artifact_versions/{artifact_version_id}',
    pathParams: z.object({
      artifact_version_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ArtifactVersionResponse,
    errors: [401, 403, 404, 422],
  }),
  update_artifact_version: operation({
    id: 'update_artifact_version_api_v1_artifact_versions__artifact_version_id__put',
    tag: 'artifact_versions',
    method: 'put',
    path: '/api/v1/artifact_versions/{artifact_version_id}',
    pathParams: z.object({
      artifact_version_id: uuid(),
    }),
    body: ArtifactVersionUpdate,
    response: ArtifactVersionResponse,
    errors: [401, 403, 404, 422],
  }),
  delete_artifact_version: operation({
    id: 'delete_artifact_version_api_v1_artifact_versions__artifact_version_id__delete',
    tag: 'artifact_versions',
    method: 'delete',
    path: '/api/v1/artifact_versions/{artifact_version_id}',
    pathParams: z.object({
      artifact_version_id: uuid(),
    }),
    query: z.object({
      delete_metadata: bool().default(true),
      delete_from_artifact_store: bool().default(false),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
  }),
  get_artifact_visualization: operation({
    id: 'get_artifact_visualization_api_v1_artifact_versions__artifact_version_id__visualize_get',
    tag: 'artifact_versions',
    method: 'get',
    path: '/api/v1/artifact_versions/{artifact_version_id}/visualize',
    pathParams: z.object({
      artifact_version_id: uuid(),
    }),
    query: z.object({
      index: int().default(0),
    }),
    response: LoadedVisualization,
    errors: [401, 403, 404, 422],
  }),
  get_artifact_download_token: operation({
    id: 'get_artifact_download_token_api_v1_artifact_versions__artifact_version_id__download_token_get',
    tag: 'artifact_versions',
    method: 'get',
    path: '/api/v1/artifact_versions/{artifact_version_id}/download-token',
    pathParams: z.object({
      artifact_version_id: uuid(),
    }),
    response: str(),
    errors: [401, 403, 404, 422],
  }),
  download_artifact_data: operation({
    id: 'download_artifact_data_api_v1_artifact_versions__artifact_version_id__data_get',
    tag: 'artifact_versions',
    method: 'get',
    path: '/api/v1/artifact_versions/{artifact_version_id}/data',
    pathParams: z.object({
      artifact_version_id: uuid(),
    }),
    query: z.object({
      token: str(),
    }),
    response: json(),
    responseKind: 'file',
    errors: [401, 403, 404, 422],
    public: true,
  }),
};
