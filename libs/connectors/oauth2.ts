import type { ConnectorClient, ConnectorProvider, ProviderContext } from './connector.js';
import { unauthorized } from './connector-error.js';
import { ask, jsonOf, optionalText } from './http.js';

/** An HTTP API behind OAuth 2: client credentials and refresh tokens are exchanged here, so that clients get access tokens only. */
export class OAuth2Provider implements ConnectorProvider {
  private held?: { token: string; expiresAt?: Date };

  constructor(private readonly context: ProviderContext) {}

  canonicalResourceId(_resourceType: string, resourceId: string): string {
    return resourceId;
  }

  async defaultResourceId(): Promise<string> {
    return String(this.configuration.api_url);
  }

  async verify(_resourceType?: string, resourceId?: string): Promise<string[]> {
    if (this.context.connector.authMethod !== 'token') await this.token();
    return resourceId === undefined ? [] : [resourceId];
  }

  async client(resourceType: string, resourceId: string): Promise<ConnectorClient> {
    const { token, expiresAt } = await this.token();
    return {
      connectorType: this.context.connectorType,
      authMethod: 'token',
      resourceType,
      resourceId,
      configuration: { api_url: this.configuration.api_url, access_token: token },
      expiresAt,
    };
  }

  async close(): Promise<void> {}

  private get configuration() {
    return this.context.connector.configuration;
  }

  private async token(): Promise<{ token: string; expiresAt?: Date }> {
    const { connector } = this.context;
    if (connector.authMethod === 'token') return { token: String(this.configuration.access_token), expiresAt: connector.expiresAt ?? undefined };
    this.held ??= await this.exchange();
    return this.held;
  }

  /** RFC 6749, §4.4 and §6; the client authenticates as §2.3.1 says, in the header or in the body. */
  private async exchange(): Promise<{ token: string; expiresAt?: Date }> {
    const { configuration, context } = this;
    const clientId = String(configuration.client_id);
    const clientSecret = optionalText(configuration.client_secret);
    const isInBody = configuration.client_auth_method === 'client_secret_post' || clientSecret === undefined;
    const form: Record<string, string> =
      context.connector.authMethod === 'client-credentials'
        ? { grant_type: 'client_credentials', ...(optionalText(configuration.audience) && { audience: String(configuration.audience) }) }
        : { grant_type: 'refresh_token', refresh_token: String(configuration.refresh_token) };
    if (isInBody) Object.assign(form, { client_id: clientId }, clientSecret !== undefined && { client_secret: clientSecret });
    if (optionalText(configuration.scope)) form.scope = String(configuration.scope);
    Object.assign(form, stringsOf(configuration.token_params));
    const url = String(configuration.token_url);
    const answer = await ask(context.environment, url, {
      method: 'POST',
      ports: 'any',
      headers: {
        ...stringsOf(configuration.token_headers),
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...(!isInBody && { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` }),
      },
      body: new URLSearchParams(form).toString(),
    });
    const body = jsonOf(answer);
    const { access_token: token, token_type: type, expires_in: expiresIn, error } = body;
    if (answer.status >= 400)
      throw unauthorized(`'${url}' refused to issue a token: status ${answer.status}${typeof error === 'string' ? `, ${error.slice(0, 100)}` : ''}.`);
    if (typeof token !== 'string') throw unauthorized(`'${url}' answered without an access token.`);
    if (type !== undefined && type !== null && String(type).toLowerCase() !== 'bearer')
      throw unauthorized(`'${url}' issued a token of type '${String(type).slice(0, 50)}'; only bearer tokens can be used.`);
    const seconds = Number(expiresIn);
    const now = (context.environment.now ?? Date.now)();
    return {
      token,
      expiresAt: expiresIn !== undefined && expiresIn !== null && Number.isFinite(seconds) ? new Date(now + Math.trunc(seconds) * 1000) : undefined,
    };
  }
}

function stringsOf(value: unknown): Record<string, string> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
