import path from 'node:path';
import { AccessDenied } from '#libs/access/access.js';
import type { Runner } from '#libs/database/db.js';
import { raw, sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { allowed, Render, tableOf } from '#libs/resource/resource.js';
import type { ObjectStore } from '#libs/storage/object-store.js';
import { openStore, zenmlLocalRoot } from '#libs/storage/open-store.js';
import { StorageError } from '#libs/storage/storage-error.js';
import { component } from './component.js';

/** Opens the artifact store that a component stands for, for one piece of work, and closes it after. @throws Problem, AccessDenied */
export async function withArtifactStore<T>(runner: Runner, caller: Caller, id: string, work: (store: ObjectStore) => Promise<T>): Promise<T> {
  const { flavor, configuration } = await storeComponent(runner, caller, id);
  const root = zenmlLocalRoot(id);
  try {
    const store = await openStore({
      flavor,
      configuration,
      root,
      // Files of this machine belong to its operator: only a stand-alone workspace shows them, and only what clients on it keep there.
      local: { isAllowed: caller.identityMode === 'local', within: [path.dirname(root)] },
    });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    throw error instanceof StorageError ? storageProblem(error) : error;
  }
}

async function storeComponent(runner: Runner, caller: Caller, id: string): Promise<{ flavor: string; configuration: Record<string, unknown> }> {
  const render = new Render(caller);
  const t = render.alias();
  const [row] = await runner.query<{ type: string; flavor: string; configuration: string; may: boolean }>(
    sql`SELECT ${t}.type, ${t}.flavor, ${t}.configuration, ${allowed(component, 'read', t, render) ?? raw('true')} AS may FROM ${tableOf(component)} ${t} WHERE ${t}.workspace_id = ${caller.workspaceId} AND ${t}.id = ${id}`,
  );
  if (!row) throw new Problem('not_found', `No artifact store with the ID ${id} found.`);
  if (!row.may) throw new AccessDenied('read', 'stack_component', id);
  if (row.type !== 'artifact_store') throw new Problem('not_found', `The component ${id} is of type ${row.type} and no artifact store.`);
  return { flavor: row.flavor, configuration: JSON.parse(row.configuration) };
}

function storageProblem(error: StorageError): Problem {
  switch (error.kind) {
    case 'not_found':
      return new Problem('not_found', error.message, { cause: error });
    case 'forbidden':
    case 'outside_root':
      return new Problem('forbidden', error.message, { cause: error });
    case 'too_large':
      return new Problem('too_large', error.message, { cause: error });
    case 'unsupported':
      return new Problem('not_implemented', error.message, { cause: error });
    case 'unavailable':
      return new Problem('log_store_unavailable', error.message, { cause: error });
  }
}
