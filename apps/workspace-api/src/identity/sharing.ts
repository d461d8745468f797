import { Controller } from '@nestjs/common';
import { AccessDenied } from '#libs/access/access.js';
import { expandShare } from '#libs/access/sharing.js';
import { type Action, actions, isProjectType, isResourceType } from '#libs/access/vocabulary.js';
import type { Tx } from '#libs/database/db.js';
import { identifier, join, raw, sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { about } from '#libs/resource/audit.js';
import type { Caller } from '#libs/resource/caller.js';
import { uuidOf } from '#libs/resource/predicate.js';
import { allowed, column, Render, type Resource, resources, tableOf } from '#libs/resource/resource.js';
import { missing, ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { extra } from '#libs/wire/operations/extra.js';

type Share = { type: string; id: string; actions: Action[]; holder: { userId: string | null; teamId: string | null } };

/** Single resources shared with a person, a machine or a team: what is sent replaces what they held, nothing takes it back. */
@Controller()
export class SharingController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(extra.update_user_resource_membership, { guarded: 'sharing the resource, and every action that is passed on' })
  share(@CurrentCaller() caller: Caller, @Input() { query, body }: InputOf<typeof extra.update_user_resource_membership>) {
    if (caller.identityMode === 'local')
      throw new Problem('method_not_allowed', 'This workspace stands alone: everybody in it may do everything, so there is nothing to share.');
    const share: Share = { type: query.resource_type, id: query.resource_id, actions: actionsOf(query.resource_type, body), holder: holderOf(query) };
    if (share.holder.userId !== null && share.holder.userId === caller.externalUserId)
      throw new Problem('invalid', 'You cannot change what is shared with yourself.');
    return this.store.write(caller, async (tx) => {
      const projectId = await this.#assertMayPassOn(tx, caller, share);
      await assertMember(tx, caller, share.holder);
      await (share.actions.length === 0 ? unshare(tx, caller, share) : put(tx, caller, share, projectId));
      const { type, id, holder, actions: passedOn } = share;
      about(tx, { type, id, name: null, projectId }, { user_id: holder.userId, team_id: holder.teamId, actions: passedOn });
      return null;
    });
  }

  /** Nobody passes on what they may not do themselves. @returns the project of the resource @throws Problem 400, 404, AccessDenied */
  async #assertMayPassOn(tx: Tx, caller: Caller, share: Share): Promise<string | null> {
    const resource = resourceOf(share.type);
    const render = new Render(caller);
    const t = render.alias();
    const wanted: Action[] = ['share', ...share.actions.filter((action) => action !== 'share')];
    const conditions = wanted.map((action) => sql`${allowed(resource, action, t, render) ?? raw('true')} AS ${identifier(action)}`);
    const projectId = share.type === 'project' ? sql`${t}.id` : isProjectType(share.type) ? column(t, 'project_id') : raw('NULL::uuid');
    const where = resource.where ? sql` AND ${resource.where(t, render)}` : raw('');
    const [row] = await tx.query<Record<string, boolean | null> & { project__: string | null }>(
      sql`SELECT ${projectId} AS project__, ${join(conditions)} FROM ${tableOf(resource)} ${t} WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${t}.id = ${share.id}${where} FOR KEY SHARE OF ${t}`,
    );
    if (!row) throw missing(resource, share.id);
    for (const action of wanted) if (!row[action]) throw new AccessDenied(action, share.type, share.id);
    return row.project__;
  }
}

function resourceOf(type: string): Resource {
  const found = isResourceType(type) ? resources.find((one) => one.rule.type === type) : undefined;
  if (!found) throw new Problem('invalid', `'${type}' is no type of resource that can be shared.`);
  return found;
}

/** As sent, and what else it takes to use the resource; that, too, must be the sharer's to give. */
function actionsOf(type: string, names: string[]): Action[] {
  const unknown = names.find((name) => !(actions as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Problem('invalid', `'${unknown}' is no action. There are: ${actions.join(', ')}.`);
  return expandShare(type, names as Action[]);
}

function holderOf({ user_id, team_id }: { user_id?: string | null; team_id?: string | null }): Share['holder'] {
  if (Boolean(user_id) === Boolean(team_id)) throw new Problem('invalid', 'Say with whom to share: send either user_id or team_id.');
  const id = uuidOf((user_id || team_id) as string);
  if (!id) throw new Problem('invalid', 'user_id and team_id are UUIDs, those of the control plane.');
  return user_id ? { userId: id, teamId: null } : { userId: null, teamId: id };
}

/** Whoever gets something belongs to the organization already; sharing invites nobody. @throws Problem 404 */
async function assertMember(tx: Tx, caller: Caller, { userId, teamId }: Share['holder']): Promise<void> {
  const organization = sql`(SELECT organization_id FROM cloud.workspace WHERE id = ${caller.workspaceId})`;
  const [row] = await tx.query<{ found: boolean }>(
    teamId
      ? sql`SELECT EXISTS (SELECT 1 FROM cloud.team WHERE id = ${teamId} AND organization_id = ${organization}) AS found`
      : sql`SELECT EXISTS (SELECT 1 FROM cloud."user" WHERE id = ${userId} AND organization_id = ${organization})
              OR EXISTS (SELECT 1 FROM cloud.role_assignment WHERE user_id = ${userId} AND organization_id = ${organization})
              OR EXISTS (SELECT 1 FROM cloud.team_member WHERE user_id = ${userId} AND organization_id = ${organization}) AS found`,
  );
  if (!row?.found) throw new Problem('not_found', `The organization has no ${teamId ? 'team' : 'member'} with the ID ${teamId ?? userId}.`);
}

function put(tx: Tx, caller: Caller, { type, id, holder, actions: granted }: Share, projectId: string | null) {
  return tx.query(
    sql`INSERT INTO cloud.resource_member (organization_id, workspace_id, project_id, resource_type, resource_id, user_id, team_id, actions, shared_by)
        SELECT organization_id, id, ${projectId}::uuid, ${type}, ${id}::uuid, ${holder.userId}::uuid, ${holder.teamId}::uuid, ${granted}::text[], ${caller.externalUserId}::uuid FROM cloud.workspace WHERE id = ${caller.workspaceId}
        ON CONFLICT (workspace_id, resource_type, resource_id, user_id, team_id) DO UPDATE SET actions = excluded.actions, shared_by = excluded.shared_by, updated = (now() AT TIME ZONE 'utc')`,
  );
}

function unshare(tx: Tx, caller: Caller, { type, id, holder }: Share) {
  return tx.query(
    sql`DELETE FROM cloud.resource_member WHERE workspace_id = ${caller.workspaceId} AND resource_type = ${type} AND resource_id = ${id}
          AND user_id IS NOT DISTINCT FROM ${holder.userId}::uuid AND team_id IS NOT DISTINCT FROM ${holder.teamId}::uuid`,
  );
}
