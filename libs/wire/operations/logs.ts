import { z } from 'zod';
import { LoggingLevels } from '../models/enums.js';
import { LogsEntriesResponse, LogsRequest, LogsResponse, LogsUpdate } from '../models/logs.js';
import { operation } from '../operation.js';
import { bool, datetime, either, enumOf, int, str, uuid } from '../types.js';

const levels = ['notset', 'error', 'warn', 'warning', 'info', 'debug', 'critical'] as const;
const levelNames = ['0', '10', '20', '30', '40', '50', ...levels, ...levels.map((name) => name.toUpperCase() as Uppercase<typeof name>)] as const;

export const logs = {
  create_logs: operation({
    id: 'create_logs_api_v1_logs_post',
    tag: 'logs',
    method: 'post',
    path: '/api/v1/logs',
    body: LogsRequest,
    response: LogsResponse,
    errors: [401, 403, 409, 422],
  }),
  get_logs: operation({
    id: 'get_logs_api_v1_logs__logs_id__get',
    tag: 'logs',
    method: 'get',
    path: '/api/v1/logs/{logs_id}',
    pathParams: z.object({
      logs_id: uuid(),
    }),
    query: z.object({
      hydrate: bool().default(true),
    }),
    response: LogsResponse,
    errors: [401, 403, 404, 422],
  }),
  update_logs: operation({
    id: 'update_logs_api_v1_logs__logs_id__put',
    tag: 'logs',
    method: 'put',
    path: '/api/v1/logs/{logs_id}',
    pathParams: z.object({
      logs_id: uuid(),
    }),
    body: LogsUpdate,
    response: LogsResponse,
    errors: [401, 403, 404, 422],
  }),
  get_logs_entries: operation({
    id: 'get_logs_entries_api_v1_logs__logs_id__entries_get',
    tag: 'logs',
    method: 'get',
    path: '/api/v1/logs/{logs_id}/entries',
    pathParams: z.object({
      logs_id: uuid(),
    }),
    query: z.object({
      start: enumOf(['oldest', 'newest']).nullish(),
      limit: int({ above: 0 }).nullish(),
      before: str().nullish(),
      after: str().nullish(),
      search: str().nullish(),
      // By name or by number, as Python's logging has them.
      level: either([LoggingLevels, enumOf(levelNames)]).nullish(),
      since: datetime().nullish(),
      until: datetime().nullish(),
    }),
    response: LogsEntriesResponse,
    errors: [400, 401, 403, 404, 422, 429, 502, 503],
  }),
};
