import type { Db, Scope } from '#libs/database/db.js';
import { raw, type Sql, sql } from '#libs/database/sql.js';
import { type ApiKeyState, isApiKeyTokenValid, judgeApiKey } from '#libs/identity/api-key.rules.js';
import type { Clock } from '#libs/identity/clock.js';
import type { CloudClaims } from '#libs/identity/cloud-token.js';
import type { IdentityHashes } from '#libs/identity/hashes.js';
import { type CredentialBinding, NotAuthorized } from './control-plane.js';
import { type Holdings, holdings } from './grants.js';

/** What a person or machine came with. */
export type Credential = { type: 'session' | 'device' | 'api_key'; id: string; keyGeneration: number | null };

/** A person or an organization's service account, proven to be who they say, with all they hold. */
export type Person = {
  id: string;
  /** Of service accounts. */
  organizationId: string | null;
  username: string;
  email: string | null;
  name: string | null;
  avatarUrl: string | null;
  isServiceAccount: boolean;
  isSuperuser: boolean;
  oidcClaims: Record<string, unknown> | null;
  credential: Credential;
  /** When the credential ends by itself, in milliseconds; tokens made from it must not outlive it. */
  credentialEndsMs: number | null;
  held: Holdings;
};

type PersonRow = {
  id: string;
  organization_id: string | null;
  username: string;
  email: string | null;
  name: string | null;
  avatar_url: string | null;
  is_service_account: boolean;
  is_superuser: boolean;
  is_active: boolean;
  oidc_claims: string | null;
  tokens_valid_from: number | null;
  roles: string;
  shares: string;
};

type KeyRow = {
  hash: string;
  previous_hash: string | null;
  generation: number;
  active: boolean;
  retain_until: number | null;
  expires: number | null;
  used_recently: boolean;
};

type DeviceRow = { device_user_id: string | null; device_status: string; device_expires: number | null };
type SessionRow = { session_user_id: string; session_expires: number; session_revoked: boolean };

const person = raw(`u.id, u.organization_id, u.username, u.email, u.name, u.avatar_url, u.is_service_account, u.is_superuser, u.is_active, u.oidc_claims,
  extract(epoch FROM u.tokens_valid_from)::float8 AS tokens_valid_from`);
const millis = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;
const key = raw(`k.hash, k.previous_hash, k.generation, k.active, ${millis('k.retain_until')} AS retain_until, ${millis('k.expires')} AS expires,
  coalesce(k.last_login > (now() AT TIME ZONE 'utc') - interval '1 minute', false) AS used_recently`);
const device = raw(`d.user_id AS device_user_id, d.status AS device_status, ${millis('d.expires')} AS device_expires`);
const session = raw(`s.user_id AS session_user_id, ${millis('s.expires')} AS session_expires, s.revoked IS NOT NULL AS session_revoked`);

/**
 * Finds out who a credential belongs to, in one statement, and whether everything it rests on still stands: the account, and the key, device or session
 * it came from. Nothing is remembered between requests, so a revocation counts at once. Used by both applications.
 */
export class People {
  constructor(
    private readonly db: Db,
    private readonly hashes: IdentityHashes,
    private readonly clock: Clock,
  ) {}

  /** The holder of a `ZENPROKEY_…`. @throws NotAuthorized */
  async byKey(scope: Scope, presented: { id: string; key: string }): Promise<Person> {
    const [row] = await this.db.read<PersonRow & KeyRow>(
      scope,
      sql`SELECT ${person}, ${holdings}, ${key} FROM cloud.api_key k JOIN cloud."user" u ON u.id = k.user_id WHERE k.id = ${presented.id}`,
    );
    const verdict = row ? judgeApiKey(this.hashes.proKey, stateOf(row), presented.key, this.clock()) : null;
    if (!row || !verdict || (!verdict.accepted && verdict.because === 'mismatch')) throw new NotAuthorized('credential', 'The API key is not valid.');
    if (!verdict.accepted) throw new NotAuthorized('credential', verdict.because === 'expired' ? 'The API key has expired.' : 'The API key is not active.');
    // Once a minute is precise enough for people and spares a write per request.
    if (!row.used_recently) await this.db.read(scope, sql`UPDATE cloud.api_key SET last_login = (now() AT TIME ZONE 'utc') WHERE id = ${presented.id}`);
    return this.#personOf(row, { type: 'api_key', id: presented.id, keyGeneration: verdict.generation }, row.expires, null);
  }

  /** The holder of a token whose signature is right. @throws NotAuthorized */
  async byClaims(scope: Scope, claims: Exclude<CloudClaims, { typ: 'workspace' }>): Promise<Person> {
    const { joined, columns, credential } = origin(claims);
    const [row] = await this.db.read<PersonRow & Partial<KeyRow & DeviceRow & SessionRow>>(
      scope,
      sql`SELECT ${person}, ${holdings}, ${columns} FROM cloud."user" u ${joined} WHERE u.id = ${claims.sub}`,
    );
    if (!row) throw new NotAuthorized('credential', 'The account of this token does not exist.');
    const ends = this.#standing(row, credential);
    if (!ends) throw new NotAuthorized('credential', 'What this token was issued for (a session, device or API key) has been revoked or has expired.');
    return this.#personOf(row, credential, ends.endsMs, claims.iat);
  }

  /** What somebody else holds, for questions about them; null when there is no such active account in the scope. */
  async holdingsOf(scope: Scope, userId: string): Promise<(Holdings & { isSuperuser: boolean }) | null> {
    const [row] = await this.db.read<{ is_superuser: boolean; roles: string; shares: string }>(
      scope,
      sql`SELECT u.is_superuser, ${holdings} FROM cloud."user" u WHERE u.id = ${userId} AND u.is_active`,
    );
    return row ? { isSuperuser: row.is_superuser, roles: JSON.parse(row.roles), shares: JSON.parse(row.shares) } : null;
  }

  #standing(row: Partial<KeyRow & DeviceRow & SessionRow> & { id: string }, credential: Credential): { endsMs: number | null } | null {
    const nowMs = this.clock();
    const isLeft = (endsMs: number | null) => endsMs === null || nowMs < endsMs;
    switch (credential.type) {
      case 'api_key':
        return row.hash !== undefined && row.hash !== null && isApiKeyTokenValid(stateOf(row as KeyRow), credential.keyGeneration ?? undefined, nowMs)
          ? { endsMs: (row as KeyRow).expires }
          : null;
      case 'device':
        return row.device_status === 'active' && row.device_user_id === row.id && isLeft(row.device_expires ?? null)
          ? { endsMs: row.device_expires ?? null }
          : null;
      case 'session':
        return row.session_user_id === row.id && !row.session_revoked && isLeft(row.session_expires as number)
          ? { endsMs: row.session_expires as number }
          : null;
    }
  }

  #personOf(row: PersonRow, credential: Credential, credentialEndsMs: number | null, issuedAtSeconds: number | null): Person {
    if (!row.is_active) throw new NotAuthorized('credential', 'The account is not active.');
    if (issuedAtSeconds !== null && row.tokens_valid_from !== null && issuedAtSeconds < row.tokens_valid_from)
      throw new NotAuthorized('credential', 'Everything was signed out of this account after the token was issued. Log in again.');
    return {
      id: row.id,
      organizationId: row.organization_id,
      username: row.username,
      email: row.email,
      name: row.name,
      avatarUrl: row.avatar_url,
      isServiceAccount: row.is_service_account,
      isSuperuser: row.is_superuser,
      oidcClaims: row.oidc_claims === null ? null : JSON.parse(row.oidc_claims),
      credential,
      credentialEndsMs,
      held: { roles: JSON.parse(row.roles), shares: JSON.parse(row.shares) },
    };
  }
}

/** What to copy into a token made from this one, so that revoking the first ends the second. */
export function bindingOf(credential: Credential): CredentialBinding {
  switch (credential.type) {
    case 'api_key':
      return { apiKeyId: credential.id, ...(credential.keyGeneration === null ? {} : { keyGeneration: credential.keyGeneration }) };
    case 'device':
      return { deviceId: credential.id };
    case 'session':
      return { sessionId: credential.id };
  }
}

function stateOf(row: KeyRow): ApiKeyState {
  return {
    hash: row.hash,
    previousHash: row.previous_hash,
    retainUntilMs: row.retain_until,
    generation: row.generation,
    isActive: row.active,
    expiresAtMs: row.expires,
  };
}

/** What a token rests on: the row to look at besides the account. */
function origin(claims: Exclude<CloudClaims, { typ: 'workspace' }>): { joined: Sql; columns: Sql; credential: Credential } {
  if ('api_key_id' in claims && claims.api_key_id) {
    return {
      joined: sql`LEFT JOIN cloud.api_key k ON k.id = ${claims.api_key_id} AND k.user_id = u.id`,
      columns: key,
      credential: { type: 'api_key', id: claims.api_key_id, keyGeneration: claims.key_gen ?? null },
    };
  }
  if ('device_id' in claims && claims.device_id) {
    return {
      joined: sql`LEFT JOIN cloud.device d ON d.id = ${claims.device_id}`,
      columns: device,
      credential: { type: 'device', id: claims.device_id, keyGeneration: null },
    };
  }
  if ('session_id' in claims && claims.session_id) {
    return {
      joined: sql`LEFT JOIN cloud.session s ON s.id = ${claims.session_id}`,
      columns: session,
      credential: { type: 'session', id: claims.session_id, keyGeneration: null },
    };
  }
  throw new NotAuthorized('credential', 'The token names nothing that it was issued for.');
}
