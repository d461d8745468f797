import { Controller, Inject } from '@nestjs/common';
import { databaseFault } from '#libs/database/errors.js';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { audit } from '../audit/audit.js';
import { Caller } from '../caller.js';
import { withinSeats } from '../entitlements/seats.js';
import { CloudInstallation, platform, within } from '../installation.js';
import { knownOrganization } from '../organizations/known-organization.js';
import { assertHolder, assertMayHandle, holderOf, keepingAnAdmin, noTeam } from '../roles/granting.js';
import { inviteeFields, inviteeReply, type TeamRow, teamFields, teamReply } from '../roles/role.reply.js';
import { userFields, userReply } from '../users/user.js';
import { naive } from '../wire.js';
import { teams } from './team.wire.js';

const memberFields = {
  id: true,
  teamId: true,
  created: true,
  user: { select: userFields },
  invitation: { select: inviteeFields },
} as const satisfies Prisma.CloudTeamMemberSelect;

const seen = { guarded: 'being in the team, or reading teams' };

/** Teams hold roles and shares for everybody who is in them. */
@Controller()
export class TeamController {
  constructor(@Inject(CloudInstallation) private readonly installation: CloudInstallation) {}

  @Operation(teams.list, seen)
  async list(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof teams.list>) {
    const organizationId = await knownOrganization(this.installation, caller, path.organization_id);
    const seesAll = seesTeams(caller, organizationId);
    const rows = await this.installation.prisma.tx(within(organizationId), (tx) =>
      tx.cloudTeam.findMany({
        where: { organizationId, ...(query.name ? { name: query.name } : {}), ...(seesAll ? {} : { members: { some: { userId: caller.id } } }) },
        select: teamFields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      }),
    );
    return rows.map(teamReply);
  }

  @Operation(teams.create, { action: 'create', on: 'team' })
  async create(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof teams.create>) {
    const organizationId = await knownOrganization(this.installation, caller, path.organization_id);
    caller.require('create', 'team', organizationId);
    const row = await this.installation.prisma.tx(within(organizationId), async (tx) => {
      const made = await named(body.name, () =>
        tx.cloudTeam.create({ data: { organizationId, name: body.name, description: body.description ?? null }, select: teamFields }),
      );
      await record(tx, caller, 'team.create', made);
      return made;
    });
    return teamReply(row);
  }

  @Operation(teams.get, seen)
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof teams.get>) {
    return teamReply(await this.#visible(caller, path.team_id));
  }

  @Operation(teams.update, { action: 'update', on: 'team' })
  async update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof teams.update>) {
    const before = await this.#find(caller, path.team_id);
    caller.require('update', 'team', before.organizationId);
    const data = {
      ...(body.name == null ? {} : { name: body.name }),
      ...(body.description === undefined ? {} : { description: body.description }),
    };
    const row = await this.installation.prisma.tx(within(before.organizationId), async (tx) => {
      const after = await named(body.name ?? before.name, () =>
        tx.cloudTeam.update({ where: { id: before.id }, data: { ...data, updated: this.installation.now() }, select: teamFields }),
      );
      await record(tx, caller, 'team.update', after, data);
      return after;
    });
    return teamReply(row);
  }

  @Operation(teams.delete, { action: 'delete', on: 'team' })
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof teams.delete>) {
    const row = await this.#find(caller, path.team_id);
    const { organizationId, id } = row;
    caller.require('delete', 'team', organizationId);
    await this.installation.prisma.tx(within(organizationId), async (tx) => {
      await assertMayHandle(tx, caller, organizationId, { teamId: id });
      await keepingAnAdmin(tx, organizationId, () => tx.cloudTeam.deleteMany({ where: { id } }));
      await record(tx, caller, 'team.delete', row);
    });
    return null;
  }

  @Operation(teams.members, seen)
  async members(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof teams.members>) {
    const { id, organizationId } = await this.#visible(caller, path.team_id);
    const rows = await this.installation.prisma.tx(within(organizationId), (tx) =>
      tx.cloudTeamMember.findMany({
        where: { teamId: id },
        select: memberFields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      }),
    );
    return rows.map(memberReply);
  }

  @Operation(teams.add_member, { action: 'update', on: 'team', also: 'and holding everything that the team holds' })
  async addMember(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof teams.add_member>) {
    const team = await this.#find(caller, path.team_id);
    caller.require('update', 'team', team.organizationId);
    const row = await this.installation.prisma.tx(within(team.organizationId), async (tx) => {
      const made = await addToTeam(tx, caller, team, memberOf(query));
      return made;
    });
    return memberReply(row);
  }

  @Operation(teams.remove_member, { guarded: 'leaving the team oneself, or updating teams and holding everything that this one holds' })
  async removeMember(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof teams.remove_member>) {
    const team = await this.#find(caller, path.team_id);
    const member = memberOf(query);
    await this.installation.prisma.tx(within(team.organizationId), async (tx) => {
      if (!('userId' in member && member.userId === caller.id)) {
        caller.require('update', 'team', team.organizationId);
        await assertMayHandle(tx, caller, team.organizationId, { teamId: team.id });
      }
      await keepingAnAdmin(tx, team.organizationId, async () => {
        const { count } = await tx.cloudTeamMember.deleteMany({ where: { teamId: team.id, ...member } });
        if (count === 0) throw new Problem('not_found', `Nobody with this id is in the team '${team.name}'.`);
      });
      await record(tx, caller, 'team.remove_member', team, member);
    });
    return null;
  }

  async #find(caller: Caller, id: string): Promise<TeamRow> {
    const row = await this.installation.prisma.tx(platform, (tx) =>
      tx.cloudTeam.findFirst({ where: { id, organization: { deleted: null } }, select: teamFields }),
    );
    if (!row || !caller.mayKnow(row.organizationId)) throw noTeam();
    return row;
  }

  /** A team that one is not in and may not read looks like one that is not there. */
  async #visible(caller: Caller, id: string): Promise<TeamRow> {
    const row = await this.#find(caller, id);
    if (seesTeams(caller, row.organizationId)) return row;
    const isIn = await this.installation.prisma.tx(within(row.organizationId), (tx) => tx.cloudTeamMember.count({ where: { teamId: id, userId: caller.id } }));
    if (!isIn) throw noTeam();
    return row;
  }
}

/** Whoever administers a workspace finds the teams to give roles to. */
export function seesTeams(caller: Caller, organizationId: string): boolean {
  return caller.within(organizationId).can('read', 'team') || administersAWorkspace(caller, organizationId);
}

export function administersAWorkspace(caller: Caller, organizationId: string): boolean {
  return caller.held.roles.some(
    ({ organizationId: at, workspaceId }) =>
      at === organizationId && workspaceId !== null && caller.within(at, workspaceId).can('update', 'workspace', { id: workspaceId }),
  );
}

type Member = { userId: string } | { invitationId: string };

/** Puts somebody into a team. It passes on what the team holds, so the caller must hold all of it. @throws Problem 403, 404, 409; UpgradeRequired when there is no seat for a new member */
export async function addToTeam(tx: PrismaTx, caller: Caller, team: TeamRow, member: Member) {
  const { organizationId, id: teamId } = team;
  await assertMayHandle(tx, caller, organizationId, { teamId });
  const isIn = () => new Problem('exists', `They are in the team '${team.name}' already.`);
  const add = async () => {
    await assertHolder(tx, caller, organizationId, member);
    if ((await tx.cloudTeamMember.count({ where: { teamId, ...member } })) > 0) throw isIn();
    try {
      const row = await tx.cloudTeamMember.create({ data: { organizationId, teamId, ...member }, select: memberFields });
      await record(tx, caller, 'team.add_member', team, member);
      return row;
    } catch (error) {
      if (databaseFault(error)?.kind === 'unique') throw isIn();
      throw error;
    }
  };
  return 'userId' in member ? withinSeats(tx, organizationId, add) : add();
}

function memberOf(query: { user_id?: string | null | undefined; invitation_id?: string | null | undefined }): Member {
  return holderOf(query) as Member; // no team_id was passed, so it is none
}

function memberReply(row: Prisma.CloudTeamMemberGetPayload<{ select: typeof memberFields }>) {
  return {
    id: row.id,
    team_id: row.teamId,
    user: row.user ? userReply(row.user) : null,
    invitation: row.invitation ? inviteeReply(row.invitation) : null,
    created: naive(row.created),
  };
}

function record(tx: PrismaTx, caller: Caller, action: string, row: TeamRow, details: Prisma.InputJsonObject = {}): Promise<void> {
  return audit(tx, caller.actor, { action, organizationId: row.organizationId, target: { type: 'team', id: row.id, name: row.name }, details });
}

async function named<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique') throw new Problem('exists', `There is already a team named '${name}' in the organization.`, { cause: error });
    throw error;
  }
}
