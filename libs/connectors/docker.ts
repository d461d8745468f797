import { OutboundError } from '#libs/outbound/outbound-error.js';
import type { ConnectorClient, ConnectorProvider, ProviderContext } from './connector.js';
import { ConnectorError, unauthorized } from './connector-error.js';
import { ask, get, jsonOf, optionalText } from './http.js';

const RESOURCE_TYPE = 'docker-registry';
const DOCKER_HUB = 'docker.io';

/**
 * Docker and OCI registries. Logging in is the registry's own HTTP API: `GET /v2/`, and where that says so a token from the server it names
 * (basic and bearer challenges of the OCI distribution specification).
 * A registry that cannot be reached from here is taken as it is: it may well be reachable for the clients that will use it, and the real
 * server never asks.
 */
export class DockerProvider implements ConnectorProvider {
  constructor(private readonly context: ProviderContext) {}

  canonicalResourceId(_resourceType: string, resourceId: string): string {
    if (!/^(https?:\/\/)?[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*(:[0-9]+)?(\/.*)?$/.test(resourceId)) {
      throw new ConnectorError('invalid', `'${resourceId}' is not a container registry. Use docker.io or http[s]://host[:port][/<repository-name>].`);
    }
    const host = resourceId.replace(/^https?:\/\//, '').split('/')[0] ?? '';
    return host === `index.${DOCKER_HUB}` ? DOCKER_HUB : host;
  }

  async defaultResourceId(resourceType: string): Promise<string> {
    return this.canonicalResourceId(resourceType, optionalText(this.configuration.registry) ?? DOCKER_HUB);
  }

  async verify(_resourceType?: string, resourceId?: string): Promise<string[]> {
    const registry = resourceId ?? (await this.defaultResourceId(RESOURCE_TYPE));
    try {
      await this.logIn(registry);
    } catch (error) {
      if (!(error instanceof ConnectorError && error.cause instanceof OutboundError)) throw error;
    }
    return [registry];
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

  private async logIn(registry: string): Promise<void> {
    const { environment } = this.context;
    const isHttp = optionalText(this.configuration.registry)?.startsWith('http://') ?? false;
    const base = registry === DOCKER_HUB ? 'https://registry-1.docker.io' : `${isHttp ? 'http' : 'https'}://${registry}`;
    const options = { ports: 'any', isPlainHttpAllowed: isHttp } as const;
    const open = await ask(environment, `${base}/v2/`, options);
    if (open.status === 200) {
      // A registry that lets everybody read may still know the user; ours is wrong only if it says so.
      const known = await ask(environment, `${base}/v2/`, { ...options, headers: { authorization: this.basic } });
      if (known.status === 401 || known.status === 403) throw this.refused(registry, known.status);
      return;
    }
    const challenge = open.headers['www-authenticate'] ?? '';
    if (open.status !== 401) throw unauthorized(`'${registry}' does not answer like a container registry (status ${open.status}).`);
    if (/^basic/i.test(challenge)) {
      const answer = await ask(environment, `${base}/v2/`, { ...options, headers: { authorization: this.basic } });
      if (answer.status !== 200) throw this.refused(registry, answer.status);
      return;
    }
    const realm = /realm="([^"]+)"/i.exec(challenge)?.[1];
    if (!/^bearer/i.test(challenge) || realm === undefined) throw unauthorized(`'${registry}' asks for a way to log in that is not known here.`);
    const service = /service="([^"]+)"/i.exec(challenge)?.[1];
    const url = new URL(realm);
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('account', String(this.configuration.username));
    const answer = await ask(environment, url.href, { ...options, headers: { authorization: this.basic } });
    const body = jsonOf(answer);
    if (answer.status !== 200 || (get(body, 'token') ?? get(body, 'access_token')) === undefined) throw this.refused(registry, answer.status);
  }

  private get basic(): string {
    const { username, password } = this.configuration;
    return `Basic ${Buffer.from(`${String(username)}:${String(password)}`).toString('base64')}`;
  }

  private refused(registry: string, status: number): ConnectorError {
    return unauthorized(`the container registry '${registry}' refused the user name and password (status ${status}).`);
  }
}
