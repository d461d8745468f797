import type { FastifyRequest } from 'fastify';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { JsonText } from '#libs/http/reply.js';
import type { Clock } from '#libs/identity/clock.js';
import type { Passwords } from '#libs/identity/password.js';
import type { ResourceStore } from '#libs/resource/store.js';
import type { ServerActivationRequest } from '#libs/wire/models/server-settings.js';
import { provenCaller } from '../identity/principal.js';
import { passwordChangedAt, user } from '../identity/user.js';
import { changeSettings } from './settings.js';

/**
 * The first step of a stand-alone workspace: whoever comes first becomes its administrator.
 * @returns the administrator, if one was asked for
 * @throws Problem 403 when the workspace is active already
 */
export async function activateServer(
  store: ResourceStore,
  { passwords, clock }: { passwords: Passwords; clock: Clock },
  workspaceId: string,
  request: ServerActivationRequest,
  http: FastifyRequest,
): Promise<JsonText | null> {
  const { admin_username, admin_password, ...settings } = request;
  const password = admin_username && admin_password != null ? await passwords.hash(admin_password) : null;
  const caller = provenCaller(workspaceId, http);
  return store.db.tx({ workspaceId }, async (tx) => {
    const [row] = await tx.query<{ active: boolean }>(sql`SELECT active FROM workspace.server_settings WHERE workspace_id = ${workspaceId} FOR UPDATE`);
    if (row?.active !== false) throw new Problem('forbidden', 'The server is active already.');
    await changeSettings(tx, workspaceId, { ...settings, active: true });
    if (!admin_username || password === null) return null;
    const id = await store.insertRow(tx, caller, user, {
      ...{ name: admin_username, full_name: '', is_service_account: false, is_admin: true, active: true, password },
      ...(admin_password ? passwordChangedAt(clock()) : {}),
    });
    return store.reply(caller, user, id, tx);
  });
}
