import { Controller, Inject } from '@nestjs/common';
import type { ResourceType } from '#libs/access/vocabulary.js';
import { raw, type Sql, sql } from '#libs/database/sql.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { server } from '#libs/wire/operations/server.js';
import { Installation } from '../installation.js';
import { activateServer } from './activation.js';

/** The version of the original whose wire this server speaks; clients warn when theirs differs. */
export const wireVersion = '0.98.0';

@Controller()
export class ServerController {
  constructor(
    private readonly store: ResourceStore,
    @Inject(Installation) private readonly installation: Installation,
  ) {}

  @Operation(server.version, { public: 'clients ask before they log in' })
  version() {
    return wireVersion;
  }

  @Operation(server.server_info, { public: 'clients ask before they log in' })
  async info(@Http() { request }: HttpExchange) {
    const tenant = await this.installation.tenants.of(request);
    const [settings] = await this.store.db.read<{ server_name: string; active: boolean; enable_analytics: boolean; last_user_activity: string }>(
      { workspaceId: tenant.id },
      sql`SELECT server_name, active, enable_analytics, workspace.wire_time(last_user_activity) AS last_user_activity FROM workspace.server_settings WHERE workspace_id = ${tenant.id}`,
    );
    const isPro = tenant.identityMode === 'pro';
    const { cloudUrl, local } = this.installation;
    return {
      id: tenant.id,
      name: settings?.server_name ?? tenant.name,
      version: wireVersion,
      active: settings?.active ?? true,
      debug: false,
      // Clients take `cloud` for a workspace of a control plane and log in there.
      deployment_type: isPro ? 'cloud' : local.deploymentType,
      database_type: 'other',
      secrets_store_type: 'sql',
      auth_scheme: isPro ? 'EXTERNAL' : 'OAUTH2_PASSWORD_BEARER',
      server_url: this.installation.workspaceUrl(tenant.id),
      dashboard_url: isPro ? (cloudUrl ?? '') : local.dashboardUrl,
      analytics_enabled: settings?.enable_analytics ?? false,
      metadata: {},
      last_user_activity: settings?.last_user_activity ?? null,
      pro_dashboard_url: isPro ? cloudUrl : null,
      pro_api_url: isPro ? cloudUrl : null,
      pro_organization_id: isPro ? tenant.organizationId : null,
      pro_organization_name: isPro ? tenant.organizationName : null,
      pro_workspace_id: isPro ? tenant.id : null,
      pro_workspace_name: isPro ? tenant.name : null,
    };
  }

  @Operation(server.server_load_info, { login: 'counters of this process' })
  loadInfo() {
    const { total, active } = this.store.db.load;
    // One thread runs everything; the pool's connections are all there is beside it, and none overflow it.
    return { threads: 1, db_connections_total: total, db_connections_active: active, db_connections_overflow: 0 };
  }

  @Operation(server.get_onboarding_state, { login: 'names of completed steps' })
  async onboardingState(@CurrentCaller() caller: Caller) {
    const [row] = await this.store
      .reader(caller)
      .query<{ steps: string }>(
        sql`SELECT coalesce(onboarding_state, '[]'::json)::text AS steps FROM workspace.server_settings WHERE workspace_id = ${caller.workspaceId}`,
      );
    return JSON.parse(row?.steps ?? '[]');
  }

  @Operation(server.get_server_statistics, { action: 'read', on: 'stack', also: 'counts what the caller may read' })
  async statistics(@CurrentCaller() caller: Caller) {
    const count = (table: Sql, type: ResourceType, isOwned: boolean) => {
      const condition = caller.access.condition('read', type, { id: sql`t.id`, userId: isOwned ? sql`t.user_id` : null, projectId: null }) ?? raw('true');
      return sql`(SELECT count(*) FROM workspace.${table} t WHERE t.workspace_id = ${caller.workspaceId} AND ${condition})::int`;
    };
    const [counts] = await this.store
      .reader(caller)
      .query(
        sql`SELECT ${count(raw('stack'), 'stack', true)} AS stacks, ${count(raw('stack_component'), 'stack_component', true)} AS components, ${count(raw('project'), 'project', false)} AS projects`,
      );
    return counts;
  }

  @Operation(server.activate_server, { public: 'a new workspace has nobody who could log in; it works once' }, { limit: 'sign_in' })
  async activate(@Input() { body }: InputOf<typeof server.activate_server>, @Http() { request }: HttpExchange) {
    const tenant = await this.installation.tenants.of(request);
    if (tenant.identityMode === 'pro') throw new Problem('method_not_allowed', 'This workspace is activated by its control plane.');
    return activateServer(this.store, { passwords: this.installation.passwords, clock: this.installation.options.clock }, tenant.id, body, request);
  }
}
