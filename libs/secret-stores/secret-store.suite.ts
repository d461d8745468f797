import { randomUUID } from 'node:crypto';
import type { SecretStore } from './secret-store.js';
import { SecretStoreError, type SecretStoreErrorKind } from './secret-store-error.js';

export type SecretStoresUnderTest = {
  store: SecretStore;
  /** The same place, used by another deployment. */
  foreign: SecretStore;
};

/** What every adapter promises. `setup` runs once. */
export function describeSecretStore(name: string, setup: () => Promise<SecretStoresUnderTest>): void {
  describe(name, () => {
    let store: SecretStore;
    let foreign: SecretStore;
    beforeAll(async () => {
      ({ store, foreign } = await setup());
    }, 240_000);
    afterAll(() => Promise.all([store?.close(), foreign?.close()]));

    it('gives back what it was given, whatever the text', async () => {
      const id = randomUUID();
      const values = { plain: 'value', empty: '', 'key with space': 'ünï "quoted" \n\t\\', json: '{"a":1}', __proto: 'x', long: 'x'.repeat(20_000) };
      await store.put(id, values);
      expect(await store.get(id)).toEqual(values);
      expect(await store.get(id.toUpperCase())).toEqual(values);
    });

    it('keeps a secret without values', async () => {
      const id = randomUUID();
      await store.put(id, {});
      expect(await store.get(id)).toEqual({});
    });

    it('replaces all values', async () => {
      const id = randomUUID();
      await store.put(id, { a: '1', b: '2' });
      await store.put(id, { b: '3' });
      await store.put(id, { b: '4' });
      expect(await store.get(id)).toEqual({ b: '4' });
    });

    it('forgets a removed secret, and takes it again', async () => {
      const id = randomUUID();
      await store.put(id, { a: '1' });
      await store.remove(id);
      await expectKind('not_found', () => store.get(id));
      await expectKind('not_found', () => store.remove(id));
      await store.put(id, { a: '2' });
      expect(await store.get(id)).toEqual({ a: '2' });
    });

    it('says not_found for what is not there', async () => {
      await expectKind('not_found', () => store.get(randomUUID()));
      await expectKind('not_found', () => store.remove(randomUUID()));
    });

    it('takes nothing but UUIDs for ids', async () => {
      for (const id of ['', '../x', 'a/b', `${randomUUID()}/..`, 'zenml']) {
        await expectKind('invalid', () => store.put(id, {}));
        await expectKind('invalid', () => store.get(id));
        await expectKind('invalid', () => store.remove(id));
      }
    });

    it('keeps deployments apart that share a place', async () => {
      const id = randomUUID();
      await foreign.put(id, { a: 'theirs' });
      await expectKind('not_found', () => store.get(id));
      await expectKind('not_found', () => store.remove(id));
      await expect(store.put(id, { a: 'ours' })).rejects.toThrow(SecretStoreError);
      expect(await foreign.get(id)).toEqual({ a: 'theirs' });
    });

    it('lists its own secrets, removed ones and those of others excepted', async () => {
      const [kept, removed, theirs] = [randomUUID(), randomUUID(), randomUUID()];
      await store.put(kept, { a: '1' });
      await store.put(removed, { a: '1' });
      await foreign.put(theirs, { a: '1' });
      await store.remove(removed);
      const ids: string[] = [];
      for await (const id of store.list()) ids.push(id);
      expect(ids).toContain(kept);
      expect(ids).not.toContain(removed);
      expect(ids).not.toContain(theirs);
    });

    it('settles writes to one secret at the same time on one of them', async () => {
      const id = randomUUID();
      const written = Array.from({ length: 3 }, (_, index) => ({ a: String(index) }));
      await Promise.all(written.map((values) => store.put(id, values)));
      expect(written).toContainEqual(await store.get(id));
    });

    it('puts no value into an error', async () => {
      const id = randomUUID();
      await foreign.put(id, { a: 'theirs' });
      const error: unknown = await store.put(id, { a: 'do-not-show' }).catch((reason: unknown) => reason);
      const { message, cause } = error as SecretStoreError;
      expect(`${message} ${JSON.stringify(cause)}`).not.toMatch(/do-not-show|theirs/);
    });
  });
}

export async function expectKind(kind: SecretStoreErrorKind, work: () => Promise<unknown>): Promise<void> {
  const error: unknown = await work().then(
    () => 'no error',
    (reason: unknown) => reason,
  );
  expect(error instanceof SecretStoreError ? error.kind : error).toBe(kind);
}
