import type { Tx } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { isLocal } from './local-component.rules.js';

type Member = { name: string; type: string; flavor: string; configuration: string; is_custom: boolean | null };

/**
 * The server can run the snapshot by itself: it has images, and every component of the stack they were built for is of a flavor that the
 * server has, and reachable from anywhere.
 * @throws Problem 400
 */
export async function assertTemplatable(tx: Tx, caller: Caller, snapshotId: string): Promise<void> {
  const [built] = await tx.query<{ stack_id: string | null }>(
    sql`SELECT b.stack_id FROM workspace.pipeline_snapshot s JOIN workspace.pipeline_build b ON b.workspace_id = s.workspace_id AND b.id = s.build_id WHERE s.workspace_id = ${caller.workspaceId} AND s.id = ${snapshotId}`,
  );
  if (!built) throw new Problem('invalid', 'The snapshot has no build. Run templates need the container images that an orchestrator on remote machines runs.');
  if (!built.stack_id) throw new Problem('invalid', 'The stack that the build of the snapshot was made for does not exist any more.');
  const members = await tx.query<Member>(
    sql`SELECT x.name, x.type, x.flavor, x.configuration, f.is_custom FROM workspace.stack_composition c JOIN workspace.stack_component x ON x.workspace_id = c.workspace_id AND x.id = c.component_id LEFT JOIN workspace.flavor f ON f.workspace_id = x.workspace_id AND f.name = x.flavor AND f.type = x.type WHERE c.workspace_id = ${caller.workspaceId} AND c.stack_id = ${built.stack_id}`,
  );
  for (const { name, type, flavor, configuration, is_custom } of members) {
    const why =
      is_custom === null
        ? `its flavor ${flavor} does not exist`
        : is_custom
          ? `its flavor ${flavor} is a custom one`
          : isLocal({ type, flavor, configuration: JSON.parse(configuration) })
            ? 'it is local'
            : null;
    if (why) throw new Problem('invalid', `The server cannot run this snapshot: of the ${type} '${name}' it needs, ${why}.`);
  }
}
