import { Controller, Inject } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { Http, type HttpExchange } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { ResourceStore } from '#libs/resource/store.js';
import { server } from '#libs/wire/operations/server.js';
import { Installation } from '../installation.js';

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
    const url = this.installation.workspaceUrl(tenant.id);
    return {
      id: tenant.id,
      name: settings?.server_name ?? tenant.name,
      version: wireVersion,
      active: settings?.active ?? true,
      debug: false,
      deployment_type: isPro ? 'cloud' : 'other',
      database_type: 'other',
      secrets_store_type: 'sql',
      auth_scheme: isPro ? 'EXTERNAL' : 'OAUTH2_PASSWORD_BEARER',
      server_url: isPro ? url : '',
      dashboard_url: isPro ? (this.installation.cloudUrl ?? '') : '',
      analytics_enabled: settings?.enable_analytics ?? false,
      metadata: {},
      last_user_activity: settings?.last_user_activity ?? null,
      pro_dashboard_url: isPro ? this.installation.cloudUrl : null,
      pro_api_url: isPro ? this.installation.cloudUrl : null,
      pro_organization_id: isPro ? tenant.organizationId : null,
      pro_organization_name: isPro ? tenant.organizationName : null,
      pro_workspace_id: isPro ? tenant.id : null,
      pro_workspace_name: isPro ? tenant.name : null,
    };
  }
}
