import { Controller, Inject } from '@nestjs/common';
import type { Action } from '#libs/access/vocabulary.js';
import { databaseFault } from '#libs/database/errors.js';
import type { PrismaTx } from '#libs/database/prisma.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { InputOf } from '#libs/wire/operation.js';
import { parseUuid } from '#libs/wire/types.js';
import { ApiKeyService, type KeyHolder } from '../api-keys/api-key.service.js';
import { audit } from '../audit/audit.js';
import { Caller, noOrganization } from '../caller.js';
import { CloudInstallation, platform, within } from '../installation.js';
import { assignBuiltIn, findOrganization } from '../organizations/organization.service.js';
import { assertMayGrant, assertMayHandle } from '../roles/granting.js';
import { type UserRow, userFields, userReply } from '../users/user.js';
import { serviceAccounts } from './service-account.wire.js';

type Place = { organization_id: string };
type Account = Place & { service_account_id: string };

const on = (action: Action) => ({ action, on: 'member' }) as const;

/** Machines of an organization and their keys. They are members like people, so whoever manages members manages them. */
@Controller()
export class ServiceAccountController {
  constructor(
    @Inject(CloudInstallation) private readonly installation: CloudInstallation,
    private readonly keys: ApiKeyService,
  ) {}

  @Operation(serviceAccounts.list, on('read'))
  async list(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof serviceAccounts.list>) {
    const organizationId = await this.#organization(caller, path, 'read');
    const username = query.username ?? query.name;
    const rows = await this.installation.prisma.tx(within(organizationId), (tx) =>
      tx.cloudUser.findMany({
        where: { organizationId, ...(username ? { username } : {}), ...(query.is_active == null ? {} : { isActive: query.is_active }) },
        select: userFields,
        orderBy: [{ created: 'asc' }, { id: 'asc' }],
        skip: query.offset,
        take: query.limit,
      }),
    );
    return rows.map(userReply);
  }

  @Operation(serviceAccounts.create, on('create'))
  async create(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof serviceAccounts.create>) {
    const organizationId = await this.#organization(caller, path, 'create');
    const username = body.username ?? body.name;
    if (!username) throw new Problem('unprocessable', "1 validation error:\n  ('body', 'username'): Field required", { shape: 'validation' });
    const row = await this.installation.prisma.tx(within(organizationId), async (tx) => {
      const made = await writeNamed(username, () =>
        tx.cloudUser.create({
          data: { organizationId, username, name: body.name ?? null, description: body.description ?? null, isServiceAccount: true },
          select: userFields,
        }),
      );
      if (body.role_id) await this.#assign(tx, caller, organizationId, made.id, body.role_id);
      else await assignBuiltIn(tx, { organizationId, userId: made.id, level: 'organization', role: 'Organization Member', createdBy: caller.id });
      await this.#audit(tx, caller, 'service_account.create', made, { role_id: body.role_id ?? null });
      return made;
    });
    return userReply(row);
  }

  @Operation(serviceAccounts.get, on('read'))
  async get(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof serviceAccounts.get>) {
    return userReply(await this.#account(caller, path, 'read'));
  }

  @Operation(serviceAccounts.update, on('update'))
  async update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof serviceAccounts.update>) {
    const before = await this.#handled(caller, path, 'update');
    const isActive = body.is_active ?? body.active;
    const data = {
      ...(body.username == null ? {} : { username: body.username }),
      ...(body.name === undefined ? {} : { name: body.name }),
      ...(body.description === undefined ? {} : { description: body.description }),
      ...(isActive == null ? {} : { isActive }),
    };
    const row = await this.installation.prisma.tx(within(before.organizationId as string), async (tx) => {
      const after = await writeNamed(body.username ?? before.username, () =>
        tx.cloudUser.update({ where: { id: before.id }, data: { ...data, updated: this.installation.now() }, select: userFields }),
      );
      await this.#audit(tx, caller, 'service_account.update', after, data);
      return after;
    });
    return userReply(row);
  }

  @Operation(serviceAccounts.delete, on('delete'))
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof serviceAccounts.delete>) {
    const row = await this.#handled(caller, path, 'delete');
    await this.installation.prisma.tx(within(row.organizationId as string), async (tx) => {
      await tx.cloudUser.delete({ where: { id: row.id }, select: { id: true } });
      await this.#audit(tx, caller, 'service_account.delete', row);
    });
    return null;
  }

  @Operation(serviceAccounts.keys.list, on('read'))
  async listKeys(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof serviceAccounts.keys.list>) {
    return this.keys.list(holderOf(await this.#account(caller, path, 'read')), query);
  }

  @Operation(serviceAccounts.keys.create, on('update'))
  async createKey(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof serviceAccounts.keys.create>) {
    return this.keys.create(caller, holderOf(await this.#handled(caller, path, 'update')), body);
  }

  @Operation(serviceAccounts.keys.get, on('read'))
  async getKey(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof serviceAccounts.keys.get>) {
    return this.keys.get(holderOf(await this.#account(caller, path, 'read')), path.api_key_id);
  }

  @Operation(serviceAccounts.keys.update, on('update'))
  async updateKey(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof serviceAccounts.keys.update>) {
    return this.keys.update(caller, holderOf(await this.#handled(caller, path, 'update')), path.api_key_id, body);
  }

  @Operation(serviceAccounts.keys.rotate, on('update'))
  async rotateKey(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof serviceAccounts.keys.rotate>) {
    return this.keys.rotate(caller, holderOf(await this.#handled(caller, path, 'update')), path.api_key_id, body?.retain_period_minutes ?? 0);
  }

  @Operation(serviceAccounts.keys.rotate_by_post, on('update'))
  async rotateKeyByPost(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof serviceAccounts.keys.rotate_by_post>) {
    return this.keys.rotate(caller, holderOf(await this.#handled(caller, path, 'update')), path.api_key_id, body?.retain_period_minutes ?? 0);
  }

  @Operation(serviceAccounts.keys.delete, on('update'))
  async deleteKey(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof serviceAccounts.keys.delete>) {
    return this.keys.delete(caller, holderOf(await this.#handled(caller, path, 'update')), path.api_key_id);
  }

  async #organization(caller: Caller, { organization_id: idOrName }: Place, action: Action): Promise<string> {
    const { id } = await this.installation.prisma.tx(platform, (tx) => findOrganization(tx, idOrName));
    if (!caller.mayKnow(id)) throw noOrganization();
    caller.require(action, 'member', id);
    return id;
  }

  async #account(caller: Caller, path: Account, action: Action): Promise<UserRow> {
    const organizationId = await this.#organization(caller, path, action);
    const id = parseUuid(path.service_account_id);
    const row = await this.installation.prisma.tx(within(organizationId), (tx) =>
      tx.cloudUser.findFirst({
        where: { organizationId, isServiceAccount: true, ...(id ? { id } : { username: path.service_account_id }) },
        select: userFields,
      }),
    );
    if (!row) throw new Problem('not_found', `There is no service account '${path.service_account_id}' in this organization.`);
    return row;
  }

  /** An account to be changed, or a key of it: only by those who may do all that it may, so that nobody takes it over or away from those who can more. */
  async #handled(caller: Caller, path: Account, action: Action): Promise<UserRow> {
    const row = await this.#account(caller, path, action);
    const organizationId = row.organizationId as string;
    await this.installation.prisma.tx(within(organizationId), (tx) => assertMayHandle(tx, caller, organizationId, { userId: row.id }));
    return row;
  }

  async #assign(tx: PrismaTx, caller: Caller, organizationId: string, userId: string, roleId: string): Promise<void> {
    const role = await tx.cloudRole.findFirst({ where: { id: roleId, organizationId }, select: { level: true, name: true, permissions: true } });
    if (!role) throw new Problem('not_found', 'There is no role with this id in the organization.');
    if (role.level !== 'organization')
      throw new Problem('invalid', 'The initial role must be one of the organization; assign roles of workspaces and projects afterwards.');
    assertMayGrant(caller, role, { organizationId, workspaceId: null, projectId: null });
    await tx.cloudRoleAssignment.create({ data: { organizationId, roleId, userId, createdBy: caller.person?.id ?? null }, select: { id: true } });
  }

  #audit(tx: PrismaTx, caller: Caller, action: string, row: UserRow, details: Record<string, string | boolean | null> = {}): Promise<void> {
    return audit(tx, caller.actor, {
      action,
      organizationId: row.organizationId,
      target: { type: 'service_account', id: row.id, name: row.username },
      details,
    });
  }
}

function holderOf(row: UserRow): KeyHolder {
  const organizationId = row.organizationId as string;
  return { userId: row.id, username: row.username, organizationId, scope: within(organizationId) };
}

async function writeNamed<T>(username: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (databaseFault(error)?.kind === 'unique')
      throw new Problem('exists', `There is already a service account named '${username}' in this organization.`, { cause: error });
    throw error;
  }
}
