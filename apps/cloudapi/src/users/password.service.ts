import { Inject, Injectable } from '@nestjs/common';
import type { PrismaTx } from '#libs/database/prisma.js';
import { Problem } from '#libs/http/problem.js';
import { activationKeys } from '#libs/identity/key-format.js';
import { passwordProblems } from '#libs/identity/password-policy.js';
import { type Actor, audit } from '../audit/audit.js';
import { CloudInstallation, platform } from '../installation.js';

type Owner = { username: string; email?: string | null; name?: string | null };

const activationDays = 7;

/** New passwords: chosen by their owner, set by an administrator, or with the one-time key of an activation. */
@Injectable()
export class PasswordService {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  /** The hash of a password that will do. Slow on purpose: never inside a transaction. @throws Problem 400 */
  async chosen(password: string, owner: Owner): Promise<string> {
    const problems = passwordProblems(password, owner);
    if (problems.length > 0) throw new Problem('invalid', problems.join(' '));
    return this.installation.passwords.hash(password);
  }

  /** Ends all sessions and devices' tokens: whoever knew the old password is out. */
  async set(tx: PrismaTx, userId: string, passwordHash: string, isExpired: boolean): Promise<void> {
    const now = this.installation.now();
    await tx.cloudUser.update({
      where: { id: userId },
      data: {
        passwordHash,
        passwordExpired: isExpired,
        passwordChangedAt: now,
        tokensValidFrom: now,
        activationHash: null,
        activationExpires: null,
        updated: now,
      },
      select: { id: true },
    });
    await tx.cloudSession.updateMany({ where: { userId, revoked: null }, data: { revoked: now } });
  }

  /** A one-time key that sets the first, or a forgotten, password. */
  async mintActivation(tx: PrismaTx, userId: string): Promise<string> {
    const key = activationKeys.mint(userId);
    await tx.cloudUser.update({
      where: { id: userId },
      data: {
        activationHash: this.installation.hashes.activation.of(key),
        activationExpires: new Date(this.installation.nowMs() + activationDays * 86_400_000),
      },
      select: { id: true },
    });
    return key;
  }

  /** Whose key it is; null when it is none, was used, or has expired. */
  async activating(key: string): Promise<(Owner & { id: string }) | null> {
    const parsed = activationKeys.parse(key);
    if (!parsed) return null;
    const user = await this.installation.prisma.tx(platform, (tx) => this.#activating(tx, parsed.id, key));
    return user ? { id: user.id, username: user.username, email: user.email, name: user.name } : null;
  }

  /** @throws Problem 400, 404 */
  async activate(key: string, password: string, actor: Actor): Promise<void> {
    const owner = await this.activating(key);
    if (!owner) throw new Problem('not_found', 'This link does not open anything: it was used before, or has expired. Ask an administrator for a new one.');
    const passwordHash = await this.chosen(password, owner);
    await this.installation.prisma.tx(platform, async (tx) => {
      await tx.$queryRaw`SELECT id::text FROM cloud."user" WHERE id = ${owner.id}::uuid FOR UPDATE`;
      if (!(await this.#activating(tx, owner.id, key))) throw new Problem('not_found', 'This link was used before.');
      await this.set(tx, owner.id, passwordHash, false);
      await audit(
        tx,
        { ...actor, type: 'user', id: owner.id, name: owner.username },
        { action: 'user.activate', target: { type: 'user', id: owner.id, name: owner.username } },
      );
    });
  }

  async #activating(tx: PrismaTx, id: string, key: string) {
    const user = await tx.cloudUser.findFirst({
      where: { id, isActive: true, isServiceAccount: false, activationExpires: { gt: this.installation.now() } },
      select: { id: true, username: true, email: true, name: true, activationHash: true },
    });
    return user?.activationHash && this.installation.hashes.activation.matches(key, user.activationHash) ? user : null;
  }
}
