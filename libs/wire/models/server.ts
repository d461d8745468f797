import { z } from 'zod';
import { model } from '../registry.js';
import { bool, datetime, dict, int, orNull, str, uuid } from '../types.js';
import { AuthScheme, SecretsStoreType, ServerDatabaseType, ServerDeploymentType } from './enums.js';

export const ProjectStatistics = model(
  'ProjectStatistics',
  z.object({
    pipelines: int(),
    runs: int(),
  }),
);
export type ProjectStatistics = z.infer<typeof ProjectStatistics>;

export const ServerLoadInfo = model(
  'ServerLoadInfo',
  z.object({
    threads: int(),
    db_connections_total: int(),
    db_connections_active: int(),
    db_connections_overflow: int(),
  }),
);
export type ServerLoadInfo = z.infer<typeof ServerLoadInfo>;

export const ServerModel = model(
  'ServerModel',
  z.object({
    id: uuid().optional(),
    name: orNull(str()),
    version: str(),
    active: bool().default(true),
    debug: bool().default(false),
    deployment_type: ServerDeploymentType.default('other'),
    database_type: ServerDatabaseType.default('other'),
    secrets_store_type: SecretsStoreType.default('none'),
    auth_scheme: AuthScheme,
    server_url: str().default(''),
    dashboard_url: str().default(''),
    analytics_enabled: bool().default(true),
    metadata: dict(str()).default({}),
    last_user_activity: orNull(datetime()),
    pro_dashboard_url: orNull(str()),
    pro_api_url: orNull(str()),
    pro_organization_id: orNull(uuid()),
    pro_organization_name: orNull(str()),
    pro_workspace_id: orNull(uuid()),
    pro_workspace_name: orNull(str()),
  }),
);
export type ServerModel = z.infer<typeof ServerModel>;

export const ServerStatistics = model(
  'ServerStatistics',
  z.object({
    stacks: int(),
    components: int(),
    projects: int(),
  }),
);
export type ServerStatistics = z.infer<typeof ServerStatistics>;
