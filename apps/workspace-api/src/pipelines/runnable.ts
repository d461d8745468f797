import { type Sql, sql } from '#libs/database/sql.js';
import type { Caller } from '#libs/resource/caller.js';
import type { Expression } from '#libs/resource/resource.js';
import { isLocalRow } from './local-component.rules.js';

export type RunnerName = NonNullable<Caller['runner']>;

/** Why the server cannot run a snapshot. */
export type Obstacle =
  | 'no_stack'
  | 'no_orchestrator'
  | 'no_build'
  | 'local_build'
  | 'build_without_stack'
  | 'changed_stack'
  | 'unreachable_component'
  | 'unknown_flavor'
  | 'custom_flavor';

/** Its images are where any machine finds them, and the stack they were built for still exists: all that the original asks for in a document. */
const hasImages: Expression = (t) =>
  sql`EXISTS (SELECT 1 FROM workspace.pipeline_build b WHERE b.workspace_id = ${t}.workspace_id AND b.id = ${t}.build_id AND NOT b.is_local AND b.stack_id IS NOT NULL)`;

/**
 * What keeps a runner from running a snapshot; null when nothing does. `t` has a stack and a build: a snapshot, or a run of one. The one place that
 * knows, so that documents, filters and refusals say the same.
 *
 * Processes of the server are on the machine whose files local components mean, and have the code of custom flavors; so unlike in the original both are
 * fine, and images are needed only where steps run elsewhere. In a cluster the rules of the original hold.
 */
export function obstacleOf(t: Sql, runner: RunnerName): Sql {
  const build = sql`WHEN b.id IS NULL THEN 'no_build' WHEN b.is_local THEN 'local_build'`;
  const changed = sql`WHEN b.stack_checksum <> '' AND b.stack_checksum <> parts.checksum THEN 'changed_stack'`;
  const rules =
    runner === 'process'
      ? sql`WHEN parts.is_local THEN NULL ${build} ${changed}`
      : sql`${build} WHEN b.stack_id IS NULL THEN 'build_without_stack' WHEN parts.has_unknown THEN 'unknown_flavor' WHEN parts.has_custom THEN 'custom_flavor' WHEN parts.has_local THEN 'unreachable_component' ${changed}`;
  return sql`(SELECT CASE WHEN ${t}.stack_id IS NULL THEN 'no_stack' WHEN NOT coalesce(parts.has_orchestrator, false) THEN 'no_orchestrator' ${rules} END
    FROM (SELECT bool_or(x.type = 'orchestrator') AS has_orchestrator, bool_or(x.type = 'orchestrator' AND ${isLocalRow(sql`x`)}) AS is_local, bool_or(${isLocalRow(sql`x`)}) AS has_local, bool_or(f.is_custom) AS has_custom, bool_or(f.id IS NULL) AS has_unknown,
        md5(coalesce(string_agg(DISTINCT f.integration COLLATE "C", '' ORDER BY f.integration COLLATE "C") FILTER (WHERE f.integration <> 'built-in'), '')) AS checksum
      FROM workspace.stack_composition m JOIN workspace.stack_component x ON x.workspace_id = m.workspace_id AND x.id = m.component_id LEFT JOIN workspace.flavor f ON f.workspace_id = x.workspace_id AND f.name = x.flavor AND f.type = x.type
      WHERE m.workspace_id = ${t}.workspace_id AND m.stack_id = ${t}.stack_id) parts
    LEFT JOIN workspace.pipeline_build b ON b.workspace_id = ${t}.workspace_id AND b.id = ${t}.build_id)`;
}

/** Whether the server can run it. A server that runs nothing says what the original says. */
export const isRunnable: Expression = (t, render) => {
  const { runner } = render.caller;
  return runner ? sql`(${obstacleOf(t, runner)} IS NULL)` : hasImages(t, render);
};
