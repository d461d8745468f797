import type { Platform } from '#libs/boot/platform.js';
import { CloudControlPlane } from '#libs/control-plane/cloud-control-plane.js';
import { People } from '#libs/control-plane/people.js';
import type { WorkspaceHost } from '#libs/control-plane/workspace-host.js';
import type { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { systemClock } from '#libs/identity/clock.js';
import { CloudTokens } from '#libs/identity/cloud-token.js';
import { identityHashes } from '#libs/identity/hashes.js';
import { Installation } from './installation.js';
import { provisionWorkspace } from './server/provision.js';

export type OpenedWorkspaces = { installation: Installation; host: WorkspaceHost; stop(): Promise<void> };

type Settings = { DATABASE_CONNECTIONS: number; DASHBOARD_DIR?: string | undefined; WORKSPACE_ID?: string | undefined };

const defaultProject = 'default';

/** The workspaces of a control plane, on an open platform: all of them by their URLs, or the one that WORKSPACE_ID names. */
export function openWorkspaces(platform: Platform, settings: Settings, addresses: { cloudUrl: string; urls: WorkspaceUrls }): OpenedWorkspaces {
  const db = new Db({ url: platform.databaseUrl, role: 'workspace_api', max: settings.DATABASE_CONNECTIONS });
  const { master, dataDir } = platform;
  const people = new People(db, identityHashes(master), systemClock);
  const tokens = new CloudTokens(master, addresses.cloudUrl, systemClock);
  const installation = new Installation({
    db,
    master,
    controlPlane: new CloudControlPlane(db, people, tokens, (workspaceId) => ({ workspaceId })),
    cloudUrl: addresses.cloudUrl,
    urls: addresses.urls,
    workspaceId: settings.WORKSPACE_ID ?? null,
    localTokenMinutes: null,
    defaultProject,
    dataDir,
    dashboardDir: settings.DASHBOARD_DIR ?? null,
    clock: systemClock,
  });
  const host: WorkspaceHost = {
    async provision({ id, name }) {
      await provisionWorkspace(db, { workspaceId: id, name, defaultProject });
      // Nobody has to claim it: its people come from the control plane.
      await db.read({ workspaceId: id }, sql`UPDATE workspace.server_settings SET active = true WHERE workspace_id = ${id} AND NOT active`);
    },
  };
  return { installation, host, stop: () => db.close() };
}
