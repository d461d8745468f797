import type { World } from '../world.js';

/** Path parameters and body fields that are named otherwise than the table they refer to. */
const tableOfName: Record<string, string> = {
  run: 'pipeline_run',
  step: 'step_run',
  snapshot: 'pipeline_snapshot',
  source_snapshot: 'pipeline_snapshot',
  build: 'pipeline_build',
  template: 'run_template',
  connector: 'service_connector',
  component: 'stack_component',
  artifact_store: 'stack_component',
  log_store: 'stack_component',
  orchestrator: 'stack_component',
  deployer: 'stack_component',
  repository: 'code_repository',
  visualization: 'curated_visualization',
  original_run: 'pipeline_run',
  parent_run: 'pipeline_run',
  original_step_run: 'step_run',
  publisher_step: 'step_run',
  run_metadata: 'pipeline_run',
  resource: 'pipeline',
  logs: 'logs',
};

/** The table that a path parameter or body field refers to, among those the world has a row of. */
export function tableFor(name: string, path: string, world: World): string {
  const stem = name.replace(/_name_or_id$|_id$|_uuid$|s$/, '').replace(/_id$/, '');
  const candidates = [stem, tableOfName[stem], ...Object.keys(world).filter((table) => path.includes(`/${table}s`))];
  return candidates.find((table): table is string => table !== undefined && world[table] !== undefined) ?? 'stack';
}
