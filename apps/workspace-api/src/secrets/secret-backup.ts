import { Controller, Inject, Logger } from '@nestjs/common';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { Problem } from '#libs/http/problem.js';
import { recordChange } from '#libs/resource/audit.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { secrets } from '#libs/wire/operations/secrets.js';
import { assertAdmin } from '../identity/administration.js';
import { Installation } from '../installation.js';
import type { Sealed } from './secret-vault.js';

/** How many secrets are moved before the next ones are fetched. */
const batchSize = 100;

/** Moves the values of all secrets, those of connectors and webhooks included, between the store they are in and the backup store. */
@Controller()
export class SecretBackupController {
  readonly #log = new Logger('secrets');

  constructor(
    @Inject(Installation) private readonly installation: Installation,
    private readonly store: ResourceStore,
  ) {}

  @Operation(secrets.backup_secrets, { action: 'backup_restore', on: 'secret', also: 'administrators in a stand-alone workspace' })
  async backup(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof secrets.backup_secrets>) {
    const { vault } = this.installation;
    this.#assertAllowed(caller, 'back up');
    await recordChange(this.store.reader(caller), caller);
    return this.#each(caller, query.ignore_errors, async (row) => {
      const values = await vault.readPrimary(caller.workspaceId, row);
      await vault.putBackup(caller.workspaceId, row.id, values);
      if (!query.delete_secrets) return;
      await vault.removeFrom('primary', caller.workspaceId, row.id);
      await this.#keep(caller, row.id, null);
    });
  }

  @Operation(secrets.restore_secrets, { action: 'backup_restore', on: 'secret', also: 'administrators in a stand-alone workspace' })
  async restore(@CurrentCaller() caller: Caller, @Input() { query }: InputOf<typeof secrets.restore_secrets>) {
    const { vault } = this.installation;
    this.#assertAllowed(caller, 'restore');
    await recordChange(this.store.reader(caller), caller);
    return this.#each(caller, query.ignore_errors, async ({ id }) => {
      const values = await vault.readBackup(caller.workspaceId, id);
      await vault.putPrimary(caller.workspaceId, id, values);
      await this.#keep(caller, id, await vault.seal(caller.workspaceId, id, values));
      if (query.delete_secrets) await vault.removeFrom('backup', caller.workspaceId, id);
    });
  }

  #assertAllowed(caller: Caller, what: string): void {
    assertAdmin(caller, `${what} secrets`);
    caller.access.require('backup_restore', 'secret');
    if (!this.installation.vault.hasBackup)
      throw new Problem('not_implemented', `This server has no backup secrets store, so it cannot ${what} secrets. Its operator can configure one.`);
  }

  async #keep(caller: Caller, id: string, values: string | null): Promise<void> {
    await this.store.reader(caller).query(sql`UPDATE workspace.secret SET "values" = ${values} WHERE workspace_id = ${caller.workspaceId} AND id = ${id}`);
  }

  async #each(caller: Caller, isForgiving: boolean, work: (row: Sealed) => Promise<void>): Promise<null> {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await this.store
        .reader(caller)
        .query<Sealed>(
          sql`SELECT id, "values" FROM workspace.secret WHERE workspace_id = ${caller.workspaceId} AND id > ${after} ORDER BY id LIMIT ${batchSize}`,
        );
      for (const row of rows) {
        try {
          await work(row);
        } catch (error) {
          this.#log.warn({ err: error, secret: row.id }, 'a secret could not be moved between the stores');
          if (!isForgiving)
            throw new Problem('unavailable', `The secret ${row.id} could not be moved between the stores; those before it were.`, { cause: error });
        }
      }
      const last = rows.at(-1);
      if (!last || rows.length < batchSize) return null;
      after = last.id;
    }
  }
}
