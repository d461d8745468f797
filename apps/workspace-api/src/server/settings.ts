import { Controller } from '@nestjs/common';
import type { Runner } from '#libs/database/db.js';
import { identifier, join, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { ServerSettingsUpdate } from '#libs/wire/models/server-settings.js';
import type { InputOf } from '#libs/wire/operation.js';
import { server } from '#libs/wire/operations/server.js';

/** Name, logo and switches of a stand-alone workspace; one row, without id or name of its own on the wire. */
@Controller()
export class ServerSettingsController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(server.get_settings, { login: 'everybody sees name and logo' })
  get(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof server.get_settings>) {
    if (caller.identityMode === 'pro') throw new Problem('not_found', 'The settings of this workspace are kept in the control plane.');
    return readSettings(this.store.reader(caller), caller.workspaceId, query.hydrate);
  }

  @Operation(server.update_server_settings, { guarded: 'administrators' })
  async update(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof server.update_server_settings>) {
    if (caller.identityMode === 'pro') throw new Problem('method_not_allowed', 'The settings of this workspace are changed in the control plane.');
    if (!caller.isAdmin && Object.values(body).some((value) => value != null))
      throw new Problem('forbidden', 'Only administrators can change the settings of the server.');
    return this.store.write(caller, async (tx) => {
      await changeSettings(tx, caller.workspaceId, body);
      return readSettings(tx, caller.workspaceId, true);
    });
  }
}

const fields = ['server_name', 'logo_url', 'enable_analytics', 'display_announcements', 'display_updates'] as const;

/** Writes what was sent; `updated` moves even when nothing was. */
export async function changeSettings(runner: Runner, workspaceId: string, change: ServerSettingsUpdate & { active?: boolean }): Promise<void> {
  const names = [...fields, 'active' as const].filter((name) => change[name] !== undefined);
  const sets = [...names.map((name) => sql`${identifier(name)} = ${change[name]}`), sql`updated = (now() AT TIME ZONE 'utc')`];
  await runner.query(sql`UPDATE workspace.server_settings SET ${join(sets)} WHERE workspace_id = ${workspaceId}`);
}

async function readSettings(runner: Runner, workspaceId: string, isHydrated: boolean) {
  const [row] = await runner.query<{ body: string }>(
    sql`SELECT json_build_object('server_id', id, 'server_name', server_name, 'logo_url', logo_url, 'active', active, 'enable_analytics', enable_analytics,
          'display_announcements', display_announcements, 'display_updates', display_updates, 'last_user_activity', workspace.wire_time(last_user_activity), 'updated', workspace.wire_time(updated)) AS body
        FROM workspace.server_settings WHERE workspace_id = ${workspaceId}`,
  );
  return { body: JSON.parse((row as { body: string }).body), metadata: isHydrated ? {} : null, resources: {} };
}
