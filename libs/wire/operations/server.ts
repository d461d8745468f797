import { z } from 'zod';
import { ServerLoadInfo, ServerModel, ServerStatistics } from '../models/server.js';
import { ServerActivationRequest, ServerSettingsResponse, ServerSettingsUpdate } from '../models/server-settings.js';
import { UserResponse } from '../models/user.js';
import { operation } from '../operation.js';
import { bool, list, str } from '../types.js';

export const server = {
  version: operation({
    id: 'version_api_v1_version_get',
    tag: 'server',
    method: 'get',
    path: '/api/v1/version',
    response: str(),
    errors: [401],
    public: true,
  }),
  server_info: operation({
    id: 'server_info_api_v1_info_get',
    tag: 'server',
    method: 'get',
    path: '/api/v1/info',
    response: ServerModel,
    errors: [401, 404, 422],
    public: true,
  }),
  server_load_info: operation({
    id: 'server_load_info_api_v1_load_info_get',
    tag: 'server',
    method: 'get',
    path: '/api/v1/load-info',
    response: ServerLoadInfo,
    errors: [401],
  }),
  get_onboarding_state: operation({
    id: 'get_onboarding_state_api_v1_onboarding_state_get',
    tag: 'server',
    method: 'get',
    path: '/api/v1/onboarding_state',
    response: list(str()),
    errors: [401, 404, 422],
  }),
  get_settings: operation({
    id: 'get_settings_api_v1_settings_get',
    tag: 'server',
    method: 'get',
    path: '/api/v1/settings',
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: ServerSettingsResponse,
    errors: [401, 404, 422],
  }),
  update_server_settings: operation({
    id: 'update_server_settings_api_v1_settings_put',
    tag: 'server',
    method: 'put',
    path: '/api/v1/settings',
    body: ServerSettingsUpdate,
    response: ServerSettingsResponse,
    errors: [401, 404, 422],
  }),
  activate_server: operation({
    id: 'activate_server_api_v1_activate_put',
    tag: 'server',
    method: 'put',
    path: '/api/v1/activate',
    body: ServerActivationRequest,
    response: UserResponse.nullable(),
    errors: [401, 404, 422],
    public: true,
  }),
  get_server_statistics: operation({
    id: 'get_server_statistics_api_v1_statistics_get',
    tag: 'server',
    method: 'get',
    path: '/api/v1/statistics',
    response: ServerStatistics,
    errors: [401, 404, 422],
  }),
};
