import type { Connector, ConnectorType } from './connector.js';
import { ConnectorError } from './connector-error.js';

type ResourceType = ConnectorType['resource_types'][number];
type AuthMethod = ConnectorType['auth_methods'][number];

export type CheckedConnector = {
  resourceTypes: string[];
  resourceId: string | null;
  supportsInstances: boolean;
  /** What may be stored and shown. */
  configuration: Record<string, unknown>;
  /** What the type's schema marks as a password. */
  secrets: Record<string, string>;
  /** Attributes that the type does not know; they are dropped. */
  unknown: string[];
};

/** The descriptions of an authentication method and, if one is given, a resource type that it must support. Throws `invalid`. */
export function findSpecification(type: ConnectorType, authMethod: string, resourceType?: string): { auth: AuthMethod; resource?: ResourceType } {
  const auth = type.auth_methods.find((method) => method.auth_method === authMethod);
  if (!auth) {
    const known = type.auth_methods.map((method) => `'${method.auth_method}'`).join(', ');
    throw invalid(`connector type '${type.connector_type}' does not support the '${authMethod}' authentication method. Supported are: ${known}.`);
  }
  if (resourceType === undefined) return { auth };
  const resource = type.resource_types.find((candidate) => candidate.resource_type === resourceType);
  if (!resource) {
    const known = type.resource_types.map((candidate) => `'${candidate.resource_type}'`).join(', ');
    throw invalid(`connector type '${type.connector_type}' does not support resource type '${resourceType}'. Supported are: ${known}.`);
  }
  if (!resource.auth_methods.includes(authMethod)) {
    throw invalid(`connector type '${type.connector_type}' does not support the '${authMethod}' authentication method for resource type '${resourceType}'.`);
  }
  return { auth, resource };
}

/** Checks what a user gave against the connector's type, and splits it into what is shown and what is secret. Throws `invalid`. */
export function checkConnector(type: ConnectorType, given: Pick<Connector, 'authMethod' | 'resourceTypes' | 'resourceId' | 'configuration'>): CheckedConnector {
  const only = given.resourceTypes.length === 1 ? given.resourceTypes[0] : undefined;
  const { auth, resource } = findSpecification(type, given.authMethod, only);
  const { configuration, secrets, unknown } = splitConfiguration(auth, given.configuration);
  return {
    resourceTypes: resource ? [resource.resource_type] : type.resource_types.map((candidate) => candidate.resource_type),
    resourceId: given.resourceId ?? null,
    supportsInstances: resource?.supports_instances ?? false,
    configuration,
    secrets,
    unknown,
  };
}

/** How long generated credentials live: what was asked for, else the method's default. Throws `invalid` outside the method's limits. */
export function checkExpiration(auth: AuthMethod, seconds: number | null | undefined): number | undefined {
  const isTemporary = auth.min_expiration_seconds !== null || auth.max_expiration_seconds !== null || auth.default_expiration_seconds !== null;
  if (!isTemporary) {
    if (seconds !== null && seconds !== undefined)
      throw invalid(`an expiration time is not supported by the '${auth.auth_method}' authentication method: ${seconds}.`);
    return undefined;
  }
  const chosen = seconds || auth.default_expiration_seconds;
  if (chosen === null || chosen === undefined) return undefined;
  if (auth.min_expiration_seconds !== null && chosen < auth.min_expiration_seconds)
    throw invalid(`the expiration time must be at least ${auth.min_expiration_seconds} seconds.`);
  if (auth.max_expiration_seconds !== null && chosen > auth.max_expiration_seconds)
    throw invalid(`the expiration time must be at most ${auth.max_expiration_seconds} seconds.`);
  return chosen;
}

function splitConfiguration(auth: AuthMethod, given: Readonly<Record<string, unknown>>) {
  const properties = (auth.config_schema.properties ?? {}) as Record<string, PropertySchema>;
  const required = (auth.config_schema.required ?? []) as string[];
  const configuration: Record<string, unknown> = {};
  const secrets: Record<string, string> = {};
  for (const [name, schema] of Object.entries(properties)) {
    const value = given[name];
    if (value === undefined || value === null) {
      if (required.includes(name)) throw invalid(`missing required attribute '${name}'`);
      continue;
    }
    const { format, type } = plainSchema(schema);
    if (format === 'password') {
      if (typeof value !== 'string') throw invalid(`attribute '${name}' is a secret but is not a string`);
      secrets[name] = value;
    } else configuration[name] = type === 'array' && typeof value === 'string' ? listOf(value) : value;
  }
  return { configuration, secrets, unknown: Object.keys(given).filter((name) => !(name in properties)) };
}

type PropertySchema = { type?: string; format?: string; anyOf?: PropertySchema[] };

/** The schema of an optional attribute is a choice between its own and null. */
function plainSchema(schema: PropertySchema): PropertySchema {
  return schema.anyOf?.find((choice) => choice.type !== 'null') ?? schema;
}

/** The CLI sends lists as JSON or separated by commas. */
function listOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.split(',');
  }
}

function invalid(message: string): ConnectorError {
  return new ConnectorError('invalid', `connector configuration is not valid: ${message}`);
}
