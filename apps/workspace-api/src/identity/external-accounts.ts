import { type ControlPlane, type CredentialBinding, NotAuthorized } from '#libs/control-plane/control-plane.js';
import type { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';

/** People and machines of the control plane inside a workspace: a row each, made at the first sign-in and refreshed at later ones. */
export class ExternalAccounts {
  constructor(
    private readonly db: Db,
    private readonly controlPlane: ControlPlane | null,
  ) {}

  /** The workspace's user behind a Pro token or key. @throws Problem 401 */
  async enter(workspaceId: string, bearer: string): Promise<{ userId: string; binding: CredentialBinding }> {
    if (!this.controlPlane) throw new Problem('not_authorized', 'This workspace stands alone: it has no control plane that could vouch for this credential.');
    try {
      const { user, binding } = await this.controlPlane.authorize(bearer, workspaceId);
      const [row] = await this.db.read<{ id: string }>(
        { workspaceId },
        sql`WITH known AS (
              UPDATE workspace."user" u SET name = ${user.username}, full_name = ${user.name ?? ''}, email = ${user.email}, is_admin = ${user.is_superuser}, avatar_url = ${user.avatar_url}, active = true
              WHERE u.workspace_id = ${workspaceId} AND u.external_user_id = ${user.id} RETURNING u.id)
            , made AS (
              INSERT INTO workspace."user" (workspace_id, name, is_service_account, full_name, email, avatar_url, active, email_opted_in, external_user_id, is_admin)
              SELECT ${workspaceId}::uuid, ${user.username}, ${user.is_service_account}::bool, ${user.name ?? ''}, ${user.email}, ${user.avatar_url}, true, false, ${user.id}::uuid, ${user.is_superuser}::bool
              WHERE NOT EXISTS (SELECT 1 FROM known)
              ON CONFLICT (workspace_id, name, is_service_account) DO UPDATE SET external_user_id = excluded.external_user_id, active = true, email = excluded.email, full_name = excluded.full_name, is_admin = excluded.is_admin
              RETURNING id)
            SELECT id FROM known UNION ALL SELECT id FROM made`,
      );
      return { userId: (row as { id: string }).id, binding };
    } catch (error) {
      if (error instanceof NotAuthorized) throw new Problem('not_authorized', error.message, { cause: error });
      throw error;
    }
  }
}
