import { operation } from '../operation.js';
import { str } from '../types.js';

export const health = {
  health: operation({
    id: 'health_health_get',
    tag: 'health',
    method: 'get',
    path: '/health',
    response: str(),
    responseKind: 'text',
    errors: [],
    public: true,
  }),
  ready: operation({
    id: 'ready_ready_get',
    tag: 'health',
    method: 'get',
    path: '/ready',
    response: str(),
    responseKind: 'text',
    errors: [],
    public: true,
  }),
};
