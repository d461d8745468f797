import type { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { credentialsNotValid } from '#libs/http/problem.js';
import type { IdentityHashes } from '#libs/identity/hashes.js';
import type { Passwords } from '#libs/identity/password.js';
import { uuidOf } from '#libs/resource/predicate.js';

/** People and machines that exist only inside one workspace: sign-in by password and by the workspace's own API keys. */
export class LocalAccounts {
  constructor(
    private readonly db: Db,
    private readonly passwords: Passwords,
    private readonly hashes: IdentityHashes,
  ) {}

  /** @throws Problem 401 with one text for every reason, after the same work */
  async byPassword(workspaceId: string, nameOrId: string, password: string): Promise<{ userId: string }> {
    const id = uuidOf(nameOrId);
    const [user] = await this.db.read<{ id: string; password: string | null; active: boolean }>(
      { workspaceId },
      sql`SELECT id, password, active FROM workspace."user" WHERE workspace_id = ${workspaceId} AND ${id ? sql`id = ${id}` : sql`name = ${nameOrId}`} AND NOT is_service_account`,
    );
    const { isValid, needsRehash } = await this.passwords.verify(user?.active ? user.password : null, password);
    if (!user || !isValid) throw credentialsNotValid('The username or password is not valid.');
    if (needsRehash) await this.#rehash(workspaceId, user.id, password);
    return { userId: user.id };
  }

  /** @throws Problem 401 */
  async byKey(workspaceId: string, presented: { id: string; key: string }): Promise<{ userId: string; keyId: string; generation: number }> {
    const [key] = await this.db.read<{
      key: string;
      previous_key: string | null;
      key_generation: number;
      retained: boolean;
      active: boolean;
      user_id: string;
      user_active: boolean;
    }>(
      { workspaceId },
      sql`SELECT k.key, k.previous_key, k.key_generation, k.active, k.service_account_id AS user_id, u.active AS user_active,
            coalesce(k.retain_period > 0 AND k.last_rotated + make_interval(mins => k.retain_period) > (now() AT TIME ZONE 'utc'), false) AS retained
          FROM workspace.api_key k JOIN workspace."user" u ON u.workspace_id = k.workspace_id AND u.id = k.service_account_id
          WHERE k.workspace_id = ${workspaceId} AND k.id = ${presented.id}`,
    );
    const isCurrent = key !== undefined && this.hashes.localKey.matches(presented.key, key.key);
    const isRetained = !isCurrent && key?.retained === true && key.previous_key !== null && this.hashes.localKey.matches(presented.key, key.previous_key);
    if (!key || !(isCurrent || isRetained) || !key.active || !key.user_active)
      throw credentialsNotValid('The API key is not valid, has been rotated, or is not active.');
    await this.db.read(
      { workspaceId },
      sql`UPDATE workspace.api_key SET last_login = (now() AT TIME ZONE 'utc') WHERE workspace_id = ${workspaceId} AND id = ${presented.id} AND (last_login IS NULL OR last_login < (now() AT TIME ZONE 'utc') - interval '1 minute')`,
    );
    return { userId: key.user_id, keyId: presented.id, generation: isCurrent ? key.key_generation : key.key_generation - 1 };
  }

  /** Hashes with today's cost; the password itself stays, so tokens issued before stay valid. */
  async #rehash(workspaceId: string, userId: string, password: string): Promise<void> {
    const hash = await this.passwords.hash(password);
    await this.db.read({ workspaceId }, sql`UPDATE workspace."user" SET password = ${hash} WHERE workspace_id = ${workspaceId} AND id = ${userId}`);
  }
}
