import { Controller } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { column, resource } from '#libs/resource/resource.js';
import { ResourceStore } from '#libs/resource/store.js';
import { ServiceAccountFilter } from '#libs/wire/filters.js';
import type { InputOf } from '#libs/wire/operation.js';
import { apiKeys } from '#libs/wire/operations/api-keys.js';
import { assertAdmin, assertLocalMachines } from './administration.js';
import { assertOwnsNothing } from './user.js';

/** Machines that sign in with API keys. They share a table with people, so that either can own resources. */
export const serviceAccount = resource({
  name: 'service account',
  table: 'user',
  access: 'service_account',
  body: { full_name: 'full_name', active: 'active', avatar_url: 'avatar_url' },
  metadata: { description: (t) => sql`coalesce(${column(t, 'description')}, '')`, external_user_id: 'external_user_id' },
  resources: false,
  filter: ServiceAccountFilter,
  where: (t) => sql`${t}.is_service_account`,
  nullKeeps: ['name', 'full_name', 'description', 'active', 'avatar_url'],
  conflict: ({ name }) => `There is already a service account named '${name}'.`,
});

@Controller()
export class ServiceAccountController {
  constructor(private readonly store: ResourceStore) {}

  @Operation(apiKeys.list_service_accounts, { action: 'read', on: 'service_account' })
  list(@CurrentCaller() caller: Caller, @Input() input: InputOf<typeof apiKeys.list_service_accounts>) {
    return this.store.list(caller, serviceAccount, input);
  }

  @Operation(apiKeys.get_service_account, { action: 'read', on: 'service_account' })
  get(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof apiKeys.get_service_account>) {
    return this.store.getByNameOrId(caller, serviceAccount, path.service_account_name_or_id, { hydrate: query.hydrate });
  }

  @Operation(apiKeys.create_service_account, { action: 'create', on: 'service_account', also: 'administrators in a stand-alone workspace' })
  create(@CurrentCaller() caller: Caller, @Input() { body }: InputOf<typeof apiKeys.create_service_account>) {
    assertLocalMachines(caller);
    assertAdmin(caller, 'create service accounts');
    return this.store.create(caller, serviceAccount, body, {
      description: body.description ?? '',
      is_service_account: true,
      is_admin: false,
      email_opted_in: false,
    });
  }

  @Operation(apiKeys.update_service_account, { action: 'update', on: 'service_account', also: 'administrators in a stand-alone workspace' })
  update(@CurrentCaller() caller: Caller, @Input() { path, body }: InputOf<typeof apiKeys.update_service_account>) {
    if (!isOnlyStatus(body)) assertLocalMachines(caller);
    return this.store.write(caller, async (tx) => {
      const id = await this.store.idOf(tx, caller, serviceAccount, path.service_account_name_or_id);
      await this.#assertOwn(tx, caller, id, 'update');
      await this.store.updateFrom(tx, caller, serviceAccount, id, body);
      return this.store.get(caller, serviceAccount, id, { action: 'update' }, tx);
    });
  }

  @Operation(apiKeys.delete_service_account, { action: 'delete', on: 'service_account', also: 'administrators in a stand-alone workspace' })
  delete(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof apiKeys.delete_service_account>) {
    return this.store.write(caller, async (tx) => {
      const id = await this.store.idOf(tx, caller, serviceAccount, path.service_account_name_or_id);
      await this.#assertOwn(tx, caller, id, 'delete');
      await assertOwnsNothing(tx, caller, id);
      await this.store.deleteRow(tx, caller, serviceAccount, id);
      return null;
    });
  }

  /** Accounts that the control plane made are changed there. @throws Problem 403, 404 */
  async #assertOwn(tx: Parameters<ResourceStore['row']>[0], caller: Caller, id: string, action: 'update' | 'delete'): Promise<void> {
    const row = await this.store.row<{ external_user_id: string | null }>(tx, caller, serviceAccount, id, null, { columns: ['external_user_id'], lock: true });
    if (row.external_user_id !== null) throw new Problem('forbidden', `This service account comes from the control plane; ${action} it there.`);
    assertAdmin(caller, `${action} service accounts`);
    await this.store.row(tx, caller, serviceAccount, id, action, { columns: ['id'] });
  }
}

/** Whether a request changes nothing but whether something is active: allowed even where the control plane manages machines. */
export function isOnlyStatus(body: object): boolean {
  const sent = Object.entries(body).filter(([, value]) => value != null);
  return sent.length === 1 && sent[0]?.[0] === 'active';
}
