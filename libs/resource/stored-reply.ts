import type { Place, Sealer } from '#libs/crypto/envelope.js';

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
