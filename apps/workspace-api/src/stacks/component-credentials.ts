import type { Connector } from '#libs/connectors/connector.js';
import { connectorClient } from '#libs/connectors/verify.js';
import { sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import type { SecretValues } from '#libs/secret-stores/secret-store.js';
import { connectorProblem } from '../connectors/connector.rules.js';
import { connectorType } from '../connectors/connector-types.js';
import type { Installation } from '../installation.js';
import type { Sealed } from '../secrets/secret-vault.js';
import { isSecretReference } from './component-configuration.rules.js';

/** For whom a component is used: whose private secrets count, and whether the workspace stands alone. */
export type Viewer = Pick<Caller, 'workspaceId' | 'userId' | 'identityMode'>;

/** The values of secrets by their names: public ones, and private ones of the viewer, which win. @throws Problem 404 */
export async function secretsNamed({ db, vault }: Installation, viewer: Viewer, names: readonly string[]): Promise<Map<string, SecretValues>> {
  const wanted = [...new Set(names)];
  if (wanted.length === 0) return new Map();
  const rows = await db.read<Sealed & { name: string }>(
    viewer,
    sql`SELECT DISTINCT ON (name) id, name, "values" FROM workspace.secret
        WHERE workspace_id = ${viewer.workspaceId} AND name = ANY(${wanted}::text[]) AND NOT internal AND (NOT private OR user_id = ${viewer.userId}) ORDER BY name, private DESC`,
  );
  const found = new Map<string, SecretValues>();
  for (const row of rows) found.set(row.name, await vault.read(viewer.workspaceId, row));
  const lost = wanted.find((name) => !found.has(name));
  if (lost !== undefined) throw new Problem('not_found', `The component needs the secret '${lost}', which does not exist or is somebody else's.`);
  return found;
}

/** A configuration with the values that its references `{{secret.key}}` stand for. @throws Problem 404 */
export async function withoutReferences(installation: Installation, viewer: Viewer, configuration: Record<string, unknown>): Promise<Record<string, unknown>> {
  const references = Object.entries(configuration).filter((entry): entry is [string, string] => isSecretReference(entry[1]));
  if (references.length === 0) return configuration;
  const parsed = references.map(([setting, text]) => ({ setting, ...parseReference(text) }));
  const secrets = await secretsNamed(
    installation,
    viewer,
    parsed.map(({ secret }) => secret),
  );
  const out = { ...configuration };
  for (const { setting, secret, key } of parsed) {
    const value = secrets.get(secret)?.[key];
    if (value === undefined) throw new Problem('not_found', `The setting '${setting}' refers to '${key}' of the secret '${secret}', which has no such value.`);
    out[setting] = value;
  }
  return out;
}

function parseReference(text: string): { secret: string; key: string } {
  const inner = text.slice(2, -2).trim();
  const dot = inner.indexOf('.');
  return { secret: inner.slice(0, dot), key: inner.slice(dot + 1) };
}

/** What a connector issues for one resource: its type and a configuration to sign requests with. Asks the cloud. @throws Problem */
export async function connectorCredentials(
  installation: Installation,
  viewer: Viewer,
  connectorId: string,
  { resourceType, resourceId }: { resourceType: string; resourceId: string },
): Promise<{ type: string; configuration: Record<string, unknown> }> {
  const [row] = await installation.db.read<ConnectorRow>(
    viewer,
    sql`SELECT c.id, c.name, c.connector_type, c.auth_method, c.resource_types, c.resource_id, c.expires_at, c.expires_skew_tolerance, c.expiration_seconds, c.configuration,
          s.id AS secret_id, s."values" AS secret_values
        FROM workspace.service_connector c LEFT JOIN workspace.secret s ON s.workspace_id = c.workspace_id AND s.id = c.secret_id
        WHERE c.workspace_id = ${viewer.workspaceId} AND c.id = ${connectorId}`,
  );
  const type = row && connectorType(row.connector_type);
  if (!type) throw new Problem('not_implemented', 'The server does not know the type of the service connector of this component, so it cannot use it.');
  const secrets = row.secret_id ? await installation.vault.read(viewer.workspaceId, { id: row.secret_id, values: row.secret_values }) : {};
  try {
    const client = await connectorClient(type, connectorOf(row, secrets), { resourceType, resourceId }, installation.connectorEnvironment);
    return { type: client.connectorType, configuration: client.configuration };
  } catch (error) {
    const problem = connectorProblem(error);
    // 401 would tell clients that their own login is wrong.
    throw problem instanceof Problem && problem.code === 'not_authorized' ? new Problem('forbidden', problem.message, { cause: error }) : problem;
  }
}

type ConnectorRow = {
  id: string;
  name: string;
  connector_type: string;
  auth_method: string;
  resource_types: string;
  resource_id: string | null;
  expires_at: string | null;
  expires_skew_tolerance: number | null;
  expiration_seconds: number | null;
  configuration: string | null;
  secret_id: string | null;
  secret_values: string | null;
};

function connectorOf(row: ConnectorRow, secrets: SecretValues): Connector {
  return {
    id: row.id,
    name: row.name,
    authMethod: row.auth_method,
    resourceTypes: JSON.parse(row.resource_types),
    resourceId: row.resource_id,
    expiresAt: row.expires_at ? new Date(`${row.expires_at.replace(' ', 'T')}Z`) : null,
    expiresSkewToleranceSeconds: row.expires_skew_tolerance,
    expirationSeconds: row.expiration_seconds,
    configuration: { ...(row.configuration ? JSON.parse(row.configuration) : {}), ...secrets },
  };
}
