import { AccessDenied } from '#libs/access/access.js';
import { raw, sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { allowed, Render, tableOf } from '#libs/resource/resource.js';
import type { ResourceStore } from '#libs/resource/store.js';
import type { ObjectStore } from '#libs/storage/object-store.js';
import { openStore } from '#libs/storage/open-store.js';
import { StorageError, type StorageErrorKind } from '#libs/storage/storage-error.js';
import { serviceConnector } from '../connectors/service-connector.js';
import { component } from '../stacks/component.js';

type StoreComponent = { id: string; name: string; type: string; flavor: string; configuration: string; connector_id: string | null };

/** The component that holds an artifact's files, after checking that the caller may read it and, to delete, use its connector. */
export async function storeComponent(store: ResourceStore, caller: Caller, id: string, use: 'read' | 'delete'): Promise<StoreComponent> {
  const reader = store.reader(caller);
  const row = await store.row<StoreComponent>(reader, caller, component, id, 'read', {
    columns: ['id', 'name', 'type', 'flavor', 'configuration', 'connector_id'],
  });
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

/** Opens the store for `work` and closes it whatever happens; what goes wrong becomes a reply. */
export async function withStore<T>(row: StoreComponent, work: (files: ObjectStore) => Promise<T>): Promise<T> {
  try {
    const files = await openArtifactStore(row);
    try {
      return await work(files);
    } finally {
      await files.close();
    }
  } catch (error) {
    throw problemOf(error);
  }
}

/** For streams, which outlive the handler: whoever opens it closes it. */
export async function openArtifactStore({ flavor, configuration }: StoreComponent): Promise<ObjectStore> {
  // Local stores are files of whoever ran the pipeline; the original refuses them on a server too.
  if (flavor === 'local') throw new StorageError('forbidden', 'Files in a local artifact store cannot be accessed from the server.');
  return openStore({ flavor, configuration: JSON.parse(configuration) as Record<string, unknown> });
}

const codes: Record<StorageErrorKind, 'does_not_exist' | 'forbidden' | 'unavailable' | 'not_implemented'> = {
  not_found: 'does_not_exist',
  forbidden: 'forbidden',
  outside_root: 'forbidden',
  unavailable: 'unavailable',
  too_large: 'forbidden',
  unsupported: 'not_implemented',
};

export function problemOf(error: unknown): unknown {
  return error instanceof StorageError ? new Problem(codes[error.kind], error.message, { cause: error }) : error;
}
