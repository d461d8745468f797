import { type Resource, resource } from '#libs/resource/resource.js';

const owners = {
  step_run_id: 'step_run_id',
  pipeline_run_id: 'pipeline_run_id',
  artifact_store_id: 'artifact_store_id',
  log_store_id: 'log_store_id',
  hook_invocation_id: 'hook_invocation_id',
} as const;

/** Where the lines of a run, a step or a hook are; the lines themselves are in a store. */
export const logs: Resource = resource({
  name: 'logs',
  table: 'logs',
  access: null,
  named: false,
  body: { uri: 'uri', source: 'source', ...owners },
  metadata: owners,
});
