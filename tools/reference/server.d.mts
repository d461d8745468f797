export type ReferenceServer = {
  url: string;
  pid: number;
  dataDir: string;
  stop: () => Promise<void>;
  log: () => string;
};
export type ProSettings = {
  apiUrl: string;
  dashboardUrl: string;
  clientSecret: string;
  audience?: string;
  organizationId: string;
  workspaceId: string;
  organizationName?: string;
  workspaceName?: string;
  serverUrl?: string;
};
export declare const REFERENCE_ADMIN: { username: string; password: string };
export declare function startReferenceServer(options?: {
  port?: number;
  dataDir?: string;
  mode?: 'oss' | 'pro';
  pro?: ProSettings;
  env?: Record<string, string>;
}): Promise<ReferenceServer>;
