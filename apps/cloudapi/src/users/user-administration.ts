import { Controller, Inject } from '@nestjs/common';
import { databaseFault } from '#libs/database/errors.js';
import type { Prisma, PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { emailDomain, normalizeEmail } from '#libs/identity/email.js';
import type { InputOf } from '#libs/wire/operation.js';
import { audit } from '../audit/audit.js';
import { SignInService } from '../auth/sign-in.service.js';
import { Caller } from '../caller.js';
import { CloudInstallation, platform } from '../installation.js';
import { keepingAnAdmin } from '../roles/granting.js';
import { PasswordService } from './password.service.js';
import { type UserRow, userFields, userReply } from './user.js';
import { users } from './user.wire.js';

type Change = NonNullable<InputOf<typeof users.update>['body']>;

const superusers = { guarded: 'being an administrator of the installation' };
/** What only administrators of the installation decide about an account, their own included. */
const reserved = ['username', 'email', 'is_active', 'is_superuser', 'password_expired'] as const;

/** People's accounts. Service accounts belong to organizations, which manage them under their own paths. */
@Controller()
export class UserController {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly passwords: PasswordService,
    private readonly signIn: SignInService,
  ) {}

  @Operation(users.list, { guarded: 'reading the members of an organization, or of a trusted domain' })
  async list(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof users.list>) {
    const rows = await this.installation.prisma.tx(platform, async (tx) =>
      tx.cloudUser.findMany({
        where: {
          AND: [
            { organizationId: null },
            await this.#visible(tx, caller, query.email ?? null),
            {
              ...(query.email ? { email: normalizeEmail(query.email) } : {}),
              ...(query.username ? { username: query.username } : {}),
              ...(query.name ? { name: query.name } : {}),
              ...(query.is_active == null ? {} : { isActive: query.is_active }),
              ...(query.is_superuser == null ? {} : { isSuperuser: query.is_superuser }),
            },
          ],
        },
        select: userFields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      }),
    );
    return rows.map(userReply);
  }

  @Operation(users.create, superusers)
  async create(@CurrentCaller() caller: Caller, @Input() { query, body }: InputOf<typeof users.create>) {
    requireSuperuser(caller);
    const given = merged(body ?? {}, query);
    const address = given.email ?? (given.username?.includes('@') ? given.username : null);
    const email = address ? normalizeEmail(address) : null;
    const username = given.username ? (given.username.includes('@') ? normalizeEmail(given.username) : given.username.trim()) : email;
    if (!username) throw new Problem('unprocessable', "1 validation error:\n  ('query', 'username'): Field required", { shape: 'validation' });
    const name = given.name ?? null;
    const passwordHash = given.password ? await this.passwords.chosen(given.password, { username, email, name }) : null;
    const { row, key } = await this.installation.prisma.tx(platform, async (tx) => {
      await assertFree(tx, username, email, null);
      const made = await unique(username, () =>
        tx.cloudUser.create({
          data: {
            username,
            email,
            name,
            passwordHash,
            passwordExpired: given.password_expired ?? false,
            isSuperuser: given.is_superuser ?? false,
            ...(passwordHash ? { passwordChangedAt: this.installation.now() } : {}),
          },
          select: userFields,
        }),
      );
      await record(tx, caller, 'user.create', made, { is_superuser: made.isSuperuser });
      return { row: made, key: passwordHash ? null : await this.passwords.mintActivation(tx, made.id) };
    });
    return this.#withActivation(row, key);
  }

  @Operation(users.get, { guarded: 'oneself, or reading the members of an organization' })
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof users.get>) {
    const row = await this.installation.prisma.tx(platform, async (tx) =>
      tx.cloudUser.findFirst({ where: { AND: [{ id: path.user_id, organizationId: null }, await this.#visible(tx, caller, null)] }, select: userFields }),
    );
    if (!row) throw noAccount();
    return userReply(row);
  }

  @Operation(users.update, { guarded: 'oneself, or being an administrator of the installation' })
  async update(@CurrentCaller() caller: Caller, @Input() { path, query, body }: InputOf<typeof users.update>) {
    const change: Change = merged(body ?? {}, query);
    const before = await this.#find(caller, path.user_id);
    const isOwn = before.id === caller.id;
    const wanted = reserved.filter((field) => change[field] != null);
    if (!caller.isSuperuser && wanted.length > 0)
      throw new Problem('forbidden', `Only administrators of the installation change ${wanted.join(', ')} of an account.`);
    const passwordHash = change.password ? await this.#newPassword(caller, before, change, isOwn) : null;
    const email = change.email ? normalizeEmail(change.email) : undefined;
    const data = {
      ...(change.username == null ? {} : { username: change.username.includes('@') ? normalizeEmail(change.username) : change.username.trim() }),
      ...(email === undefined ? {} : { email, ...(email === before.email ? {} : { emailVerified: false }) }),
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.avatar_url === undefined ? {} : { avatarUrl: change.avatar_url }),
      ...(change.company === undefined ? {} : { company: change.company }),
      ...(change.job_title === undefined ? {} : { jobTitle: change.job_title }),
      ...(change.metadata == null ? {} : { metadata: change.metadata as Prisma.InputJsonObject }),
      ...(change.is_onboarded == null ? {} : { isOnboarded: change.is_onboarded }),
      ...(change.is_active == null ? {} : { isActive: change.is_active }),
      ...(change.is_superuser == null ? {} : { isSuperuser: change.is_superuser }),
      ...(change.password_expired == null ? {} : { passwordExpired: change.password_expired }),
    };
    const row = await this.installation.prisma.tx(platform, async (tx) => {
      await assertFree(tx, change.username ?? null, email ?? null, before.id);
      const work = async () => {
        if (passwordHash) await this.passwords.set(tx, before.id, passwordHash, change.password_expired ?? false);
        return unique(change.username ?? before.username, () =>
          tx.cloudUser.update({ where: { id: before.id }, data: { ...data, updated: this.installation.now() }, select: userFields }),
        );
      };
      const takesAway = change.is_active === false || change.is_superuser === false;
      const after = takesAway ? await this.#keepingAdmins(tx, before.id, work) : await work();
      const { metadata: _, ...shown } = data;
      if (Object.keys(data).length > 0) await record(tx, caller, 'user.update', after, shown);
      if (passwordHash) await record(tx, caller, 'user.change_password', after);
      return after;
    });
    return userReply(row);
  }

  @Operation(users.delete, superusers)
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof users.delete>) {
    const row = await this.#find(caller, path.user_id);
    requireSuperuser(caller);
    await this.installation.prisma.tx(platform, async (tx) => {
      await this.#keepingAdmins(tx, row.id, () => tx.cloudUser.delete({ where: { id: row.id }, select: { id: true } }));
      await record(tx, caller, 'user.delete', row);
    });
    return null;
  }

  /** A link with which somebody sets a password: the first, or one that was forgotten. The old one works until then. */
  @Operation(users.activation, superusers)
  async activation(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof users.activation>) {
    const row = await this.#find(caller, path.user_id);
    requireSuperuser(caller);
    const key = await this.installation.prisma.tx(platform, async (tx) => {
      await record(tx, caller, 'user.create_activation', row);
      return this.passwords.mintActivation(tx, row.id);
    });
    return this.#withActivation(row, key);
  }

  /** Oneself, and for administrators of the installation everybody; others do not exist. */
  async #find(caller: Caller, id: string): Promise<UserRow> {
    const isOpen = caller.isSuperuser || (caller.person?.id === id && !caller.person.isServiceAccount);
    const row = isOpen
      ? await this.installation.prisma.tx(platform, (tx) => tx.cloudUser.findFirst({ where: { id, organizationId: null }, select: userFields }))
      : null;
    if (row) return row;
    const seen = await this.installation.prisma.tx(platform, async (tx) =>
      tx.cloudUser.count({ where: { AND: [{ id, organizationId: null }, await this.#visible(tx, caller, null)] } }),
    );
    if (seen > 0 && !isOpen) throw new Problem('forbidden', 'Only administrators of the installation change the accounts of others.');
    throw noAccount();
  }

  /** Fellow members for those who may read members; and by their exact address, people of trusted domains for those who may add members. */
  async #visible(tx: PrismaTx, caller: Caller, email: string | null): Promise<Prisma.CloudUserWhereInput> {
    if (caller.isSuperuser) return {};
    const known = caller.machine ? [] : [...caller.knownOrganizations()];
    const readable = known.filter((id) => caller.within(id).can('read', 'member'));
    const joined = { organizationId: { in: readable } };
    const visible: Prisma.CloudUserWhereInput[] = [{ id: caller.id }, { roleAssignments: { some: joined } }, { teamMembers: { some: joined } }];
    const domain = email ? emailDomain(normalizeEmail(email)) : null;
    const growing = known.filter((id) => caller.within(id).can('create', 'member'));
    if (domain && (await tx.cloudOrganization.count({ where: { id: { in: growing }, deleted: null, trustedDomains: { has: domain } } })) > 0)
      visible.push({ email: normalizeEmail(email as string) });
    return { OR: visible };
  }

  async #newPassword(caller: Caller, before: UserRow, change: Change, isOwn: boolean): Promise<string> {
    if (isOwn) {
      // A session that somebody else got hold of must not be enough to keep the account.
      if (!change.old_password) throw new Problem('invalid', 'Send old_password to change your own password.');
      await this.signIn.check(before.username, change.old_password, caller.request);
    }
    return this.passwords.chosen(change.password as string, before);
  }

  /** Neither the installation nor an organization is left without an administrator. */
  async #keepingAdmins<T>(tx: PrismaTx, userId: string, change: () => Promise<T>): Promise<T> {
    const held = await tx.cloudRoleAssignment.findMany({
      where: {
        OR: [{ userId }, { team: { members: { some: { userId } } } }],
        role: { level: 'organization', systemManaged: true, name: 'Organization Admin' },
      },
      select: { organizationId: true },
      orderBy: { organizationId: 'asc' },
    });
    const organizationIds = [...new Set(held.map((one) => one.organizationId))];
    const guarded = organizationIds.reduceRight((inner, id) => () => keepingAnAdmin(tx, id, inner), change);
    await tx.$queryRaw`SELECT pg_advisory_xact_lock(${lockId}::bigint)::text`;
    const result = await guarded();
    if ((await tx.cloudUser.count({ where: { isSuperuser: true, isActive: true } })) === 0)
      throw new Problem('forbidden', 'This would leave the installation without an administrator. Make somebody else one first.');
    return result;
  }

  #withActivation(row: UserRow, key: string | null) {
    return {
      ...userReply(row),
      activation_token: key,
      activation_url: key && `${this.installation.cloudUrl}/activate?${new URLSearchParams({ key })}`,
    };
  }
}

/** Any number that nothing else uses for an advisory lock: changes that take administrators away take turns. */
const lockId = 7_203_115;

function requireSuperuser(caller: Caller): void {
  if (!caller.isSuperuser)
    throw new Problem('forbidden', 'Only administrators of the installation manage accounts. Invite people to your organization instead.');
}

function merged<T extends object>(body: T, query: object): T {
  return { ...body, ...Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) };
}

/** Names and addresses are both what people sign in with, so nobody is named like another's address. */
async function assertFree(tx: PrismaTx, username: string | null, email: string | null, self: string | null): Promise<void> {
  const names = [username, email].filter((name) => name !== null).map((name) => (name.includes('@') ? normalizeEmail(name) : name.trim()));
  if (names.length === 0) return;
  const found = await tx.cloudUser.findFirst({
    where: { organizationId: null, ...(self ? { id: { not: self } } : {}), OR: [{ username: { in: names } }, { email: { in: names } }] },
    select: { id: true },
  });
  if (found) throw taken(names[0] as string);
}

async function unique<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique') throw taken(name, error);
    throw error;
  }
}

function taken(name: string, cause?: unknown): Problem {
  return new Problem('exists', `There is already an account with the name or address '${name}'.`, { cause });
}

function noAccount(): Problem {
  return new Problem('not_found', 'There is no user with this id.');
}

function record(tx: PrismaTx, caller: Caller, action: string, row: UserRow, details: Prisma.InputJsonObject = {}): Promise<void> {
  return audit(tx, caller.actor, { action, target: { type: 'user', id: row.id, name: row.username }, details });
}
