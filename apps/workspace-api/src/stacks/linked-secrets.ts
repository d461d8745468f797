import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { uuidOf } from '#libs/resource/predicate.js';
import { listOf } from '#libs/resource/render.js';
import { allowed, type Expression, Render, tableOf } from '#libs/resource/resource.js';
import { secret } from '../secrets/secret.js';

type Owner = 'stack' | 'stack_component';

/** The ids of secrets whose values become environment variables of what runs on a stack or component. */
export function linkedSecrets(type: Owner): Expression {
  return listOf(
    (t) =>
      sql`SELECT x.secret_id FROM workspace.secret_resource x WHERE x.workspace_id = ${t}.workspace_id AND x.resource_type = ${type} AND x.resource_id = ${t}.id ORDER BY x.created, x.id`,
  );
}

/** Attaches and detaches secrets, which are named by name or id. @throws Problem 404, AccessDenied */
export async function linkSecrets(
  tx: Tx,
  caller: Caller,
  type: Owner,
  id: string,
  { add, remove }: { add?: readonly string[] | null | undefined; remove?: readonly string[] | null | undefined },
): Promise<void> {
  const named = [...(add ?? []), ...(remove ?? [])];
  if (named.length === 0) return;
  const ids = await secretIds(tx, caller, named);
  const added = (add ?? []).map((name) => ids.get(name));
  const removed = (remove ?? []).map((name) => ids.get(name));
  if (added.length > 0)
    await tx.query(
      sql`INSERT INTO workspace.secret_resource (workspace_id, secret_id, resource_id, resource_type)
          SELECT ${caller.workspaceId}::uuid, s.id, ${id}::uuid, ${type} FROM unnest(${added}::uuid[]) AS s(id) ON CONFLICT DO NOTHING`,
    );
  if (removed.length > 0)
    await tx.query(
      sql`DELETE FROM workspace.secret_resource WHERE workspace_id = ${caller.workspaceId} AND resource_type = ${type} AND resource_id = ${id} AND secret_id = ANY(${removed}::uuid[])`,
    );
}

/** A name may stand for a public secret and for a private one of the caller's; their own is meant then. */
async function secretIds(tx: Tx, caller: Caller, named: readonly string[]): Promise<Map<string, string>> {
  const render = new Render(caller);
  const t = render.alias();
  const readable = allowed(secret, 'read', t, render) ?? raw('true');
  const visible = (secret.where as NonNullable<typeof secret.where>)(t, render);
  const rows = await tx.query<{ id: string; name: string; readable: boolean }>(
    sql`SELECT ${t}.id, ${t}.name, ${readable} AS readable FROM ${tableOf(secret)} ${t}
        WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${visible} AND (${t}.id = ANY(${named.map(uuidOf).filter(Boolean)}::uuid[]) OR ${t}.name = ANY(${[...named]}::text[]))
        ORDER BY ${t}.private DESC`,
  );
  const found = new Map<string, string>();
  for (const name of named) {
    const id = uuidOf(name);
    const row = rows.find((one) => (id ? one.id === id : one.name === name));
    if (!row) throw new Problem('not_found', `No secret with the ID or name '${name}' found.`);
    if (!row.readable) throw new AccessDenied('read', 'secret', row.id);
    found.set(name, row.id);
  }
  return found;
}
