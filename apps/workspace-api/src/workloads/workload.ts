import { sql } from '#libs/database/sql.js';
import { toOne } from '#libs/resource/render.js';
import { resource } from '#libs/resource/resource.js';
import { WorkloadFilter } from '#libs/wire/filters.js';
import { run } from '../runs/run.js';

/** A run's place in the server's queue, and what became of it there. Whoever may see the run may see it. */
export const workload = resource({
  name: 'workload',
  table: 'workload',
  access: { type: null, through: { parent: () => run, column: 'run_id' } },
  named: false,
  body: {
    status: 'status',
    run_id: 'run_id',
    snapshot_id: 'snapshot_id',
    attempts: 'attempts',
    available_at: 'available_at',
    started_at: 'started_at',
    error: 'error',
    retried_run_id: 'retried_run_id',
  },
  metadata: { history: 'history' },
  resources: { run: toOne(() => run, 'run_id') },
  filter: WorkloadFilter,
  filters: {
    project_id: (predicate, t) =>
      sql`EXISTS (SELECT 1 FROM workspace.pipeline_run x WHERE x.workspace_id = ${t}.workspace_id AND x.id = ${t}.run_id AND ${predicate.on(sql`x.project_id`, 'uuid')})`,
  },
});
