import { isAbsolute, posix } from 'node:path';
import { withoutEnds } from '#libs/text/trim.js';
import { StorageError } from './storage-error.js';

export type Scheme = 's3' | 'gs' | 'az';

/** A cloud store's root: everything below `prefix` in `bucket` (Azure calls it a container). */
export type CloudRoot = {
  scheme: Scheme;
  /** As configured: `abfs://` and `az://` name the same thing, and answers keep the spelling. */
  spelling: string;
  bucket: string;
  /** Azure only, from `abfs://container@account.dfs.core.windows.net/…`. */
  account?: string;
  /** Without slashes at either end; may be empty. */
  prefix: string;
  uri: string;
};

const SPELLINGS: Record<string, Scheme> = { s3: 's3', gs: 'gs', az: 'az', abfs: 'az', abfss: 'az' };
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{0,220}$/;

/** Reads the `path` of an artifact store component. Throws `unsupported` when it is not a path of that kind of store. */
export function parseRoot(scheme: Scheme, path: string): CloudRoot {
  // Shells leave quotes in registered paths; the client strips them too.
  const text = withoutEnds(path.trim(), '\'"`');
  const parts = splitUri(text);
  if (!parts || SPELLINGS[parts.spelling] !== scheme) {
    throw new StorageError('unsupported', `The artifact store's path '${path}' does not start with ${schemesOf(scheme)}.`);
  }
  const { bucket, account } = splitAuthority(scheme, parts.authority);
  if (!BUCKET.test(bucket)) throw new StorageError('unsupported', `The artifact store's path '${path}' does not name a bucket.`);
  const prefix = withoutEnds(parts.path, '/');
  assertPlainSegments(prefix, text);
  return {
    scheme,
    spelling: parts.spelling,
    bucket,
    account,
    prefix,
    uri: `${parts.spelling}://${parts.authority}${prefix === '' ? '' : `/${prefix}`}`,
  };
}

/**
 * The key of `uri` in the root's bucket. Throws `outside_root` for another bucket or prefix and for segments that something between us and
 * the store might resolve (`..`, also percent-encoded), so the answer is always the prefix itself or below it.
 */
export function keyOf(root: CloudRoot, uri: string): string {
  // Clients on Windows record their separators; the real server replaces them as well.
  const text = uri.replaceAll('\\', '/');
  const parts = splitUri(text);
  if (!parts || SPELLINGS[parts.spelling] !== root.scheme) throw outsideRoot(uri, root.uri);
  const { bucket, account } = splitAuthority(root.scheme, parts.authority);
  const isSameAccount = account === undefined || root.account === undefined || account === root.account;
  if (bucket !== root.bucket || !isSameAccount) throw outsideRoot(uri, root.uri);
  const key = withoutEnds(parts.path, '/');
  assertPlainSegments(key, uri);
  if (root.prefix !== '' && key !== root.prefix && !key.startsWith(`${root.prefix}/`)) throw outsideRoot(uri, root.uri);
  return key;
}

export function uriOf(root: CloudRoot, key: string): string {
  const below = root.prefix === '' ? key : key.slice(root.prefix.length + 1);
  return below === '' ? root.uri : `${root.uri}/${below}`;
}

/** An absolute local path without `.`, `..` and doubled slashes. Throws `outside_root` for anything that is not written that plainly. */
export function plainLocalPath(path: string, root: string): string {
  if (!isAbsolute(path) || path.includes('\0')) throw outsideRoot(path, root);
  if (path.split('/').includes('..')) throw outsideRoot(path, root);
  const normal = posix.normalize(path);
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal;
}

export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith('/') ? root : `${root}/`);
}

export function outsideRoot(uri: string, root: string): StorageError {
  const hint = isAbsolute(root) ? " Of local artifact stores the server can open those in its own folder only, not a client's." : '';
  return new StorageError('outside_root', `'${uri}' is outside of the artifact store '${root}'.${hint}`);
}

function splitUri(text: string): { spelling: string; authority: string; path: string } | undefined {
  const match = /^([a-z0-9]+):\/\/([^/?#]+)(\/.*)?$/s.exec(text);
  if (!match) return undefined;
  return { spelling: match[1] ?? '', authority: match[2] ?? '', path: match[3] ?? '' };
}

function splitAuthority(scheme: Scheme, authority: string): { bucket: string; account?: string } {
  const at = scheme === 'az' ? /^([^@]+)@([a-z0-9]{3,24})\.(?:dfs|blob)\.core\.windows\.net$/.exec(authority) : null;
  return at ? { bucket: at[1] ?? '', account: at[2] } : { bucket: authority };
}

function assertPlainSegments(key: string, uri: string): void {
  // Object keys are taken literally by the stores, but a URL on the way is not: `..` and its encodings are normalised there.
  const spellings = [key];
  for (let round = 0; round < 3; round++) {
    try {
      spellings.push(decodeURIComponent(spellings[round] ?? ''));
    } catch {
      break;
    }
  }
  const isSuspicious = spellings.some((text) => text.includes('\0') || text.split(/[/\\]/).some((segment) => segment === '..' || segment === '.'));
  if (isSuspicious) throw new StorageError('outside_root', `'${uri}' contains path segments such as '..', which could leave the artifact store.`);
}

function schemesOf(scheme: Scheme): string {
  return Object.entries(SPELLINGS)
    .filter(([, value]) => value === scheme)
    .map(([spelling]) => `${spelling}://`)
    .join(' or ');
}
