import { checkConnector, checkExpiration, findSpecification } from './configuration.js';
import type { Connector, ConnectorEnvironment, ConnectorProvider, ConnectorType } from './connector.js';
import { ConnectorError, unauthorized } from './connector-error.js';
import { openProvider } from './provider.js';

/** `ServiceConnectorResourcesModel` on the wire; the caller adds `connector_type`. */
export type ConnectorResources = {
  id: string | null;
  name: string | null;
  resources: { resource_type: string; resource_ids: string[] | null; error: string | null }[];
  error: string | null;
};

/** A connector for one resource, with everything that a `ServiceConnectorResponse` of it needs beside user, description and labels. */
export type IssuedClient = {
  name: string;
  connectorType: string;
  authMethod: string;
  resourceTypes: [string];
  resourceId: string;
  /** As in the registry; what the client's own type says if that is another one. */
  supportsInstances: boolean;
  expiresAt: Date | null;
  expiresSkewToleranceSeconds: number | null;
  expirationSeconds: number | null;
  /** Secrets included: the answer is meant to be used. */
  configuration: Record<string, unknown>;
};

const DEFAULT_SKEW_SECONDS = 300;
const EXPIRED = "the connector's authentication credentials have expired.";

type Scope = { resourceType?: string; resourceId?: string };

/**
 * Checks that a connector works and says what it gives access to. A provider's refusal is part of the answer (`error`), globally and per
 * resource type. Throws `invalid` for requests and configurations that do not fit, `not_implemented` for what is not spoken here.
 */
export async function verifyConnector(
  type: ConnectorType,
  connector: Connector,
  request: Scope & { listResources?: boolean },
  environment: ConnectorEnvironment,
): Promise<ConnectorResources> {
  const { listResources = true } = request;
  const session = open(type, connector, environment);
  const { only } = session;
  const supported = only === undefined ? type.resource_types.map((resource) => resource.resource_type) : [only];
  if (request.resourceType !== undefined && !supported.includes(request.resourceType)) {
    throw new ConnectorError(
      'invalid',
      `connector${named(connector)} does not support resource type: '${request.resourceType}'. Supported resource types are: ${supported.join(', ')}`,
    );
  }
  const wanted = request.resourceType === undefined ? supported : [request.resourceType];
  const answer = emptyAnswer(connector, wanted);
  if (hasExpired(connector, environment)) return withError(answer, EXPIRED);

  // Several types: the credentials are checked on their own first, so that wrong ones are one error and not many.
  const isGlobalOnly = !listResources && request.resourceId === undefined;
  const steps: (string | undefined)[] = isGlobalOnly ? [undefined] : wanted.length > 1 ? [undefined, ...wanted] : wanted;
  const resourceId = steps.length === 1 && !isGlobalOnly ? request.resourceId : undefined;
  const { provider } = session;
  try {
    for (const step of steps) {
      try {
        const scope = await resolveScope(session, connector, { resourceType: step, resourceId }, false);
        const found = await provider.verify(scope.resourceType, scope.resourceId);
        if (scope.resourceType === undefined) continue;
        if (scope.resourceId !== undefined) setIds(answer, scope.resourceType, [scope.resourceId]);
        else if (found.length > 0) setIds(answer, scope.resourceType, found);
        else withError(answer, noResources(type, connector, scope.resourceType), scope.resourceType);
      } catch (error) {
        if (error instanceof ConnectorError && error.kind !== 'unauthorized') {
          // One of many resource types that is not spoken here does not spoil the others; alone it is the answer.
          if (error.kind === 'not_implemented' && step !== undefined && wanted.length > 1) {
            withError(answer, error.message, step);
            continue;
          }
          throw error;
        }
        const text =
          error instanceof ConnectorError
            ? `connector${named(connector)} authorization failure: ${error.message}`
            : 'an unexpected error occurred while verifying the connector.';
        withError(answer, text, step ?? only);
        if (step === undefined) return withError(answer, text);
      }
    }
    return answer;
  } finally {
    await provider.close();
  }
}

/** Credentials for one resource, checked to work. Throws `unauthorized`, `invalid` and `not_implemented`. */
export async function connectorClient(type: ConnectorType, connector: Connector, request: Scope, environment: ConnectorEnvironment): Promise<IssuedClient> {
  const session = open(type, connector, environment);
  const { provider } = session;
  try {
    const { resourceType, resourceId } = await resolveScope(session, connector, request, true);
    if (resourceType === undefined || resourceId === undefined) throw new ConnectorError('invalid', 'A resource type and a resource name must be given.');
    if (hasExpired(connector, environment)) throw unauthorized(EXPIRED);
    await provider.verify(resourceType, resourceId);
    const client = await provider.client(resourceType, resourceId);
    const name = client.isUnchanged ? (connector.name ?? '') : `${connector.name ?? ''} (${resourceType} | ${resourceId} client)`.trim();
    return {
      name,
      connectorType: client.connectorType,
      authMethod: client.authMethod,
      resourceTypes: [client.resourceType],
      resourceId: client.resourceId,
      // Kubernetes and Docker connectors stand for one resource each.
      supportsInstances:
        client.connectorType === type.connector_type &&
        (type.resource_types.find((one) => one.resource_type === client.resourceType)?.supports_instances ?? false),
      expiresAt: client.expiresAt ?? null,
      expiresSkewToleranceSeconds: client.expiresAt ? (connector.expiresSkewToleranceSeconds ?? null) : null,
      expirationSeconds: client.isUnchanged ? (connector.expirationSeconds ?? null) : null,
      configuration: client.configuration,
    };
  } finally {
    await provider.close();
  }
}

type Session = { type: ConnectorType; provider: ConnectorProvider; only?: string; configuredId?: Promise<string | undefined> };

function open(type: ConnectorType, connector: Connector, environment: ConnectorEnvironment): Session {
  const only = connector.resourceTypes.length === 1 ? connector.resourceTypes[0] : undefined;
  const { auth } = findSpecification(type, connector.authMethod, only);
  const expirationSeconds = checkExpiration(auth, connector.expirationSeconds);
  const { configuration, secrets } = checkConnector(type, connector);
  const provider = openProvider({
    connector: { ...connector, configuration: { ...configuration, ...secrets } },
    connectorType: type.connector_type,
    expirationSeconds,
    environment,
  });
  return { type, provider, only };
}

/** Which resource is meant: what was asked for within what the connector is configured for, ids in canonical form. */
async function resolveScope(session: Session, connector: Connector, request: Scope, isResourceRequired: boolean): Promise<Scope> {
  const { type, provider, only } = session;
  if (only !== undefined && request.resourceType !== undefined && request.resourceType !== only) {
    throw new ConnectorError(
      'invalid',
      `the connector is configured to provide access to a '${only}' resource type, but a different resource type was requested: '${request.resourceType}'.`,
    );
  }
  const resourceType = request.resourceType ?? only;
  const given = request.resourceId ?? connector.resourceId ?? undefined;
  if (isResourceRequired && resourceType === undefined) {
    throw new ConnectorError(
      'invalid',
      'the connector provides access to several resource types. A resource type must be specified when requesting access to a resource.',
    );
  }
  const { resource } = findSpecification(type, connector.authMethod, resourceType);
  if (resourceType === undefined || !resource) {
    if (given !== undefined) throw new ConnectorError('invalid', 'A resource type must be specified together with a resource name.');
    return {};
  }
  const resourceId = await checkedResourceId(provider, resource, given);
  const configured = only !== undefined && connector.resourceId ? provider.canonicalResourceId(only, connector.resourceId) : undefined;
  if (resourceId !== undefined && configured !== undefined && resourceId !== configured) {
    throw new ConnectorError(
      'invalid',
      `the connector is configured to provide access to '${configured}' only, but a different resource name was requested: '${resourceId}'.`,
    );
  }
  if (resourceId === undefined && isResourceRequired) {
    throw new ConnectorError(
      'invalid',
      `the connector provides access to several ${resource.name} resources. A resource name must be specified when requesting access to a resource.`,
    );
  }
  return { resourceType, resourceId };
}

async function checkedResourceId(
  provider: ConnectorProvider,
  resource: ConnectorType['resource_types'][number],
  given: string | undefined,
): Promise<string | undefined> {
  if (resource.supports_instances) return given === undefined ? undefined : provider.canonicalResourceId(resource.resource_type, given);
  const only = await provider.defaultResourceId(resource.resource_type);
  if (given === undefined) return only;
  const canonical = provider.canonicalResourceId(resource.resource_type, given);
  if (canonical !== only) throw unauthorized(`the connector gives no access to the ${resource.name} '${canonical}', only to '${only}'.`);
  return canonical;
}

function hasExpired(connector: Connector, environment: ConnectorEnvironment): boolean {
  if (!connector.expiresAt) return false;
  const skewMs = (connector.expiresSkewToleranceSeconds ?? DEFAULT_SKEW_SECONDS) * 1000;
  return connector.expiresAt.getTime() - skewMs < (environment.now ?? Date.now)();
}

const named = (connector: Connector) => (connector.name ? ` '${connector.name}'` : '');

function emptyAnswer(connector: Connector, resourceTypes: string[]): ConnectorResources {
  return {
    id: connector.id ?? null,
    name: connector.name ?? null,
    resources: resourceTypes.map((resource_type) => ({ resource_type, resource_ids: null, error: null })),
    error: null,
  };
}

function setIds(answer: ConnectorResources, resourceType: string, ids: string[]): void {
  for (const resource of answer.resources) {
    if (resource.resource_type === resourceType) Object.assign(resource, { resource_ids: ids, error: null });
  }
}

/** An error of the only resource type is the connector's error too, and the other way round. */
function withError(answer: ConnectorResources, error: string, resourceType?: string): ConnectorResources {
  for (const resource of answer.resources) {
    if (resourceType === undefined || resource.resource_type === resourceType) Object.assign(resource, { resource_ids: null, error });
  }
  if (resourceType === undefined || answer.resources.length === 1) answer.error = error;
  return answer;
}

function noResources(type: ConnectorType, connector: Connector, resourceType: string): string {
  const resource = type.resource_types.find((one) => one.resource_type === resourceType);
  return `connector${named(connector)} has no ${resource?.name ?? resourceType} resources. Its credentials may not be allowed to list them; check the connector's configuration.`;
}
