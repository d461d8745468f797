import { randomUUID } from 'node:crypto';
import { AccessDenied } from '#libs/access/access.js';
import type { Tx } from '#libs/database/db.js';
import { databaseFault } from '#libs/database/errors.js';
import { raw, sql } from '#libs/database/sql.js';
import { Problem } from '#libs/http/problem.js';
import type { Caller } from '#libs/resource/caller.js';
import { assertNameFits } from '#libs/resource/name.js';
import { allowed, Render, tableOf } from '#libs/resource/resource.js';
import type { ArtifactVersionRequest } from '#libs/wire/models/artifact-version.js';
import type { Source } from '#libs/wire/models/configuration.js';
import { attachTagsToMany } from '../metadata/tag-resource.js';
import { component } from '../stacks/component.js';
import { artifactKey, metadataRows, numberVersions } from './artifact-version.rules.js';

/**
 * Creates versions with everything that comes along, all or none. Steps record their outputs this way, so the number of statements does not grow
 * with the number of versions: references, artifacts by name, artifacts by id if any, one insert of everything, tags if any.
 * @returns ids in the order of the requests
 */
export async function createArtifactVersions(tx: Tx, caller: Caller, requests: readonly ArtifactVersionRequest[]): Promise<string[]> {
  for (const { project, artifact_name } of requests) {
    assertNameFits(artifact_name);
    caller.access.require('create', 'artifact_version', { projectId: project });
  }
  // Neither waits for the other, so they are sent together; if both fail, the missing reference is what the caller should know.
  const found = assertReferences(tx, caller, requests);
  const locked = lockArtifacts(tx, caller, requests);
  locked.catch(() => {});
  await found;
  const artifacts = await locked;
  const latest = new Map([...artifacts].map(([key, { latest }]) => [key, latest]));
  const numbers = numberVersions(requests, latest);
  const rows = requests.map((request, position) => {
    const key = artifactKey(request);
    return {
      id: randomUUID(),
      position,
      artifact_id: (artifacts.get(key) as { id: string }).id,
      project_id: request.project,
      version: numbers[position]?.version,
      version_number: numbers[position]?.number,
      artifact_store_id: request.artifact_store_id ?? null,
      type: request.type,
      uri: request.uri,
      // As text, since a record of JSON values would not keep it as it was written.
      materializer: sourceText(request.materializer),
      data_type: sourceText(request.data_type),
      save_type: request.save_type,
      content_hash: request.content_hash ?? null,
      item_count: request.item_count ?? null,
    };
  });
  insertAll(
    tx,
    caller,
    requests,
    rows,
    [...artifacts].map(([key, { id }]) => ({ id, latest: latest.get(key) })),
  );
  await attachTagsToMany(
    tx,
    caller,
    requests.map(({ tags }, position) => ({ type: 'artifact_version', id: (rows[position] as { id: string }).id, tags })),
  );
  return rows.map(({ id }) => id);
}

/** `attribute` is always there, so that equality filters on the text find what was stored. */
function sourceText(source: Source): string {
  const { module, attribute, type, ...rest } = source;
  return JSON.stringify({ module, attribute: attribute ?? null, type, ...rest });
}

async function assertReferences(tx: Tx, caller: Caller, requests: readonly ArtifactVersionRequest[]): Promise<void> {
  const render = new Render(caller);
  const s = render.alias();
  const readable = allowed(component, 'read', s, render) ?? raw('true');
  const wanted = [
    ...new Map(requests.map(({ project, artifact_store_id }) => [`${project}${artifact_store_id}`, { project, store: artifact_store_id ?? null }])).values(),
  ];
  const rows = await tx.query<{ project: string; store: string | null; has_project: boolean; may_store: boolean | null }>(
    sql`SELECT n.project, n.store, EXISTS (SELECT 1 FROM workspace.project p WHERE p.workspace_id = ${caller.workspaceId} AND p.id = n.project) AS has_project, (SELECT ${readable} FROM ${tableOf(component)} ${s} WHERE ${s}.workspace_id = ${caller.workspaceId} AND ${s}.id = n.store) AS may_store FROM json_to_recordset(${JSON.stringify(wanted)}::json) AS n(project uuid, store uuid)`,
  );
  for (const { project, store, has_project, may_store } of rows) {
    if (!has_project) throw new Problem('not_found', `No project with the ID ${project} found.`);
    if (store && may_store === null) throw new Problem('not_found', `No artifact store with the ID ${store} found.`);
    if (store && !may_store) throw new AccessDenied('read', 'stack_component', store);
  }
}

type Locked = { id: string; latest: number };

/** Gets or makes the artifacts and takes their row locks, in one order for everybody, so that two steps wait for each other instead of colliding. */
async function lockArtifacts(tx: Tx, caller: Caller, requests: readonly ArtifactVersionRequest[]): Promise<Map<string, Locked>> {
  const locked = new Map<string, Locked>();
  const named = new Map<string, { name: string; project: string; has_custom_name: boolean }>();
  for (const request of requests) {
    if (!request.artifact_name) continue;
    const key = artifactKey(request);
    const hasCustomName = request.has_custom_name || (named.get(key)?.has_custom_name ?? false);
    named.set(key, { name: request.artifact_name, project: request.project, has_custom_name: hasCustomName });
  }
  if (named.size > 0) {
    // A name that was given by hand once stays one. Their times keep the order of the request.
    const rows = await tx.query<{ id: string; name: string; project_id: string; latest: number }>(
      sql`INSERT INTO workspace.artifact AS a (workspace_id, name, project_id, has_custom_name, user_id, created, updated) SELECT ${caller.workspaceId}::uuid, n.name, n.project, n.has_custom_name, ${caller.userId}::uuid, t.at, t.at FROM json_to_recordset(${JSON.stringify([...named.values()].map((one, position) => ({ ...one, position })))}::json) AS n(name text, project uuid, has_custom_name bool, position int) CROSS JOIN LATERAL (SELECT (statement_timestamp() AT TIME ZONE 'utc') + n.position * interval '1 microsecond' AS at) t ORDER BY n.project, n.name ON CONFLICT (workspace_id, project_id, name) DO UPDATE SET has_custom_name = a.has_custom_name OR excluded.has_custom_name RETURNING id, name, project_id, latest_version_number AS latest`,
    );
    for (const row of rows) locked.set(`${row.project_id}/${row.name}`, row);
  }
  const byId = requests.filter(({ artifact_id }) => artifact_id);
  if (byId.length === 0) return locked;
  const ids = [...new Set(byId.map(({ artifact_id }) => artifact_id as string))];
  const rows = await tx.query<Locked & { project_id: string }>(
    sql`SELECT id, project_id, latest_version_number AS latest FROM workspace.artifact WHERE workspace_id = ${caller.workspaceId} AND id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`,
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const { artifact_id, project } of byId) {
    const row = found.get(artifact_id as string);
    if (row?.project_id !== project) throw new Problem('not_found', `No artifact with the ID ${artifact_id} found in the project.`);
    locked.set(row.id, row);
  }
  return locked;
}

/** Versions, visualizations, metadata and the counters of the artifacts in one statement. */
function insertAll(
  tx: Tx,
  caller: Caller,
  requests: readonly ArtifactVersionRequest[],
  rows: readonly { id: string; project_id: string }[],
  counters: readonly { id: string; latest: number | undefined }[],
): void {
  const of = <T>(items: (request: ArtifactVersionRequest) => readonly T[]) =>
    requests.flatMap((request, n) => items(request).map((item, position) => ({ ...item, position, owner: rows[n]?.id, project: rows[n]?.project_id })));
  const visualizations = of(({ visualizations }) => visualizations ?? []);
  const metadata = of(({ metadata }) => metadataRows(metadata)).map((row) => ({ ...row, id: randomUUID() }));
  tx.execute(
    sql`
WITH versions AS (
  INSERT INTO workspace.artifact_version (workspace_id, id, artifact_id, project_id, user_id, version, version_number, artifact_store_id, type, uri, materializer, data_type, save_type, content_hash, item_count)
  SELECT ${caller.workspaceId}::uuid, n.id, n.artifact_id, n.project_id, ${caller.userId}::uuid, n.version, n.version_number, n.artifact_store_id, n.type, n.uri, n.materializer::json, n.data_type::json, n.save_type, n.content_hash, n.item_count
  FROM json_to_recordset(${JSON.stringify(rows)}::json) AS n(id uuid, position int, artifact_id uuid, project_id uuid, version text, version_number int, artifact_store_id uuid, type text, uri text, materializer text, data_type text, save_type text, content_hash text, item_count int) ORDER BY n.position
), visualizations AS (
  INSERT INTO workspace.artifact_visualization (workspace_id, artifact_version_id, type, uri, position)
  SELECT ${caller.workspaceId}::uuid, n.owner, n.type, n.uri, n.position FROM json_to_recordset(${JSON.stringify(visualizations)}::json) AS n(owner uuid, type text, uri text, position int)
), metadata AS (
  INSERT INTO workspace.run_metadata (workspace_id, id, project_id, user_id, key, value, type)
  SELECT ${caller.workspaceId}::uuid, n.id, n.project, ${caller.userId}::uuid, n.key, n.value::json, n.type FROM json_to_recordset(${JSON.stringify(metadata)}::json) AS n(id uuid, project uuid, key text, value text, type text)
), links AS (
  INSERT INTO workspace.run_metadata_resource (workspace_id, resource_type, resource_id, run_metadata_id)
  SELECT ${caller.workspaceId}::uuid, 'artifact_version', n.owner, n.id FROM json_to_recordset(${JSON.stringify(metadata)}::json) AS n(id uuid, owner uuid)
)
UPDATE workspace.artifact a SET latest_version_number = n.latest FROM json_to_recordset(${JSON.stringify(counters)}::json) AS n(id uuid, latest int) WHERE a.workspace_id = ${caller.workspaceId} AND a.id = n.id AND a.latest_version_number <> n.latest`,
    (error) =>
      databaseFault(error)?.kind === 'unique'
        ? new Problem('exists', 'One of the artifacts has a version of this name already. Choose another version, or none to have it numbered.', {
            cause: error,
          })
        : error,
  );
}
