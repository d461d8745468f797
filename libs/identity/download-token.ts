import { z } from 'zod';
import type { MasterKeys } from '#libs/crypto/master-key.js';
import type { Clock } from './clock.js';
import { isExpired, openToken, signToken } from './signed-token.js';
import { TokenRejected } from './token-rejected.js';

const claims = z.object({ exp: z.number(), download_type: z.string(), resource_id: z.string(), user_id: z.string() });

/** What a token opens: the kind of download and the id of what is downloaded. */
export type Download = { type: 'artifact_version' | 'pipeline_run_logs' | 'step_run_logs' | 'snapshot_code'; id: string };

/** A browser follows the link at once; it cannot send headers, so the token stands in the address. */
const lifetimeSeconds = 30;

/** Short-lived tokens that open one download of one workspace, and nothing else: they have a key of their own. */
export class DownloadTokens {
  constructor(
    private readonly master: MasterKeys,
    private readonly clock: Clock,
  ) {}

  /** @param userId for whom: what they may use to get at the data is used again for the download */
  sign(workspaceId: string, { type, id }: Download, userId: string): string {
    const keyId = this.master.currentId;
    const exp = Math.floor(this.clock() / 1_000) + lifetimeSeconds;
    return signToken({ exp, download_type: type, resource_id: id, user_id: userId }, this.master.derive(purposeOf(workspaceId), keyId), keyId);
  }

  /** For whom it was made. @throws TokenRejected unless the token opens exactly this download */
  verify(token: string, workspaceId: string, { type, id }: Download): string {
    const payload = openToken(token, (keyId) => (this.master.has(keyId) ? this.master.derive(purposeOf(workspaceId), keyId) : undefined));
    const parsed = claims.safeParse(payload);
    if (!parsed.success) throw new TokenRejected('claims', { cause: parsed.error });
    if (isExpired(parsed.data.exp, this.clock())) throw new TokenRejected('expired');
    if (parsed.data.download_type !== type || parsed.data.resource_id !== id) throw new TokenRejected('audience');
    return parsed.data.user_id;
  }
}

function purposeOf(workspaceId: string): string {
  return `download-token:${workspaceId}`;
}
