import type { TlsOptions } from '#libs/outbound/connect.js';
import { withoutEnd } from '#libs/text/trim.js';
import type { ConnectorClient, ConnectorProvider, ProviderContext } from './connector.js';
import { unauthorized } from './connector-error.js';
import { ask, optionalText } from './http.js';

/**
 * A Kubernetes cluster, reached at the server of its configuration. One request decides: who am I? `SelfSubjectReview` tells a wrong token
 * from a right one, which `/version`, open to everybody on most clusters, does not; older clusters are asked for `/version` with the
 * credentials. Sent by the guarded client: the official one opens its own connections to any address.
 */
export class KubernetesProvider implements ConnectorProvider {
  constructor(private readonly context: ProviderContext) {}

  canonicalResourceId(_resourceType: string, resourceId: string): string {
    return resourceId;
  }

  async defaultResourceId(): Promise<string> {
    return String(this.configuration.cluster_name);
  }

  async verify(_resourceType?: string, resourceId?: string): Promise<string[]> {
    const { environment } = this.context;
    const server = withoutEnd(String(this.configuration.server), '/');
    const base = /^https?:\/\//.test(server) ? server : `https://${server}`;
    const options = { headers: this.headers(), tls: this.tls(), ports: 'any', isPlainHttpAllowed: true } as const;
    let answer = await ask(environment, `${base}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
      ...options,
      method: 'POST',
      headers: { ...options.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
    });
    if (answer.status === 404 || answer.status === 403) answer = await ask(environment, `${base}/version`, options);
    if (answer.status < 200 || answer.status > 299)
      throw unauthorized(`the Kubernetes cluster at '${base}' refused the credentials (status ${answer.status}).`);
    return [resourceId ?? (await this.defaultResourceId())];
  }

  async client(resourceType: string, resourceId: string): Promise<ConnectorClient> {
    const { authMethod, expiresAt } = this.context.connector;
    return {
      connectorType: this.context.connectorType,
      authMethod,
      resourceType,
      resourceId,
      configuration: { ...this.configuration },
      expiresAt: expiresAt ?? undefined,
      isUnchanged: true,
    };
  }

  async close(): Promise<void> {}

  private get configuration() {
    return this.context.connector.configuration;
  }

  private headers(): Record<string, string> {
    const { username, password, token } = this.configuration;
    if (this.context.connector.authMethod === 'password') {
      return { authorization: `Basic ${Buffer.from(`${String(username)}:${String(password)}`).toString('base64')}` };
    }
    return optionalText(token) === undefined ? {} : { authorization: `Bearer ${String(token)}` };
  }

  private tls(): TlsOptions {
    const decoded = (name: string) => {
      const text = optionalText(this.configuration[name]);
      // Clients write both alphabets of base64.
      return text === undefined ? undefined : Buffer.from(text.replaceAll('-', '+').replaceAll('_', '/'), 'base64');
    };
    return {
      ca: decoded('certificate_authority'),
      cert: decoded('client_certificate'),
      key: decoded('client_key'),
      rejectUnauthorized: this.configuration.insecure !== true,
    };
  }
}
