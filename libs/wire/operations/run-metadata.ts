import { z } from 'zod';
import { RunMetadataRequest } from '../models/run-metadata.js';
import { operation } from '../operation.js';
import { either, nothing, str, uuid } from '../types.js';

export const runMetadata = {
  create_run_metadata: operation({
    id: 'create_run_metadata_api_v1_run_metadata_post',
    tag: 'run_metadata',
    method: 'post',
    path: '/api/v1/run-metadata',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: RunMetadataRequest,
    response: nothing(),
    errors: [401, 403, 409, 422],
  }),
};
