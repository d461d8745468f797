import { Inject, Injectable } from '@nestjs/common';
import type { PrismaTx } from '#libs/database/prisma.js';
import type { RequestFacts } from '#libs/http/caller.js';
import { credentialsNotValid, Problem } from '#libs/http/problem.js';
import { normalizeEmail } from '#libs/identity/email.js';
import { afterFailedSignIn, signInDelaySeconds } from '#libs/identity/sign-in.rules.js';
import { type Actor, anonymous, audit } from '../audit/audit.js';
import { CloudInstallation, platform } from '../installation.js';
import { type StartedSession, startSession } from './session.js';

const refusal = 'The e-mail address or password is not valid.';

export type CheckedUser = { id: string; username: string; email: string | null; name: string | null; passwordExpired: boolean };
/** `expired`: the password is right but has to be changed first, and nothing else may be done with it. */
export type SignedIn = { kind: 'session'; session: StartedSession } | { kind: 'expired' };

/** Sign-in with a password, for people. Says the same, after the same work, whether or not the name exists. */
@Injectable()
export class SignInService {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  /** @throws Problem 401; 429 after repeated failures under this name or from this address */
  async byPassword(name: string, password: string, request: RequestFacts): Promise<SignedIn> {
    const { installation } = this;
    const { user, needsRehash } = await this.check(name, password, request);
    if (user.passwordExpired) {
      const actor: Actor = { ...anonymous(request), type: 'user', id: user.id, name: user.username };
      await installation.prisma.tx(platform, (tx) =>
        audit(tx, actor, { action: 'sign_in', outcome: 'denied', details: { method: 'password', because: 'password_expired' } }),
      );
      return { kind: 'expired' };
    }
    const passwordHash = needsRehash ? await installation.passwords.hash(password) : undefined;
    return installation.prisma.tx(platform, async (tx) => {
      await tx.cloudUser.update({
        where: { id: user.id },
        data: { lastLogin: installation.now(), ...(passwordHash ? { passwordHash } : {}) },
        select: { id: true },
      });
      const session = await startSession(installation, tx, user.id, request, { method: 'password' });
      const actor: Actor = { type: 'user', id: user.id, name: user.username, credential: { type: 'session', id: session.id }, request };
      await audit(tx, actor, { action: 'sign_in', details: { method: 'password' } });
      return { kind: 'session', session };
    });
  }

  /** Whose name and password these are, without signing anybody in: for choosing a new password. @throws Problem 401, 429 as above */
  async check(name: string, password: string, request: RequestFacts): Promise<{ user: CheckedUser; needsRehash: boolean }> {
    const { installation } = this;
    const typed = normalizeEmail(name);
    const subjects = [`name:${typed}`, `address:${request.ip}`].map((subject) => installation.hashes.signInSubject.of(subject)) as [string, string];
    const user = await installation.prisma.tx(platform, async (tx) => {
      await this.#assertNotTooMany(tx, subjects);
      return tx.cloudUser.findFirst({
        where: { organizationId: null, OR: [{ email: typed }, { username: { in: [name.trim(), typed] } }] },
        select: { id: true, username: true, email: true, name: true, passwordHash: true, passwordExpired: true, isActive: true },
      });
    });
    const { isValid, needsRehash } = await installation.passwords.verify(user?.isActive ? user.passwordHash : null, password);
    if (!user || !isValid) {
      await this.#refuse(subjects, typed, user?.id ?? null, request);
      throw credentialsNotValid(refusal);
    }
    // The address keeps its count: it may be guessing other names.
    await installation.prisma.tx(platform, (tx) => tx.cloudSignInFailure.deleteMany({ where: { subject: subjects[0] } }));
    return { user, needsRehash };
  }

  async #assertNotTooMany(tx: PrismaTx, subjects: string[]): Promise<void> {
    const rows = await tx.cloudSignInFailure.findMany({ where: { subject: { in: subjects } } });
    const seconds = Math.max(0, ...rows.map((row) => signInDelaySeconds({ count: row.count, lastMs: row.last.getTime() }, this.installation.nowMs())));
    if (seconds > 0) throw new Problem('busy', `Too many failed sign-ins. Try again in ${seconds} seconds.`, { headers: { 'Retry-After': String(seconds) } });
  }

  async #refuse(subjects: string[], name: string, userId: string | null, request: RequestFacts): Promise<void> {
    const nowMs = this.installation.nowMs();
    await this.installation.prisma.tx(platform, async (tx) => {
      for (const subject of subjects) {
        const row = await tx.cloudSignInFailure.findUnique({ where: { subject } });
        const { count, lastMs } = afterFailedSignIn(row ? { count: row.count, lastMs: row.last.getTime() } : null, nowMs);
        const data = { count, last: new Date(lastMs) };
        await tx.cloudSignInFailure.upsert({ where: { subject }, create: { subject, ...data }, update: data });
      }
      // What was typed may be a password in the wrong field, so only names that exist are recorded.
      const target = userId ? { target: { type: 'user', id: userId, name } } : {};
      await audit(tx, anonymous(request), { action: 'sign_in', outcome: 'failure', ...target, details: { method: 'password' } });
    });
  }
}
