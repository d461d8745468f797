import { sql } from '#libs/database/sql.js';
import { toOne } from '#libs/resource/render.js';
import { type Resource, resource, resourceNamed } from '#libs/resource/resource.js';
import { RunWaitConditionFilter } from '#libs/wire/filters.js';

/** A question that a running pipeline waits to have answered. */
export const runWaitCondition: Resource = resource({
  name: 'run wait condition',
  table: 'run_wait_condition',
  access: { type: null, through: { parent: () => resourceNamed('pipeline run'), column: 'run_id' } },
  body: {
    type: 'type',
    status: 'status',
    last_polled_at: 'last_polled_at',
    poller_instance_id: 'poller_instance_id',
    poller_lease_expires_at: 'poller_lease_expires_at',
    resolved_at: 'resolved_at',
    resolved_by_user_id: 'resolved_by_user_id',
  },
  metadata: { question: 'question', data_schema: 'data_schema_json', resolution: 'resolution', result: 'result_json' },
  resources: { run: toOne(() => resourceNamed('pipeline run'), 'run_id') },
  runMetadata: 'wait_condition',
  filter: RunWaitConditionFilter,
  filters: {
    pipeline_run: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.pipeline_run x WHERE x.workspace_id = ${t}.workspace_id AND x.id = ${t}.run_id AND ${predicate.nameOrId(sql`x.id`, sql`x.name`)})`,
    resolved_by: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace."user" x WHERE x.workspace_id = ${t}.workspace_id AND x.id = ${t}.resolved_by_user_id AND ${predicate.nameOrId(sql`x.id`, sql`x.name`, sql`x.full_name`)})`,
  },
  conflict: ({ name }) => `The run already has a wait condition named '${name}' that asks for something else.`,
});
