import { type ControlPlane, type CredentialBinding, type ExternalUser, NotAuthorized } from '#libs/control-plane/control-plane.js';
import type { Db } from '#libs/database/db.js';
import { type Sql, sql } from '#libs/database/sql.js';
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
      return { userId: await this.#rowOf(workspaceId, user), binding };
    } catch (error) {
      if (error instanceof NotAuthorized) throw new Problem('not_authorized', error.message, { cause: error });
      throw error;
    }
  }

  /**
   * The row of a person or machine. A row of the same name that nobody from the control plane has taken (left from when the workspace stood alone) is
   * adopted; one that is somebody else's is not, since it would hand over that one's resources: then the new row's name gets a part of the id.
   */
  async #rowOf(workspaceId: string, user: ExternalUser): Promise<string> {
    for (const name of [user.username, `${user.username}-${user.id.slice(0, 8)}`]) {
      const [row] = await this.db.read<{ id: string }>({ workspaceId }, enter(workspaceId, user, name));
      if (row) return row.id;
    }
    throw new Problem('exists', `The name '${user.username}' is taken in this workspace by another account.`);
  }
}

/** Keys may come with every request, so nothing is written where nothing changed. */
function enter(workspaceId: string, user: ExternalUser, name: string): Sql {
  const fullName = user.name ?? '';
  return sql`
    WITH known AS (
      SELECT u.id, CASE WHEN EXISTS (
          SELECT 1 FROM workspace."user" o WHERE o.workspace_id = u.workspace_id AND o.name = ${name} AND o.is_service_account = u.is_service_account AND o.id <> u.id
        ) THEN u.name ELSE ${name} END AS name
      FROM workspace."user" u WHERE u.workspace_id = ${workspaceId} AND u.external_user_id = ${user.id})
    , changed AS (
      UPDATE workspace."user" u SET name = known.name, full_name = ${fullName}, email = ${user.email}, is_admin = ${user.is_superuser}, avatar_url = ${user.avatar_url}, active = true
      FROM known WHERE u.workspace_id = ${workspaceId} AND u.id = known.id
        AND (u.name, u.full_name, u.email, u.is_admin, u.avatar_url, u.active) IS DISTINCT FROM (known.name, ${fullName}::text, ${user.email}::text, ${user.is_superuser}::bool, ${user.avatar_url}::text, true))
    , made AS (
      INSERT INTO workspace."user" AS u (workspace_id, name, is_service_account, full_name, email, avatar_url, active, email_opted_in, external_user_id, is_admin)
      SELECT ${workspaceId}::uuid, ${name}, ${user.is_service_account}::bool, ${fullName}, ${user.email}, ${user.avatar_url}, true, false, ${user.id}::uuid, ${user.is_superuser}::bool
      WHERE NOT EXISTS (SELECT 1 FROM known)
      ON CONFLICT (workspace_id, name, is_service_account) DO UPDATE
        SET external_user_id = excluded.external_user_id, active = true, email = excluded.email, full_name = excluded.full_name, is_admin = excluded.is_admin
        WHERE u.external_user_id IS NULL OR u.external_user_id = excluded.external_user_id
      RETURNING u.id)
    SELECT id FROM known UNION ALL SELECT id FROM made`;
}
