import { OutboundError } from '#libs/outbound/outbound-error.js';
import { jsonObject } from '#libs/storage/credentials.js';
import { GoogleTokenError, googleAccessToken } from '#libs/storage/google-token.js';
import type { ConnectorClient, ConnectorProvider, ProviderContext } from './connector.js';
import { ConnectorError, notImplemented, unauthorized } from './connector-error.js';
import { ask, get, jsonOf, list, optionalText, texts } from './http.js';

const GCS = 'gcs-bucket';
const GKE = 'kubernetes-cluster';
const GAR = 'docker-registry';
const REQUIRED: Record<string, string[]> = {
  service_account: [
    'project_id',
    'private_key_id',
    'private_key',
    'client_email',
    'client_id',
    'auth_uri',
    'token_uri',
    'auth_provider_x509_cert_url',
    'client_x509_cert_url',
  ],
  authorized_user: ['refresh_token', 'client_secret', 'client_id'],
};

type Token = { token: string; expiresAt?: Date };

/**
 * Google Cloud over its REST APIs: service account keys, user accounts and impersonation are exchanged for access tokens here, and clients
 * get those. External accounts name files, URLs and programs of the machine that uses them: they are not followed on a shared server.
 */
export class GcpProvider implements ConnectorProvider {
  private held?: Promise<Token>;

  constructor(private readonly context: ProviderContext) {
    const { authMethod } = context.connector;
    if (authMethod === 'external-account' || authMethod === 'implicit') throw notImplemented('gcp', authMethod, 'authenticate');
  }

  canonicalResourceId(resourceType: string, resourceId: string): string {
    if (resourceType === GCS) {
      const match = /^(?:gs:\/\/)([a-z0-9][a-z0-9_.-]{1,220}[a-z0-9])(?:\/.*)?$/s.exec(resourceId) ?? /^([a-z0-9][a-z0-9_.-]{1,220}[a-z0-9])$/.exec(resourceId);
      if (!match) throw new ConnectorError('invalid', `'${resourceId}' is not a GCS bucket. Use gs://<bucket> or <bucket>.`);
      return `gs://${match[1]}`;
    }
    if (resourceType === GKE) {
      if (!/^[a-z0-9][a-z0-9_-]*$/.test(resourceId)) throw new ConnectorError('invalid', `'${resourceId}' is not a GKE cluster name.`);
      return resourceId;
    }
    return resourceType === GAR ? this.repositoryOf(resourceId).url : resourceId;
  }

  async defaultResourceId(): Promise<string> {
    return this.project;
  }

  async verify(resourceType?: string, resourceId?: string): Promise<string[]> {
    await this.token();
    if (resourceType === undefined) return [];
    if (resourceType === GCS) {
      if (resourceId === undefined) {
        const buckets = await this.all('storage', `/storage/v1/b?project=${encodeURIComponent(this.project)}`, 'items', 'failed to list GCS buckets');
        return texts(buckets.map((bucket) => get(bucket, 'name'))).map((name) => `gs://${name}`);
      }
      const bucket = resourceId.slice('gs://'.length);
      await this.call('storage', `/storage/v1/b/${encodeURIComponent(bucket)}`, `failed to fetch GCS bucket ${bucket}`);
    }
    if (resourceType === GKE) {
      const names = texts((await this.clusters()).map((cluster) => get(cluster, 'name')));
      if (resourceId === undefined) return names;
      if (!names.includes(resourceId)) throw unauthorized(`GKE cluster '${resourceId}' was not found or is not accessible.`);
    }
    if (resourceType === GAR) {
      if (resourceId === undefined) return this.repositories();
      const { name } = this.repositoryOf(resourceId);
      if (name !== undefined) {
        const repository = await this.call('artifactregistry', `/v1/${name}`, `failed to fetch the Artifact Registry '${resourceId}'`);
        if (repository.format !== 'DOCKER') throw unauthorized(`the Artifact Registry '${resourceId}' does not hold Docker images.`);
      }
    }
    return resourceId === undefined ? [] : [resourceId];
  }

  async client(resourceType: string, resourceId: string): Promise<ConnectorClient> {
    const { connector, connectorType } = this.context;
    const { token, expiresAt } = await this.token();
    if (resourceType === GAR) {
      const configuration = { username: 'oauth2accesstoken', password: token, registry: this.repositoryOf(resourceId).url };
      return {
        connectorType: 'docker',
        authMethod: 'password',
        resourceType,
        resourceId: configuration.registry.split('/')[0] ?? '',
        configuration,
        expiresAt,
      };
    }
    if (resourceType === GKE) return this.kubernetesClient(resourceId, { token, expiresAt });
    const target = { connectorType, resourceType, resourceId };
    const isKeyShared =
      (connector.authMethod === 'service-account' || connector.authMethod === 'user-account') && this.configuration.generate_temporary_tokens === false;
    if (isKeyShared) return { ...target, authMethod: connector.authMethod, configuration: { ...this.configuration, project_id: this.project } };
    const email =
      optionalText(this.configuration.service_account_email) ?? optionalText(this.configuration.target_principal) ?? optionalText(this.key?.client_email);
    return {
      ...target,
      authMethod: 'oauth2-token',
      configuration: { project_id: this.project, token, ...(email !== undefined && { service_account_email: email }) },
      expiresAt,
    };
  }

  async close(): Promise<void> {}

  private get configuration() {
    return this.context.connector.configuration;
  }

  private get key(): Record<string, unknown> | undefined {
    return jsonObject(this.configuration.service_account_json) ?? jsonObject(this.configuration.user_account_json);
  }

  private get project(): string {
    return optionalText(this.configuration.project_id) ?? optionalText(this.key?.project_id) ?? '';
  }

  private token(): Promise<Token> {
    this.held ??= this.authenticate();
    return this.held;
  }

  private async authenticate(): Promise<Token> {
    const { connector, environment } = this.context;
    if (connector.authMethod === 'oauth2-token') return { token: String(this.configuration.token), expiresAt: connector.expiresAt ?? undefined };
    const expected = connector.authMethod === 'user-account' ? 'authorized_user' : 'service_account';
    const { key } = this;
    if (!key) throw new ConnectorError('invalid', `the connector's Google credentials are not a JSON document.`);
    if (key.type !== expected)
      throw new ConnectorError('invalid', `the connector's Google credentials are of type '${String(key.type)}' instead of '${expected}'.`);
    const missing = (REQUIRED[expected] ?? []).filter((name) => !(name in key));
    if (missing.length > 0) throw new ConnectorError('invalid', `the connector's Google credentials lack ${missing.join(', ')}.`);
    try {
      const own = await googleAccessToken(key, { policy: environment.policy, now: environment.now });
      return connector.authMethod === 'impersonation' ? await this.impersonate(own) : own;
    } catch (error) {
      if (error instanceof GoogleTokenError || error instanceof OutboundError) throw unauthorized(error.message, error);
      throw error;
    }
  }

  private async impersonate(own: Token): Promise<Token> {
    const principal = String(this.configuration.target_principal);
    const answer = await ask(
      this.context.environment,
      `${this.base('iamcredentials')}/v1/projects/-/serviceAccounts/${encodeURIComponent(principal)}:generateAccessToken`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${own.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ scope: ['https://www.googleapis.com/auth/cloud-platform'], lifetime: `${this.context.expirationSeconds ?? 3600}s` }),
      },
    );
    const body = jsonOf(answer);
    if (answer.status !== 200 || typeof body.accessToken !== 'string') throw refused(`failed to impersonate '${principal}'`, answer.status, body);
    return { token: body.accessToken, expiresAt: typeof body.expireTime === 'string' ? new Date(body.expireTime) : undefined };
  }

  private async kubernetesClient(name: string, { token, expiresAt }: Token): Promise<ConnectorClient> {
    const cluster = (await this.clusters()).find((candidate) => get(candidate, 'name') === name);
    if (!cluster) throw unauthorized(`GKE cluster '${name}' was not found or is not accessible.`);
    // A DNS endpoint has a certificate that everybody trusts, but only some clusters open it.
    const dns = get(cluster, 'controlPlaneEndpointsConfig', 'dnsEndpointConfig');
    const dnsHost = get(dns, 'allowExternalTraffic') === true ? optionalText(get(dns, 'endpoint')) : undefined;
    const host = dnsHost ?? optionalText(get(cluster, 'endpoint'));
    if (host === undefined) throw unauthorized(`GKE cluster '${name}' has no endpoint that can be used from outside.`);
    const authority = dnsHost === undefined ? optionalText(get(cluster, 'masterAuth', 'clusterCaCertificate')) : undefined;
    const clusterName = `gke_${this.project}_${name}`;
    return {
      connectorType: 'kubernetes',
      authMethod: 'token',
      resourceType: GKE,
      resourceId: clusterName,
      configuration: {
        cluster_name: clusterName,
        server: `https://${host}`,
        insecure: false,
        token,
        ...(authority !== undefined && { certificate_authority: authority }),
      },
      expiresAt,
    };
  }

  private async clusters(): Promise<unknown[]> {
    return list(
      await this.call('container', `/v1/projects/${encodeURIComponent(this.project)}/locations/-/clusters`, 'failed to list GKE clusters'),
      'clusters',
    );
  }

  private async repositories(): Promise<string[]> {
    const found = ['', 'us.', 'eu.', 'asia.'].map((location) => `${location}gcr.io/${this.project}`);
    try {
      const parent = `/v1/projects/${encodeURIComponent(this.project)}/locations`;
      for (const location of texts(
        (await this.all('artifactregistry', parent, 'locations', 'failed to list locations')).map((one) => get(one, 'locationId')),
      )) {
        const repositories = await this.all(
          'artifactregistry',
          `${parent}/${encodeURIComponent(location)}/repositories`,
          'repositories',
          'failed to list repositories',
        );
        for (const repository of repositories) if (get(repository, 'format') === 'DOCKER') found.push(this.repositoryOf(String(get(repository, 'name'))).url);
      }
    } catch (error) {
      // The older registries are usable without the right to list the newer ones.
      if (!(error instanceof ConnectorError)) throw error;
    }
    return found;
  }

  private repositoryOf(resourceId: string): { url: string; name?: string } {
    const url = /^(?:https:\/\/)?((([a-z0-9-]+)-docker\.pkg\.dev)\/([a-z0-9-]+)\/([a-z0-9-.]+))(?:\/.+)*$/.exec(resourceId);
    const name = /^projects\/([a-z0-9-]+)\/locations\/([a-z0-9-]+)\/repositories\/([a-z0-9-.]+)$/.exec(resourceId);
    const legacy = /^(?:https:\/\/)?((?:(?:us|eu|asia)\.)?gcr\.io\/[a-z0-9-]+)(?:\/.+)*$/.exec(resourceId);
    const [project, location, repository] = url ? [url[4], url[3], url[5]] : name ? [name[1], name[2], name[3]] : [];
    if (legacy?.[1] !== undefined && project === undefined) return { url: legacy[1] };
    if (project === undefined) {
      throw new ConnectorError(
        'invalid',
        `'${resourceId}' is not a Google registry. Use [https://]<region>-docker.pkg.dev/<project>/<repository>, projects/<project>/locations/<location>/repositories/<repository> or [https://][<region>.]gcr.io/<project>.`,
      );
    }
    if (project !== this.project)
      throw new ConnectorError(
        'invalid',
        `The project '${project}' of '${resourceId}' is not the one that the connector is configured for: '${this.project}'.`,
      );
    return { url: `${location}-docker.pkg.dev/${project}/${repository}`, name: `projects/${project}/locations/${location}/repositories/${repository}` };
  }

  private base(service: string): string {
    return this.context.environment.endpoints?.google ?? `https://${service}.googleapis.com`;
  }

  private async call(service: string, path: string, what: string): Promise<Record<string, unknown>> {
    const { token } = await this.token();
    const answer = await ask(this.context.environment, `${this.base(service)}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const body = jsonOf(answer);
    if (answer.status !== 200) throw refused(what, answer.status, body);
    return body;
  }

  private async all(service: string, path: string, key: string, what: string): Promise<unknown[]> {
    const found: unknown[] = [];
    let pageToken: string | undefined;
    do {
      const page: string = pageToken === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}pageToken=${encodeURIComponent(pageToken)}`;
      const body = await this.call(service, page, what);
      found.push(...list(body, key));
      pageToken = optionalText(body.nextPageToken);
    } while (pageToken !== undefined);
    return found;
  }
}

function refused(what: string, status: number, body: unknown): ConnectorError {
  const message = optionalText(get(body, 'error', 'message'));
  return unauthorized(`${what}: status ${status}${message === undefined ? '' : `, ${message.slice(0, 200)}`}`);
}
