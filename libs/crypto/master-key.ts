import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const keyBytes = 32;
/** Derived keys kept in memory; each workspace has a few, so this bounds what a visitor of many workspaces can make us hold. */
const maxDerived = 20_000;

/** The master key is missing, malformed, or not the one the data was written with. The text never contains key material. */
export class MasterKeyProblem extends Error {}

/**
 * The installation's master keys. The first one is current: it wraps, signs and hashes everything new. The others only open, verify and compare
 * what was made under them, so a key is rotated by putting a new one in front and taking the old one away once nothing uses it.
 * No master key is used directly: every purpose has its own key, derived by HKDF-SHA-256.
 */
export class MasterKeys {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #derived = new Map<string, KeyObject>();
  /** Eight hex letters that name the current key; derived from the key, so there is nothing to configure. */
  readonly currentId: string;

  constructor(keys: readonly Uint8Array[]) {
    const first = keys[0];
    if (!first) throw new MasterKeyProblem('There is no master key.');
    for (const key of keys) if (key.length !== keyBytes) throw new MasterKeyProblem(`A master key has ${keyBytes} bytes; one with ${key.length} was given.`);
    this.#keys = new Map(keys.map((key) => [keyIdOf(key), createSecretKey(key)]));
    this.currentId = keyIdOf(first);
  }

  /** Keys written as 64 hex letters or base64 of 32 bytes, separated by commas or white space, the current one first. */
  static parse(text: string): MasterKeys {
    return new MasterKeys(
      text
        .split(/[\s,]+/)
        .filter(Boolean)
        .map(parseKey),
    );
  }

  /** All key ids, the current one first. */
  get ids(): string[] {
    return [...this.#keys.keys()];
  }

  has(id: string): boolean {
    return this.#keys.has(id);
  }

  /** The 256-bit key for one purpose (`api-key`, `workspace-token:<id>`). Equal purpose and master key give an equal key. */
  derive(purpose: string, id: string = this.currentId): KeyObject {
    const name = `${id} ${purpose}`;
    const known = this.#derived.get(name);
    if (known) return known;
    const master = this.#keys.get(id);
    if (!master) throw new MasterKeyProblem(`Master key ${id} is not among the configured ones (${this.ids.join(', ')}).`);
    const derived = createSecretKey(expand(master, purpose, keyBytes));
    if (this.#derived.size >= maxDerived) this.#derived.delete(this.#derived.keys().next().value as string);
    this.#derived.set(name, derived);
    return derived;
  }

  toJSON(): string {
    return '[master keys]';
  }
}

/**
 * The master keys of this installation: those in `text` (the setting MASTER_KEY), else those in `file` (one a line, the current one first).
 * A missing file is made with a fresh key, readable by its owner only. Two processes starting at once end up with the same key.
 */
export function loadMasterKeys(source: { text?: string | undefined; file: string }): MasterKeys {
  if (source.text?.trim()) return MasterKeys.parse(source.text);
  const known = readKeyFile(source.file);
  if (known) return known;
  createKeyFile(source.file);
  const made = readKeyFile(source.file);
  if (!made) throw new MasterKeyProblem(`The master key file ${source.file} vanished while it was being made.`);
  return made;
}

/** Names a key without saying anything about it. Data keys are named in the same way. */
export function keyIdOf(key: Uint8Array): string {
  return expand(createSecretKey(key), 'key-id', 4).toString('hex');
}

function expand(key: KeyObject, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `zenml-open-control-plane/v1/${purpose}`, bytes));
}

function parseKey(text: string): Buffer {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[0-9a-z+/_-]{43}=?$/i.test(text)) return Buffer.from(text, 'base64');
  throw new MasterKeyProblem('A master key is 32 random bytes, written as 64 hex letters or as base64 (for example the output of: openssl rand -hex 32).');
}

function readKeyFile(file: string): MasterKeys | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new MasterKeyProblem(`The master key file ${file} cannot be read.`, { cause: error });
  }
  if (statSync(file).mode & 0o077) chmodSync(file, 0o600);
  return MasterKeys.parse(text);
}

// Written aside and then linked: the file appears whole or not at all, and never replaces one that another process has just made.
function createKeyFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, `${randomBytes(keyBytes).toString('hex')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
}
