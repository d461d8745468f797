import type { S3Client } from '@aws-sdk/client-s3';
import type { STSClient } from '@aws-sdk/client-sts';
import { type GuardedAgents, guardedAgents } from '#libs/outbound/connect.js';
import { findOutboundError } from '#libs/outbound/outbound-error.js';
import { withoutEnd } from '#libs/text/trim.js';
import type { ConnectorClient, ConnectorProvider, ProviderContext } from './connector.js';
import { ConnectorError, notImplemented, unauthorized } from './connector-error.js';
import { ask, get, jsonOf, list, optionalText, texts } from './http.js';
import { presigned, type SigningCredentials, signed } from './sigv4.js';

type Credentials = SigningCredentials & { expiresAt?: Date };

const GENERIC = 'aws-generic';
const S3 = 's3-bucket';
const EKS = 'kubernetes-cluster';
const ECR = 'docker-registry';
const BUCKET = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';
/** EKS accepts its tokens for 15 minutes, whatever the signature says. */
const EKS_TOKEN_SECONDS = 15 * 60;

/**
 * AWS. Keys are used as they are (`secret-key`, `sts-token`) or exchanged for temporary ones at STS (`iam-role`, `session-token`,
 * `federation-token`), which are then what clients get. Roles and federation tokens without a policy of their own are narrowed to the
 * resource that was asked for. S3 and STS go through the SDK, the few calls of ECR and EKS are signed here.
 * The configured `endpoint_url` is that of S3, ECR and EKS; STS has its own, which only the operator can change.
 */
export class AwsProvider implements ConnectorProvider {
  private readonly agents: GuardedAgents;
  private readonly held = new Map<string, Promise<Credentials>>();
  private account?: Promise<string>;
  private readonly clients: { destroy: () => void }[] = [];

  constructor(private readonly context: ProviderContext) {
    if (!/^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(this.region)) throw new ConnectorError('invalid', `'${this.region}' is not an AWS region.`);
    this.agents = guardedAgents(context.environment.policy, { idleTimeoutMs: this.timeoutMs });
  }

  canonicalResourceId(resourceType: string, resourceId: string): string {
    if (resourceType === S3) return `s3://${bucketOf(resourceId)}`;
    if (resourceType === EKS) return this.clusterOf(resourceId);
    if (resourceType === ECR) return this.registryOf(this.registryIdOf(resourceId));
    return resourceId;
  }

  async defaultResourceId(resourceType: string): Promise<string> {
    return resourceType === ECR ? this.registryOf(await this.accountId()) : this.region;
  }

  async verify(resourceType?: string, resourceId?: string): Promise<string[]> {
    const credentials = await this.credentials(resourceType ?? GENERIC, resourceId);
    await this.callerIdentity(credentials);
    if (resourceType === undefined) return [];
    if (resourceType === S3) return this.buckets(credentials, resourceId);
    if (resourceType === EKS) {
      if (resourceId === undefined) return this.clusters(credentials);
      await this.describeCluster(credentials, resourceId);
    }
    if (resourceType === ECR) {
      const answer = await this.ecr(credentials, 'DescribeRepositories', {});
      if (list(answer, 'repositories').length === 0) {
        throw unauthorized('the AWS connector has access to no ECR repository. Give its credentials access to at least one.');
      }
    }
    return resourceId === undefined ? [] : [resourceId];
  }

  async client(resourceType: string, resourceId: string): Promise<ConnectorClient> {
    if (resourceType === ECR) return this.dockerClient(resourceType, resourceId);
    if (resourceType === EKS) return this.kubernetesClient(resourceType, resourceId);
    const { connector, connectorType } = this.context;
    const target = { connectorType, resourceType, resourceId };
    if (connector.authMethod === 'secret-key' || connector.authMethod === 'sts-token') {
      const isUnchanged = connector.resourceTypes.length === 1 && connector.resourceTypes[0] === resourceType && this.isConfigured(resourceType, resourceId);
      return {
        ...target,
        authMethod: connector.authMethod,
        configuration: { ...this.configuration },
        expiresAt: connector.expiresAt ?? undefined,
        isUnchanged,
      };
    }
    const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = await this.credentials(resourceType, resourceId);
    const endpoint = optionalText(this.configuration.endpoint_url);
    const configuration: Record<string, unknown> = {
      region: this.region,
      ...(endpoint !== undefined && { endpoint_url: endpoint }),
      aws_access_key_id: accessKeyId,
      aws_secret_access_key: secretAccessKey,
    };
    if (sessionToken === undefined) return { ...target, authMethod: 'secret-key', configuration, expiresAt };
    return { ...target, authMethod: 'sts-token', configuration: { ...configuration, aws_session_token: sessionToken }, expiresAt };
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.destroy();
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private get configuration() {
    return this.context.connector.configuration;
  }

  private get region(): string {
    return String(this.configuration.region);
  }

  private get timeoutMs(): number {
    return this.context.environment.timeoutMs ?? 15_000;
  }

  private get now(): number {
    return (this.context.environment.now ?? Date.now)();
  }

  /** The connector's own resource, or one of a type that has no instances. */
  private isConfigured(resourceType: string, resourceId: string): boolean {
    const { resourceId: configured } = this.context.connector;
    return configured ? this.canonicalResourceId(resourceType, configured) === resourceId : resourceType === GENERIC;
  }

  private credentials(resourceType: string, resourceId: string | undefined): Promise<Credentials> {
    const key = `${resourceType}|${resourceId ?? ''}`;
    const held = this.held.get(key) ?? this.authenticate(resourceType, resourceId);
    this.held.set(key, held);
    return held;
  }

  private async authenticate(resourceType: string, resourceId: string | undefined): Promise<Credentials> {
    const { authMethod, expiresAt } = this.context.connector;
    if (authMethod === 'implicit') return this.implicitCredentials(resourceType, resourceId);
    const own = { accessKeyId: String(this.configuration.aws_access_key_id), secretAccessKey: String(this.configuration.aws_secret_access_key) };
    if (authMethod === 'secret-key') return own;
    if (authMethod === 'sts-token') return { ...own, sessionToken: String(this.configuration.aws_session_token), expiresAt: expiresAt ?? undefined };
    if (authMethod === 'iam-role') return this.assumeRole(String(this.configuration.role_arn), resourceType, resourceId, own);
    if (authMethod === 'session-token') {
      return this.exchange('get a session token', own, (sdk, sts) =>
        sts.send(new sdk.GetSessionTokenCommand({ DurationSeconds: this.context.expirationSeconds })),
      );
    }
    if (authMethod === 'federation-token') {
      return this.exchange('get a federation token', own, (sdk, sts) =>
        sts.send(
          new sdk.GetFederationTokenCommand({
            Name: this.sessionName.slice(0, 32),
            DurationSeconds: this.context.expirationSeconds,
            ...this.sessionPolicy(resourceType, resourceId),
          }),
        ),
      );
    }
    throw notImplemented('aws', authMethod, 'authenticate');
  }

  private async implicitCredentials(resourceType: string, resourceId: string | undefined): Promise<Credentials> {
    if (!this.context.environment.isImplicitAuthAllowed) {
      throw unauthorized('implicit authentication is disabled on this server for security reasons; its operator can allow it.');
    }
    if (optionalText(this.configuration.profile_name) !== undefined) throw notImplemented('aws', 'implicit', 'use a named profile');
    const role = optionalText(this.configuration.role_arn);
    if (role !== undefined) return this.assumeRole(role, resourceType, resourceId);
    try {
      const sts = await this.sts(undefined);
      const found = await sts.config.credentials();
      return { accessKeyId: found.accessKeyId, secretAccessKey: found.secretAccessKey, sessionToken: found.sessionToken, expiresAt: found.expiration };
    } catch (error) {
      throw unauthorized('this server has no AWS credentials of its own.', error);
    }
  }

  private assumeRole(RoleArn: string, resourceType: string, resourceId: string | undefined, own?: SigningCredentials): Promise<Credentials> {
    return this.exchange(`assume the role ${RoleArn}`, own, (sdk, sts) =>
      sts.send(
        new sdk.AssumeRoleCommand({
          RoleArn,
          RoleSessionName: this.sessionName,
          DurationSeconds: this.context.expirationSeconds,
          ...this.sessionPolicy(resourceType, resourceId),
        }),
      ),
    );
  }

  private async exchange(
    what: string,
    own: SigningCredentials | undefined,
    call: (
      sdk: typeof import('@aws-sdk/client-sts'),
      sts: STSClient,
    ) => Promise<{ Credentials?: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string; Expiration?: Date } }>,
  ): Promise<Credentials> {
    const sdk = await import('@aws-sdk/client-sts');
    const sts = await this.sts(own);
    const answer = await call(sdk, sts).catch((error: unknown) => {
      throw refused(`failed to ${what}`, error);
    });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
    if (!AccessKeyId || !SecretAccessKey) throw unauthorized(`failed to ${what}: STS answered without credentials.`);
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiresAt: Expiration };
  }

  private get sessionName(): string {
    const { id } = this.context.connector;
    return id === undefined ? 'zenml-connector' : `zenml-connector-${id}`;
  }

  private sessionPolicy(resourceType: string, resourceId: string | undefined): { Policy?: string; PolicyArns?: { arn: string }[] } {
    const Policy = optionalText(this.configuration.policy);
    if (Policy !== undefined) return { Policy };
    const arns = texts(list(this.configuration, 'policy_arns'));
    if (arns.length > 0) return { PolicyArns: arns.map((arn) => ({ arn })) };
    const statements = this.leastPrivilege(resourceType, resourceId);
    return statements === undefined ? {} : { Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }) };
  }

  /** What clients need for one resource, and no more; the sets of actions are those that the real server grants. */
  private leastPrivilege(resourceType: string, resourceId: string | undefined): unknown[] | undefined {
    if (resourceType === S3) {
      const bucket = resourceId === undefined ? undefined : bucketOf(resourceId);
      const Action = [
        'ListBucket',
        'GetObject',
        'PutObject',
        'DeleteObject',
        'ListAllMyBuckets',
        'GetBucketVersioning',
        'ListBucketVersions',
        'DeleteObjectVersion',
      ].map((name) => `s3:${name}`);
      return [{ Sid: 'S3Bucket', Effect: 'Allow', Action, Resource: [`arn:aws:s3:::${bucket ?? '*'}`, `arn:aws:s3:::${bucket ?? '*'}/*`] }];
    }
    if (resourceType === EKS) {
      const cluster = resourceId === undefined ? '*' : this.clusterOf(resourceId);
      return [
        {
          Sid: 'EKSCluster',
          Effect: 'Allow',
          Action: ['eks:ListClusters', 'eks:DescribeCluster'],
          Resource: [`arn:aws:eks:${this.region}:*:cluster/${cluster}`],
        },
      ];
    }
    if (resourceType === ECR) {
      const names = [
        'DescribeRegistry',
        'DescribeRepositories',
        'ListRepositories',
        'BatchGetImage',
        'DescribeImages',
        'BatchCheckLayerAvailability',
        'GetDownloadUrlForLayer',
      ];
      const writes = ['InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload', 'PutImage'];
      const base = `arn:aws:ecr:${this.region}:*:repository`;
      return [
        { Sid: 'ECRRepository', Effect: 'Allow', Action: [...names, ...writes].map((name) => `ecr:${name}`), Resource: [`${base}/*`, base] },
        { Sid: 'ECRToken', Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] },
      ];
    }
    return undefined;
  }

  private async callerIdentity(credentials: Credentials): Promise<string> {
    const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
    const sts = await this.sts(credentials);
    const answer = await sts.send(new GetCallerIdentityCommand({})).catch((error: unknown) => {
      throw refused('failed to verify AWS account access', error);
    });
    return answer.Account ?? '';
  }

  private accountId(): Promise<string> {
    this.account ??= this.credentials(GENERIC, undefined).then((credentials) => this.callerIdentity(credentials));
    return this.account;
  }

  private async buckets(credentials: Credentials, resourceId: string | undefined): Promise<string[]> {
    const { ListBucketsCommand, HeadBucketCommand } = await import('@aws-sdk/client-s3');
    const s3 = await this.s3(credentials);
    if (resourceId === undefined) {
      const found: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await s3.send(new ListBucketsCommand({ ContinuationToken })).catch((error: unknown) => {
          throw refused('failed to list S3 buckets', error);
        });
        for (const { Name } of page.Buckets ?? []) if (Name) found.push(`s3://${Name}`);
        ContinuationToken = page.ContinuationToken;
      } while (ContinuationToken !== undefined);
      return found;
    }
    const Bucket = bucketOf(resourceId);
    await s3.send(new HeadBucketCommand({ Bucket })).catch((error: unknown) => {
      throw refused(`failed to fetch S3 bucket ${Bucket}`, error);
    });
    return [resourceId];
  }

  private async clusters(credentials: Credentials): Promise<string[]> {
    const found: string[] = [];
    let nextToken: string | undefined;
    do {
      const query: string = nextToken === undefined ? '' : `?nextToken=${encodeURIComponent(nextToken)}`;
      const page = await this.eks(credentials, `/clusters${query}`, 'failed to list EKS clusters');
      found.push(...texts(list(page, 'clusters')));
      nextToken = optionalText(page.nextToken);
    } while (nextToken !== undefined);
    return found;
  }

  private describeCluster(credentials: Credentials, name: string): Promise<Record<string, unknown>> {
    return this.eks(credentials, `/clusters/${encodeURIComponent(name)}`, `failed to fetch EKS cluster ${name}`);
  }

  private async dockerClient(resourceType: string, resourceId: string): Promise<ConnectorClient> {
    const credentials = await this.credentials(resourceType, resourceId);
    const answer = await this.ecr(credentials, 'GetAuthorizationToken', { registryIds: [this.registryIdOf(resourceId)] });
    const { authorizationToken, proxyEndpoint, expiresAt } = (list(answer, 'authorizationData')[0] ?? {}) as Record<string, unknown>;
    const [username, ...password] = Buffer.from(String(authorizationToken ?? ''), 'base64')
      .toString('utf8')
      .split(':');
    if (!username || password.length === 0) throw unauthorized('ECR answered without an authorization token.');
    const lives = [credentials.expiresAt?.getTime(), typeof expiresAt === 'number' ? expiresAt * 1000 : undefined].filter(
      (end) => end !== undefined && end > this.now,
    );
    const registry = optionalText(proxyEndpoint) ?? `https://${resourceId}`;
    return {
      connectorType: 'docker',
      authMethod: 'password',
      resourceType,
      // A Docker connector's only resource is the host of its registry.
      resourceId: registry.replace(/^https?:\/\//, '').split('/')[0] ?? resourceId,
      configuration: { username, password: password.join(':'), registry },
      // The token ends with the credentials it was made from, or by itself after twelve hours.
      expiresAt: lives.length === 0 ? undefined : new Date(Math.min(...(lives as number[]))),
    };
  }

  private async kubernetesClient(resourceType: string, resourceId: string): Promise<ConnectorClient> {
    const credentials = await this.credentials(resourceType, resourceId);
    const { cluster } = await this.describeCluster(credentials, resourceId);
    const url = presigned(
      `https://sts.${this.region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15`,
      { 'x-k8s-aws-id': resourceId },
      {
        service: 'sts',
        region: this.region,
        credentials,
        now: this.now,
        expiresSeconds: 60,
      },
    );
    const arn = String(get(cluster, 'arn'));
    return {
      connectorType: 'kubernetes',
      authMethod: 'token',
      resourceType,
      // A Kubernetes connector's only resource is named like its cluster.
      resourceId: arn,
      configuration: {
        cluster_name: arn,
        certificate_authority: get(cluster, 'certificateAuthority', 'data'),
        server: get(cluster, 'endpoint'),
        insecure: false,
        token: `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`,
      },
      expiresAt: new Date(this.now + EKS_TOKEN_SECONDS * 1000),
    };
  }

  private async ecr(credentials: Credentials, operation: string, body: unknown): Promise<Record<string, unknown>> {
    const base = this.endpoint(`https://api.ecr.${this.region}.amazonaws.com`);
    const request = signed(
      {
        method: 'POST',
        url: `${base}/`,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}` },
        body: JSON.stringify(body),
      },
      { service: 'ecr', region: this.region, credentials, now: this.now },
    );
    return this.send(request, operation === 'DescribeRepositories' ? 'failed to list ECR repositories' : 'failed to get an authorization token from ECR');
  }

  private async eks(credentials: Credentials, path: string, what: string): Promise<Record<string, unknown>> {
    const url = `${this.endpoint(`https://eks.${this.region}.amazonaws.com`)}${path}`;
    return this.send(signed({ method: 'GET', url, headers: {} }, { service: 'eks', region: this.region, credentials, now: this.now }), what);
  }

  private async send(
    request: { method: 'GET' | 'POST'; url: string; headers: Record<string, string>; body?: string },
    what: string,
  ): Promise<Record<string, unknown>> {
    const { url, ...rest } = request;
    const answer = await ask(this.context.environment, url, { ...rest, ports: 'any', isPlainHttpAllowed: true });
    const body = jsonOf(answer);
    if (answer.status !== 200) {
      const name = optionalText(body.__type)?.split('#').at(-1) ?? answer.headers['x-amzn-errortype']?.split(':')[0] ?? `status ${answer.status}`;
      throw unauthorized(`${what}: ${name}${optionalText(body.message) === undefined ? '' : `, ${String(body.message).slice(0, 200)}`}`);
    }
    return body;
  }

  private endpoint(standard: string): string {
    return withoutEnd(optionalText(this.configuration.endpoint_url) ?? this.context.environment.endpoints?.aws ?? standard, '/');
  }

  private async s3(credentials: Credentials): Promise<S3Client> {
    const { S3Client } = await import('@aws-sdk/client-s3');
    const endpoint = optionalText(this.configuration.endpoint_url) ?? this.context.environment.endpoints?.aws;
    const client = new S3Client({
      ...this.clientOptions(credentials, endpoint),
      forcePathStyle: endpoint !== undefined,
      followRegionRedirects: endpoint === undefined,
    });
    this.clients.push(client);
    return client;
  }

  private async sts(credentials: SigningCredentials | undefined): Promise<STSClient> {
    const { STSClient } = await import('@aws-sdk/client-sts');
    const client = new STSClient(this.clientOptions(credentials, this.context.environment.endpoints?.aws));
    this.clients.push(client);
    return client;
  }

  private clientOptions(credentials: SigningCredentials | undefined, endpoint: string | undefined) {
    return {
      region: this.region,
      endpoint,
      maxAttempts: 2,
      requestHandler: {
        httpAgent: this.agents.http,
        httpsAgent: this.agents.https,
        connectionTimeout: 5_000,
        requestTimeout: this.timeoutMs,
        throwOnRequestTimeout: true,
      },
      ...(credentials && {
        credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey, sessionToken: credentials.sessionToken },
      }),
    };
  }

  private registryOf(account: string): string {
    return `${account}.dkr.ecr.${this.region}.amazonaws.com`;
  }

  private registryIdOf(resourceId: string): string {
    const match =
      /^arn:aws:ecr:([a-z0-9-]+):(\d{12}):repository(\/.+)*$/.exec(resourceId) ??
      reversed(/^(?:https?:\/\/)?(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\/.+)*$/.exec(resourceId));
    if (!match) {
      throw new ConnectorError(
        'invalid',
        `'${resourceId}' is not an ECR registry. Use arn:aws:ecr:<region>:<account-id>:repository[/<name>] or [https://]<account-id>.dkr.ecr.<region>.amazonaws.com[/<name>].`,
      );
    }
    this.assertRegion(resourceId, match[1]);
    return match[2] ?? '';
  }

  private clusterOf(resourceId: string): string {
    const match = /^arn:aws:eks:([a-z0-9-]+):\d{12}:cluster\/([0-9A-Za-z][A-Za-z0-9_-]*)$/.exec(resourceId);
    if (match) {
      this.assertRegion(resourceId, match[1]);
      return match[2] ?? '';
    }
    if (/^[0-9A-Za-z][A-Za-z0-9_-]*$/.test(resourceId)) return resourceId;
    throw new ConnectorError('invalid', `'${resourceId}' is not an EKS cluster. Use arn:aws:eks:<region>:<account-id>:cluster/<name> or <name>.`);
  }

  private assertRegion(resourceId: string, region: string | undefined): void {
    if (region === this.region) return;
    throw new ConnectorError('invalid', `The region '${region}' of '${resourceId}' is not the region that the connector is configured for: '${this.region}'.`);
  }
}

function bucketOf(resourceId: string): string {
  const match = new RegExp(`^(?:arn:aws:s3:::|s3://)(${BUCKET})(?:/.*)?$`, 's').exec(resourceId) ?? new RegExp(`^(${BUCKET})$`).exec(resourceId);
  if (!match?.[1]) throw new ConnectorError('invalid', `'${resourceId}' is not an S3 bucket. Use arn:aws:s3:::<bucket>, s3://<bucket> or <bucket>.`);
  return match[1];
}

function reversed(match: RegExpExecArray | null): (string | undefined)[] | undefined {
  return match ? [match[0], match[2], match[1]] : undefined;
}

function refused(what: string, error: unknown): ConnectorError {
  const outbound = findOutboundError(error);
  if (outbound) return unauthorized(`${what}: ${outbound.message}`, error);
  const { name, message } = error as Error;
  // HEAD answers have no body, so the SDK does not know more than the status.
  const isTold = message !== '' && message !== name && message !== 'UnknownError';
  return unauthorized(`${what}: ${name}${isTold ? `, ${message.slice(0, 200)}` : ''}`, error);
}
