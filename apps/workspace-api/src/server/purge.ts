import { rm } from 'node:fs/promises';
import path from 'node:path';
import { purgeStages } from '#libs/control-plane/workspace-host.js';
import type { Db } from '#libs/database/db.js';
import { identifier, sql } from '#libs/database/sql.js';
import { deletionOrder, type Reference } from './purge.rules.js';

/** Small enough that no statement holds many locks or takes long, however much the rows drag along. */
const batch = 500;

/** Where this process may keep files of a workspace; artifacts are in the users' own stores and stay there. */
export function workspaceFolder(dataDir: string, workspaceId: string): string {
  return path.join(dataDir, 'workspaces', workspaceId);
}

export type Purging = {
  db: Db;
  dataDir: string;
  /** Removes what stores outside keep of the workspace. */
  forgetSecrets: (workspaceId: string) => Promise<void>;
};

/**
 * Removes every row and file of a workspace that was deleted and whose time for restoring is over. Every batch is a transaction of its own and nothing is
 * remembered between them, so it may be interrupted anywhere and is simply begun again.
 * @returns whether nothing is left
 */
export async function purgeWorkspace({ db, dataDir, forgetSecrets }: Purging, workspaceId: string, signal: AbortSignal): Promise<boolean> {
  const scope = { workspaceId };
  if (!(await claim(db, workspaceId))) return false;
  const tables = await tablesOf(db);
  // Rows that came while others went, such as a request's that had begun before, are found by another pass.
  for (let gone = -1; gone !== 0; ) {
    gone = 0;
    for (const table of tables) {
      for (;;) {
        if (signal.aborted) return false;
        const count = await deleteBatch(db, table, workspaceId);
        gone += count;
        if (count < batch) break;
      }
    }
  }
  await forgetSecrets(workspaceId);
  await rm(workspaceFolder(dataDir, workspaceId), { recursive: true, force: true });
  await db.read(
    scope,
    sql`UPDATE cloud.workspace SET state_reason = ${purgeStages.removed}, updated = (now() AT TIME ZONE 'utc') WHERE id = ${workspaceId} AND status = 'deleted'`,
  );
  return true;
}

/** Ends the time in which the workspace can be restored; a restore that was faster wins. */
async function claim(db: Db, workspaceId: string): Promise<boolean> {
  const rows = await db.read(
    { workspaceId },
    sql`UPDATE cloud.workspace SET state_reason = ${purgeStages.removing}, updated = (now() AT TIME ZONE 'utc') WHERE id = ${workspaceId} AND status = 'deleted' AND purge_after <= (now() AT TIME ZONE 'utc') RETURNING id`,
  );
  return rows.length > 0;
}

async function deleteBatch(db: Db, table: string, workspaceId: string): Promise<number> {
  const name = sql`workspace.${identifier(table)}`;
  const [row] = await db.read<{ gone: number }>(
    { workspaceId },
    sql`WITH gone AS (
          DELETE FROM ${name} WHERE workspace_id = ${workspaceId}
            AND ctid = ANY (ARRAY(SELECT ctid FROM ${name} WHERE workspace_id = ${workspaceId} LIMIT ${batch})) RETURNING 1)
        SELECT count(*)::int AS gone FROM gone`,
  );
  return row?.gone ?? 0;
}

/** Asked of the database, so that a table which a later migration adds is not forgotten here. */
async function tablesOf(db: Db): Promise<string[]> {
  const scope = { workspaceId: null };
  const tables = await db.read<{ name: string }>(
    scope,
    sql`SELECT c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
        WHERE c.relnamespace = 'workspace'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
  );
  const references = await db.read<Reference>(
    scope,
    sql`SELECT source.relname AS "from", target.relname AS "to", f.confdeltype IN ('n', 'd') AS "isLoose"
        FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class source ON source.oid = f.conrelid JOIN pg_catalog.pg_class target ON target.oid = f.confrelid
        WHERE f.contype = 'f' AND f.connamespace = 'workspace'::regnamespace`,
  );
  return deletionOrder(
    tables.map(({ name }) => name),
    references,
  );
}
