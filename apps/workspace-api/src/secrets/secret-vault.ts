import { Logger } from '@nestjs/common';
import { type Place, SealBroken } from '#libs/crypto/envelope.js';
import { Problem } from '#libs/http/problem.js';
import type { SecretStore, SecretValues } from '#libs/secret-stores/secret-store.js';
import { SecretStoreError } from '#libs/secret-stores/secret-store-error.js';
import type { Sealers } from './sealers.js';
import { assertValuesFit } from './secret-values.rules.js';

/** Opens the external store of one workspace; undefined where values stay in the database. */
export type OpenStore = (workspaceId: string) => Promise<SecretStore>;

export type SecretStores = { primary?: OpenStore; backup?: OpenStore };

/** Values of one secret before and after a write. Null: there is no such secret then. */
export type Change = { id: string; before: SecretValues | null; after: SecretValues | null };

/** The columns `values` to write, by the secret's id. */
export type Columns = Map<string, string | null>;

/** A secret's row as far as its values are concerned. */
export type Sealed = { id: string; values: string | null };

/** Connections to external stores that are kept open; one per workspace and store. */
const maxOpen = 200;

/**
 * Where the values of secrets are kept: sealed in their row, or in a store outside. A backup store, if there is one, follows every write as far as
 * it can and answers when the first one does not.
 */
export class SecretVault {
  readonly #log = new Logger('secrets');
  readonly #open = new Map<string, Promise<SecretStore>>();

  constructor(
    private readonly sealers: Sealers,
    private readonly stores: SecretStores,
  ) {}

  get hasBackup(): boolean {
    return this.stores.backup !== undefined;
  }

  /** @throws Problem 404 when a store outside lost the values, 503 when it does not answer */
  async read(workspaceId: string, row: Sealed): Promise<SecretValues> {
    try {
      return await this.readPrimary(workspaceId, row);
    } catch (error) {
      const backup = this.stores.backup ? await this.#fromBackup(workspaceId, row.id) : null;
      if (!backup) throw problemOf(error);
      // Whatever the first store lost it gets back; a store that is only out of reach keeps what it has.
      if (this.stores.primary && error instanceof SecretStoreError && error.kind === 'not_found')
        await this.#try('restore', () => this.#put(workspaceId, row.id, backup));
      return backup;
    }
  }

  /** The values in the first store alone. @throws SecretStoreError */
  async readPrimary(workspaceId: string, row: Sealed): Promise<SecretValues> {
    if (this.stores.primary && row.values === null) return (await this.#store('primary', workspaceId)).get(row.id);
    if (row.values === null) throw new SecretStoreError('not_found', `No values are stored for the secret '${row.id}'.`);
    return JSON.parse((await this.sealers.of(workspaceId)).open(row.values, placeOf(workspaceId, row.id)));
  }

  /**
   * Writes rows and values together. Stores outside are written first and put back when the rows cannot be written; what is to go from them goes
   * after. `write` gets what the rows hold, and is where the transaction is.
   */
  async around<T>(workspaceId: string, changes: readonly Change[], write: (columns: Columns) => Promise<T>): Promise<T> {
    const kept = changes.filter((change): change is Change & { after: SecretValues } => change.after !== null);
    for (const { after } of kept) assertValuesFit(after);
    const columns: Columns = new Map();
    const done: Change[] = [];
    let result: T;
    try {
      for (const change of kept) {
        columns.set(change.id, await this.seal(workspaceId, change.id, change.after));
        if (!this.stores.primary) continue;
        done.push(change);
        await this.#put(workspaceId, change.id, change.after);
      }
      result = await write(columns);
    } catch (error) {
      for (const { id, before } of done)
        await this.#try('take back', () => (before ? this.#put(workspaceId, id, before) : this.#remove('primary', workspaceId, id)));
      throw problemOf(error);
    }
    for (const { id, after } of changes) await this.#follow(workspaceId, id, after);
    return result;
  }

  /** What the row holds: sealed values, or nothing where a store outside keeps them. */
  async seal(workspaceId: string, id: string, values: SecretValues): Promise<string | null> {
    if (this.stores.primary) return null;
    return (await this.sealers.of(workspaceId)).seal(JSON.stringify(values), placeOf(workspaceId, id));
  }

  /** For moving values between the stores: sets or removes them in one of them. @throws SecretStoreError */
  async putBackup(workspaceId: string, id: string, values: SecretValues): Promise<void> {
    await (await this.#store('backup', workspaceId)).put(id, values);
  }

  async readBackup(workspaceId: string, id: string): Promise<SecretValues> {
    return (await this.#store('backup', workspaceId)).get(id);
  }

  async removeFrom(which: 'primary' | 'backup', workspaceId: string, id: string): Promise<void> {
    if (this.stores[which]) await this.#remove(which, workspaceId, id);
  }

  /** Into the store outside, if that is where values are. */
  async putPrimary(workspaceId: string, id: string, values: SecretValues): Promise<void> {
    if (this.stores.primary) await this.#put(workspaceId, id, values);
  }

  /** Removes whatever the stores outside still keep of a workspace that is no more. @throws SecretStoreError */
  async forgetWorkspace(workspaceId: string): Promise<void> {
    for (const which of ['primary', 'backup'] as const) {
      if (!this.stores[which]) continue;
      const ids: string[] = [];
      for await (const id of (await this.#store(which, workspaceId)).list()) ids.push(id);
      for (const id of ids) await this.#remove(which, workspaceId, id);
    }
  }

  async close(): Promise<void> {
    for (const store of this.#open.values()) await (await store).close();
    this.#open.clear();
  }

  /** Brings the backup, and removals, in line after the rows were written. The rows are right by now, so failures are only logged. */
  async #follow(workspaceId: string, id: string, after: SecretValues | null): Promise<void> {
    if (after) {
      if (this.stores.backup) await this.#try('back up', () => this.putBackup(workspaceId, id, after));
      return;
    }
    for (const which of ['primary', 'backup'] as const) if (this.stores[which]) await this.#try('remove', () => this.#remove(which, workspaceId, id));
  }

  async #fromBackup(workspaceId: string, id: string): Promise<SecretValues | null> {
    let values: SecretValues | null = null;
    await this.#try('read the backup of', async () => void (values = await this.readBackup(workspaceId, id)));
    return values;
  }

  async #put(workspaceId: string, id: string, values: SecretValues): Promise<void> {
    await (await this.#store('primary', workspaceId)).put(id, values);
  }

  async #remove(which: 'primary' | 'backup', workspaceId: string, id: string): Promise<void> {
    try {
      await (await this.#store(which, workspaceId)).remove(id);
    } catch (error) {
      if (!(error instanceof SecretStoreError && error.kind === 'not_found')) throw error;
    }
  }

  async #try(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#log.warn({ err: error }, `a secret store could not ${what} a secret`);
    }
  }

  #store(which: 'primary' | 'backup', workspaceId: string): Promise<SecretStore> {
    const key = `${which} ${workspaceId}`;
    const known = this.#open.get(key);
    if (known) return known;
    const open = this.stores[which] as OpenStore;
    if (this.#open.size >= maxOpen) this.#open.delete(this.#open.keys().next().value as string);
    const opened = open(workspaceId);
    this.#open.set(key, opened);
    opened.catch(() => this.#open.delete(key));
    return opened;
  }
}

function placeOf(workspaceId: string, id: string): Place {
  return { workspaceId, table: 'secret', column: 'values', id };
}

/** What a client hears of a store's trouble; the details are for the log. */
function problemOf(error: unknown): unknown {
  if (error instanceof SecretStoreError)
    return error.kind === 'not_found'
      ? new Problem('not_found', error.message, { cause: error })
      : new Problem('unavailable', 'The secrets store cannot be used at the moment. Ask the operator of this server.', { cause: error });
  if (error instanceof SealBroken)
    return new Problem('unavailable', 'The values of the secret cannot be opened with the keys of this server. Ask its operator.', { cause: error });
  return error;
}
