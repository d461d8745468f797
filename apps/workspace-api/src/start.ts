import { Logger } from '@nestjs/common';
import { periodically } from '#libs/boot/periodically.js';
import type { Platform } from '#libs/boot/platform.js';
import { CloudControlPlane } from '#libs/control-plane/cloud-control-plane.js';
import { People } from '#libs/control-plane/people.js';
import { purgeStages, type WorkspaceHost } from '#libs/control-plane/workspace-host.js';
import type { WorkspaceUrls } from '#libs/control-plane/workspace-urls.js';
import { Db } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { systemClock } from '#libs/identity/clock.js';
import { CloudTokens } from '#libs/identity/cloud-token.js';
import { identityHashes } from '#libs/identity/hashes.js';
import { Installation } from './installation.js';
import { operatorOptions } from './operator-settings.js';
import { provisionWorkspace } from './server/provision.js';
import { purgeWorkspace } from './server/purge.js';
import { workloadOptions } from './workloads/workload-settings.js';

export type OpenedWorkspaces = { installation: Installation; host: WorkspaceHost; stop(): Promise<void> };

type Settings = { DATABASE_CONNECTIONS: number; KEPT_READS_MB: number; DASHBOARD_DIR?: string | undefined; WORKSPACE_ID?: string | undefined } & Parameters<
  typeof operatorOptions
>[0] &
  Parameters<typeof workloadOptions>[0];

const defaultProject = 'default';

/** The workspaces of a control plane, on an open platform: all of them by their URLs, or the one that WORKSPACE_ID names. */
export function openWorkspaces(platform: Platform, settings: Settings, addresses: { cloudUrl: string; urls: WorkspaceUrls }): OpenedWorkspaces {
  const db = new Db({ url: platform.databaseUrl, role: 'workspace_api', max: settings.DATABASE_CONNECTIONS, keptBytes: settings.KEPT_READS_MB * 2 ** 20 });
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
    workloads: workloadOptions(settings),
    ...operatorOptions(settings),
  });
  const host: WorkspaceHost = {
    async provision({ id, name }) {
      await provisionWorkspace(db, { workspaceId: id, name, defaultProject });
      // Nobody has to claim it: its people come from the control plane.
      await db.read({ workspaceId: id }, sql`UPDATE workspace.server_settings SET active = true WHERE workspace_id = ${id} AND NOT active`);
    },
    purge: (workspaceId, signal) => purgeWorkspace({ db, dataDir, forgetSecrets: (id) => installation.vault.forgetWorkspace(id) }, workspaceId, signal),
  };
  return { installation, host, stop: () => db.close() };
}

/** How often a process without a control plane beside it looks for new workspaces. Clients ask every five seconds whether theirs is there. */
const lookIntervalMs = 1_000;

/** Sets up workspaces that a control plane in another process has made, until stopped. */
export function provisionPending({ installation, host }: OpenedWorkspaces): { stop(): Promise<void> } {
  const log = new Logger('workspaces');
  let isStopped = false;
  let round: Promise<void> = Promise.resolve();
  const look = async () => {
    const pending = await installation.db.read<{ id: string; name: string }>(
      { workspaceId: null },
      sql`SELECT id, name FROM cloud.workspace WHERE status = 'pending' AND is_managed AND identity_mode = 'pro' ORDER BY created LIMIT 20`,
    );
    for (const workspace of pending) {
      await host.provision(workspace);
      await installation.db.read(
        { workspaceId: workspace.id },
        sql`UPDATE cloud.workspace SET status = 'available', state_reason = '', updated = (now() AT TIME ZONE 'utc') WHERE id = ${workspace.id} AND status = 'pending'`,
      );
    }
  };
  // One round after the other, so a slow database is not asked twice at once.
  const next = () => {
    if (isStopped) return;
    round = look()
      .catch((error) => log.warn({ err: error }, 'looking for new workspaces failed; trying again'))
      .then(() => void (timer = setTimeout(next, lookIntervalMs)));
  };
  let timer = setTimeout(next, 0);
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
      clearTimeout(timer);
    },
  };
}

const purgeIntervalMs = 15_000;

/** Removes what workspaces leave behind that a control plane in another process has deleted and that cannot be restored any more, until stopped. */
export function purgeDeleted({ installation, host }: OpenedWorkspaces, everyMs = purgeIntervalMs): { stop(): Promise<void> } {
  return periodically({
    name: 'purge',
    everyMs,
    async work(signal) {
      const due = await installation.db.read<{ id: string }>(
        { workspaceId: null },
        sql`SELECT id FROM cloud.workspace WHERE status = 'deleted' AND is_managed AND purge_after <= (now() AT TIME ZONE 'utc') AND state_reason <> ${purgeStages.removed} ORDER BY purge_after LIMIT 20`,
      );
      for (const { id } of due) if (!signal.aborted) await host.purge(id, signal);
    },
  });
}
