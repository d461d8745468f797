import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type GuardedAgents, guardedAgents } from '#libs/outbound/connect.js';
import { findOutboundError } from '#libs/outbound/outbound-error.js';
import { OutboundPolicy } from '#libs/outbound/outbound-policy.js';
import type { SecretStore, SecretValues } from './secret-store.js';
import { checkedId, checkedValues, notFound, SecretStoreError } from './secret-store-error.js';

export type AwsSecretStoreOptions = {
  region: string;
  /** Undefined means the identity of the server itself: its environment, profile or role. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  endpointUrl?: string;
  /** Tags every secret; secrets with another tag are not ours. One store may serve many deployments. */
  deploymentId: string;
  /** Default `zenml`: the secret `<id>` is called `zenml/<id>`, as the real server calls it, so that a store can be taken over from it. */
  prefix?: string;
  policy?: OutboundPolicy;
  timeoutMs?: number;
};

const DEPLOYMENT_TAG = 'zenml';
const ID_TAG = 'zenml_secret_id';

type Sdk = typeof import('@aws-sdk/client-secrets-manager');

export async function openAwsSecretStore(options: AwsSecretStoreOptions): Promise<SecretStore> {
  const sdk = await import('@aws-sdk/client-secrets-manager');
  const timeoutMs = options.timeoutMs ?? 10_000;
  const agents = guardedAgents(options.policy ?? OutboundPolicy.publicOnly, { idleTimeoutMs: timeoutMs });
  const client = new sdk.SecretsManagerClient({
    region: options.region,
    endpoint: options.endpointUrl,
    credentials: options.credentials,
    maxAttempts: 3,
    requestHandler: { httpAgent: agents.http, httpsAgent: agents.https, connectionTimeout: 5_000, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  });
  return new AwsSecretStore(sdk, client, agents, options.deploymentId, options.prefix ?? 'zenml');
}

class AwsSecretStore implements SecretStore {
  constructor(
    private readonly sdk: Sdk,
    private readonly client: SecretsManagerClient,
    private readonly agents: GuardedAgents,
    private readonly deploymentId: string,
    private readonly prefix: string,
  ) {}

  async put(id: string, values: SecretValues): Promise<void> {
    const secretId = checkedId(id);
    const name = this.nameOf(secretId);
    const SecretString = JSON.stringify(values);
    const Tags = [
      { Key: DEPLOYMENT_TAG, Value: this.deploymentId },
      { Key: ID_TAG, Value: secretId },
    ];
    try {
      await this.client.send(new this.sdk.CreateSecretCommand({ Name: name, SecretString, Tags }));
    } catch (error) {
      if ((error as Error).name !== 'ResourceExistsException') throw asSecretStoreError(error, id);
      await this.guarded(id, async () => {
        await this.assertOurs(secretId);
        await this.client.send(new this.sdk.PutSecretValueCommand({ SecretId: name, SecretString }));
      });
    }
  }

  async get(id: string): Promise<SecretValues> {
    const secretId = checkedId(id);
    return this.guarded(id, async () => {
      const [answer] = await Promise.all([
        this.client.send(new this.sdk.GetSecretValueCommand({ SecretId: this.nameOf(secretId) })),
        this.assertOurs(secretId),
      ]);
      return checkedValues(parsed(answer.SecretString), id);
    });
  }

  async remove(id: string): Promise<void> {
    const secretId = checkedId(id);
    await this.guarded(id, async () => {
      await this.assertOurs(secretId);
      await this.client.send(new this.sdk.DeleteSecretCommand({ SecretId: this.nameOf(secretId), ForceDeleteWithoutRecovery: true }));
    });
  }

  async *list(): AsyncIterable<string> {
    let NextToken: string | undefined;
    do {
      const page = await this.guarded('list', () =>
        this.client.send(
          new this.sdk.ListSecretsCommand({
            NextToken,
            Filters: [
              { Key: 'tag-key', Values: [DEPLOYMENT_TAG] },
              { Key: 'tag-value', Values: [this.deploymentId] },
            ],
          }),
        ),
      );
      // Filters match prefixes, so the tags decide.
      for (const { Tags } of page.SecretList ?? []) {
        const id = tagOf(Tags, ID_TAG);
        if (id !== undefined && tagOf(Tags, DEPLOYMENT_TAG) === this.deploymentId) yield id;
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  }

  async close(): Promise<void> {
    this.client.destroy();
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private nameOf(id: string): string {
    return `${this.prefix}/${id}`;
  }

  private async assertOurs(id: string): Promise<void> {
    const { Tags, DeletedDate } = await this.client.send(new this.sdk.DescribeSecretCommand({ SecretId: this.nameOf(id) }));
    if (DeletedDate !== undefined || tagOf(Tags, DEPLOYMENT_TAG) !== this.deploymentId || tagOf(Tags, ID_TAG) !== id) throw notFound(id);
  }

  private async guarded<T>(id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asSecretStoreError(error, id);
    }
  }
}

const tagOf = (tags: { Key?: string; Value?: string }[] | undefined, key: string) => tags?.find((tag) => tag.Key === key)?.Value;

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function asSecretStoreError(error: unknown, id: string): SecretStoreError {
  if (error instanceof SecretStoreError) return error;
  const { name = '', message = '' } = error as Error;
  // A secret that is being removed exists for AWS and for nobody else.
  if (name === 'ResourceNotFoundException' || (name === 'InvalidRequestException' && /marked for deletion|scheduled for deletion/.test(message)))
    return notFound(id);
  const refusal = findOutboundError(error);
  if (refusal?.kind === 'forbidden') return new SecretStoreError('forbidden', `AWS Secrets Manager cannot be contacted: ${refusal.message}`, { cause: error });
  if (/AccessDenied|UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken|CredentialsProviderError|DecryptionFailure/.test(name)) {
    return new SecretStoreError('forbidden', `AWS Secrets Manager refused the request (${name}).`, { cause: error });
  }
  return new SecretStoreError('unavailable', `AWS Secrets Manager does not answer as expected (${name || 'no answer'}).`, { cause: error });
}
