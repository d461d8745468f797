import { Problem } from '#libs/http/problem.js';
import { proKeys } from '#libs/identity/key-format.js';
import { parseUuid } from '#libs/wire/types.js';

export type LoginForm = {
  grant_type?: string | null | undefined;
  username?: string | null | undefined;
  password?: string | null | undefined;
  client_id?: string | null | undefined;
  client_secret?: string | null | undefined;
  device_code?: string | null | undefined;
};

export type Grant =
  | { kind: 'device'; clientId: string; deviceCode: string }
  | { kind: 'key'; key: string }
  | { kind: 'machine'; workspaceId: string; secret: string }
  | { kind: 'password'; username: string; password: string };

export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
/** Clients spell the grant of API keys with underscores and with hyphens. */
const keyGrants = ['zenml_api_key', 'zenml-api-key'];

/** What a log-in asks for. Clients that send a key leave the grant type out, and some send it empty. @throws Problem 400 */
export function grantOf(form: LoginForm): Grant {
  const type = form.grant_type || null;
  if (type !== null && ![deviceGrant, ...keyGrants, 'client_credentials', 'password'].includes(type))
    throw invalid(`The grant type '${type}' is not supported.`);
  if (type === deviceGrant || (type === null && form.device_code)) {
    const clientId = form.client_id ? parseUuid(form.client_id) : undefined;
    if (!clientId || !form.device_code) throw invalid('The device grant needs client_id (a UUID) and device_code.');
    return { kind: 'device', clientId, deviceCode: form.device_code };
  }
  if (type === 'client_credentials' || (type === null && form.client_secret)) {
    if (!form.client_secret) throw invalid('The grant client_credentials needs client_id and client_secret.');
    // Scripts that know only client credentials may log in with an API key, too.
    if (form.client_secret.startsWith(proKeys.prefix)) return { kind: 'key', key: form.client_secret };
    const workspaceId = form.client_id ? parseUuid(form.client_id) : undefined;
    if (!workspaceId) throw invalid('The grant client_credentials needs a workspace id as client_id, and an enrollment key as client_secret.');
    return { kind: 'machine', workspaceId, secret: form.client_secret };
  }
  if (keyGrants.includes(type ?? '') || (type === null && !form.username)) {
    if (!form.password) throw invalid('Send an API key as password, or another grant.');
    return { kind: 'key', key: form.password };
  }
  if (!form.username) throw invalid('The grant password needs username and password.');
  return { kind: 'password', username: form.username, password: form.password ?? '' };
}

function invalid(text: string): Problem {
  return new Problem('invalid', text);
}
