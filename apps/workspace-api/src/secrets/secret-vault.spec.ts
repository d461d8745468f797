import { randomBytes, randomUUID } from 'node:crypto';
import { createDataKey, workspaceSealer } from '#libs/crypto/envelope.js';
import { MasterKeys } from '#libs/crypto/master-key.js';
import type { SecretStore, SecretValues } from '#libs/secret-stores/secret-store.js';
import { SecretStoreError } from '#libs/secret-stores/secret-store-error.js';
import { SecretVault } from './secret-vault.js';

/** A store that keeps values in memory and can be out of reach. */
class MemoryStore implements SecretStore {
  readonly kept = new Map<string, SecretValues>();
  isDown = false;

  async put(id: string, values: SecretValues) {
    this.#reach();
    this.kept.set(id, values);
  }
  async get(id: string) {
    this.#reach();
    const values = this.kept.get(id);
    if (!values) throw new SecretStoreError('not_found', 'none');
    return values;
  }
  async remove(id: string) {
    this.#reach();
    if (!this.kept.delete(id)) throw new SecretStoreError('not_found', 'none');
  }
  async *list() {
    yield* this.kept.keys();
  }
  async close() {}
  #reach() {
    if (this.isDown) throw new SecretStoreError('unavailable', 'down');
  }
}

const workspaceId = randomUUID();
const master = new MasterKeys([randomBytes(32)]);
const sealer = workspaceSealer(master, workspaceId, [createDataKey(master, workspaceId)]);
const sealers = { of: async () => sealer };

describe('the vault', () => {
  let [primary, backup] = [new MemoryStore(), new MemoryStore()];
  beforeEach(() => ([primary, backup] = [new MemoryStore(), new MemoryStore()]));
  const outside = () => new SecretVault(sealers as never, { primary: async () => primary, backup: async () => backup }); // a sealer is all it asks for
  const inside = () => new SecretVault(sealers as never, {});
  const id = randomUUID();
  const written = async (columns: Map<string, string | null>) => columns.get(id) ?? null;

  it('seals values into the row where there is no store outside', async () => {
    const values = await inside().around(workspaceId, [{ id, before: null, after: { a: '1' } }], written);
    expect(values).toMatch(/^v1\./);
    expect(await inside().read(workspaceId, { id, values })).toEqual({ a: '1' });
  });

  it('refuses a sealed value that was moved to another row', async () => {
    const values = await inside().seal(workspaceId, randomUUID(), { a: '1' });
    await expect(inside().read(workspaceId, { id, values })).rejects.toMatchObject({ status: 503 });
  });

  it('keeps nothing in the row where there is one, and backs it up', async () => {
    expect(await outside().around(workspaceId, [{ id, before: null, after: { a: '1' } }], written)).toBeNull();
    expect([primary.kept.get(id), backup.kept.get(id)]).toEqual([{ a: '1' }, { a: '1' }]);
  });

  it('takes values back when the row cannot be written', async () => {
    const failing = async () => {
      throw new Error('conflict');
    };
    await expect(outside().around(workspaceId, [{ id, before: null, after: { a: '1' } }], failing)).rejects.toThrow('conflict');
    expect(primary.kept.size).toBe(0);
    primary.kept.set(id, { a: 'old' });
    await expect(outside().around(workspaceId, [{ id, before: { a: 'old' }, after: { a: 'new' } }], failing)).rejects.toThrow('conflict');
    expect(primary.kept.get(id)).toEqual({ a: 'old' });
  });

  it('removes values only after their row is gone', async () => {
    primary.kept.set(id, { a: '1' });
    const wasThere = await outside().around(workspaceId, [{ id, before: null, after: null }], async () => primary.kept.has(id));
    expect([wasThere, primary.kept.has(id)]).toEqual([true, false]);
  });

  it('forgets all of a workspace that is no more', async () => {
    for (const store of [primary, backup]) for (const one of [randomUUID(), randomUUID()]) store.kept.set(one, { a: '1' });
    await outside().forgetWorkspace(workspaceId);
    expect([primary.kept.size, backup.kept.size]).toEqual([0, 0]);
  });

  it('reads the backup when the store does not answer, and gives back what it has lost', async () => {
    backup.kept.set(id, { a: '1' });
    primary.isDown = true;
    expect(await outside().read(workspaceId, { id, values: null })).toEqual({ a: '1' });
    primary.isDown = false;
    expect(await outside().read(workspaceId, { id, values: null })).toEqual({ a: '1' });
    expect(primary.kept.get(id)).toEqual({ a: '1' });
  });

  it('still reads what was sealed in the row before a store was named', async () => {
    const values = await inside().seal(workspaceId, id, { a: '1' });
    expect(await outside().read(workspaceId, { id, values })).toEqual({ a: '1' });
  });

  it('says 503 and nothing about the store when neither answers', async () => {
    primary.isDown = true;
    await expect(outside().read(workspaceId, { id, values: null })).rejects.toMatchObject({ status: 503, message: expect.not.stringContaining('down') });
  });
});
