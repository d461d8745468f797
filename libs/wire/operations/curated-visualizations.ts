import { z } from 'zod';
import { CuratedVisualizationRequest, CuratedVisualizationResponse, CuratedVisualizationUpdate } from '../models/curated-visualization.js';
import { operation } from '../operation.js';
import { bool, nothing, uuid } from '../types.js';

export const curatedVisualizations = {
  create_curated_visualization: operation({
    id: 'create_curated_visualization_api_v1_curated_visualizations_post',
    tag: 'curated_visualizations',
    method: 'post',
    path: '/api/v1/curated_visualizations',
    body: CuratedVisualizationRequest,
    response: CuratedVisualizationResponse,
    errors: [401, 404, 409, 422],
  }),
  get_curated_visualization: operation({
    id: 'get_curated_visualization_api_v1_curated_visualizations__visualization_id__get',
    tag: 'curated_visualizations',
    method: 'get',
    path: '/api/v1/curated_visualizations/{visualization_id}',
    pathParams: z.object({
      visualization_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: CuratedVisualizationResponse,
    errors: [401, 404, 422],
    dedup: true,
  }),
  update_curated_visualization: operation({
    id: 'update_curated_visualization_api_v1_curated_visualizations__visualization_id__put',
    tag: 'curated_visualizations',
    method: 'put',
    path: '/api/v1/curated_visualizations/{visualization_id}',
    pathParams: z.object({
      visualization_id: uuid(),
    }),
    body: CuratedVisualizationUpdate,
    response: CuratedVisualizationResponse,
    errors: [401, 404, 422],
    dedup: true,
  }),
  delete_curated_visualization: operation({
    id: 'delete_curated_visualization_api_v1_curated_visualizations__visualization_id__delete',
    tag: 'curated_visualizations',
    method: 'delete',
    path: '/api/v1/curated_visualizations/{visualization_id}',
    pathParams: z.object({
      visualization_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 404, 422],
  }),
};
