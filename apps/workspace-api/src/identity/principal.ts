import type { FastifyRequest } from 'fastify';
import { Access, type Grants, type Rules, rulesFor, unlimitedRules } from '#libs/access/access.js';
import { type Level, type Permission, permissionsOf } from '#libs/access/roles.js';
import type { WorkspaceActor } from '#libs/control-plane/audit.js';
import type { Db } from '#libs/database/db.js';
import { and, raw, type Sql, sql } from '#libs/database/sql.js';
import { factsOf, type RequestFacts } from '#libs/http/caller.js';
import { credentialsNotValid, Problem } from '#libs/http/problem.js';
import type { WorkspaceClaims } from '#libs/identity/workspace-token.js';
import type { Caller } from '#libs/resource/caller.js';
import { noWorkspace } from './tenant.js';

/** Who a request claims to be: a user of the workspace, and what the credential is bound to. */
export type Claimed = {
  userId: string;
  issuedAtSeconds: number | null;
  claims: WorkspaceClaims | null;
  /** The control plane's key that came instead of a token. */
  apiKeyId?: string;
};

/** Built-in roles are kept without permissions: what they allow stands in code. */
type AssignedRole = { projectId: string | null; name: string; level: Level; permissions: Permission[] | null };

type External = { active: boolean; superuser: boolean; roles: AssignedRole[]; shares: Grants['shares'] };

type Row = {
  status: string;
  identity_mode: 'pro' | 'local';
  user_id: string | null;
  name: string;
  active: boolean;
  is_admin: boolean;
  is_service_account: boolean;
  external_user_id: string | null;
  password_changed: number | null;
  /** JSON of `External`. */
  external: string | null;
  binding: boolean;
};

/**
 * Loads the caller with everything a request needs to know of it, in one statement: the workspace's state, the user, grants from the control
 * plane, and whether what the token is bound to still stands. What is kept of it is no older than the last change of any
 * of it (`Db.readKept`), so a revocation counts at once.
 * @throws Problem 401, 403, 404
 */
export async function loadCaller(db: Db, workspaceId: string, claimed: Claimed, facts: RequestFacts): Promise<Caller> {
  const moment = await db.moment();
  const [row] = await db.readKept<Row>({ workspaceId, moment }, statement(workspaceId, claimed));
  if (!row || row.status === 'deleted') throw noWorkspace();
  const { external, rules } = heldBy(row);
  if (row.status !== 'available') throw new Problem('unavailable', `The workspace is ${row.status}.`, { headers: { 'Retry-After': '30' } });
  if (!row.user_id) throw credentialsNotValid('The user of this token does not exist in this workspace.');
  if (!row.active || external?.active === false) throw credentialsNotValid('The account is not active.');
  if (row.identity_mode === 'pro' && !external) throw credentialsNotValid('The account is not known to the control plane.');
  if (!row.binding)
    throw credentialsNotValid('What this token was issued for (an API key, device, run, schedule or deployment) has been revoked, has changed or has ended.');
  // Both sides come from the clock of the application and have its milliseconds.
  if (claimed.issuedAtSeconds !== null && row.password_changed !== null && claimed.issuedAtSeconds < row.password_changed) {
    throw credentialsNotValid('The password was changed after this token was issued. Log in again.');
  }
  return {
    principal: row.external_user_id ?? row.user_id,
    tenant: workspaceId,
    workspaceId,
    userId: row.user_id,
    userName: row.name,
    isAdmin: row.is_admin,
    isServiceAccount: row.is_service_account,
    externalUserId: row.external_user_id,
    identityMode: row.identity_mode,
    token: claimed.claims,
    access: Access.by(rules),
    request: facts,
    actor: row.identity_mode === 'local' ? null : actorOf(row, claimed),
    moment,
  };
}

type Held = { external: External | null; rules: Rules };

/** What follows from a row alone. A row that is kept is the same object each time. */
const known = new WeakMap<Row, Held>();

function heldBy(row: Row): Held {
  let held = known.get(row);
  if (!held) {
    const external = row.external === null ? null : (JSON.parse(row.external) as External);
    // A stand-alone workspace has administrators and others, and no grants: what administrators alone may do is checked by its operations.
    const isUnlimited = row.identity_mode === 'local' || external?.superuser;
    const grants = external && {
      roles: external.roles.map((role) => ({ projectId: role.projectId, permissions: permissionsOf(role) })),
      shares: external.shares,
    };
    held = { external, rules: isUnlimited ? unlimitedRules : rulesFor(row.user_id ?? '', grants ?? { roles: [], shares: [] }) };
    known.set(row, held);
  }
  return held;
}

/** Whom the organization's audit log names: the account of the control plane, and what it came with. */
function actorOf(row: Row, { claims, apiKeyId }: Claimed): WorkspaceActor {
  const came: [string, string | undefined][] = [
    ['pipeline_run', claims?.pipeline_run_id],
    ['schedule', claims?.schedule_id],
    ['deployment', claims?.deployment_id],
    ['api_key', apiKeyId ?? claims?.api_key_id],
    ['device', claims?.device_id],
    ['session', claims?.cloud_session_id],
  ];
  const [type, id] = came.find(([, one]) => one) ?? [];
  return {
    type: row.is_service_account ? 'service_account' : 'user',
    id: row.external_user_id as string,
    name: row.name,
    credential: type && id ? { type, id } : null,
  };
}

/** For operations without a token, whose handler lets the caller prove who they are by other means. Has no user and no idempotency. */
export function provenCaller(workspaceId: string, request: FastifyRequest): Caller {
  return {
    principal: request.ip,
    tenant: workspaceId,
    workspaceId,
    userId: '00000000-0000-0000-0000-000000000000',
    userName: '',
    isAdmin: false,
    isServiceAccount: false,
    externalUserId: null,
    identityMode: 'local',
    token: null,
    access: Access.unlimited(),
    request: factsOf(request, false),
  };
}

function statement(workspaceId: string, claimed: Claimed): Sql {
  return sql`
    SELECT w.status, w.identity_mode, u.id AS user_id, u.name, u.active, u.is_admin, u.is_service_account, u.external_user_id,
      extract(epoch FROM u.password_changed_at)::float8 AS password_changed,
      ${grants} AS external,
      ${binding(claimed.claims)} AS binding
    FROM cloud.workspace w LEFT JOIN workspace."user" u ON u.workspace_id = w.id AND u.id = ${claimed.userId}
    WHERE w.id = ${workspaceId}`;
}

/** How long the token of a run is good for after the run. */
const runTokenMarginSeconds = 300;

/** Whether everything that the token is bound to still stands. */
function binding(claims: WorkspaceClaims | null): Sql {
  if (!claims) return raw('true');
  const now = raw("(now() AT TIME ZONE 'utc')");
  const conditions: Sql[] = [];
  if (claims.api_key_id) {
    const generation = claims.key_gen ?? null;
    const isCurrent = (k: string) =>
      sql`(${generation}::int IS NULL OR ${raw(k)}.key_generation = ${generation} OR (${raw(k)}.key_generation = ${generation}::int + 1 AND ${raw(k)}.retain_period > 0 AND ${raw(k)}.last_rotated + make_interval(mins => ${raw(k)}.retain_period) > ${now}))`;
    conditions.push(sql`(EXISTS (SELECT 1 FROM workspace.api_key k WHERE k.workspace_id = w.id AND k.id = ${claims.api_key_id} AND k.active AND ${isCurrent('k')})
      OR EXISTS (SELECT 1 FROM cloud.api_key k WHERE k.id = ${claims.api_key_id} AND k.user_id = u.external_user_id AND k.active AND (k.expires IS NULL OR k.expires > ${now}) AND ${isCurrentCloudKey(generation)}))`);
  }
  if (claims.device_id) {
    conditions.push(sql`(EXISTS (SELECT 1 FROM workspace.auth_devices d WHERE d.workspace_id = w.id AND d.id = ${claims.device_id} AND d.user_id = u.id AND d.status = 'active' AND (d.expires IS NULL OR d.expires > ${now}))
      OR EXISTS (SELECT 1 FROM cloud.device d WHERE d.id = ${claims.device_id} AND d.user_id = u.external_user_id AND d.status = 'active' AND (d.expires IS NULL OR d.expires > ${now})))`);
  }
  if (claims.cloud_session_id)
    conditions.push(
      sql`EXISTS (SELECT 1 FROM cloud.session s WHERE s.id = ${claims.cloud_session_id} AND s.user_id = u.external_user_id AND s.revoked IS NULL AND s.expires > ${now})`,
    );
  if (claims.schedule_id)
    conditions.push(sql`EXISTS (SELECT 1 FROM workspace.schedule s WHERE s.workspace_id = w.id AND s.id = ${claims.schedule_id} AND s.active)`);
  if (claims.deployment_id) conditions.push(sql`EXISTS (SELECT 1 FROM workspace.deployment d WHERE d.workspace_id = w.id AND d.id = ${claims.deployment_id})`);
  if (claims.pipeline_run_id) {
    // A run's token outlives the run a little, so that its last messages still arrive. Clients say when a run has ended, so a time to come is no excuse.
    const ended = sql`coalesce(r.end_time, r.updated)`;
    const margin = sql`make_interval(secs => ${runTokenMarginSeconds}::int)`;
    conditions.push(
      sql`EXISTS (SELECT 1 FROM workspace.pipeline_run r WHERE r.workspace_id = w.id AND r.id = ${claims.pipeline_run_id} AND (r.in_progress OR ${ended} BETWEEN ${now} - ${margin} AND ${now} + ${margin}))`,
    );
  }
  return and(conditions);
}

function isCurrentCloudKey(generation: number | null): Sql {
  if (generation === null) return raw('true');
  return sql`(k.generation = ${generation} OR (k.generation = ${generation}::int + 1 AND k.retain_until > (now() AT TIME ZONE 'utc')))`;
}

/** Roles and shares of the person or machine and of its teams, as far as they reach into this workspace. */
const grants = raw(`(
  SELECT json_build_object(
    'active', cu.is_active,
    'superuser', cu.is_superuser,
    'roles', coalesce((
      SELECT json_agg(json_build_object('projectId', a.project_id, 'name', r.name, 'level', r.level, 'permissions', r.permissions))
      FROM cloud.role_assignment a JOIN cloud.role r ON r.id = a.role_id
      WHERE a.organization_id = w.organization_id AND (a.workspace_id IS NULL OR a.workspace_id = w.id)
        AND (a.user_id = cu.id OR a.team_id IN (SELECT m.team_id FROM cloud.team_member m WHERE m.user_id = cu.id))), '[]'::json),
    'shares', coalesce((
      SELECT json_agg(json_build_object('type', g.type, 'ids', g.ids, 'actions', g.actions))
      FROM (
        SELECT s.resource_type AS type, s.actions, array_agg(s.resource_id ORDER BY s.resource_id) AS ids FROM cloud.resource_member s
        WHERE s.workspace_id = w.id AND (s.user_id = cu.id OR s.team_id IN (SELECT m.team_id FROM cloud.team_member m WHERE m.user_id = cu.id))
        GROUP BY s.resource_type, s.actions ORDER BY s.resource_type, s.actions) g), '[]'::json))
  FROM cloud."user" cu WHERE cu.id = u.external_user_id AND w.identity_mode = 'pro')`);
