import { Controller, Inject } from '@nestjs/common';
import { randomHex } from '#libs/crypto/random.js';
import type { Runner, Tx } from '#libs/database/db.js';
import { join, raw, sql } from '#libs/database/sql.js';
import { tables } from '#libs/database/tables.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { credentialsNotValid, Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { uuidOf } from '#libs/resource/predicate.js';
import { constant, orEmpty } from '#libs/resource/render.js';
import { column, resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { UserFilter } from '#libs/wire/filters.js';
import type { UserUpdate } from '#libs/wire/models/user.js';
import type { InputOf } from '#libs/wire/operation.js';
import { users } from '#libs/wire/operations/users.js';
import { Installation } from '../installation.js';
import { assertAdmin, assertLocal, heldByControlPlane } from './administration.js';
import { bodyOf } from './one-time-reply.js';
import { provenCaller } from './principal.js';
import { activationFields, type OtherState, optIn, otherAccountChange, ownAccountChange } from './user.rules.js';

const metadata = {
  password_changed_at: constant('null'),
  email: constant('null'),
  external_user_id: 'external_user_id',
  user_metadata: orEmpty('user_metadata'),
  oidc_claims: orEmpty('oidc_claims'),
};

/** People, and machines where they stand in for people (the owner of a resource may be a service account). E-mail and password times are private. */
export const user = resource({
  name: 'user',
  table: 'user',
  access: null,
  body: {
    active: 'active',
    activation_token: constant('null'),
    full_name: 'full_name',
    email_opted_in: 'email_opted_in',
    is_service_account: 'is_service_account',
    is_admin: 'is_admin',
    default_project_id: 'default_project_id',
    avatar_url: 'avatar_url',
  },
  metadata,
  resources: false,
  filter: UserFilter,
  columns: { password: null, old_password: null, activation_token: null, is_admin: null, active: null, external_user_id: null, oidc_claims: null },
  nullKeeps: ['user_metadata'],
  conflict: ({ name }) => `There is already a user named '${name}'.`,
});

/** One's own record, private fields included. */
export const ownUser = { ...user, metadata: { ...metadata, password_changed_at: 'password_changed_at', email: 'email' } };

type Account = OtherState & { id: string; password: string | null; activation_token: string | null; is_service_account: boolean };

/** What a person owns and leaves behind. Devices, API keys and stored replies go with the account. */
const ownedTables = Object.entries(tables)
  .filter(([name, columns]) => 'user_id' in columns && !['auth_devices', 'api_transaction'].includes(name))
  .map(([name]) => name);

@Controller()
export class UserController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(users.list_users, { login: 'names of colleagues; in a stand-alone workspace others than administrators see themselves only' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof users.list_users>) {
    const isLimited = caller.identityMode === 'local' && !caller.isAdmin;
    return this.store.list(caller, user, input, {
      where: (t) => sql`NOT ${column(t, 'is_service_account')}${isLimited ? sql` AND ${t}.id = ${caller.userId}` : raw('')}`,
    });
  }

  @Operation(users.get_user, { guarded: 'administrators and oneself in a stand-alone workspace' })
  async get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof users.get_user>) {
    const { id } = await this.#account(this.store.reader(caller), caller, path.user_name_or_id);
    if (id !== caller.userId) assertAdmin(caller, 'see other users');
    return this.store.get(caller, user, id, { hydrate: query.hydrate });
  }

  @Operation(users.get_current_user, { login: "one's own record" })
  current(@CurrentCaller() caller: Caller) {
    return this.store.get(caller, ownUser, caller.userId);
  }

  @Operation(users.create_user, { guarded: 'administrators; the control plane manages people in Pro mode' })
  async create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof users.create_user>) {
    assertLocal(caller, 'People');
    assertAdmin(caller, 'create users');
    const token = body.password == null ? randomHex(32) : null;
    const password = body.password == null ? null : await this.installation.passwords.hash(body.password);
    const { name, full_name, is_admin, email, email_opted_in, avatar_url, external_user_id, user_metadata, oidc_claims } = body;
    return this.store.write(
      caller,
      async (tx) => {
        const id = await this.store.insertRow(tx, caller, user, {
          ...{ name, full_name, is_admin, email, email_opted_in, avatar_url, external_user_id, user_metadata, oidc_claims },
          is_service_account: false,
          active: token === null,
          password,
          ...(body.password ? passwordChangedAt(this.installation.options.clock()) : {}),
          activation_token: token === null ? null : this.installation.hashes.activation.of(token),
        });
        return bodyOf(await this.store.get(caller, user, id, {}, tx), { activation_token: token });
      },
      { isSecret: true },
    );
  }

  @Operation(users.update_user, { guarded: 'administrators, and oneself with the old password' })
  async update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof users.update_user>, @Http() { request }: HttpExchange) {
    const account = await this.#account(this.store.reader(caller), caller, path.user_name_or_id);
    const sent = caller.identityMode === 'pro' ? heldByControlPlane(body) : body;
    const isSelf = account.id === caller.userId;
    if (!isSelf) assertAdmin(caller, 'update other users');
    const change = otherAccountChange(account, sent, { isSelf, isAdmin: caller.isAdmin });
    if (account.is_service_account) throw notAUser(path.user_name_or_id);
    const password = sent.password == null ? null : await this.#newPassword(account, sent, request.ip);
    return this.#save(caller, account.id, { ...withoutPrivate(sent) }, { ...change, ...password });
  }

  @Operation(users.update_myself, { login: "one's own record; a new password needs the old one" })
  async updateCurrent(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof users.update_myself>, @Http() { request }: HttpExchange) {
    const sent = caller.identityMode === 'pro' ? heldByControlPlane(body) : body;
    const account = await this.#account(this.store.reader(caller), caller, caller.userId);
    const password = sent.password == null ? null : await this.#newPassword(account, sent, request.ip);
    if (account.is_service_account) throw notAUser(caller.userId);
    return this.#save(caller, caller.userId, sent, { ...optIn(ownAccountChange(sent)), ...password });
  }

  @Operation(users.email_opt_in_response, { login: "one's own record" })
  async optIn(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof users.email_opt_in_response>) {
    assertLocal(caller, 'People');
    await this.#account(this.store.reader(caller), caller, path.user_name_or_id);
    if (path.user_name_or_id !== caller.userId) throw new Problem('not_authorized', 'Nobody can answer the e-mail question for somebody else.');
    const { email = null, email_opted_in } = optIn({ email: body.email, email_opted_in: body.email_opted_in });
    return this.#save(caller, caller.userId, {}, { email, email_opted_in: email_opted_in ?? null });
  }

  @Operation(users.deactivate_user, { guarded: 'administrators; the control plane manages people in Pro mode' })
  async deactivate(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof users.deactivate_user>) {
    assertLocal(caller, 'People');
    const account = await this.#account(this.store.reader(caller), caller, path.user_name_or_id);
    if (account.id === caller.userId) throw new Problem('forbidden', 'You cannot deactivate yourself.');
    assertAdmin(caller, 'deactivate users');
    if (account.is_service_account) throw notAUser(path.user_name_or_id);
    const token = randomHex(32);
    return this.store.write(
      caller,
      async (tx) => {
        await this.store.updateRow(tx, caller, user, account.id, { active: false, activation_token: this.installation.hashes.activation.of(token) });
        return bodyOf(await this.store.get(caller, user, account.id, {}, tx), { activation_token: token });
      },
      { isSecret: true },
    );
  }

  @Operation(users.activate_user, { public: 'the activation token proves it' }, { limit: 'sign_in' })
  async activate(@Input() { path, body }: InputOf<typeof users.activate_user>, @Http() { request }: HttpExchange) {
    const tenant = await this.installation.tenants.of(request);
    const caller = provenCaller(tenant.id, request);
    if (tenant.identityMode === 'pro') throw new Problem('method_not_allowed', 'People of this workspace are managed in the control plane.');
    const account = await this.#account(this.store.reader(caller), caller, path.user_name_or_id);
    const isRight =
      account.activation_token !== null &&
      body.activation_token != null &&
      this.installation.hashes.activation.matches(body.activation_token, account.activation_token);
    if (!isRight || account.active || account.is_service_account) throw credentialsNotValid('The activation token is not valid for this user.');
    const password =
      body.password == null ? {} : { password: await this.installation.passwords.hash(body.password), ...passwordChangedAt(this.installation.options.clock()) };
    return this.#save(caller, account.id, activationFields(body), { ...optIn(ownAccountChange(body)), active: true, activation_token: null, ...password });
  }

  @Operation(users.delete_user, { guarded: 'administrators; the control plane manages people in Pro mode' })
  async delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof users.delete_user>) {
    assertLocal(caller, 'People');
    const account = await this.#account(this.store.reader(caller), caller, path.user_name_or_id);
    if (account.id === caller.userId) throw new Problem('forbidden', 'You cannot delete the account that you are signed in with. Sign in with another one.');
    assertAdmin(caller, 'delete users');
    if (account.is_service_account) throw notAUser(path.user_name_or_id);
    return this.store.write(caller, async (tx) => {
      if (account.is_admin) await assertAnotherAdmin(tx, caller, account.id);
      await assertOwnsNothing(tx, caller, account.id);
      await tx.query(sql`DELETE FROM workspace.auth_devices WHERE workspace_id = ${caller.workspaceId} AND user_id = ${account.id}`);
      await this.store.deleteRow(tx, caller, user, account.id);
      return null;
    });
  }

  async #save(caller: Caller, id: string, body: object, values: Record<string, unknown>) {
    return this.store.write(caller, async (tx) => {
      if (values.is_admin === false) await assertAnotherAdmin(tx, caller, id);
      await this.store.updateFrom(tx, caller, user, id, { ...body }, values);
      return this.store.reply(caller, user, id, tx);
    });
  }

  /** A password changes only for whoever knows the old one. @throws Problem 403, 429 */
  async #newPassword(account: Account, { password, old_password }: UserUpdate, address: string) {
    if (old_password == null) throw new Problem('forbidden', 'Send the current password as old_password when you change the password.');
    if (account.is_service_account) throw notAUser(account.id);
    const { failedAttempts, passwords } = this.installation;
    failedAttempts.assertAllowed(address);
    const { isValid } = await passwords.verify(account.password, old_password);
    if (!isValid) {
      failedAttempts.note(address);
      throw new Problem('forbidden', 'The current password is not right.');
    }
    return { password: await passwords.hash(password as string), ...passwordChangedAt(this.installation.options.clock()) };
  }

  /** A user by name, or any account by id. @throws Problem 404 */
  async #account(runner: Runner, caller: Caller, nameOrId: string): Promise<Account> {
    const id = uuidOf(nameOrId);
    const [row] = await runner.query<Account>(
      sql`SELECT id, active, is_admin, is_service_account, password, activation_token FROM workspace."user"
          WHERE workspace_id = ${caller.workspaceId} AND ${id ? sql`id = ${id}` : sql`name = ${nameOrId} AND NOT is_service_account`}`,
    );
    if (!row) throw notAUser(nameOrId);
    return row;
  }
}

/** By the clock that tokens are issued by: those from before a new password are refused to the millisecond. */
export function passwordChangedAt(nowMs: number) {
  return { password_changed_at: sql`to_timestamp(${nowMs / 1_000}::float8) AT TIME ZONE 'utc'` };
}

function notAUser(nameOrId: string): Problem {
  return new Problem('not_found', `No user with the ID or name '${nameOrId}' found.`);
}

/** E-mail and the answer about it are one's own business and change through /current-user. */
function withoutPrivate({ email: _email, email_opted_in: _optedIn, ...rest }: UserUpdate) {
  return rest;
}

/** Locks all administrators, so that two of them cannot demote each other at the same time. @throws Problem 403 */
async function assertAnotherAdmin(tx: Tx, caller: Caller, id: string): Promise<void> {
  const admins = await tx.query<{ id: string }>(
    sql`SELECT id FROM workspace."user" WHERE workspace_id = ${caller.workspaceId} AND is_admin ORDER BY id FOR UPDATE`,
  );
  if (!admins.some((admin) => admin.id !== id)) throw new Problem('forbidden', 'This is the only administrator. Make somebody else an administrator first.');
}

/** @throws Problem 403 */
export async function assertOwnsNothing(tx: Tx, caller: Caller, id: string): Promise<void> {
  const owns = ownedTables.map((name) => sql`EXISTS (SELECT 1 FROM workspace.${raw(name)} WHERE workspace_id = ${caller.workspaceId} AND user_id = ${id})`);
  const [row] = await tx.query<{ owns: boolean }>(sql`SELECT (${join(owns, ' OR ')}) AS owns`);
  if (row?.owns) throw new Problem('forbidden', 'The account owns resources and cannot be deleted. Delete them first, or deactivate the account instead.');
}
