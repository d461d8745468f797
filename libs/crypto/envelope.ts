import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { keyIdOf, type MasterKeys } from './master-key.js';

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;

/** Where a sealed text is stored. It is authenticated with the text, so a stored value cannot be moved to another row, column, table or workspace. */
export type Place = { workspaceId: string | null; table: string; column: string; id: string };

/** A sealed text does not open: it was damaged, moved from its place, or sealed under a key that is not here. */
export class SealBroken extends Error {}

/** Seals with its first key and opens with any of them. AES-256-GCM; random nonces are safe up to 2³² texts under one key (NIST SP 800-38D). */
export class Sealer {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #current: { id: string; key: KeyObject };

  /** The current key first. */
  constructor(keys: readonly { id: string; key: KeyObject }[]) {
    const current = keys[0];
    if (!current) throw new SealBroken('There is no key to seal with.');
    this.#current = current;
    this.#keys = new Map(keys.map(({ id, key }) => [id, key]));
  }

  /** `v1.<key id>.<base64url of nonce, ciphertext and tag>` */
  seal(text: string, place: Place): string {
    const { id, key } = this.#current;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(associatedData(id, place));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${version}.${id}.${sealed.toString('base64url')}`;
  }

  open(sealed: string, place: Place): string {
    const [format, id, payload, ...rest] = sealed.split('.');
    if (format !== version || !id || !payload || rest.length > 0) throw new SealBroken(`The stored value of ${nameOf(place)} is not in a known format.`);
    const key = this.#keys.get(id);
    if (!key) throw new SealBroken(`The stored value of ${nameOf(place)} was sealed under key ${id}, which is not configured.`);
    const bytes = Buffer.from(payload, 'base64url');
    if (bytes.length < nonceBytes + tagBytes) throw new SealBroken(`The stored value of ${nameOf(place)} is cut short.`);
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(associatedData(id, place));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8');
    } catch (error) {
      throw new SealBroken(`The stored value of ${nameOf(place)} does not open: damaged, moved from its place, or of another key.`, { cause: error });
    }
  }

  /** Whether a sealed text is under the current key; one that is not should be sealed anew. */
  isCurrent(sealed: string): boolean {
    return sealed.startsWith(`${version}.${this.#current.id}.`);
  }
}

/** For secrets of the installation itself, such as a sign-in provider's client secret: sealed under a key derived from the master key. */
export function platformSealer(master: MasterKeys): Sealer {
  return sealerFor(master, 'platform-data');
}

/** A new data key for a workspace, wrapped by the master key: what the database stores. Without the row the workspace's secrets are gone for good. */
export function createDataKey(master: MasterKeys, workspaceId: string): string {
  return wrappingSealer(master).seal(randomBytes(32).toString('base64'), wrappingPlace(workspaceId));
}

/** Seals and opens the secrets of one workspace. `wrapped` are its data keys as stored, the newest first. */
export function workspaceSealer(master: MasterKeys, workspaceId: string, wrapped: readonly string[]): Sealer {
  const wrapping = wrappingSealer(master);
  return new Sealer(
    wrapped.map((each) => {
      const key = Buffer.from(wrapping.open(each, wrappingPlace(workspaceId)), 'base64');
      return { id: keyIdOf(key), key: createSecretKey(key) };
    }),
  );
}

/** The same data key wrapped by the current master key; the same text if it already is. */
export function rewrapDataKey(master: MasterKeys, workspaceId: string, wrapped: string): string {
  const wrapping = wrappingSealer(master);
  return wrapping.isCurrent(wrapped) ? wrapped : wrapping.seal(wrapping.open(wrapped, wrappingPlace(workspaceId)), wrappingPlace(workspaceId));
}

function wrappingSealer(master: MasterKeys): Sealer {
  return sealerFor(master, 'data-key-wrapping');
}

function sealerFor(master: MasterKeys, purpose: string): Sealer {
  return new Sealer(master.ids.map((id) => ({ id, key: master.derive(purpose, id) })));
}

function wrappingPlace(workspaceId: string): Place {
  return { workspaceId, table: 'workspace_data_key', column: 'wrapped', id: workspaceId };
}

// A JSON array, because joining with a separator would let "a|b" + "c" equal "a" + "b|c".
function associatedData(keyId: string, place: Place): Buffer {
  return Buffer.from(JSON.stringify([version, keyId, place.workspaceId, place.table, place.column, place.id]));
}

function nameOf(place: Place): string {
  return `${place.table}.${place.column} (${place.id})`;
}
