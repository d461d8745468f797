import { type GuardedFetchOptions, type GuardedResponse, guardedFetch } from '#libs/outbound/guarded-fetch.js';
import { OutboundError } from '#libs/outbound/outbound-error.js';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import type { SecretStore, SecretValues } from './secret-store.js';
import { checkedId, checkedValues, notFound, SecretStoreError } from './secret-store-error.js';

export type VaultSecretStoreOptions = {
  /** For example `https://vault.internal:8200`. */
  address: string;
  /** Vault Enterprise and HCP only. */
  namespace?: string;
  /** Of the KV version 2 secrets engine. Default `secret`. */
  mountPoint?: string;
  auth: { method: 'token'; token: string } | { method: 'app_role'; roleId: string; secretId: string; mountPoint?: string };
  /** Kept beside the values; secrets of other deployments are not ours. */
  deploymentId: string;
  /** Default `zenml`: the secret `<id>` lives at `zenml/<id>`, where the real server keeps it, so that a store can be taken over from it. */
  prefix?: string;
  policy?: OutboundPolicy;
  timeoutMs?: number;
  now?: () => number;
};

const VALUES_KEY = 'zenml_secret_values';
const METADATA_KEY = 'zenml_secret_metadata';

/** HashiCorp Vault (and OpenBao, which speaks the same API) with a KV version 2 engine, over its HTTP API. */
export function openVaultSecretStore(options: VaultSecretStoreOptions): SecretStore {
  return new VaultSecretStore(options);
}

class VaultSecretStore implements SecretStore {
  private readonly mount: string;
  private readonly prefix: string;
  private readonly now: () => number;
  /** From a log-in; a given token is used as it is. `staleAt` leaves a fifth of the lease as a margin. */
  private session?: { token: string; staleAt: number };
  private loggingIn?: Promise<string>;

  constructor(private readonly options: VaultSecretStoreOptions) {
    this.mount = pathOf(options.mountPoint ?? 'secret');
    this.prefix = pathOf(options.prefix ?? 'zenml');
    this.now = options.now ?? Date.now;
  }

  async put(id: string, values: SecretValues): Promise<void> {
    const secretId = checkedId(id);
    // Check-and-set against the version that was seen: nobody's secret is overwritten, not even one that appears just now.
    for (let attempt = 0; ; attempt++) {
      const version = await this.versionOf(secretId);
      const data = { [VALUES_KEY]: values, [METADATA_KEY]: { zenml: this.options.deploymentId, zenml_secret_id: secretId } };
      const answer = await this.request('POST', `${this.mount}/data/${this.prefix}/${secretId}`, { options: { cas: version }, data });
      if (answer.status === 200) return this.pruneVersions(secretId);
      const isConflict = answer.status === 400 && /check-and-set/.test(answer.text());
      if (!isConflict || attempt >= 3) throw refused(answer, `store the secret '${id}'`);
    }
  }

  async get(id: string): Promise<SecretValues> {
    const secretId = checkedId(id);
    const found = await this.read(secretId);
    if (!found || found.deployment !== this.options.deploymentId) throw notFound(id);
    return checkedValues(found.values, id);
  }

  async remove(id: string): Promise<void> {
    const secretId = checkedId(id);
    await this.get(id);
    const answer = await this.request('DELETE', `${this.mount}/metadata/${this.prefix}/${secretId}`);
    if (answer.status !== 204 && answer.status !== 200) throw refused(answer, `remove the secret '${id}'`);
  }

  async *list(): AsyncIterable<string> {
    const answer = await this.request('GET', `${this.mount}/metadata/${this.prefix}?list=true`);
    if (answer.status === 404) return;
    if (answer.status !== 200) throw refused(answer, 'list secrets');
    const keys = field(answer.json(), 'data', 'keys');
    for (const key of Array.isArray(keys) ? keys : []) {
      if (typeof key !== 'string' || key.endsWith('/')) continue;
      const found = await this.read(key);
      if (found?.deployment === this.options.deploymentId) yield key;
    }
  }

  async close(): Promise<void> {
    this.session = undefined;
  }

  private async read(id: string): Promise<{ values: unknown; deployment: unknown; version: number } | undefined> {
    const answer = await this.request('GET', `${this.mount}/data/${this.prefix}/${id}`);
    // A removed version answers 404 with a body, a secret that never was without one.
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refused(answer, `read the secret '${id}'`);
    const body = answer.json();
    const data = field(body, 'data', 'data');
    const isOurs = field(data, METADATA_KEY, 'zenml_secret_id') === id;
    const version = field(body, 'data', 'metadata', 'version');
    return { values: field(data, VALUES_KEY), deployment: isOurs ? field(data, METADATA_KEY, 'zenml') : undefined, version: Number(version ?? 0) };
  }

  /** The version to replace, 0 for none. Throws `invalid` for a secret of somebody else. */
  private async versionOf(id: string): Promise<number> {
    const found = await this.read(id);
    if (found && found.deployment !== this.options.deploymentId)
      throw new SecretStoreError('invalid', `Another deployment keeps a secret '${id}' in the same Vault.`);
    if (found) return found.version;
    const answer = await this.request('GET', `${this.mount}/metadata/${this.prefix}/${id}`);
    if (answer.status === 404) return 0;
    if (answer.status === 403) return 0;
    if (answer.status !== 200) throw refused(answer, `read the secret '${id}'`);
    return Number(field(answer.json(), 'data', 'current_version') ?? 0);
  }

  /** Vault keeps old versions; replaced values should be gone. Not allowed to? Then the engine's own setting decides. */
  private async pruneVersions(id: string): Promise<void> {
    await this.request('POST', `${this.mount}/metadata/${this.prefix}/${id}`, { max_versions: 1 });
  }

  private async request(method: GuardedFetchOptions['method'], path: string, body?: unknown): Promise<GuardedResponse> {
    const answer = await this.send(method, path, await this.token(), body);
    if (answer.status !== 403 || this.options.auth.method === 'token' || this.session === undefined) return answer;
    // The token may have been revoked before its time; a fresh one tells that from a missing right.
    this.session = undefined;
    return this.send(method, path, await this.token(), body);
  }

  private async token(): Promise<string> {
    const { auth } = this.options;
    if (auth.method === 'token') return auth.token;
    if (this.session && this.session.staleAt > this.now()) return this.session.token;
    this.loggingIn ??= this.logIn(auth).finally(() => {
      this.loggingIn = undefined;
    });
    return this.loggingIn;
  }

  private async logIn(auth: Extract<VaultSecretStoreOptions['auth'], { method: 'app_role' }>): Promise<string> {
    const answer = await this.send('POST', `auth/${pathOf(auth.mountPoint ?? 'approle')}/login`, undefined, { role_id: auth.roleId, secret_id: auth.secretId });
    const token = answer.status === 200 ? field(answer.json(), 'auth', 'client_token') : undefined;
    if (typeof token !== 'string')
      throw answer.status === 400 ? new SecretStoreError('forbidden', 'Vault refused the role id or secret id.') : refused(answer, 'log in');
    const seconds = Number(field(answer.json(), 'auth', 'lease_duration') ?? 0);
    this.session = { token, staleAt: seconds > 0 ? this.now() + seconds * 800 : Number.POSITIVE_INFINITY };
    return token;
  }

  private async send(method: GuardedFetchOptions['method'], path: string, token: string | undefined, body?: unknown): Promise<GuardedResponse> {
    const { address, namespace, policy = OutboundPolicy.publicOnly, timeoutMs = 10_000 } = this.options;
    try {
      return await guardedFetch(`${address.replace(/\/+$/, '')}/v1/${path}`, {
        method,
        headers: {
          'x-vault-request': 'true',
          ...(token !== undefined && { 'x-vault-token': token }),
          ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        policy,
        timeoutMs,
        ports: 'any',
        isPlainHttpAllowed: true,
        // Standby nodes answer 307 with the active node's address.
        maxRedirects: 2,
      });
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      throw new SecretStoreError(error.kind === 'forbidden' ? 'forbidden' : 'unavailable', `Vault cannot be contacted: ${error.message}`, { cause: error });
    }
  }
}

function refused(answer: GuardedResponse, what: string): SecretStoreError {
  let errors = '';
  try {
    const list = field(answer.json(), 'errors');
    errors = Array.isArray(list) ? list.map(String).join('; ').slice(0, 200) : '';
  } catch {
    // Whatever stands in front of Vault answered in its own words.
  }
  const text = `Vault refused to ${what}: status ${answer.status}${errors === '' ? '' : `, ${errors}`}.`;
  if (answer.status === 403 || answer.status === 401) return new SecretStoreError('forbidden', text);
  if (answer.status === 429 || answer.status >= 500) return new SecretStoreError('unavailable', text);
  return new SecretStoreError('invalid', text);
}

function field(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (current, key) => (current !== null && typeof current === 'object' ? (current as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** Mount points and prefixes come from configuration; each segment is encoded and none may climb. */
function pathOf(text: string): string {
  const segments = text.split('/').filter((segment) => segment !== '');
  if (segments.length === 0 || segments.includes('..') || segments.includes('.')) throw new SecretStoreError('invalid', `'${text}' is not a path in Vault.`);
  return segments.map(encodeURIComponent).join('/');
}
