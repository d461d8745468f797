import type { FastifyReply } from 'fastify';
import type { PrismaTx } from '#libs/database/prisma.js';
import type { RequestFacts } from '#libs/http/caller.js';
import { cloudLifetimeSeconds } from '#libs/identity/cloud-token.js';
import { sessionCookie } from '../authenticator.js';
import type { CloudInstallation } from '../installation.js';

export type StartedSession = { id: string; token: string; expiresInSeconds: number; csrfToken: string };

/** A browser session: a row that can be revoked, and a token that names it. */
export async function startSession(
  installation: CloudInstallation,
  tx: PrismaTx,
  userId: string,
  request: RequestFacts,
  how: { method: 'password' } | { method: 'oidc'; connectionId: string; idToken: string | null },
): Promise<StartedSession> {
  const { id } = await tx.cloudSession.create({
    data: {
      userId,
      method: how.method,
      ...(how.method === 'oidc' ? { connectionId: how.connectionId, idToken: how.idToken } : {}),
      expires: new Date(installation.nowMs() + cloudLifetimeSeconds.session * 1_000),
      ipAddress: request.ip,
      userAgent: request.userAgent.slice(0, 500),
    },
    select: { id: true },
  });
  const { token, expiresInSeconds } = installation.tokens.sign({ typ: 'session', sub: userId, session_id: id });
  return { id, token, expiresInSeconds, csrfToken: installation.hashes.csrf.of(id) };
}

export function setSessionCookie(installation: CloudInstallation, reply: FastifyReply, session: StartedSession): void {
  void reply.setCookie(sessionCookie, session.token, cookieOptions(installation, session.expiresInSeconds));
}

export function clearSessionCookie(installation: CloudInstallation, reply: FastifyReply): void {
  void reply.clearCookie(sessionCookie, cookieOptions(installation));
}

export function cookieOptions(installation: CloudInstallation, maxAge?: number) {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'lax' as const,
    secure: installation.cloudUrl.startsWith('https:'),
    ...(maxAge === undefined ? {} : { maxAge }),
  };
}
