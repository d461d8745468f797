import { Inject, Injectable } from '@nestjs/common';
import type { RequestFacts } from '#libs/http/caller.js';
import { credentialsNotValid } from '#libs/http/problem.js';
import { enrollmentKeys } from '#libs/identity/key-format.js';
import { anonymous, audit } from '../audit/audit.js';
import { type TokenReply, tokenReply } from '../auth/token-reply.js';
import { CloudInstallation, platform } from '../installation.js';

/** Attached workspace servers: their log-in with an enrollment key. */
@Injectable()
export class EnrollmentService {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  /** A token for one workspace's server. @throws Problem 401 */
  async login(workspaceId: string, secret: string, request: RequestFacts): Promise<TokenReply> {
    const { installation } = this;
    const parsed = enrollmentKeys.parse(secret);
    const answer = await installation.prisma.tx(platform, async (tx) => {
      const key = parsed
        ? await tx.cloudEnrollmentKey.findUnique({
            where: { id: parsed.id },
            select: { id: true, hash: true, workspaceId: true, organizationId: true, expires: true, workspace: { select: { name: true, status: true } } },
          })
        : null;
      const isRight = key !== null && key.workspaceId === workspaceId && installation.hashes.enrollmentKey.matches(secret, key.hash);
      const isUsable = isRight && key.workspace.status !== 'deleted' && (key.expires === null || key.expires > installation.now());
      if (!isUsable) {
        await audit(tx, anonymous(request), { action: 'sign_in', outcome: 'failure', details: { method: 'enrollment_key' } });
        return null;
      }
      await tx.cloudEnrollmentKey.update({ where: { id: key.id }, data: { lastUsed: installation.now() }, select: { id: true } });
      const signed = installation.tokens.sign(
        { typ: 'workspace', sub: workspaceId, workspace_id: workspaceId, organization_id: key.organizationId, enrollment_key_id: key.id },
        { notAfterMs: key.expires?.getTime() ?? null },
      );
      await audit(
        tx,
        { type: 'workspace', id: workspaceId, name: key.workspace.name, credential: { type: 'enrollment_key', id: key.id }, request },
        { action: 'sign_in', organizationId: key.organizationId, workspaceId, details: { method: 'enrollment_key' } },
      );
      return tokenReply(signed.token, signed.expiresInSeconds);
    });
    if (!answer) throw credentialsNotValid('The workspace id or the enrollment key is not valid.');
    return answer;
  }
}
