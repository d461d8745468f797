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
import type { InputOf } from '#libs/wire/operation.js';
import { snapshots } from '#libs/wire/operations/snapshots.js';
import { Installation } from '../installation.js';
import { downloadCodes, type StoreComponent, storeComponent, streamOf, withStore } from '../stacks/artifact-store.js';
import { stack } from '../stacks/stack.js';
import { snapshot } from './snapshot.js';

/** The original's limit for a download. */
const maxDownloadBytes = 2 * 1024 ** 3;

/** The code that a pipeline was run with, an archive in the artifact store of its stack. */
@Controller()
export class SnapshotCodeController {
  readonly #tokens: DownloadTokens;

  constructor(
    private readonly store: ResourceStore,
    private readonly installation: Installation,
  ) {
    this.#tokens = new DownloadTokens(installation.options.master, installation.options.clock);
  }

  @Operation(snapshots.get_snapshot_code_download_token, { action: 'read', on: 'pipeline_deployment', also: 'reads the stack and its artifact store' })
  async token(@CurrentCaller() caller: Caller, @Input() { path }: InputOf<typeof snapshots.get_snapshot_code_download_token>) {
    const reader = this.store.reader(caller);
    const id = path.snapshot_id;
    const { code_path, stack_id } = await this.store.row<{ code_path: string | null; stack_id: string | null }>(reader, caller, snapshot, id, 'read', {
      columns: ['code_path', 'stack_id'],
    });
    if (!code_path) throw new Problem('invalid', `The code of the snapshot ${id} was not uploaded.`);
    if (!stack_id) throw new Problem('invalid', `The stack of the snapshot ${id} does not exist any more, and with it where its code is.`);
    await this.store.row(reader, caller, stack, stack_id, 'read', { columns: ['id'] });
    const [artifactStore] = await reader.query<{ id: string }>(
      sql`SELECT component_id AS id FROM workspace.stack_composition WHERE workspace_id = ${caller.workspaceId} AND stack_id = ${stack_id} AND default_for_type = 'artifact_store'`,
    );
    if (!artifactStore) throw new Problem('not_found', `The stack of the snapshot ${id} has no artifact store.`);
    const component = await storeComponent(this.store, caller, artifactStore.id, 'read');
    const { sizeBytes } = await withStore(this.installation, caller, component, (files) => files.stat(code_path), downloadCodes);
    if (sizeBytes > maxDownloadBytes)
      throw new Problem('forbidden', `The code of the snapshot ${id} is larger than the ${maxDownloadBytes} bytes that can be downloaded.`);
    return this.#tokens.sign(caller.workspaceId, { type: 'snapshot_code', id }, caller.userId);
  }

  @Operation(snapshots.download_snapshot_code, { public: 'the token in the address is the permission' })
  async code(@Input() { path, query }: InputOf<typeof snapshots.download_snapshot_code>, @Http() { request }: HttpExchange) {
    const { id: workspaceId, identityMode } = await this.installation.tenants.of(request as FastifyRequest);
    const id = path.snapshot_id;
    let userId: string;
    try {
      userId = this.#tokens.verify(query.token, workspaceId, { type: 'snapshot_code', id });
    } catch (error) {
      throw error instanceof TokenRejected ? credentialsNotValid(error.message, error) : error;
    }
    const [row] = await this.installation.db.read<StoreComponent & { code_path: string }>(
      { workspaceId },
      sql`SELECT s.code_path, x.id, x.flavor, x.configuration, x.connector_id, x.connector_resource_id FROM workspace.pipeline_snapshot s JOIN workspace.stack_composition c ON c.workspace_id = s.workspace_id AND c.stack_id = s.stack_id AND c.default_for_type = 'artifact_store' JOIN workspace.stack_component x ON x.workspace_id = c.workspace_id AND x.id = c.component_id WHERE s.workspace_id = ${workspaceId} AND s.id = ${id} AND s.code_path IS NOT NULL`,
    );
    if (!row) throw new Problem('invalid', `The snapshot ${id} has no code any more, or its stack is gone.`);
    const archive = await streamOf(this.installation, { workspaceId, userId, identityMode }, row, (files) => files.read(row.code_path), downloadCodes);
    return new StreamableFile(archive, { type: 'application/gzip', disposition: `attachment; filename="${id}-code.tar.gz"` });
  }
}
