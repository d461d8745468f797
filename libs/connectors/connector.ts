import type { OutboundPolicy } from '#libs/outbound/outbound-policy.js';

/** A connector type as the registry describes it (`service-connector-types.json`); only what is needed here is named. */
export type ConnectorType = {
  connector_type: string;
  resource_types: readonly { resource_type: string; name: string; auth_methods: readonly string[]; supports_instances: boolean }[];
  auth_methods: readonly {
    auth_method: string;
    config_schema: Record<string, unknown>;
    min_expiration_seconds: number | null;
    max_expiration_seconds: number | null;
    default_expiration_seconds: number | null;
  }[];
};

/** A connector as it is stored, secrets included. */
export type Connector = {
  id?: string;
  name?: string;
  authMethod: string;
  /** One, or several for a connector that gives access to all of its type's resources. */
  resourceTypes: readonly string[];
  resourceId?: string | null;
  expiresAt?: Date | null;
  expiresSkewToleranceSeconds?: number | null;
  expirationSeconds?: number | null;
  configuration: Readonly<Record<string, unknown>>;
};

export type ConnectorEnvironment = {
  policy: OutboundPolicy;
  /** Lets connectors without credentials act as the server itself. Off by default: those credentials belong to the operator. */
  isImplicitAuthAllowed?: boolean;
  /** The operator's own addresses for a provider's services, in tests and in closed networks. */
  endpoints?: { aws?: string; google?: string; azureLogin?: string; azureManagement?: string; azureBlob?: (account: string) => string };
  timeoutMs?: number;
  now?: () => number;
};

/** A connector that is ready to use for one resource, perhaps of another type and with credentials made for the occasion. */
export type ConnectorClient = {
  connectorType: string;
  authMethod: string;
  resourceType: string;
  resourceId: string;
  configuration: Record<string, unknown>;
  /** Undefined: the credentials do not expire by themselves. */
  expiresAt?: Date;
  /** True when it is the connector itself, name and all. */
  isUnchanged?: boolean;
};

/**
 * What a kind of connector can do; one object per request. Resource ids are canonical (as `canonicalResourceId` writes them).
 * Throws `ConnectorError`s.
 */
export interface ConnectorProvider {
  /** Throws `invalid` for what cannot be the id of such a resource. */
  canonicalResourceId(resourceType: string, resourceId: string): string;
  /** For resource types without instances: the one resource there is. */
  defaultResourceId(resourceType: string): Promise<string>;
  /** Without a resource type: do the credentials work at all? Otherwise the ids of what can be reached, or the given one if it can. */
  verify(resourceType?: string, resourceId?: string): Promise<string[]>;
  client(resourceType: string, resourceId: string): Promise<ConnectorClient>;
  close(): Promise<void>;
}

export type ProviderContext = {
  connector: Connector;
  connectorType: string;
  /** Within the limits of the authentication method; undefined where its credentials are not temporary. */
  expirationSeconds?: number;
  environment: ConnectorEnvironment;
};
