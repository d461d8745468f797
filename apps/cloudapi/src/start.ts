import type { Platform } from '#libs/boot/platform.js';
import type { WorkspaceHost } from '#libs/control-plane/workspace-host.js';
import { Db } from '#libs/database/db.js';
import { createPrisma, ScopedPrisma } from '#libs/database/prisma.js';
import { systemClock } from '#libs/identity/clock.js';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import { ensureConnection, type OidcSettings } from './auth/oidc-settings.js';
import { applyDefaultQuotas, type Quotas } from './entitlements/default-quotas.js';
import { ensureFirstData, type FirstData } from './first-data.js';
import { CloudInstallation, platform as everything } from './installation.js';
import { smtpMailer } from './invitations/mailer.js';
import { addressesOf } from './settings.js';
import { WorkspaceService } from './workspaces/workspace.service.js';

export type OpenedCloud = { installation: CloudInstallation; stop(): Promise<void> };

type Settings = Parameters<typeof addressesOf>[0] & {
  ADMIN_EMAIL: string;
  ADMIN_PASSWORD?: string | undefined;
  DATABASE_CONNECTIONS: number;
  WORKSPACE_GRACE_HOURS?: number;
  SMTP_URL?: string | undefined;
  MAIL_FROM: string;
  DEFAULT_QUOTAS: Quotas;
  OUTBOUND_ALLOW?: OutboundPolicy | undefined;
} & OidcSettings;

/** The control plane's parts on an open platform. */
export function openCloud(platform: Platform, settings: Settings, host: WorkspaceHost | null): OpenedCloud {
  const db = new Db({ url: platform.databaseUrl, role: 'cloudapi', max: settings.DATABASE_CONNECTIONS });
  const prisma = new ScopedPrisma(createPrisma({ url: platform.databaseUrl, role: 'cloudapi', max: settings.DATABASE_CONNECTIONS }));
  const mailer = settings.SMTP_URL ? smtpMailer(settings.SMTP_URL, settings.MAIL_FROM) : null;
  const installation = new CloudInstallation({
    db,
    prisma,
    master: platform.master,
    ...addressesOf(settings),
    host,
    clock: systemClock,
    ...(settings.WORKSPACE_GRACE_HOURS === undefined ? {} : { graceHours: settings.WORKSPACE_GRACE_HOURS }),
    mailer,
    outbound: outboundOf(settings),
  });
  return { installation, stop: async () => void (await Promise.all([db.close(), prisma.close()])) };
}

/** A provider that the settings name may be anywhere: whoever wrote them runs this process. Providers that the API names need OUTBOUND_ALLOW. */
function outboundOf({ OUTBOUND_ALLOW: allowed = OutboundPolicy.publicOnly, OIDC_ISSUER: issuer }: Settings): OutboundPolicy {
  return issuer ? allowed.opening(issuer) : allowed;
}

/** Puts in place what a start has to: the first data, what settings say about sign-in and quotas, and workspaces that were left pending. Once, however many workers there are. */
export async function prepareCloud(installation: CloudInstallation, settings: Settings): Promise<FirstData> {
  const first = await ensureFirstData(installation, { email: settings.ADMIN_EMAIL, password: settings.ADMIN_PASSWORD });
  await ensureConnection(installation, settings);
  await installation.prisma.tx(everything, (tx) => applyDefaultQuotas(tx, settings.DEFAULT_QUOTAS));
  // A process that ended between making a workspace and setting it up left it pending.
  await new WorkspaceService(installation).provisionPending();
  return first;
}

/** What whoever starts the program needs to know. The generated password is shown this once and stored nowhere. */
export function announce(installation: CloudInstallation, first: FirstData, adminEmail: string, tookMs: number): void {
  const lines = [`ready in ${(tookMs / 1_000).toFixed(1)} s`, `  control plane         ${installation.cloudUrl}`];
  if (first.defaultWorkspace)
    lines.push(`  ${`workspace ${first.defaultWorkspace.name}`.padEnd(20)}  ${installation.options.urls.urlOf(first.defaultWorkspace.id)}`);
  if (first.generatedPassword) lines.push(`  administrator         ${adminEmail}`, `  password              ${first.generatedPassword}   (shown only now)`);
  console.log(lines.join('\n'));
}
