import { Controller, StreamableFile } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { sql } from '#libs/database/sql.js';
import { CurrentCaller, Http, type HttpExchange, Input } from '#libs/http/input.js';
import { Operation } from '#libs/http/operation.js';
import { credentialsNotValid, Problem } from '#libs/http/problem.js';
import { DownloadTokens } from '#libs/identity/download-token.js';
import { TokenRejected } from '#libs/identity/token-rejected.js';
import type { Caller } from '#libs/resource/caller.js';
import { ResourceStore } from '#libs/resource/store.js';
import { archiveOf, contentsOf } from '#libs/storage/archive.js';
import type { ObjectStore } from '#libs/storage/object-store.js';
import type { InputOf } from '#libs/wire/operation.js';
import { artifactVersions } from '#libs/wire/operations/artifact-versions.js';
import { Installation } from '../installation.js';
import { downloadCodes, type StoreComponent, storeComponent, streamOf, withStore } from '../stacks/artifact-store.js';
import { artifactVersion, assertUnused, deleteArtifactVersions } from './artifact-version.js';

/** What is shown in a browser, whole and inside a JSON reply. */
const maxVisualizationBytes = 64 * 1024 * 1024;
/** The original's limit for a download. */
const maxDownloadBytes = 2 * 1024 ** 3;

type Version = { uri: string; artifact_store_id: string | null };

/** Everything that touches the files of an artifact version. No transaction is open while a store answers. */
@Controller()
export class ArtifactFilesController {
  readonly #tokens: DownloadTokens;

  constructor(
    private readonly store: ResourceStore,
    private readonly installation: Installation,
  ) {
    this.#tokens = new DownloadTokens(installation.options.master, installation.options.clock);
  }

  @Operation(artifactVersions.get_artifact_visualization, { action: 'read', on: 'artifact', also: 'reads the artifact store' })
  async visualize(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof artifactVersions.get_artifact_visualization>) {
    const component = await this.componentOf(caller, path.artifact_version_id);
    const shown = await this.store
      .reader(caller)
      .query<{ type: string; uri: string }>(
        sql`SELECT type, uri FROM workspace.artifact_visualization WHERE workspace_id = ${caller.workspaceId} AND artifact_version_id = ${path.artifact_version_id} ORDER BY position, created, id`,
      );
    const visualization = shown[query.index];
    if (!visualization) throw new Problem('does_not_exist', `The artifact version has ${shown.length} visualizations; there is none at index ${query.index}.`);
    return withStore(this.installation, caller, component.row, async (files) => {
      const bytes = await files.readBytes(visualization.uri, maxVisualizationBytes);
      // Text is read as text, in which every end of line is the same.
      return { type: visualization.type, value: visualization.type === 'image' ? bytes.toString('base64') : bytes.toString('utf8').replace(/\r\n?/g, '\n') };
    });
  }

  @Operation(artifactVersions.get_artifact_download_token, { action: 'read', on: 'artifact', also: 'reads the artifact store' })
  async token(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof artifactVersions.get_artifact_download_token>) {
    const { row, uri } = await this.componentOf(caller, path.artifact_version_id);
    await withStore(this.installation, caller, row, (files) => contentsOf(files, uri, maxDownloadBytes), downloadCodes);
    return this.#tokens.sign(caller.workspaceId, { type: 'artifact_version', id: path.artifact_version_id }, caller.userId);
  }

  @Operation(artifactVersions.download_artifact_data, { public: 'the token in the address is the permission' })
  async data(@Input() { path, query }: InputOf<typeof artifactVersions.download_artifact_data>, @Http() { request }: HttpExchange) {
    const { id: workspaceId, identityMode } = await this.installation.tenants.of(request as FastifyRequest);
    let userId: string;
    try {
      userId = this.#tokens.verify(query.token, workspaceId, { type: 'artifact_version', id: path.artifact_version_id });
    } catch (error) {
      throw error instanceof TokenRejected ? credentialsNotValid(error.message, error) : error;
    }
    const [row] = await this.installation.db.read<StoreComponent & { uri: string; name: string; version: string }>(
      { workspaceId },
      sql`SELECT v.uri, v.version, a.name, c.id, c.flavor, c.configuration, c.connector_id, c.connector_resource_id FROM workspace.artifact_version v JOIN workspace.artifact a ON a.workspace_id = v.workspace_id AND a.id = v.artifact_id JOIN workspace.stack_component c ON c.workspace_id = v.workspace_id AND c.id = v.artifact_store_id WHERE v.workspace_id = ${workspaceId} AND v.id = ${path.artifact_version_id}`,
    );
    if (!row) throw new Problem('not_found', `The artifact version ${path.artifact_version_id} or its artifact store does not exist any more.`);
    const packed = async (files: ObjectStore) => archiveOf(files, row.uri, await contentsOf(files, row.uri, maxDownloadBytes));
    const archive = await streamOf(this.installation, { workspaceId, userId, identityMode }, row, packed, downloadCodes);
    return new StreamableFile(archive, { type: 'application/gzip', disposition: attachment(`${row.name}-${row.version}.tar.gz`) });
  }

  @Operation(artifactVersions.delete_artifact_version, {
    action: 'delete',
    on: 'artifact_version',
    also: 'with the data: read and client on the store and its connector',
  })
  async delete(@CurrentCaller() caller: Caller, @Input() { path, query }: InputOf<typeof artifactVersions.delete_artifact_version>) {
    const id = path.artifact_version_id;
    if (query.delete_from_artifact_store) {
      const reader = this.store.reader(caller);
      const version = await this.store.row<Version>(reader, caller, artifactVersion, id, 'delete', { columns: ['uri', 'artifact_store_id'] });
      if (query.delete_metadata) await assertUnused(reader, caller, id);
      if (!version.artifact_store_id) throw new Problem('invalid', 'The artifact version has no artifact store, so its data cannot be deleted.');
      const component = await storeComponent(this.store, caller, version.artifact_store_id, 'delete');
      await withStore(this.installation, caller, component, (files) => files.removeTree(version.uri));
    }
    return this.store.write(caller, async (tx) => {
      await this.store.row(tx, caller, artifactVersion, id, 'delete', { columns: ['id'], lock: true });
      if (!query.delete_metadata) return null;
      await assertUnused(tx, caller, id);
      await deleteArtifactVersions(tx, sql`DELETE FROM workspace.artifact_version WHERE workspace_id = ${caller.workspaceId} AND id = ${id}`);
      return null;
    });
  }

  private async componentOf(caller: Caller, id: string) {
    const reader = this.store.reader(caller);
    const version = await this.store.row<Version>(reader, caller, artifactVersion, id, 'read', { columns: ['uri', 'artifact_store_id'] });
    if (!version.artifact_store_id) throw new Problem('not_found', `The artifact version ${id} has no artifact store.`);
    return { uri: version.uri, row: await storeComponent(this.store, caller, version.artifact_store_id, 'read') };
  }
}

/** Names may hold anything; browsers read the second form and others fall back on the first. */
function attachment(name: string): string {
  return `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}
