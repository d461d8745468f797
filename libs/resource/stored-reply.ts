import type { Place, Sealer } from '#libs/crypto/envelope.js';
import type { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import type { RequestFacts } from '#libs/http/caller.js';

/** Finds the sealer of a workspace. */
export type SealerOf = (workspaceId: string) => Promise<Sealer>;

/** A sealed reply is stored as a JSON string; no operation that stores its reply answers with one. */
export async function sealReply(sealerOf: SealerOf, workspaceId: string, key: string, text: string): Promise<string> {
  return JSON.stringify((await sealerOf(workspaceId)).seal(text, placeOf(workspaceId, key)));
}

/** A stored reply as it was sent, sealed or not. */
export async function openReply(sealerOf: SealerOf, workspaceId: string, key: string, stored: string): Promise<string> {
  if (!stored.startsWith('"v1.')) return stored;
  return (await sealerOf(workspaceId)).open(JSON.parse(stored), placeOf(workspaceId, key));
}

function placeOf(workspaceId: string, key: string): Place {
  return { workspaceId, table: 'api_transaction', column: 'result', id: key };
}

/** The constraint that a second reply under one key violates. */
export const replyKey = 'pk_api_transaction';

/** The reply to an earlier attempt of a request, if one was stored. */
export async function storedReply(
  db: Db,
  sealerOf: SealerOf,
  caller: { workspaceId: string; userId: string; request: RequestFacts },
  key: string,
): Promise<string | null> {
  const { workspaceId, userId, request } = caller;
  const [row] = await db.read<{ result: string }>(
    { workspaceId },
    sql`SELECT result::text AS result FROM workspace.api_transaction WHERE workspace_id = ${workspaceId} AND id = ${key} AND user_id = ${userId} AND method = ${request.method} AND url = ${request.url} AND completed`,
  );
  return row ? openReply(sealerOf, workspaceId, key, row.result) : null;
}
