import { z } from 'zod';
import { ProjectFilter } from '../filters.js';
import { Page_ProjectResponse_, ProjectRequest, ProjectResponse, ProjectUpdate } from '../models/project.js';
import { ProjectStatistics } from '../models/server.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const projects = {
  list_projects: operation({
    id: 'list_projects_api_v1_projects_get',
    tag: 'projects',
    method: 'get',
    path: '/api/v1/projects',
    query: z.object({
      hydrate: bool().default(false),
    }),
    filter: ProjectFilter,
    response: Page_ProjectResponse_,
    errors: [401, 404, 422],
  }),
  create_project: operation({
    id: 'create_project_api_v1_projects_post',
    tag: 'projects',
    method: 'post',
    path: '/api/v1/projects',
    body: ProjectRequest,
    response: ProjectResponse,
    errors: [401, 409, 422],
  }),
  get_project: operation({
    id: 'get_project_api_v1_projects__project_name_or_id__get',
    tag: 'projects',
    method: 'get',
    path: '/api/v1/projects/{project_name_or_id}',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ProjectResponse,
    errors: [401, 404, 422],
  }),
  update_project: operation({
    id: 'update_project_api_v1_projects__project_name_or_id__put',
    tag: 'projects',
    method: 'put',
    path: '/api/v1/projects/{project_name_or_id}',
    pathParams: z.object({
      project_name_or_id: uuid(),
    }),
    body: ProjectUpdate,
    response: ProjectResponse,
    errors: [401, 404, 422],
  }),
  delete_project: operation({
    id: 'delete_project_api_v1_projects__project_name_or_id__delete',
    tag: 'projects',
    method: 'delete',
    path: '/api/v1/projects/{project_name_or_id}',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]),
    }),
    response: nothing(),
    errors: [401, 404, 422],
  }),
  get_project_statistics: operation({
    id: 'get_project_statistics_api_v1_projects__project_name_or_id__statistics_get',
    tag: 'projects',
    method: 'get',
    path: '/api/v1/projects/{project_name_or_id}/statistics',
    pathParams: z.object({
      project_name_or_id: either([str(), uuid()]),
    }),
    response: ProjectStatistics,
    errors: [401, 404, 422],
  }),
};
