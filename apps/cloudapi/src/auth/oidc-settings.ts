import { randomUUID } from 'node:crypto';
import { type CloudInstallation, platform } from '../installation.js';
import { OidcService } from './oidc.service.js';

export type OidcSettings = {
  OIDC_ISSUER?: string | undefined;
  OIDC_CLIENT_ID?: string | undefined;
  OIDC_CLIENT_SECRET?: string | undefined;
  OIDC_NAME: string;
  OIDC_EMAIL_DOMAINS?: string | undefined;
};

/** The sign-in provider of the settings, found again by issuer and client id. One that is not configured any more stays until somebody deletes it. */
export async function ensureConnection(installation: CloudInstallation, settings: OidcSettings): Promise<void> {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = settings;
  if (!issuer || !clientId) return;
  const oidc = new OidcService(installation);
  const emailDomains = (settings.OIDC_EMAIL_DOMAINS ?? '')
    .split(',')
    .map((domain) => domain.trim().toLowerCase())
    .filter(Boolean);
  await installation.prisma.tx(platform, async (tx) => {
    const where = { issuer_clientId: { issuer, clientId } };
    const id = (await tx.cloudOidcConnection.findUnique({ where, select: { id: true } }))?.id ?? randomUUID();
    const clientSecret = settings.OIDC_CLIENT_SECRET ? oidc.sealSecret(id, settings.OIDC_CLIENT_SECRET) : null;
    const data = { displayName: settings.OIDC_NAME, clientSecret, emailDomains, updated: installation.now() };
    await tx.cloudOidcConnection.upsert({ where, create: { id, issuer, clientId, ...data }, update: data, select: { id: true } });
  });
}
