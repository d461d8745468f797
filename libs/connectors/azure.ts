import type { ConnectorClient, ConnectorProvider, ProviderContext } from './connector.js';
import { ConnectorError, notImplemented, unauthorized } from './connector-error.js';
import { ask, get, jsonOf, list, optionalText, texts } from './http.js';

const BLOB = 'blob-container';
const AKS = 'kubernetes-cluster';
const ACR = 'docker-registry';

/**
 * Azure: what a service principal or an access token can reach, asked of the management API and of the blob service.
 * Not spoken here: the server's own identity (`implicit`), credentials for AKS clusters, and registry tokens from access tokens.
 */
export class AzureProvider implements ConnectorProvider {
  private readonly tokens = new Map<string, Promise<string>>();
  private held?: Promise<{ id: string; name: string }>;

  constructor(private readonly context: ProviderContext) {
    if (context.connector.authMethod === 'implicit') throw notImplemented('azure', 'implicit', 'authenticate');
  }

  canonicalResourceId(resourceType: string, resourceId: string): string {
    if (resourceType === BLOB) {
      const match = /^(?:(?:az|abfs):\/\/)?([a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9])(?:\/.*)?$/s.exec(resourceId);
      if (!match) throw new ConnectorError('invalid', `'${resourceId}' is not a blob container. Use az://<container>, abfs://<container> or <container>.`);
      return `az://${match[1]}`;
    }
    if (resourceType === ACR) {
      const match = /^(?:https?:\/\/)?([a-zA-Z0-9]+)\.azurecr\.io(?:\/.*)?$/s.exec(resourceId) ?? /^([a-zA-Z0-9]+)$/.exec(resourceId);
      if (!match) throw new ConnectorError('invalid', `'${resourceId}' is not a container registry. Use [https://]<name>.azurecr.io or <name>.`);
      return `${match[1]}.azurecr.io`;
    }
    if (resourceType === AKS) {
      const match = /^(?:([a-zA-Z0-9_.()-]+)\/)?([a-zA-Z0-9]+[a-zA-Z0-9_-]*[a-zA-Z0-9]+)$/.exec(resourceId);
      if (!match) throw new ConnectorError('invalid', `'${resourceId}' is not an AKS cluster. Use <resource-group>/<name> or <name>.`);
      const own = optionalText(this.configuration.resource_group);
      if (own !== undefined && match[1] !== undefined && match[1] !== own)
        throw new ConnectorError('invalid', `The resource group of '${resourceId}' is not the one that the connector is configured for: '${own}'.`);
      const group = match[1] ?? own;
      return group === undefined ? (match[2] ?? '') : `${group}/${match[2]}`;
    }
    return resourceId;
  }

  async defaultResourceId(): Promise<string> {
    return (await this.subscription()).name;
  }

  async verify(resourceType?: string, resourceId?: string): Promise<string[]> {
    const { id } = await this.subscription();
    if (resourceType === undefined) return [];
    if (resourceType === BLOB) {
      if (this.context.connector.authMethod === 'access-token')
        throw unauthorized("the 'access-token' authentication method is not supported for blob storage resources");
      return this.containers(id, resourceId?.slice('az://'.length));
    }
    if (resourceType === ACR) {
      const names = (
        await this.resources(`/subscriptions/${id}/providers/Microsoft.ContainerRegistry/registries?api-version=2023-07-01`, 'container registries')
      ).map(({ name }) => `${name}.azurecr.io`);
      return chosen(names, resourceId, 'container registry');
    }
    if (resourceType === AKS) {
      const clusters = await this.resources(`/subscriptions/${id}/providers/Microsoft.ContainerService/managedClusters?api-version=2024-02-01`, 'AKS clusters');
      const matching = clusters.filter(({ name, group }) => resourceId === undefined || resourceId === name || resourceId === `${group}/${name}`);
      if (matching.length === 0)
        throw unauthorized(resourceId === undefined ? 'no AKS clusters were found.' : `the AKS cluster '${resourceId}' was not found or is not accessible.`);
      return resourceId === undefined ? matching.map(({ name, group }) => `${group}/${name}`) : [resourceId];
    }
    return resourceId === undefined ? [] : [resourceId];
  }

  async client(resourceType: string, resourceId: string): Promise<ConnectorClient> {
    const { connector, connectorType } = this.context;
    if (resourceType === AKS) throw notImplemented('azure', connector.authMethod, 'issue credentials for AKS clusters');
    if (resourceType === ACR) {
      if (connector.authMethod !== 'service-principal') throw notImplemented('azure', connector.authMethod, 'issue credentials for container registries');
      const configuration = { username: this.configuration.client_id, password: this.configuration.client_secret, registry: resourceId };
      return { connectorType: 'docker', authMethod: 'password', resourceType, resourceId, configuration };
    }
    const isOwnType = connector.resourceTypes.length === 1 && connector.resourceTypes[0] === resourceType;
    const isOwnId = connector.resourceId ? this.canonicalResourceId(resourceType, connector.resourceId) === resourceId : resourceType !== BLOB;
    return {
      connectorType,
      authMethod: connector.authMethod,
      resourceType,
      resourceId,
      configuration: { ...this.configuration },
      expiresAt: connector.expiresAt ?? undefined,
      isUnchanged: isOwnType && isOwnId,
    };
  }

  async close(): Promise<void> {}

  private get configuration() {
    return this.context.connector.configuration;
  }

  private subscription(): Promise<{ id: string; name: string }> {
    this.held ??= this.findSubscription();
    return this.held;
  }

  private async findSubscription(): Promise<{ id: string; name: string }> {
    const wanted = optionalText(this.configuration.subscription_id);
    const version = 'api-version=2022-12-01';
    const found =
      wanted === undefined
        ? await this.all(`/subscriptions?${version}`, 'failed to fetch the Azure subscription')
        : [await this.call(`/subscriptions/${encodeURIComponent(wanted)}?${version}`, 'failed to fetch the Azure subscription')];
    if (found.length === 0) throw unauthorized('no Azure subscriptions were found for the configured credentials.');
    if (found.length > 1) throw unauthorized('several Azure subscriptions were found for the configured credentials; name one in the connector.');
    return { id: String(get(found[0], 'subscriptionId')), name: String(get(found[0], 'displayName')) };
  }

  private async containers(subscriptionId: string, wanted: string | undefined): Promise<string[]> {
    const configured = optionalText(this.configuration.storage_account);
    const accounts =
      configured === undefined
        ? (await this.resources(`/subscriptions/${subscriptionId}/providers/Microsoft.Storage/storageAccounts?api-version=2023-05-01`, 'storage accounts')).map(
            ({ name }) => name,
          )
        : [configured];
    if (accounts.length === 0) throw unauthorized('no storage accounts were found.');
    const found: string[] = [];
    for (const account of accounts) {
      const names = await this.containersOf(account);
      if (wanted === undefined) found.push(...names);
      else if (names.includes(wanted)) return [`az://${wanted}`];
    }
    if (wanted !== undefined) throw unauthorized(`the container '${wanted}' was not found in the storage accounts that the connector can reach.`);
    if (found.length === 0) throw unauthorized('no blob containers were found in the storage accounts that the connector can reach.');
    return found.map((name) => `az://${name}`);
  }

  private async containersOf(account: string): Promise<string[]> {
    if (!/^[a-z0-9]{3,24}$/.test(account)) throw new ConnectorError('invalid', `'${account}' is not a storage account.`);
    const { environment } = this.context;
    const base = environment.endpoints?.azureBlob?.(account) ?? `https://${account}.blob.core.windows.net`;
    const token = await this.token('https://storage.azure.com/.default');
    const names: string[] = [];
    let marker = '';
    do {
      const answer = await ask(environment, `${base}/?comp=list${marker === '' ? '' : `&marker=${encodeURIComponent(marker)}`}`, {
        headers: { authorization: `Bearer ${token}`, 'x-ms-version': '2023-11-03' },
      });
      const text = answer.text();
      if (answer.status !== 200) {
        throw unauthorized(
          `failed to list the blob containers of storage account '${account}': status ${answer.status}${messageOf(answer.headers['x-ms-error-code'])}`,
        );
      }
      // Names of containers are letters, digits and hyphens, `$root` and the like: nothing that XML would escape.
      for (const [, name] of text.matchAll(/<Container>\s*<Name>([^<]+)<\/Name>/g)) names.push(name ?? '');
      marker = /<NextMarker>([^<]+)<\/NextMarker>/.exec(text)?.[1] ?? '';
    } while (marker !== '');
    return names;
  }

  /** Resources of one kind with their resource group, those of the configured group only. */
  private async resources(path: string, what: string): Promise<{ name: string; group: string }[]> {
    const own = optionalText(this.configuration.resource_group);
    return (await this.all(path, `failed to list ${what}`))
      .map((resource) => ({ name: String(get(resource, 'name')), group: String(get(resource, 'id')).split('/')[4] ?? '' }))
      .filter(({ group }) => own === undefined || group === own);
  }

  private async all(path: string, what: string): Promise<unknown[]> {
    const found: unknown[] = [];
    let next: string | undefined = path;
    while (next !== undefined) {
      const body: Record<string, unknown> = await this.call(next, what);
      found.push(...list(body, 'value'));
      const link = optionalText(body.nextLink);
      // Only the path of the link is followed: the token is for the management API and nobody else.
      next = link === undefined ? undefined : `${new URL(link).pathname}${new URL(link).search}`;
    }
    return found;
  }

  private async call(path: string, what: string): Promise<Record<string, unknown>> {
    const { environment } = this.context;
    const token = await this.token('https://management.azure.com/.default');
    const answer = await ask(environment, `${environment.endpoints?.azureManagement ?? 'https://management.azure.com'}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const body = jsonOf(answer);
    if (answer.status !== 200) throw unauthorized(`${what}: status ${answer.status}${messageOf(get(body, 'error', 'message'))}`);
    return body;
  }

  private token(scope: string): Promise<string> {
    if (this.context.connector.authMethod === 'access-token') return Promise.resolve(String(this.configuration.token));
    const held = this.tokens.get(scope) ?? this.clientCredentials(scope);
    this.tokens.set(scope, held);
    return held;
  }

  /** The client credentials grant of Microsoft's identity platform, v2.0. */
  private async clientCredentials(scope: string): Promise<string> {
    const { environment } = this.context;
    const base = environment.endpoints?.azureLogin ?? 'https://login.microsoftonline.com';
    const answer = await ask(environment, `${base}/${encodeURIComponent(String(this.configuration.tenant_id))}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: String(this.configuration.client_id),
        client_secret: String(this.configuration.client_secret),
        scope,
      }).toString(),
    });
    const body = jsonOf(answer);
    if (answer.status !== 200 || typeof body.access_token !== 'string')
      throw unauthorized(`failed to authenticate the service principal: status ${answer.status}${messageOf(body.error_description)}`);
    return body.access_token;
  }
}

function chosen(found: string[], wanted: string | undefined, what: string): string[] {
  if (wanted === undefined) {
    if (found.length === 0) throw unauthorized(`no ${what} was found.`);
    return found;
  }
  if (!texts(found).includes(wanted)) throw unauthorized(`the ${what} '${wanted}' was not found or is not accessible.`);
  return [wanted];
}

const messageOf = (value: unknown) => (typeof value === 'string' ? `, ${value.split(/\r?\n/)[0]?.slice(0, 200)}` : '');
