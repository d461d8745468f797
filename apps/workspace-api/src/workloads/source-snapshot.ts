import type { Runner } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import { parseExact } from '#libs/json/exact.js';
import type { Caller } from '#libs/resource/caller.js';
import { isLocal } from '../pipelines/local-component.rules.js';
import { type Obstacle, obstacleOf, type RunnerName } from '../pipelines/runnable.js';
import type { SourceSnapshot } from './derived-snapshot.rules.js';
import type { ServerSideRuns } from './server-side-runs.js';

type Row = {
  id: string;
  name: string | null;
  project_id: string;
  pipeline_id: string;
  stack_id: string | null;
  build_id: string | null;
  /** What its orchestrator runs, if that runs images. */
  image: string | null;
  obstacle: Obstacle | null;
  code_path: string | null;
  source_code: string | null;
  source_snapshot_id: string | null;
  pipeline_version_hash: string | null;
  client_version: string | null;
  is_dynamic: boolean;
  run_name_template: string;
  pipeline: string;
  specification: string | null;
  steps: string;
  members: string;
  code_reference: string | null;
};

type Member = { type: string; flavor: string; name: string; configuration: Record<string, unknown>; is_custom: boolean | null; synchronous: boolean };

export type LoadedSnapshot = SourceSnapshot &
  Omit<Row, 'pipeline' | 'specification' | 'steps' | 'members' | 'code_reference'> & {
    members: Member[];
    codeReference: { commit: string; subdirectory: string; code_repository: string } | null;
  };

/** Stands for the runner where the server runs nothing by itself: what it could not run in any cluster, the original refuses, too. */
export const anyCluster = { runnerName: 'kubernetes', hasImage: true } as const;

/** A snapshot with everything that decides whether and how it runs, in one statement. Rights are the caller's matter. @throws Problem 404 */
export async function loadSource(db: Runner, caller: Pick<Caller, 'workspaceId'>, id: string, runner: RunnerName): Promise<LoadedSnapshot> {
  const [row] = await db.query<Row>(
    sql`SELECT s.id, s.name, s.project_id, s.pipeline_id, s.stack_id, s.build_id, b.images -> 'orchestrator' ->> 'image' AS image, ${obstacleOf(sql`s`, runner)} AS obstacle, s.code_path, s.source_code, s.source_snapshot_id, s.pipeline_version_hash, coalesce(b.zenml_version, s.client_version) AS client_version, s.is_dynamic, s.run_name_template, s.pipeline_configuration AS pipeline, s.pipeline_spec AS specification,
      (SELECT coalesce(json_object_agg(c.name, c.config ORDER BY c.index), '{}'::json) FROM workspace.step_configuration c WHERE c.workspace_id = s.workspace_id AND c.snapshot_id = s.id) AS steps,
      (SELECT coalesce(json_agg(json_build_object('type', x.type, 'flavor', x.flavor, 'name', x.name, 'configuration', x.configuration, 'is_custom', f.is_custom, 'synchronous', (f.config_schema -> 'properties' -> 'synchronous') IS NOT NULL) ORDER BY x.created, x.id), '[]'::json) FROM workspace.stack_composition m JOIN workspace.stack_component x ON x.workspace_id = m.workspace_id AND x.id = m.component_id LEFT JOIN workspace.flavor f ON f.workspace_id = x.workspace_id AND f.name = x.flavor AND f.type = x.type WHERE m.workspace_id = s.workspace_id AND m.stack_id = s.stack_id) AS members,
      (SELECT json_build_object('commit', r.commit, 'subdirectory', r.subdirectory, 'code_repository', r.code_repository_id) FROM workspace.code_reference r WHERE r.workspace_id = s.workspace_id AND r.id = s.code_reference_id) AS code_reference
      FROM workspace.pipeline_snapshot s LEFT JOIN workspace.pipeline_build b ON b.workspace_id = s.workspace_id AND b.id = s.build_id WHERE s.workspace_id = ${caller.workspaceId} AND s.id = ${id}`,
  );
  if (!row) throw new Problem('not_found', `No snapshot with the ID ${id} found.`);
  const { pipeline, specification, steps, members, code_reference, ...rest } = row;
  const parsed = JSON.parse(members) as Member[];
  return {
    ...rest,
    isDynamic: row.is_dynamic,
    runNameTemplate: row.run_name_template,
    clientVersion: row.client_version,
    pipeline: parseExact(pipeline) as SourceSnapshot['pipeline'],
    specification: specification === null ? null : (parseExact(specification) as SourceSnapshot['specification']),
    steps: parseExact(steps) as SourceSnapshot['steps'],
    members: parsed,
    components: parsed.map(({ type, flavor, name, synchronous }) => ({ type, flavor, name, hasSynchronous: synchronous })),
    codeReference: code_reference === null ? null : JSON.parse(code_reference),
  };
}

/** Refuses what the configured runner cannot run. @throws Problem 400 */
export function assertRunnable({ obstacle, members, image }: LoadedSnapshot, { runnerName, hasImage }: Pick<ServerSideRuns, 'runnerName' | 'hasImage'>): void {
  const cannot = (why: string) => new Problem('invalid', `The server cannot run this snapshot: ${why}`);
  const named = (fits: (member: Member) => boolean) =>
    members
      .filter(fits)
      .map(({ type, name, flavor }) => `the ${type} '${name}' (flavor ${flavor})`)
      .join(', ');
  switch (obstacle) {
    case 'no_stack':
      throw cannot('its stack does not exist any more.');
    case 'no_orchestrator':
      throw cannot('its stack has no orchestrator.');
    case 'no_build':
      throw cannot(
        `it has no build, and ${runnerName === 'process' ? 'its orchestrator runs steps in images' : 'the server runs pipelines in images'}. The build may have been deleted.`,
      );
    case 'local_build':
      throw cannot('its images are on the machine of whoever built them.');
    case 'build_without_stack':
      throw cannot('the stack that its images were built for does not exist any more.');
    case 'changed_stack':
      throw cannot('its stack has changed since its images were built, so they may lack what the stack needs now. Make a new snapshot.');
    case 'unreachable_component':
      throw cannot(`its stack needs what is on one machine only: ${named(isLocal)}.`);
    case 'unknown_flavor':
      throw cannot(`its stack needs a flavor that does not exist: ${named(({ is_custom }) => is_custom === null)}.`);
    case 'custom_flavor':
      throw cannot(`its stack needs a flavor whose code the server does not have: ${named(({ is_custom }) => is_custom === true)}.`);
  }
  if (runnerName === 'kubernetes' && !image && !hasImage)
    throw cannot('its build has no image for the orchestrator, and WORKLOAD_KUBERNETES_IMAGE names none.');
}
