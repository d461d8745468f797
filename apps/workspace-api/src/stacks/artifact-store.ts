import path from 'node:path';
import type { Readable } from 'node:stream';
import { AccessDenied } from '#libs/access/access.js';
import { raw, sql } from '#libs/database/sql.js';
import { Problem, type ProblemCode } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { allowed, Render, tableOf } from '#libs/resource/resource.js';
import type { ResourceStore } from '#libs/resource/store.js';
import { credentialsFromConnector, credentialsFromSecret, type StoreCredentials } from '#libs/storage/credentials.js';
import type { ObjectStore } from '#libs/storage/object-store.js';
import { openStore, zenmlLocalRoot } from '#libs/storage/open-store.js';
import { StorageError, type StorageErrorKind } from '#libs/storage/storage-error.js';
import { serviceConnector } from '../connectors/service-connector.js';
import type { Installation } from '../installation.js';
import { component } from './component.js';
import { connectorCredentials, secretsNamed, type Viewer, withoutReferences } from './component-credentials.js';

/** What is needed of an artifact store's component to open it. */
export type StoreComponent = { id: string; flavor: string; configuration: string; connector_id: string | null; connector_resource_id: string | null };

export const storeColumns = ['id', 'flavor', 'configuration', 'connector_id', 'connector_resource_id'] as const;

/** What service connectors call the place of a store of these flavors. */
const resourceTypes: Record<string, string | undefined> = { s3: 's3-bucket', gcp: 'gcs-bucket', azure: 'blob-container' };

/** The component that holds files, after checking that the caller may read it and, to delete, use its connector. */
export async function storeComponent(store: ResourceStore, caller: Caller, id: string, use: 'read' | 'delete'): Promise<StoreComponent> {
  const reader = store.reader(caller);
  const row = await store.row<StoreComponent & { type: string }>(reader, caller, component, id, 'read', { columns: ['type', ...storeColumns] });
  if (row.type !== 'artifact_store') throw new Problem('not_found', `The component ${id} is no artifact store.`);
  if (use === 'delete' && row.connector_id) {
    const render = new Render(caller);
    const t = render.alias();
    const may = (['read', 'client'] as const).map((action) => allowed(serviceConnector, action, t, render) ?? raw('true'));
    const [connector] = await reader.query<{ may: boolean }>(
      sql`SELECT (${may[0]} AND ${may[1]}) AS may FROM ${tableOf(serviceConnector)} ${t} WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${t}.id = ${row.connector_id}`,
    );
    if (connector && !connector.may) throw new AccessDenied('client', 'service_connector', row.connector_id);
  }
  return row;
}

/** Opens the store for `work` and closes it whatever happens; what goes wrong becomes a reply. No transaction may be open: stores are slow. */
export async function withStore<T>(
  installation: Installation,
  viewer: Viewer,
  row: StoreComponent,
  work: (files: ObjectStore) => Promise<T>,
  codes: Partial<typeof usualCodes> = {},
): Promise<T> {
  try {
    const files = await openArtifactStore(installation, viewer, row);
    try {
      return await work(files);
    } finally {
      await files.close();
    }
  } catch (error) {
    throw problemOf(error, codes);
  }
}

/** A stream out of the store, which is closed after it. */
export async function streamOf(
  installation: Installation,
  viewer: Viewer,
  row: StoreComponent,
  open: (files: ObjectStore) => Promise<Readable>,
  codes: Partial<typeof usualCodes> = {},
): Promise<Readable> {
  let files: ObjectStore | undefined;
  try {
    const store = await openArtifactStore(installation, viewer, row);
    files = store;
    const stream = await open(store);
    stream.on('close', () => void store.close());
    return stream;
  } catch (error) {
    await files?.close();
    throw problemOf(error, codes);
  }
}

async function openArtifactStore(installation: Installation, viewer: Viewer, row: StoreComponent): Promise<ObjectStore> {
  const isLocalAllowed = viewer.identityMode === 'local';
  if (row.flavor === 'local' && !isLocalAllowed) throw new StorageError('forbidden', 'Files in a local artifact store cannot be accessed from the server.');
  const configuration = await withoutReferences(installation, viewer, JSON.parse(row.configuration) as Record<string, unknown>);
  const root = zenmlLocalRoot(row.id);
  return openStore({
    flavor: row.flavor,
    configuration,
    credentials: await credentialsOf(installation, viewer, row, configuration),
    root,
    // Files of this machine belong to its operator: only a stand-alone workspace shows them, and only what clients on it keep there.
    local: { isAllowed: isLocalAllowed, within: [path.dirname(root)] },
    policy: installation.outbound,
    isImplicitAuthAllowed: installation.options.isImplicitAuthAllowed ?? false,
  });
}

/** A connector wins over a secret, and both over keys in the configuration, as for clients. */
async function credentialsOf(
  installation: Installation,
  viewer: Viewer,
  { flavor, connector_id, connector_resource_id }: StoreComponent,
  configuration: Record<string, unknown>,
): Promise<StoreCredentials | undefined> {
  const resourceType = resourceTypes[flavor];
  if (connector_id && resourceType) {
    const resourceId = connector_resource_id ?? String(configuration.path ?? '');
    const client = await connectorCredentials(installation, viewer, connector_id, { resourceType, resourceId });
    const credentials = credentialsFromConnector(client.type, client.configuration);
    if (credentials) return credentials;
  }
  const name = configuration.authentication_secret;
  if (typeof name !== 'string' || name === '') return undefined;
  return credentialsFromSecret(flavor, (await secretsNamed(installation, viewer, [name])).get(name) ?? {});
}

const usualCodes: Record<StorageErrorKind, ProblemCode> = {
  not_found: 'does_not_exist',
  forbidden: 'forbidden',
  outside_root: 'forbidden',
  unavailable: 'unavailable',
  too_large: 'forbidden',
  unsupported: 'not_implemented',
};

/** To those who download, what is missing is missing like anything else. */
export const downloadCodes = { not_found: 'not_found' } as const;

function problemOf(error: unknown, codes: Partial<typeof usualCodes> = {}): unknown {
  return error instanceof StorageError ? new Problem({ ...usualCodes, ...codes }[error.kind], error.message, { cause: error }) : error;
}
