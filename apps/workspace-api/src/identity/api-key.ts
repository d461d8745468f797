import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import type { Runner } from '#libs/database/db.js';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { mintLocalKey } from '#libs/identity/local-key.js';
import type { Caller } from '#libs/resource/caller.js';
import { constant, toOne } from '#libs/resource/render.js';
import { column, resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { APIKeyFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { apiKeys } from '#libs/wire/operations/api-keys.js';
import { Installation } from '../installation.js';
import { assertAdmin, assertLocalMachines } from './administration.js';
import { bodyOf } from './one-time-reply.js';
import { isOnlyStatus, serviceAccount } from './service-account.js';

/** Keys of a service account. Their rights are those on the account; the clear text is in the reply that makes it and nowhere else. */
export const apiKey = resource({
  name: 'API key',
  table: 'api_key',
  access: null,
  body: { active: 'active', key: constant('null'), service_account: toOne(() => serviceAccount, 'service_account_id') },
  metadata: {
    description: (t) => sql`coalesce(${column(t, 'description')}, '')`,
    retain_period_minutes: 'retain_period',
    last_login: 'last_login',
    last_rotated: 'last_rotated',
  },
  resources: false,
  filter: APIKeyFilter,
  // The account is in the path, and that is the one that counts.
  filters: { service_account: () => null },
  nullKeeps: ['name', 'description', 'active'],
  conflict: ({ name }) => `There is already an API key named '${name}' in this service account.`,
});

const onAccount = { action: 'update', on: 'service_account', also: 'administrators in a stand-alone workspace' } as const;

@Controller()
export class ApiKeyController {
  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(apiKeys.list_api_keys, { action: 'read', on: 'service_account' })
  async list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof apiKeys.list_api_keys>) {
    const { service_account_id } = input.path;
    await this.store.row(this.store.reader(caller), caller, serviceAccount, service_account_id, 'read', { columns: ['id'] });
    return this.store.list(caller, apiKey, input, { where: (t) => sql`${t}.service_account_id = ${service_account_id}` });
  }

  @Operation(apiKeys.get_api_key, { action: 'read', on: 'service_account' })
  async get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof apiKeys.get_api_key>) {
    const reader = this.store.reader(caller);
    await this.store.row(reader, caller, serviceAccount, path.service_account_id, 'read', { columns: ['id'] });
    return this.store.get(caller, apiKey, await this.#idOf(reader, caller, path), { hydrate: query.hydrate });
  }

  @Operation(apiKeys.create_api_key, onAccount)
  create(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof apiKeys.create_api_key>) {
    assertLocalMachines(caller);
    const { id, key, wire } = mintLocalKey(randomUUID());
    return this.store.write(
      caller,
      async (tx) => {
        await this.#assertMutable(tx, caller, path.service_account_id, { isStatus: false });
        const values = { name: body.name, description: body.description ?? '', service_account_id: path.service_account_id };
        await this.store.insertRow(tx, caller, apiKey, { id, ...values, key: this.installation.hashes.localKey.of(key) });
        return bodyOf(await this.store.get(caller, apiKey, id, {}, tx), { key: wire });
      },
      { isSecret: true },
    );
  }

  @Operation(apiKeys.update_api_key, onAccount)
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof apiKeys.update_api_key>) {
    const isStatus = isOnlyStatus(body);
    if (!isStatus) assertLocalMachines(caller);
    return this.store.write(caller, async (tx) => {
      await this.#assertMutable(tx, caller, path.service_account_id, { isStatus });
      const id = await this.#idOf(tx, caller, path);
      await this.store.updateFrom(tx, caller, apiKey, id, body);
      return this.store.reply(caller, apiKey, id, tx);
    });
  }

  @Operation(apiKeys.rotate_api_key, onAccount)
  rotate(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof apiKeys.rotate_api_key>) {
    assertLocalMachines(caller);
    return this.store.write(
      caller,
      async (tx) => {
        await this.#assertMutable(tx, caller, path.service_account_id, { isStatus: false });
        const id = await this.#idOf(tx, caller, path);
        const { key, wire } = mintLocalKey(id);
        // One statement on the row, so that two rotations at once cannot both replace the same key.
        await this.store.updateRow(tx, caller, apiKey, id, {
          previous_key: sql`"key"`,
          key: this.installation.hashes.localKey.of(key),
          key_generation: sql`key_generation + 1`,
          retain_period: body.retain_period_minutes,
          last_rotated: sql`(now() AT TIME ZONE 'utc')`,
        });
        return bodyOf(await this.store.get(caller, apiKey, id, { hydrate: false }, tx), { key: wire });
      },
      { isSecret: true },
    );
  }

  @Operation(apiKeys.delete_api_key, onAccount)
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof apiKeys.delete_api_key>) {
    return this.store.write(caller, async (tx) => {
      await this.#assertMutable(tx, caller, path.service_account_id, { isStatus: true });
      await this.store.deleteRow(tx, caller, apiKey, await this.#idOf(tx, caller, path));
      return null;
    });
  }

  /** Keys of accounts that the control plane made can only be switched on and off, or be deleted. @throws Problem 403, 404 */
  async #assertMutable(runner: Runner, caller: Caller, accountId: string, { isStatus }: { isStatus: boolean }): Promise<void> {
    const account = await this.store.row<{ external_user_id: string | null }>(runner, caller, serviceAccount, accountId, null, {
      columns: ['external_user_id'],
    });
    if (account.external_user_id !== null && !isStatus)
      throw new Problem('forbidden', 'This service account comes from the control plane; its API keys are managed there.');
    assertAdmin(caller, 'manage API keys');
    await this.store.row(runner, caller, serviceAccount, accountId, 'update', { columns: ['id'] });
  }

  #idOf(runner: Runner, caller: Caller, path: { service_account_id: string; api_key_name_or_id: string }): Promise<string> {
    return this.store.idOf(runner, caller, apiKey, path.api_key_name_or_id, (t) => sql`${t}.service_account_id = ${path.service_account_id}`);
  }
}
