import { checkConnector, findSpecification } from '#libs/connectors/configuration.js';
import { ConnectorError } from '#libs/connectors/connector-error.js';
import { Problem } from '#libs/http/problem.js';
import type { SecretValues } from '#libs/secret-stores/secret-store.js';
import type { ServiceConnectorRequest, ServiceConnectorUpdate } from '#libs/wire/models/service-connector.js';
import { connectorType, typeName } from './connector-types.js';

/** Column values of a connector, and what its type marks as secret. Null secrets: they stay as they are. */
export type CheckedConnector = { columns: Record<string, unknown>; secrets: SecretValues | null };

/** Holds a new connector against its type; those of unknown types are taken as they come. @throws Problem 400 */
export function newConnector(body: Omit<ServiceConnectorRequest, 'user'>): CheckedConnector {
  const { configuration, labels, connector_type, name, description, auth_method, expires_at, expires_skew_tolerance, expiration_seconds } = body;
  const type = connectorType(typeName(connector_type));
  const fitting = type
    ? checked(() => checkConnector(type, { authMethod: auth_method, resourceTypes: body.resource_types, resourceId: body.resource_id, configuration }))
    : { resourceTypes: body.resource_types, resourceId: body.resource_id, supportsInstances: body.supports_instances, configuration, secrets: {} };
  return {
    columns: {
      ...{ name, description, auth_method, expires_at, expires_skew_tolerance, expiration_seconds },
      connector_type: typeName(connector_type),
      resource_types: fitting.resourceTypes,
      resource_id: fitting.resourceId,
      supports_instances: fitting.supportsInstances,
      configuration: orNone(fitting.configuration),
      labels: orNone(labels),
    },
    secrets: fitting.secrets,
  };
}

export type StoredConnector = { connector_type: string; auth_method: string; resource_types: string[]; resource_id: string | null };

/**
 * What an update changes. Null keeps, but a resource id and a lifetime that are not sent again are gone, and with them the choice of resource types:
 * clients send those they want to keep.
 * @throws Problem 400
 */
export function changedConnector(stored: StoredConnector, body: ServiceConnectorUpdate): CheckedConnector {
  const type = connectorType(stored.connector_type);
  const columns: Record<string, unknown> = { resource_id: body.resource_id ?? null, expiration_seconds: body.expiration_seconds ?? null };
  for (const field of ['name', 'description', 'auth_method', 'resource_types', 'supports_instances', 'expires_at', 'expires_skew_tolerance'] as const)
    if (body[field] != null) columns[field] = body[field];
  if (body.connector_type != null) columns.connector_type = typeName(body.connector_type);
  if (body.labels != null) columns.labels = orNone(body.labels);
  if (!type) {
    if (body.configuration != null) columns.configuration = orNone(body.configuration);
    return { columns, secrets: body.configuration == null ? null : {} };
  }
  const authMethod = body.auth_method ?? stored.auth_method;
  const resourceTypes = body.resource_types ?? [];
  columns.auth_method = authMethod;
  if (body.configuration == null) {
    const { resource } = checked(() => findSpecification(type, authMethod, resourceTypes.length === 1 ? resourceTypes[0] : undefined));
    columns.resource_types = resource ? [resource.resource_type] : type.resource_types.map((one) => one.resource_type);
    columns.supports_instances = resource?.supports_instances ?? false;
    return { columns, secrets: null };
  }
  const fitting = checked(() => checkConnector(type, { authMethod, resourceTypes, resourceId: body.resource_id, configuration: body.configuration ?? {} }));
  columns.resource_types = fitting.resourceTypes;
  columns.supports_instances = fitting.supportsInstances;
  columns.configuration = orNone(fitting.configuration);
  return { columns, secrets: fitting.secrets };
}

/** What components rely on stays while they do. @throws Problem 403 */
export function assertMayChange(stored: StoredConnector, body: ServiceConnectorUpdate): void {
  const changed =
    body.connector_type && typeName(body.connector_type) !== stored.connector_type
      ? 'type'
      : body.auth_method && body.auth_method !== stored.auth_method
        ? 'authentication method'
        : body.resource_types?.length && JSON.stringify(body.resource_types) !== JSON.stringify(stored.resource_types)
          ? 'resource types'
          : (body.resource_id ?? null) !== stored.resource_id
            ? 'resource ID'
            : null;
  if (changed) throw new Problem('forbidden', `The ${changed} of a service connector cannot be changed while stack components use it.`);
}

/** Labels to look for, written as JSON or as `name=value,other`; null: whatever its value. @throws Problem 422 */
export function parseLabels(text: string): Record<string, string | null> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return Object.fromEntries(
      text.split(',').map((label) => {
        const at = label.indexOf('=');
        return at < 0 ? [label, null] : [label.slice(0, at), label.slice(at + 1)];
      }),
    );
  }
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed))
    throw new Problem('unprocessable', "labels_str takes a JSON object or 'name=value' pairs separated by commas.");
  return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, value === null ? null : String(value)]));
}

export function connectorProblem(error: unknown): unknown {
  if (!(error instanceof ConnectorError)) return error;
  const code = { invalid: 'invalid', not_implemented: 'not_implemented', unauthorized: 'not_authorized' } as const;
  return new Problem(code[error.kind], error.message, { cause: error });
}

function checked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw connectorProblem(error);
  }
}

function orNone(object: object): object | null {
  return Object.keys(object).length > 0 ? object : null;
}
