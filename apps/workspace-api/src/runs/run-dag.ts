import { Controller } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import { type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import type { Caller } from '#libs/resource/caller.js';
import { missing, ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { runs } from '#libs/wire/operations/runs.js';
import { buildDag, type DagFacts } from './dag.rules.js';
import { run } from './run.js';
import { allowedOnRun } from './run-status.js';

const seconds = (x: 'x' | 'r') =>
  x === 'x' ? sql`extract(epoch FROM x.end_time - x.start_time)::float8` : sql`extract(epoch FROM r.end_time - r.start_time)::float8`;
const list = (document: Sql, from: Sql, order: Sql) => sql`(SELECT coalesce(json_agg(${document} ORDER BY ${order}), '[]'::json) ${from})`;

const runDocument = sql`json_build_object('id', r.id, 'name', r.name, 'status', r.status, 'index', r.index, 'start_time', workspace.wire_time(r.start_time), 'end_time', workspace.wire_time(r.end_time), 'duration', ${seconds('r')})`;
const artifactFields = sql`'artifact_id', v.id, 'type', v.type, 'data_type', v.data_type, 'save_type', v.save_type`;
const inputs = list(
  sql`json_build_object('name', i.name, 'input_type', i.type, 'input_index', i.input_index, 'chunk_index', i.chunk_index, 'chunk_size', i.chunk_size, ${artifactFields})`,
  sql`FROM workspace.step_run_input_artifact i JOIN workspace.artifact_version v ON v.workspace_id = i.workspace_id AND v.id = i.artifact_id WHERE i.workspace_id = x.workspace_id AND i.step_id = x.id`,
  sql`i.name, i.input_index, v.created, v.id`,
);
const outputs = list(
  sql`json_build_object('name', o.name, ${artifactFields})`,
  sql`FROM workspace.step_run_output_artifact o JOIN workspace.artifact_version v ON v.workspace_id = o.workspace_id AND v.id = o.artifact_id WHERE o.workspace_id = x.workspace_id AND o.step_id = x.id`,
  sql`v.created, v.id`,
);
const triggeredRuns = list(
  runDocument,
  sql`FROM workspace.pipeline_run r WHERE r.workspace_id = x.workspace_id AND r.triggered_by = x.id AND r.triggered_by_type = 'step_run'`,
  sql`r.created, r.id`,
);

@Controller()
export class RunDagController {
  constructor(private readonly store: ResourceStore) {}

  /** One statement, whatever the size of the run. */
  @Operation(runs.get_run_dag, { action: 'read', on: 'pipeline_run' })
  async dag(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof runs.get_run_dag>) {
    const keys = query.include_step_metadata ?? [];
    const metadata =
      keys.length === 0
        ? sql`null::json`
        : sql`(SELECT json_object_agg(m.key, m.value) FROM json_each(workspace.run_metadata_of(x.workspace_id, 'step_run', x.id)) m WHERE m.key = ANY(${keys}::text[]))`;
    const stepRuns = list(
      sql`json_build_object('id', x.id, 'name', x.name, 'status', x.status, 'start_time', workspace.wire_time(x.start_time), 'duration', ${seconds('x')}, 'run_metadata', ${metadata}, 'inputs', ${inputs}, 'outputs', ${outputs}, 'triggered_runs', ${triggeredRuns})`,
      sql`FROM workspace.step_run x WHERE x.workspace_id = run.workspace_id AND x.pipeline_run_id = run.id AND x.status <> 'retried'`,
      sql`x.start_time NULLS FIRST, x.created, x.id`,
    );
    const compiled = list(
      sql`json_build_object('name', c.name, 'spec', c.config -> 'spec', 'config', coalesce(c.config -> 'config', c.config -> 'step_config_overrides'))`,
      sql`FROM workspace.step_configuration c WHERE c.workspace_id = run.workspace_id AND c.snapshot_id = run.snapshot_id AND c.step_run_id IS NULL`,
      sql`c.index`,
    );
    const started = list(
      sql`json_build_object('name', x.name, 'spec', x.step_configuration -> 'spec', 'config', x.step_configuration -> 'config')`,
      sql`FROM workspace.step_run x WHERE x.workspace_id = run.workspace_id AND x.pipeline_run_id = run.id AND x.status <> 'retried'`,
      sql`x.start_time NULLS FIRST, x.created, x.id`,
    );
    const waitConditions = list(
      sql`json_build_object('id', w.id, 'name', w.name, 'status', w.status, 'type', w.type, 'created', workspace.wire_time(w.created), 'resolution', w.resolution, 'question', w.question, 'resolved_at', workspace.wire_time(w.resolved_at))`,
      sql`FROM workspace.run_wait_condition w WHERE w.workspace_id = run.workspace_id AND w.run_id = run.id`,
      sql`w.created DESC, w.id`,
    );
    const childRuns = list(
      runDocument,
      sql`FROM workspace.pipeline_run r WHERE r.workspace_id = run.workspace_id AND r.parent_run_id = run.id`,
      sql`r.created, r.id`,
    );
    const facts = sql`json_build_object('id', run.id, 'status', run.status, 'substitutions', coalesce(run.pipeline_configuration -> 'substitutions', '{}'::json), 'steps', CASE WHEN s.is_dynamic THEN ${started} ELSE ${compiled} END, 'stepRuns', ${stepRuns}, 'waitConditions', ${waitConditions}, 'childRuns', ${childRuns})`;
    const [row] = await this.store
      .reader(caller)
      .query<{ allowed: boolean; facts: string | null }>(
        sql`SELECT run.allowed, CASE WHEN run.allowed THEN ${facts} END::text AS facts FROM (SELECT r.id, r.workspace_id, r.snapshot_id, r.status, r.pipeline_configuration, ${allowedOnRun(caller, 'read')} AS allowed FROM workspace.pipeline_run r WHERE r.workspace_id = ${caller.workspaceId} AND r.id = ${path.run_id}) run LEFT JOIN workspace.pipeline_snapshot s ON s.workspace_id = run.workspace_id AND s.id = run.snapshot_id`,
      );
    if (!row) throw missing(run, path.run_id);
    if (!row.allowed) throw new AccessDenied('read', 'pipeline_run', path.run_id);
    return buildDag(JSON.parse(row.facts as string) as DagFacts);
  }
}
