import { z } from 'zod';
import { RunTemplateFilter } from '../filters.js';
import { Page_RunTemplateResponse_, RunTemplateRequest, RunTemplateResponse, RunTemplateUpdate } from '../models/run-template.js';
import { operation } from '../operation.js';
import { bool, either, nothing, str, uuid } from '../types.js';

export const runTemplates = {
  create_run_template: operation({
    id: 'create_run_template_api_v1_run_templates_post',
    tag: 'run_templates',
    method: 'post',
    path: '/api/v1/run_templates',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
    }),
    body: RunTemplateRequest,
    response: RunTemplateResponse,
    errors: [401, 403, 409, 422],
    deprecated: true,
  }),
  list_run_templates: operation({
    id: 'list_run_templates_api_v1_run_templates_get',
    tag: 'run_templates',
    method: 'get',
    path: '/api/v1/run_templates',
    query: z.object({
      project_name_or_id: either([str(), uuid()]).nullish(),
      hydrate: bool().default(false),
    }),
    filter: RunTemplateFilter,
    response: Page_RunTemplateResponse_,
    errors: [401, 403, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  get_run_template: operation({
    id: 'get_run_template_api_v1_run_templates__template_id__get',
    tag: 'run_templates',
    method: 'get',
    path: '/api/v1/run_templates/{template_id}',
    pathParams: z.object({
      template_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: RunTemplateResponse,
    errors: [401, 403, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  update_run_template: operation({
    id: 'update_run_template_api_v1_run_templates__template_id__put',
    tag: 'run_templates',
    method: 'put',
    path: '/api/v1/run_templates/{template_id}',
    pathParams: z.object({
      template_id: uuid(),
    }),
    body: RunTemplateUpdate,
    response: RunTemplateResponse,
    errors: [401, 403, 404, 422],
    deprecated: true,
    dedup: true,
  }),
  delete_run_template: operation({
    id: 'delete_run_template_api_v1_run_templates__template_id__delete',
    tag: 'run_templates',
    method: 'delete',
    path: '/api/v1/run_templates/{template_id}',
    pathParams: z.object({
      template_id: uuid(),
    }),
    response: nothing(),
    errors: [401, 403, 404, 422],
    deprecated: true,
  }),
};
