import { z } from 'zod';
import { ModelVersionArtifactFilter } from '../filters.js';
import { ModelVersionArtifactRequest, ModelVersionArtifactResponse, Page_ModelVersionArtifactResponse_ } from '../models/model-version-artifact.js';
import { operation } from '../operation.js';
import { bool } from '../types.js';

export const modelVersionArtifacts = {
  create_model_version_artifact_link: operation({
    id: 'create_model_version_artifact_link_api_v1_model_version_artifacts_post',
    tag: 'model_version_artifacts',
    method: 'post',
    path: '/api/v1/model_version_artifacts',
    body: ModelVersionArtifactRequest,
    response: ModelVersionArtifactResponse,
    errors: [401, 409, 422],
  }),
  list_model_version_artifact_links: operation({
    id: 'list_model_version_artifact_links_api_v1_model_version_artifacts_get',
    tag: 'model_version_artifacts',
    method: 'get',
    path: '/api/v1/model_version_artifacts',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ModelVersionArtifactFilter,
    response: Page_ModelVersionArtifactResponse_,
    errors: [401, 404, 422],
  }),
};
