import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Level } from '#libs/access/roles.js';
import { databaseFault } from '#libs/database/errors.js';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import { Problem } from '#libs/http/problem.js';
import { normalizeEmail } from '#libs/identity/email.js';
import { invitationKeys } from '#libs/identity/key-format.js';
import { type Actor, audit } from '../audit/audit.js';
import type { Caller } from '../caller.js';
import { assertSeatIsFree, withinSeats } from '../entitlements/seats.js';
import { CloudInstallation, platform, within } from '../installation.js';
import { assignBuiltIn, builtInRoleId, type OrganizationRow, organizationFields, organizationReply } from '../organizations/organization.service.js';
import { assertMayGrant, assertMayHandle, findPlace, isMember, noInvitation, noTeam } from '../roles/granting.js';
import { assignRole, noRole } from '../roles/role.js';
import { roleFields, teamFields, teamReply } from '../roles/role.reply.js';
import { addToTeam } from '../teams/team.js';
import { naive, naiveOrNull } from '../wire.js';

const fields = {
  id: true,
  email: true,
  organizationId: true,
  invitedBy: true,
  expires: true,
  accepted: true,
  acceptedBy: true,
  revoked: true,
  created: true,
  updated: true,
  organization: { select: organizationFields },
  roleAssignments: {
    select: { workspaceId: true, projectId: true, role: { select: roleFields } },
    orderBy: [{ role: { level: 'asc' } }, { role: { name: 'asc' } }, { id: 'asc' }],
  },
  teamMembers: { select: { team: { select: teamFields } }, orderBy: [{ created: 'asc' }, { id: 'asc' }] },
} as const satisfies Prisma.CloudInvitationSelect;

type Row = Prisma.CloudInvitationGetPayload<{ select: typeof fields }>;

export type NewInvitation = {
  email: string;
  roles: { role_id: string; workspace_id?: string | null | undefined; project_id?: string | null | undefined }[];
  teamIds: string[];
  days: number | null;
};

const defaultDays = 7;
const dayMs = 86_400_000;

/** Roles and teams that wait for somebody. The link is the only thing that opens an invitation, and only for its address. */
@Injectable()
export class InvitationService {
  readonly #log = new Logger('invitations');

  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  async list(organizationId: string, query: { email?: string | null | undefined; only_pending: boolean; offset: number; limit: number }) {
    const pending = { accepted: null, revoked: null, expires: { gt: this.installation.now() } };
    const rows = await this.installation.prisma.tx(within(organizationId), (tx) =>
      tx.cloudInvitation.findMany({
        where: { organizationId, ...(query.email ? { email: normalizeEmail(query.email) } : {}), ...(query.only_pending ? pending : {}) },
        select: fields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      }),
    );
    return rows.map((row) => this.#reply(row));
  }

  async get(organizationId: string, id: string) {
    return this.#reply(await this.installation.prisma.tx(within(organizationId), (tx) => find(tx, organizationId, id)));
  }

  /**
   * Who signs in at a provider joins at once: it has verified whose address it is, so there is nothing left to confirm. All others accept by the link.
   * @throws Problem 403 when the caller holds less than what is offered; 409 when there is a pending one; UpgradeRequired when no seat is free
   */
  async create(caller: Caller, organizationId: string, request: NewInvitation) {
    const email = normalizeEmail(request.email);
    const id = randomUUID();
    const key = invitationKeys.mint(id);
    const row = await this.installation.prisma.tx(within(organizationId), async (tx) => {
      const known = await tx.cloudUser.findFirst({ where: { email, organizationId: null }, select: { id: true, isActive: true, oauthProvider: true } });
      if (known && (await isMember(tx, organizationId, known.id)))
        throw new Problem('exists', `${email} is a member of the organization already. Assign roles to the member instead.`);
      await assertSeatIsFree(tx, organizationId);
      const offer = () => this.#offer(tx, caller, organizationId, { ...request, email, id, key });
      if (!known?.isActive || known.oauthProvider === null) {
        await offer();
        return find(tx, organizationId, id);
      }
      await withinSeats(tx, organizationId, async () => {
        await offer();
        await this.#take(tx, { id, organization: { id: organizationId } }, known.id);
      });
      await audit(tx, caller.actor, { action: 'invitation.accept', organizationId, target: { type: 'invitation', id, name: email } });
      return find(tx, organizationId, id);
    });
    return row.accepted ? this.#reply(row) : this.#deliver(row, key, caller);
  }

  async #offer(tx: PrismaTx, caller: Caller, organizationId: string, { email, id, key, ...request }: NewInvitation & { id: string; key: string }) {
    // One that has run out gives way to the new one.
    const expired = { organizationId, email, accepted: null, revoked: null, expires: { lte: this.installation.now() } };
    await tx.cloudInvitation.updateMany({ where: expired, data: { revoked: this.installation.now() } });
    await onlyOnePending(email, () =>
      tx.cloudInvitation.create({
        data: {
          id,
          organizationId,
          email,
          hash: this.installation.hashes.invitation.of(key),
          invitedBy: caller.person?.id ?? null,
          expires: this.#expiry(request.days),
        },
        select: { id: true },
      }),
    );
    let isMemberByIt = false;
    for (const offered of request.roles) {
      const role = await tx.cloudRole.findFirst({ where: { id: offered.role_id, organizationId }, select: roleFields });
      if (!role) throw noRole();
      const place = await findPlace(tx, caller, organizationId, offered.workspace_id, offered.project_id);
      await assignRole(tx, caller, role, { invitationId: id }, place);
      isMemberByIt ||= role.level === 'organization';
    }
    if (!isMemberByIt) {
      const roleId = await builtInRoleId(tx, organizationId, 'organization', 'Organization Member');
      await tx.cloudRoleAssignment.create({ data: { organizationId, roleId, invitationId: id, createdBy: caller.person?.id ?? null }, select: { id: true } });
    }
    for (const teamId of new Set(request.teamIds)) {
      const team = await tx.cloudTeam.findFirst({ where: { id: teamId, organizationId }, select: teamFields });
      if (!team) throw noTeam();
      await addToTeam(tx, caller, team, { invitationId: id });
    }
    await audit(tx, caller.actor, { action: 'invitation.create', organizationId, target: { type: 'invitation', id, name: email } });
  }

  /** A new link; the old one does not open it any more. Whoever sends it could accept it, so it takes holding what it offers. */
  async renew(caller: Caller, organizationId: string, id: string) {
    const key = invitationKeys.mint(id);
    const row = await this.installation.prisma.tx(within(organizationId), async (tx) => {
      const before = await find(tx, organizationId, id);
      if (before.accepted || before.revoked) throw new Problem('exists', `The invitation was ${before.accepted ? 'accepted' : 'revoked'} already.`);
      for (const { role, workspaceId, projectId } of before.roleAssignments) assertMayGrant(caller, role, { organizationId, workspaceId, projectId });
      for (const { team } of before.teamMembers) await assertMayHandle(tx, caller, organizationId, { teamId: team.id });
      await tx.cloudInvitation.update({
        where: { id },
        data: { hash: this.installation.hashes.invitation.of(key), expires: this.#expiry(null), updated: this.installation.now() },
        select: { id: true },
      });
      await audit(tx, caller.actor, { action: 'invitation.renew', organizationId, target: { type: 'invitation', id, name: before.email } });
      return find(tx, organizationId, id);
    });
    return this.#deliver(row, key, caller);
  }

  async revoke(caller: Caller, organizationId: string, id: string): Promise<null> {
    return this.installation.prisma.tx(within(organizationId), async (tx) => {
      const row = await find(tx, organizationId, id);
      if (row.accepted) throw noInvitation();
      if (row.revoked) return null;
      await tx.cloudInvitation.update({ where: { id }, data: { revoked: this.installation.now(), updated: this.installation.now() }, select: { id: true } });
      await tx.cloudRoleAssignment.deleteMany({ where: { organizationId, invitationId: id } });
      await tx.cloudTeamMember.deleteMany({ where: { organizationId, invitationId: id } });
      await audit(tx, caller.actor, { action: 'invitation.revoke', organizationId, target: { type: 'invitation', id, name: row.email } });
      return null;
    });
  }

  /** The invitation that a link opens; null when it does not (any more). */
  async opened(key: string): Promise<{ id: string; email: string; organization: OrganizationRow; hasAccount: boolean } | null> {
    return this.installation.prisma.tx(platform, async (tx) => {
      const row = await this.#opened(tx, key);
      return row && { ...row, hasAccount: (await tx.cloudUser.count({ where: { email: row.email, organizationId: null } })) > 0 };
    });
  }

  /** Moves what the invitation holds to a person. @throws Problem 403 for another person's, 404; UpgradeRequired when no seat is free (any more) */
  async accept(key: string, actor: Actor, user: { id: string; email: string | null }): Promise<OrganizationRow> {
    return this.installation.prisma.tx(platform, (tx) => this.#accept(tx, key, actor, user));
  }

  /** For somebody new: an account with the address of the invitation, which is all it takes to accept it. @throws Problem 404, 409; UpgradeRequired */
  async register(key: string, actor: Actor, { name, passwordHash }: { name: string | null; passwordHash: string }): Promise<OrganizationRow> {
    return this.installation.prisma.tx(platform, async (tx) => {
      const row = await this.#opened(tx, key);
      if (!row) throw closed();
      const { email } = row;
      let user: { id: string };
      try {
        // Whoever invited knows the link, too, so holding it does not prove the address.
        user = await tx.cloudUser.create({
          data: { username: email, email, name, passwordHash, passwordChangedAt: this.installation.now() },
          select: { id: true },
        });
      } catch (error) {
        if (databaseFault(error)?.kind === 'unique')
          throw new Problem('exists', 'There is an account with this address. Sign in to accept the invitation.', { cause: error });
        throw error;
      }
      const self: Actor = { ...actor, type: 'user', id: user.id, name: email };
      await audit(tx, self, {
        action: 'user.create',
        organizationId: row.organization.id,
        target: { type: 'user', id: user.id, name: email },
        details: { invitation_id: row.id },
      });
      return this.#accept(tx, key, self, { id: user.id, email });
    });
  }

  async #accept(tx: PrismaTx, key: string, actor: Actor, user: { id: string; email: string | null }): Promise<OrganizationRow> {
    const row = await this.#opened(tx, key);
    if (!row) throw closed();
    if (normalizeEmail(user.email ?? '') !== row.email)
      throw new Problem('forbidden', 'This invitation is for another e-mail address than the one of your account.');
    const organizationId = row.organization.id;
    await withinSeats(tx, organizationId, () => this.#take(tx, row, user.id));
    await audit(tx, actor, { action: 'invitation.accept', organizationId, target: { type: 'invitation', id: row.id, name: row.email } });
    return row.organization;
  }

  async #take(tx: PrismaTx, row: { id: string; organization: { id: string } }, userId: string): Promise<void> {
    const organizationId = row.organization.id;
    // Two at once: the second finds nothing left to take.
    const { count } = await tx.cloudInvitation.updateMany({
      where: { id: row.id, accepted: null, revoked: null },
      data: { accepted: this.installation.now(), acceptedBy: userId, updated: this.installation.now() },
    });
    if (count === 0) throw closed();
    await tx.$executeRaw`
      INSERT INTO cloud.role_assignment (organization_id, role_id, user_id, workspace_id, project_id, created_by)
      SELECT organization_id, role_id, ${userId}::uuid, workspace_id, project_id, created_by FROM cloud.role_assignment
      WHERE organization_id = ${organizationId}::uuid AND invitation_id = ${row.id}::uuid ON CONFLICT DO NOTHING`;
    await tx.$executeRaw`
      INSERT INTO cloud.team_member (organization_id, team_id, user_id)
      SELECT organization_id, team_id, ${userId}::uuid FROM cloud.team_member
      WHERE organization_id = ${organizationId}::uuid AND invitation_id = ${row.id}::uuid ON CONFLICT DO NOTHING`;
    await tx.cloudRoleAssignment.deleteMany({ where: { organizationId, invitationId: row.id } });
    await tx.cloudTeamMember.deleteMany({ where: { organizationId, invitationId: row.id } });
    // Its role of the organization may have been deleted meanwhile.
    const isIn = await tx.cloudRoleAssignment.count({ where: { organizationId, userId, role: { level: 'organization' } } });
    if (!isIn) await assignBuiltIn(tx, { organizationId, userId, level: 'organization', role: 'Organization Member' });
  }

  async #opened(tx: PrismaTx, key: string): Promise<{ id: string; email: string; organization: OrganizationRow } | null> {
    const parsed = invitationKeys.parse(key);
    if (!parsed) return null;
    const row = await tx.cloudInvitation.findFirst({
      where: { id: parsed.id, accepted: null, revoked: null, expires: { gt: this.installation.now() }, organization: { deleted: null } },
      select: { id: true, email: true, hash: true, organization: { select: organizationFields } },
    });
    return row && this.installation.hashes.invitation.matches(key, row.hash) ? row : null;
  }

  async #deliver(row: Row, key: string, caller: Caller) {
    const url = `${this.installation.cloudUrl}/invitations/accept?${new URLSearchParams({ key })}`;
    const { mailer } = this.installation.options;
    let isSent: boolean | null = null;
    if (mailer) {
      const name = row.organization.displayName ?? row.organization.name;
      try {
        await mailer.send({
          to: row.email,
          subject: `Invitation to ${name.replace(/[\r\n]+/g, ' ')}`,
          text: `${caller.person?.name ?? caller.person?.username ?? 'Somebody'} invites you to the organization ${name}.\n\nAccept the invitation until ${row.expires.toISOString().slice(0, 10)}:\n${url}\n\nIf you did not expect this letter, you can ignore it.\n`,
        });
        isSent = true;
      } catch (error) {
        // The invitation stands: the link is in the reply and can be passed on by hand.
        this.#log.error({ err: error, invitationId: row.id }, 'an invitation could not be sent');
        isSent = false;
      }
    }
    return { ...this.#reply(row), url, email_sent: isSent };
  }

  #expiry(days: number | null): Date {
    return new Date(this.installation.nowMs() + (days ?? defaultDays) * dayMs);
  }

  #reply(row: Row) {
    const status: 'accepted' | 'revoked' | 'expired' | 'pending' = row.accepted
      ? 'accepted'
      : row.revoked
        ? 'revoked'
        : row.expires.getTime() <= this.installation.nowMs()
          ? 'expired'
          : 'pending';
    return {
      id: row.id,
      email: row.email,
      organization: organizationReply({ ...row.organization, owner: null }),
      organization_id: row.organizationId,
      status,
      roles: row.roleAssignments.map(({ role, workspaceId, projectId }) => ({
        id: role.id,
        name: role.name,
        level: role.level as Level,
        workspace_id: workspaceId,
        project_id: projectId,
      })),
      teams: row.teamMembers.map(({ team }) => teamReply(team)),
      invited_by: row.invitedBy,
      expires: naive(row.expires),
      accepted: naiveOrNull(row.accepted),
      accepted_by: row.acceptedBy,
      created: naive(row.created),
      updated: naive(row.updated),
      url: null,
      email_sent: null,
    };
  }
}

async function find(tx: PrismaTx, organizationId: string, id: string): Promise<Row> {
  const row = await tx.cloudInvitation.findFirst({ where: { id, organizationId }, select: fields });
  if (!row) throw noInvitation();
  return row;
}

async function onlyOnePending(email: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique')
      throw new Problem('exists', `There is already a pending invitation for ${email}. Send it again, or revoke it first.`, { cause: error });
    throw error;
  }
}

function closed(): Problem {
  return new Problem('not_found', 'This invitation does not exist, has expired, or was accepted or revoked.');
}
