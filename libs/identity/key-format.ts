import { crc32 } from 'node:zlib';
import { base62Length, fromBase62, toBase62 } from '#libs/crypto/base62.js';
import { randomToken } from '#libs/crypto/random.js';

const idLength = base62Length(16);
const secretLength = base62Length(32);
const checksumLength = base62Length(4);

/**
 * A key as people and machines hold it: `<prefix><id><secret><checksum>`, letters and digits only.
 * The id says which row to compare with; the checksum tells a typo or a made-up key apart before the database is asked, and lets scanners of leaked
 * secrets verify a find offline.
 */
export class KeyFormat {
  /** Matches keys of this kind inside other text. */
  readonly pattern: RegExp;

  constructor(readonly prefix: string) {
    this.pattern = new RegExp(`${prefix}[0-9A-Za-z]{${idLength + secretLength + checksumLength}}`, 'g');
  }

  /** A new key for the row `id` (a UUID), with 256 random bits. */
  mint(id: string): string {
    const body = `${this.prefix}${toBase62(Buffer.from(id.replaceAll('-', ''), 'hex'))}${randomToken(32)}`;
    return body + checksum(body);
  }

  /** The row that a key names; null when it is no key of this kind. */
  parse(key: string): { id: string } | null {
    if (!key.startsWith(this.prefix) || key.length !== this.prefix.length + idLength + secretLength + checksumLength) return null;
    const body = key.slice(0, -checksumLength);
    if (checksum(body) !== key.slice(-checksumLength)) return null;
    const bytes = fromBase62(key.slice(this.prefix.length, this.prefix.length + idLength), 16);
    return bytes ? { id: uuidOf(bytes) } : null;
  }
}

function checksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return toBase62(bytes);
}

function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Keys of people and of organizations' service accounts. Clients recognise them by this prefix. */
export const proKeys = new KeyFormat('ZENPROKEY_');
/** With which a self-hosted server reports to its workspace. */
export const enrollmentKeys = new KeyFormat('ZENWSKEY_');
/** In the link that an invitation is accepted with. */
export const invitationKeys = new KeyFormat('ZENINVITE_');
/** With which a new user sets the first password. */
export const activationKeys = new KeyFormat('ZENACTIVATE_');
